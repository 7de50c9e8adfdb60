//! What single words tell: classes of words, and one lookup for all of them.
//!
//! The lists (`words.rs`, `names.rs`) are plain text that anyone can read and correct. A word may belong to
//! several classes.
//! Lookup ignores case and a closing full stop; a word that is in no list has no flags. Each language has a lexicon of
//! its own; one without lists is read by the English one.

mod languages;
mod names;
mod words;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use sutra_model::Language;

use crate::knowledge::Knowledge;
use crate::relation::trigger_forms;

/// A set of word classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u64);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        flags!(@step 0u32, $($(#[$doc])* $name,)*);
    };
    (@step $bit:expr, $(#[$doc:meta])* $name:ident, $($rest:tt)*) => {
        impl Flags {
            $(#[$doc])*
            pub const $name: Self = Self(1 << $bit);
        }
        flags!(@step $bit + 1, $($rest)*);
    };
    (@step $bit:expr,) => {};
}

flags! {
    /// Words that begin a sentence without being a name.
    FUNCTION,
    /// a, an, the, this, his …
    DETERMINER,
    /// of, in, by …
    PREPOSITION,
    /// Forms of "to be".
    BE,
    /// have, do and the modal verbs.
    AUXILIARY,
    /// Modal verbs that make a statement unsure.
    MODAL,
    /// he, she, it, they.
    PRONOUN,
    /// his, her, its, their.
    POSSESSIVE,
    /// who, which, that.
    RELATIVE,
    /// not, never, no.
    NEGATION,
    /// and, or.
    CONJUNCTION,
    /// Adverbs that may stand between subject and verb.
    ADVERB,
    /// Adjectives that say nothing of what a thing is.
    ADJECTIVE,
    MONTH,
    WEEKDAY,
    SEASON,
    /// two, twelve, twenty.
    NUMBER_WORD,
    /// hundred, million.
    SCALE,
    /// km, kg, percent.
    UNIT,
    /// year, days.
    TIME_UNIT,
    /// Dr, Sir, King: before a person's name.
    PERSON_TITLE,
    /// Jr, Sr, III: after a person's name.
    PERSON_SUFFIX,
    /// Inc, University: a name with it is an organisation's.
    ORGANISATION_CUE,
    /// River, Street: a name with it is a place's.
    PLACE_CUE,
    /// Album, Prize, War: a name with it is a work's or a thing's, not a person's.
    WORK_CUE,
    /// city, village: a common noun before a place's name.
    PLACE_NOUN,
    /// film, company: "the film" stands for the title.
    STAND_IN,
    /// of, the, and, de, von: inside names.
    CONNECTOR,
    GIVEN_NAME,
    COUNTRY,
    NATIONALITY,
    /// Common nouns for people by what they do.
    OCCUPATION,
    /// Abbreviations that may also end a sentence.
    ABBREVIATION,
    /// Abbreviations that never end one: a name follows.
    TITLE_ABBREVIATION,
    /// Abbreviations before a number: No., Fig.
    NUMBERED,
    /// Verbs that follow a subject, to tell a name at the head of a sentence.
    VERB,
    /// Names of peoples, faiths and languages that are no place.
    GROUP,
    /// After a year in a name: Winter, FIFA, season.
    EVENT_CUE,
    /// Capitals that name no particular thing: TV, CD, Prime Minister's Minister.
    GENERIC,
    /// Of other languages: what stands before a noun.
    ARTICLE,
    /// Of other languages: "de" in "3 de octubre de 1990".
    DATE_LINK,
    /// Of other languages: their word for a century.
    CENTURY,
}

impl Flags {
    const NONE: Self = Self(0);

    /// Whether any class of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The classes of both.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the lexicon says of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Word {
    /// Its classes.
    pub flags: Flags,
    /// 1 + the number of the relation trigger it is a form of; 0 for none.
    pub trigger: u16,
}

impl Word {
    /// Whether the word is of any of these classes.
    pub const fn is(self, flags: Flags) -> bool {
        self.flags.contains(flags)
    }

    /// Whether a full stop after it may belong to it.
    pub const fn is_abbreviation(self) -> bool {
        self.is(Flags::ABBREVIATION
            .with(Flags::TITLE_ABBREVIATION)
            .with(Flags::NUMBERED))
    }
}

/// The words of one language.
pub(crate) struct Lexicon {
    language: Language,
    words: FxHashMap<&'static str, Word>,
}

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon: FxHashMap<&'static str, Word> = FxHashMap::default();
    let left_out = Knowledge::Lexicon.is_left_out();
    let classes = words::CLASSES.iter().chain(
        words::KNOWLEDGE
            .iter()
            .chain(names::CLASSES)
            .filter(|_| !left_out),
    );
    for (flags, list) in classes {
        for word in list.split_ascii_whitespace() {
            let entry = lexicon.entry(word).or_default();
            entry.flags = entry.flags.with(*flags);
        }
    }
    for (form, trigger) in trigger_forms() {
        lexicon.entry(form).or_default().trigger = trigger + 1;
    }
    Lexicon {
        language: Language::English,
        words: lexicon,
    }
});

/// Those of the languages with lists of their own, by the numbers of the languages.
static OTHERS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    let lexicon = |language| Lexicon {
        language,
        words: languages::words_of(language),
    };
    Language::ALL.map(lexicon).into()
});

/// The longest listed English word, in bytes.
const WORD_BYTES_MAX: usize = 24;
/// The longest listed word of another language.
const FOREIGN_BYTES_MAX: usize = 48;

impl Lexicon {
    /// The lexicon of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English | Language::Chinese | Language::Japanese | Language::Other => &ENGLISH,
            _ => &OTHERS[language.number()],
        }
    }

    /// Whether this is another language's than English.
    pub fn is_foreign(&self) -> bool {
        self.language != Language::English
    }

    /// Whether common nouns are written with a capital too.
    pub fn capitalises_nouns(&self) -> bool {
        self.language == Language::German
    }

    /// Whether an apostrophe ends a word: "l'Italia" is two.
    pub const fn elides(&self) -> bool {
        matches!(self.language, Language::French | Language::Italian)
    }

    /// Looks a word up as it is written in a text.
    pub fn lookup(&self, word: &str) -> Word {
        let word = word.strip_suffix('.').unwrap_or(word);
        if self.is_foreign() {
            return self.lookup_foreign(word);
        }
        if word.is_empty() || word.len() > WORD_BYTES_MAX {
            return Word::default();
        }
        let mut lower = [0; WORD_BYTES_MAX];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower)
            .ok()
            .and_then(|key| self.words.get(key))
            .copied()
            .unwrap_or_default()
    }

    fn lookup_foreign(&self, word: &str) -> Word {
        let word = word.strip_suffix(['\'', '’']).unwrap_or(word);
        if word.len() > FOREIGN_BYTES_MAX {
            return Word::default();
        }
        let found = if word.chars().any(char::is_uppercase) {
            self.words.get(word.to_lowercase().as_str())
        } else {
            self.words.get(word)
        };
        found.copied().unwrap_or_default()
    }

    /// The classes of a word.
    pub fn flags_of(&self, word: &str) -> Flags {
        if word.is_empty() {
            Flags::NONE
        } else {
            self.lookup(word).flags
        }
    }
}

/// The classes of an English word.
pub(crate) fn flags_of(word: &str) -> Flags {
    ENGLISH.flags_of(word)
}
