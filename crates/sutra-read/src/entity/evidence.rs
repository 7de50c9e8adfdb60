//! How words are written where nothing forces a capital on them: the evidence for names at the heads of
//! sentences.

use rustc_hash::FxHashSet;

use super::noun::Nouns;
use crate::lexicon::Flags;
use crate::reading::Document;
use crate::token::Shape;

/// How words are written where nothing forces a capital on them.
pub(super) struct Evidence<'t> {
    pub capitalised: FxHashSet<&'t str>,
    pub lower: FxHashSet<&'t str>,
    pub nouns: Nouns,
}

impl<'t> Evidence<'t> {
    pub fn gather(document: &Document<'t>) -> Self {
        let mut evidence = Self {
            capitalised: FxHashSet::default(),
            lower: FxHashSet::default(),
            nouns: Nouns::gather(document),
        };
        for sentence in 0..document.sentence_count() {
            let range = document.token_range(sentence);
            for token in range.clone() {
                match document.tokens[token].shape {
                    Shape::Lower => {
                        evidence.lower.insert(document.word(token));
                    }
                    Shape::Capital | Shape::Acronym if !is_initial(document, token, range.start) => {
                        evidence.capitalised.insert(document.word(token));
                    }
                    _ => {}
                }
            }
        }
        for word in document
            .title
            .split_whitespace()
            .filter(|word| !document.lexicon.flags_of(word).contains(Flags::FUNCTION))
        {
            evidence
                .capitalised
                .insert(word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.'));
        }
        evidence
    }
}

/// Whether position alone may have capitalised the token: the first word of the sentence, of a quotation,
/// after a colon.
pub(super) fn is_initial(document: &Document, token: usize, sentence_start: usize) -> bool {
    let before = &document.tokens[sentence_start..token];
    match before.last() {
        None => true,
        Some(last) if last.shape == Shape::Mark => {
            last.is_quote(document.text)
                || matches!(last.first, b':' | b'.' | b'!' | b'?' | b'*' | b'#' | b'=' | b'|')
                || before.len() <= 3
                    && before
                        .iter()
                        .all(|token| token.shape == Shape::Mark || token.shape == Shape::Number)
        }
        Some(_) => false,
    }
}
