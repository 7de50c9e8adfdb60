//! What a language changes in the analysis: its stemmer, and its function words.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashSet;
use sutra_model::Language;

use crate::analyse::{STOP_WORDS, each_word, without_marks};

/// The rules of one language. Making one costs next to nothing.
pub(crate) struct Rules {
    language: Language,
    stemmer: Option<Stemmer>,
    /// Whether only words of ASCII letters are stemmed.
    ascii_only: bool,
}

impl Rules {
    pub fn of(language: Language) -> Self {
        let algorithm = match language {
            Language::English => Some(Algorithm::English),
            Language::German => Some(Algorithm::German),
            Language::French => Some(Algorithm::French),
            Language::Spanish => Some(Algorithm::Spanish),
            Language::Italian => Some(Algorithm::Italian),
            Language::Portuguese => Some(Algorithm::Portuguese),
            Language::Dutch => Some(Algorithm::Dutch),
            Language::Swedish => Some(Algorithm::Swedish),
            Language::Russian => Some(Algorithm::Russian),
            Language::Chinese | Language::Japanese | Language::Other => None,
        };
        Self {
            language,
            stemmer: algorithm.map(Stemmer::create),
            ascii_only: language == Language::English,
        }
    }

    /// Whether marks (the dots of ü) matter to the stemmer, and so are left on words until it has run.
    pub fn keeps_marks(&self) -> bool {
        !self.ascii_only
    }

    /// Whether a word, as [`each_word`] gives it, says nothing of what a text is about.
    pub fn is_stop_word(&self, word: &str) -> bool {
        match self.language {
            Language::English => STOP_WORDS.binary_search(&word).is_ok(),
            language => FUNCTION_WORDS[language.number()].contains(word),
        }
    }

    /// The term of a word, as [`each_word`] gives it.
    pub fn term(&self, word: &str) -> String {
        match &self.stemmer {
            Some(stemmer) if !self.ascii_only => without_marks(&stemmer.stem(word)),
            Some(stemmer) if word.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                stemmer.stem(word).into_owned()
            }
            Some(_) => word.to_owned(),
            None => without_marks(word),
        }
    }
}

/// The function words of every language but English, by its number, as [`each_word`] writes them.
static FUNCTION_WORDS: LazyLock<Vec<FxHashSet<String>>> = LazyLock::new(|| {
    let sets = Language::ALL.map(|language| {
        let mut set = FxHashSet::default();
        for phrase in stop_words(language) {
            each_word(phrase, true, |word| {
                set.insert(word.to_owned());
            });
        }
        set
    });
    sets.into()
});

/// The function words of a language, as their list has them: Stopwords ISO, English our own.
pub fn stop_words(language: Language) -> Vec<&'static str> {
    match language {
        Language::English => STOP_WORDS.to_vec(),
        Language::Other => Vec::new(),
        other => stop_words::lookup(other.code()).unwrap_or_default().to_vec(),
    }
}
