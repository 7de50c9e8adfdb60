//! Which language a text is in, by two libraries: one that is quick, and one that knows when it does not know.
//!
//! `whichlang` is right more often on short texts and forty times as fast, but it knows sixteen languages and always
//! names one of them. So its word is taken for English alone; anything else counts where `whatlang`, which knows
//! seventy, says the same or is sure of what it says.

use whatlang::Lang;
use whichlang::Lang as Quick;

/// How much of a text's beginning is looked at.
const BYTES_MAX: usize = 2048;
/// The fewest letters that tell anything.
const LETTERS_MIN: usize = 12;

/// The language of a text (ISO 639-1 where there is a code, else 639-3), or none where it cannot be told.
///
/// ```
/// use sutra_read::detect_language;
/// assert_eq!(detect_language("The river rises in the hills and ends in the sea."), Some("en"));
/// assert_eq!(detect_language("Der Fluss entspringt in den Hügeln und mündet ins Meer."), Some("de"));
/// assert_eq!(detect_language("ASR1603"), None);
/// ```
pub fn detect_language(text: &str) -> Option<&'static str> {
    let text = beginning(text);
    if text
        .chars()
        .filter(|c| c.is_alphabetic())
        .take(LETTERS_MIN)
        .count()
        < LETTERS_MIN
        && !text.chars().any(|c| c >= '\u{3040}')
    {
        return None;
    }
    let quick = whichlang::detect_language(text);
    if quick == Quick::Eng {
        return Some("en");
    }
    let found = whatlang::detect(text)?;
    let agreed = found.lang().code() == quick.three_letter_code();
    (agreed || found.is_reliable()).then(|| code(found.lang()))
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn code(language: Lang) -> &'static str {
    match language {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Swe => "sv",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (code, text) in [
            (
                "fr",
                "La rivière prend sa source dans les collines et se jette dans la mer.",
            ),
            (
                "es",
                "El río nace en las colinas y desemboca en el mar, cerca de la ciudad.",
            ),
            (
                "it",
                "Il fiume nasce sulle colline e sfocia nel mare, non lontano dalla città.",
            ),
            (
                "pt",
                "O rio nasce nas colinas e deságua no mar, não muito longe da cidade.",
            ),
            (
                "nl",
                "De rivier ontspringt in de heuvels en mondt uit in de zee, dicht bij de stad.",
            ),
            (
                "sv",
                "Floden rinner upp i bergen och mynnar ut i havet, inte långt från staden.",
            ),
            (
                "ru",
                "Эта река начинается высоко в горах, течёт через леса и впадает в море недалеко от старого города.",
            ),
            ("zh", "这条河发源于山区，流入大海，离城市不远。"),
            ("ja", "その川は山に源を発し、町の近くで海に注ぐ。"),
        ] {
            assert_eq!(detect_language(text), Some(code), "{text}");
        }
    }

    #[test]
    fn what_is_too_short_or_no_text_is_not_told() {
        for text in ["", "1852", "Aln", "…", "Ünal Öz"] {
            assert_eq!(detect_language(text), None, "{text}");
        }
        let long = "ä".repeat(3 * BYTES_MAX);
        detect_language(&long);
    }
}
