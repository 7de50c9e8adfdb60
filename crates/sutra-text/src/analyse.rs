//! From a text to its terms.
//!
//! The rules below are complete: an independent implementation that follows them gives the same terms. They know
//! nothing of any collection, keep no state and never fail.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The most bytes of UTF-8 that a term has before it is stemmed.
pub const TERM_BYTES_MAX: usize = 64;

/// English function words, which say nothing of what a text is about. `s` is what an apostrophe leaves behind.
/// Sorted, as [`analyse`] writes terms before stemming.
pub const STOP_WORDS: [&str; 71] = [
    "a", "an", "and", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did", "do",
    "does", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "me", "my", "no", "nor", "not", "of", "on", "or", "our", "s", "she", "should", "so", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we",
    "were", "what", "when", "where", "which", "who", "whom", "why", "will", "with", "would", "you",
];

/// The terms of a text, in order, repetitions included.
///
/// 1. Every character is replaced by its full compatibility decomposition (NFKD), and characters of general
///    category Mark (Mn, Mc, Me) are dropped.
/// 2. Every remaining character is lower-cased on its own, without regard to its neighbours (the full mapping of
///    `SpecialCasing.txt`, unconditional entries only: Σ is always σ).
/// 3. A term is a maximal run of characters that are alphanumeric: property Alphabetic, or general category Nd, Nl
///    or No. Everything else separates.
/// 4. A term of more than [`TERM_BYTES_MAX`] bytes of UTF-8 is cut to its longest prefix of whole characters that
///    has at most so many; the rest of the run is dropped.
/// 5. Terms that are among [`STOP_WORDS`] are dropped, unless that would drop every term of the text: then all stay.
/// 6. A term whose characters are all ASCII letters is replaced by its English Snowball stem (Porter2, the version
///    before Snowball 3); every other term stays as it is.
///
/// Stemmer: M. Porter, *The English (Porter2) stemming algorithm*, <https://snowballstem.org>.
///
/// ```
/// use sutra_text::analyse;
/// assert_eq!(analyse("The Café's rivers, 2nd edition"), ["cafe", "river", "2nd", "edit"]);
/// assert_eq!(analyse("To be or not to be"), ["to", "be", "or", "not", "to", "be"]);
/// ```
pub fn analyse(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut raw = Vec::new();
    each_raw_term(text, |term| raw.push(term.to_owned()));
    if raw.iter().any(|term| !is_stop_word(term)) {
        raw.retain(|term| !is_stop_word(term));
    }
    for term in &mut raw {
        *term = stem(&stemmer, term);
    }
    raw
}

/// Calls `visit` with every term as it is after rule 4.
pub(crate) fn each_raw_term(text: &str, mut visit: impl FnMut(&str)) {
    let mut run = Run::default();
    for character in text.chars() {
        if character.is_ascii() {
            run.push(character.to_ascii_lowercase(), &mut visit);
        } else {
            // Canonical reordering moves marks alone, and marks are dropped: decomposing one by one is NFKD here.
            decompose_compatible(character, |part| {
                if !is_combining_mark(part) {
                    part.to_lowercase().for_each(|lower| run.push(lower, &mut visit));
                }
            });
        }
    }
    run.end(&mut visit);
}

/// Whether rule 5 drops the term.
pub(crate) fn is_stop_word(raw: &str) -> bool {
    STOP_WORDS.binary_search(&raw).is_ok()
}

/// Rule 6.
pub(crate) fn stem(stemmer: &Stemmer, raw: &str) -> String {
    if raw.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        stemmer.stem(raw).into_owned()
    } else {
        raw.to_owned()
    }
}

/// The run of alphanumeric characters that is being read.
#[derive(Default)]
struct Run {
    text: String,
    cut: bool,
}

impl Run {
    fn push(&mut self, character: char, visit: &mut impl FnMut(&str)) {
        if !character.is_alphanumeric() {
            self.end(visit);
        } else if self.text.len() + character.len_utf8() > TERM_BYTES_MAX {
            self.cut = true;
        } else if !self.cut {
            self.text.push(character);
        }
    }

    fn end(&mut self, visit: &mut impl FnMut(&str)) {
        if !self.text.is_empty() {
            visit(&self.text);
            self.text.clear();
        }
        self.cut = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_and_are_terms_themselves() {
        assert!(STOP_WORDS.is_sorted_by(|left, right| left < right));
        for word in STOP_WORDS {
            let mut seen = Vec::new();
            each_raw_term(word, |term| seen.push(term.to_owned()));
            assert_eq!(seen, [word]);
        }
    }

    #[test]
    fn writing_does_not_matter_where_meaning_does_not_change() {
        assert_eq!(analyse("Ｃａｆｅ́  ﬁre"), analyse("CAFE fire"));
        assert_eq!(analyse("Zürich"), analyse("zu\u{308}rich"));
        assert_eq!(analyse("ΟΔΟΣ"), ["οδοσ"]);
        assert_eq!(analyse("İstanbul"), ["istanbul"]);
        assert_eq!(
            analyse("한국어 東京 Москвы"),
            ["한국어".nfkd_text(), "東京".into(), "москвы".into()]
        );
    }

    #[test]
    fn names_with_digits_keep_every_digit() {
        assert_eq!(analyse("ASR1603-B, ASR1605"), ["asr1603", "b", "asr1605"]);
        assert_eq!(analyse("x² ½"), ["x2", "1", "2"]);
    }

    #[test]
    fn long_terms_are_cut_at_a_character() {
        assert_eq!(analyse(&"x9".repeat(100)), ["x9".repeat(32)]);
        assert_eq!(analyse(&format!("{}ж7", "a".repeat(63))), ["a".repeat(63)]);
        assert_eq!(analyse(""), Vec::<String>::new());
        assert_eq!(analyse(" ... \u{301}"), Vec::<String>::new());
    }

    trait Decomposed {
        fn nfkd_text(&self) -> String;
    }

    impl Decomposed for str {
        fn nfkd_text(&self) -> String {
            unicode_normalization::UnicodeNormalization::nfkd(self).collect()
        }
    }
}
