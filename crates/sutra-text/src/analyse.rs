//! From a text to its terms.
//!
//! The rules below are complete: an independent implementation that follows them gives the same terms. They know
//! nothing of any collection, keep no state and never fail.

use sutra_model::Language;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::language::Rules;
use crate::words;

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
///    or No. Everything else separates. In a script without blanks (Chinese, Japanese, Thai, Khmer, Lao, Burmese) a
///    run also ends where ICU's dictionaries end a word.
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
    analyse_in(text, Language::English)
}

/// The terms of a text of a language, by the rules of [`analyse`] with two differences where it is not English.
/// Stop words are those of [`stop_words`](crate::stop_words). Marks stay on a word, composed (NFC), until it has been
/// stemmed, whatever its letters, by the language's own Snowball stemmer; a language that has none here leaves
/// words as they are.
///
/// ```
/// use sutra_model::Language;
/// use sutra_text::analyse_in;
/// assert_eq!(analyse_in("Die roten Häuser", Language::German), ["rot", "haus"]);
/// ```
pub fn analyse_in(text: &str, language: Language) -> Vec<String> {
    let rules = Rules::of(language);
    let mut words = Vec::new();
    each_word(text, rules.keeps_marks(), |word| words.push(word.to_owned()));
    if words.iter().any(|word| !rules.is_stop_word(word)) {
        words.retain(|word| !rules.is_stop_word(word));
    }
    words.iter().map(|word| rules.term(word)).collect()
}

/// Calls `visit` with every term as it is after rule 4; with marks, composed, where they are kept.
pub(crate) fn each_word(text: &str, keep_marks: bool, mut visit: impl FnMut(&str)) {
    let mut run = Run {
        keep_marks,
        ..Run::default()
    };
    let mut cuts = words::cuts(text).into_iter().peekable();
    for (at, character) in text.char_indices() {
        if cuts.next_if_eq(&at).is_some() {
            run.end(&mut visit);
        }
        if character.is_ascii() {
            run.push(character.to_ascii_lowercase(), &mut visit);
        } else {
            // Canonical reordering moves marks alone: without them, decomposing one by one is NFKD here.
            decompose_compatible(character, |part| match is_combining_mark(part) {
                true => run.mark(part),
                false => part.to_lowercase().for_each(|lower| run.push(lower, &mut visit)),
            });
        }
    }
    run.end(&mut visit);
}

/// A word in its form without marks.
pub(crate) fn without_marks(word: &str) -> String {
    match word.is_ascii() {
        true => word.to_owned(),
        false => word.nfkd().filter(|part| !is_combining_mark(*part)).collect(),
    }
}

/// The run of alphanumeric characters that is being read.
#[derive(Default)]
struct Run {
    text: String,
    keep_marks: bool,
    marked: bool,
    cut: bool,
}

impl Run {
    fn push(&mut self, character: char, visit: &mut impl FnMut(&str)) {
        if !character.is_alphanumeric() {
            self.end(visit);
        } else {
            self.add(character);
        }
    }

    fn mark(&mut self, mark: char) {
        if self.keep_marks && !self.text.is_empty() {
            self.marked = true;
            mark.to_lowercase().for_each(|lower| self.add(lower));
        }
    }

    fn add(&mut self, character: char) {
        if self.text.len() + character.len_utf8() > TERM_BYTES_MAX {
            self.cut = true;
        } else if !self.cut {
            self.text.push(character);
        }
    }

    fn end(&mut self, visit: &mut impl FnMut(&str)) {
        if !self.text.is_empty() {
            match self.marked {
                true => visit(&self.text.nfc().collect::<String>()),
                false => visit(&self.text),
            }
            self.text.clear();
        }
        self.marked = false;
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
            each_word(word, false, |term| seen.push(term.to_owned()));
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

    #[test]
    fn each_language_brings_its_own_forms_together() {
        for (language, one, other) in [
            (Language::German, "Häuser", "Hauses"),
            (Language::French, "mangée", "manger"),
            (Language::Spanish, "fundadores", "fundador"),
            (Language::Italian, "città fondate", "città fondata"),
            (Language::Portuguese, "construídos", "construída"),
            (Language::Dutch, "gemeenten", "gemeente"),
            (Language::Swedish, "bilarna", "bilen"),
            (Language::Russian, "Москвы", "Москва"),
        ] {
            assert_eq!(
                analyse_in(one, language),
                analyse_in(other, language),
                "{one} {other}"
            );
            assert_ne!(
                analyse_in(one, Language::Other),
                analyse_in(other, Language::Other)
            );
        }
    }

    #[test]
    fn composed_and_decomposed_words_are_one_in_every_language() {
        for language in Language::ALL {
            for word in ["Zürich", "épée", "Ångström", "йод", "ñandú"] {
                let decomposed: String = word.nfd().collect();
                assert_eq!(analyse_in(word, language), analyse_in(&decomposed, language));
            }
        }
    }

    #[test]
    fn function_words_are_those_of_the_language() {
        assert_eq!(analyse_in("Wo ist die Brücke?", Language::German), ["bruck"]);
        assert_eq!(analyse_in("¿Dónde está el puente?", Language::Spanish), ["puent"]);
        assert_eq!(analyse_in("the die", Language::Other), ["the", "die"]);
    }

    #[test]
    fn words_without_blanks_are_found_in_any_language() {
        assert_eq!(
            analyse("東京都は日本の首都です。"),
            ["東京", "都", "は", "日本", "の", "首都", "てす"]
        );
        assert_eq!(
            analyse_in("北京是中国的首都", Language::Chinese),
            ["北京", "中国", "首都"]
        );
        let long = "日本".repeat(30);
        assert_eq!(analyse(&long), vec!["日本"; 30]);
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
