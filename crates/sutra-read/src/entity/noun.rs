//! Which capitals are names where every noun has one: German.
//!
//! A name stands without what stands before nouns. So every use of a word in the text is looked at: behind an article, an
//! adjective or a number it is a noun there; behind another capital ("Max Planck") or a word like "in" it may be a name.
//! What is written like no German word is a name in any case.

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use crate::lexicon::Flags;
use crate::reading::Document;
use crate::token::{Shape, Token};

/// Endings of derived nouns.
const NOUN_ENDINGS: [&str; 12] = [
    "ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen", "ismus",
    "täten",
];
/// Endings of inflected adjectives.
const ADJECTIVE_ENDINGS: [&str; 5] = ["e", "en", "er", "es", "em"];

/// How often each capitalised word of a text is used as a noun and as a name.
pub(super) struct Nouns {
    stemmer: Stemmer,
    /// By the words' stems: "Dateien" is used like "Datei".
    uses: FxHashMap<String, Uses>,
}

#[derive(Clone, Copy, Default)]
struct Uses {
    as_noun: u32,
    as_name: u32,
    /// Once it followed a given name.
    certain: bool,
}

impl Nouns {
    /// Looks at every capitalised word of a text; does nothing where nouns have no capitals.
    pub fn gather(document: &Document) -> Self {
        let mut nouns = Self {
            stemmer: Stemmer::create(Algorithm::German),
            uses: FxHashMap::default(),
        };
        if !document.lexicon.capitalises_nouns() {
            return nouns;
        }
        for sentence in 0..document.sentence_count() {
            let range = document.token_range(sentence);
            for at in range.clone() {
                let token = &document.tokens[at];
                if token.shape != Shape::Capital || token.word.is(Flags::FUNCTION) {
                    continue;
                }
                let uses = nouns.uses.entry(nouns.stem(document.word(at))).or_default();
                match at.checked_sub(1).filter(|before| range.contains(before)) {
                    Some(before) if is_before_noun(document, before) => uses.as_noun += 1,
                    Some(before) if document.tokens[before].is_capital() => {
                        uses.as_name += 1;
                        uses.certain |= document.tokens[before].word.is(Flags::GIVEN_NAME);
                    }
                    Some(before) if document.tokens[before].word.is(Flags::FUNCTION) => uses.as_name += 1,
                    _ => {}
                }
            }
        }
        nouns
    }

    /// Whether a capitalised word that stands alone is a name.
    pub fn is_name(&self, document: &Document, at: usize) -> bool {
        let token = &document.tokens[at];
        let word = document.word(at);
        if token.shape != Shape::Capital || is_no_german_word(word) || is_listed(token) {
            return true;
        }
        let uses = self.uses.get(&self.stem(word)).copied().unwrap_or_default();
        uses.certain
            || uses.as_name > 2 * uses.as_noun + 1
                && !NOUN_ENDINGS.iter().any(|ending| word.ends_with(ending))
    }

    fn stem(&self, word: &str) -> String {
        self.stemmer.stem(&word.to_lowercase()).into_owned()
    }

    /// Where a span of several capitals begins as a name: behind the noun that an article before it belongs to.
    pub fn name_start(document: &Document, first: usize, end: usize, sentence_start: usize) -> usize {
        let next = first + 1;
        let led = first > sentence_start && is_before_noun(document, first - 1);
        let followed = next < end && document.tokens[next].is_capital();
        if led && followed && is_title(document, first) {
            next
        } else {
            first
        }
    }
}

/// Whether the first of two capitals behind an article is the noun and the second the name: "der Maler Peter Rubens",
/// but not "die Deutsche Bahn".
fn is_title(document: &Document, first: usize) -> bool {
    let word = document.word(first);
    let describes = ADJECTIVE_ENDINGS.iter().any(|ending| word.ends_with(ending));
    !is_listed(&document.tokens[first])
        && (!describes || document.tokens[first + 1].word.is(Flags::GIVEN_NAME))
}

fn is_listed(token: &Token) -> bool {
    token.word.is(Flags::GIVEN_NAME
        .with(Flags::COUNTRY)
        .with(Flags::GROUP)
        .with(Flags::NATIONALITY))
}

/// Capitals and digits inside a word: `OpenOffice`, `Web2`.
fn is_no_german_word(word: &str) -> bool {
    word.chars()
        .skip(1)
        .any(|c| c.is_ascii_digit() || c.is_uppercase())
        && !word.contains('-')
}

/// An article, an inflected adjective or a number.
fn is_before_noun(document: &Document, at: usize) -> bool {
    let token = &document.tokens[at];
    let word = document.word(at);
    let adjective = token.shape == Shape::Lower
        && !token.word.is(Flags::FUNCTION)
        && ADJECTIVE_ENDINGS.iter().any(|ending| word.ends_with(ending));
    token.word.is(Flags::ARTICLE.with(Flags::NUMBER_WORD)) || token.shape == Shape::Number || adjective
}
