//! Languages: those whose word forms we can bring together, and all others.

use std::collections::BTreeMap;

/// The attribute of a source that says its language, as a BCP 47 tag ("de", "pt-BR").
pub const LANGUAGE_ATTRIBUTE: &str = "language";

/// The language of a text, as far as its words are treated differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English; also what nobody has said or seen to be anything else.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Italian.
    Italian,
    /// Portuguese.
    Portuguese,
    /// Dutch.
    Dutch,
    /// Swedish.
    Swedish,
    /// Russian.
    Russian,
    /// Chinese.
    Chinese,
    /// Japanese.
    Japanese,
    /// Any other: its words are taken as they are written.
    Other,
}

impl Language {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::Portuguese,
        Self::Dutch,
        Self::Swedish,
        Self::Russian,
        Self::Chinese,
        Self::Japanese,
        Self::Other,
    ];

    /// Its code (ISO 639-1); "und" for [`Self::Other`], as BCP 47 has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Portuguese => "pt",
            Self::Dutch => "nl",
            Self::Swedish => "sv",
            Self::Russian => "ru",
            Self::Chinese => "zh",
            Self::Japanese => "ja",
            Self::Other => "und",
        }
    }

    /// The language of a tag such as "de", "deu" or "pt-BR". What is no tag (a name, nothing) is English, as if it
    /// had not been said.
    ///
    /// ```
    /// use sutra_model::Language;
    /// assert_eq!(Language::of_tag("pt-BR"), Language::Portuguese);
    /// assert_eq!(Language::of_tag("ltg"), Language::Other);
    /// assert_eq!(Language::of_tag("plain"), Language::English);
    /// ```
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Self::English;
        }
        match primary.to_ascii_lowercase().as_str() {
            "en" | "eng" => Self::English,
            "de" | "deu" | "ger" => Self::German,
            "fr" | "fra" | "fre" => Self::French,
            "es" | "spa" => Self::Spanish,
            "it" | "ita" => Self::Italian,
            "pt" | "por" => Self::Portuguese,
            "nl" | "nld" | "dut" => Self::Dutch,
            "sv" | "swe" => Self::Swedish,
            "ru" | "rus" => Self::Russian,
            "zh" | "zho" | "chi" | "cmn" => Self::Chinese,
            "ja" | "jpn" => Self::Japanese,
            _ => Self::Other,
        }
    }

    /// The language that a source's attributes say.
    pub fn of_attributes(attributes: &BTreeMap<String, String>) -> Self {
        attributes
            .get(LANGUAGE_ATTRIBUTE)
            .map_or(Self::English, |tag| Self::of_tag(tag))
    }

    /// Its position in [`Self::ALL`].
    pub const fn number(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_and_numbers_are_positions() {
        for (number, language) in Language::ALL.into_iter().enumerate() {
            assert_eq!(Language::of_tag(language.code()), language);
            assert_eq!(language.number(), number);
        }
    }

    #[test]
    fn attributes_say_it_or_it_is_english() {
        let with = |tag: &str| BTreeMap::from([(LANGUAGE_ATTRIBUTE.to_owned(), tag.to_owned())]);
        assert_eq!(Language::of_attributes(&with("DE_at")), Language::German);
        assert_eq!(Language::of_attributes(&with("")), Language::English);
        assert_eq!(Language::of_attributes(&BTreeMap::new()), Language::English);
    }
}
