//! The reader: one call that reads a text from its characters to its relations.

use std::ops::Range;

use sutra_model::Language;

use crate::entity::{self, KnownNames, Mention};
use crate::lexicon::{Flags, Lexicon, flags_of};
use crate::passage::{self, PassageSpan};
use crate::relation::{self, Relation};
use crate::sentence;
use crate::token::{Token, tokenise};

/// What the rules found in one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Byte ranges of the sentences: in order, apart, without white space at their ends. Every byte that
    /// is not white space is in exactly one.
    pub sentences: Vec<Range<usize>>,
    /// The passages, in order: a partition of the sentences.
    pub passages: Vec<PassageSpan>,
    /// The names, dates and numbers, in order of their first byte; none overlaps another.
    pub mentions: Vec<Mention>,
    /// The typed relations, in order of their sentences.
    pub relations: Vec<Relation>,
}

/// Reads texts. Holds the names it was told to look for, and nothing else: it can be shared by threads.
#[derive(Debug)]
pub struct Reader {
    known_names: KnownNames,
}

impl Reader {
    /// A reader that also recognises `known_names`: as whole words, the longest first; a name of one word
    /// in the case given, one of several words in any (ASCII) case.
    pub fn new<'n>(known_names: impl IntoIterator<Item = &'n str>) -> Self {
        Self {
            known_names: KnownNames::new(known_names),
        }
    }

    /// Reads an English `text`, which the source calls `title` (empty if it has none); see [`Self::read_in`].
    pub fn read(&self, text: &str, title: &str) -> Reading {
        self.read_in(Language::English, text, title)
    }

    /// Reads a text in a language. Relations are found in English alone.
    ///
    /// The title helps to tell names, and stands for "he", "she", "it", "they", "the film" and its own last word
    /// as the subject of relations.
    pub fn read_in(&self, language: Language, text: &str, title: &str) -> Reading {
        let sentences = sentence::split(Lexicon::of(language), text);
        let passages = passage::group(text, &sentences);
        self.read_parts(language, text, title, sentences, passages)
    }

    /// Reads a text whose `sentences` and `passages` are known, all in order and sentences apart. What stands in a
    /// passage and in none of its sentences is cut by rule, and is read with them.
    ///
    /// # Panics
    /// When a range is no range of characters of the text.
    pub fn read_known(
        &self,
        language: Language,
        text: &str,
        title: &str,
        sentences: &[Range<usize>],
        passages: &[Range<usize>],
    ) -> Reading {
        let mut all = sentences.to_vec();
        let meets = |ranges: &[Range<usize>], cut: &Range<usize>| {
            let first = ranges.partition_point(|range| range.end <= cut.start);
            ranges.get(first).is_some_and(|range| range.start < cut.end)
        };
        let rest = sentence::split(Lexicon::of(language), text).into_iter();
        all.extend(rest.filter(|cut| meets(passages, cut) && !meets(sentences, cut)));
        all.sort_unstable_by_key(|range| range.start);
        let spans = passages.iter().map(|passage| PassageSpan {
            start: passage.start,
            end: passage.end,
            first_sentence: all.partition_point(|sentence| sentence.start < passage.start),
            last_sentence_exclusive: all.partition_point(|sentence| sentence.start < passage.end),
        });
        let spans = spans.collect();
        self.read_parts(language, text, title, all, spans)
    }

    fn read_parts(
        &self,
        language: Language,
        text: &str,
        title: &str,
        sentences: Vec<Range<usize>>,
        passages: Vec<PassageSpan>,
    ) -> Reading {
        let lexicon = Lexicon::of(language);
        let document = Document::new(lexicon, text, title, &sentences);
        let spans = entity::find(&document, &self.known_names);
        let mentions = entity::describe(&document, &spans);
        let relations = match language {
            Language::English => relation::find(&document, &spans, &mentions),
            _ => Vec::new(),
        };
        drop(document);
        Reading {
            sentences,
            passages,
            mentions,
            relations,
        }
    }
}

/// The name in a title, as mentions are written: without a leading article and a closing bracket that only tells it
/// from others of its name, which is returned beside it.
pub fn title_name(title: &str) -> (&str, &str) {
    let title = title.trim();
    let (name, hint) = match title.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((name, hint)) if !name.trim().is_empty() => (name.trim(), hint),
        _ => (title, ""),
    };
    let bare = ["The ", "A ", "An "]
        .iter()
        .find_map(|article| name.strip_prefix(article))
        .map(str::trim);
    match bare {
        Some(bare) if !bare.is_empty() && !flags_of(bare).contains(Flags::FUNCTION) => (bare, hint),
        _ => (name, hint),
    }
}

/// A text cut into the tokens of its sentences.
pub(crate) struct Document<'t> {
    pub lexicon: &'static Lexicon,
    pub text: &'t str,
    /// The title without a leading article and a closing bracket of disambiguation: `Heat` for `Heat (film)`.
    pub title: &'t str,
    /// What stood in that bracket.
    pub title_hint: &'t str,
    pub tokens: Vec<Token>,
    /// Where the tokens of each sentence begin; one more entry than sentences.
    bounds: Vec<usize>,
}

impl<'t> Document<'t> {
    pub fn new(lexicon: &'static Lexicon, text: &'t str, title: &'t str, sentences: &[Range<usize>]) -> Self {
        let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
        let mut bounds = Vec::with_capacity(sentences.len() + 1);
        bounds.push(0);
        for sentence in sentences {
            tokenise(lexicon, text, sentence.clone(), &mut tokens);
            bounds.push(tokens.len());
        }
        let (title, title_hint) = title_name(title);
        Self {
            lexicon,
            text,
            title,
            title_hint,
            tokens,
            bounds,
        }
    }

    /// How many sentences there are.
    pub fn sentence_count(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The positions of a sentence's tokens.
    pub fn token_range(&self, sentence: usize) -> Range<usize> {
        self.bounds[sentence]..self.bounds[sentence + 1]
    }

    /// The token as written.
    pub fn word(&self, token: usize) -> &'t str {
        self.tokens[token].text(self.text)
    }
}
