//! Where a text names something.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The first character of scripts that put no blanks between words, or let endings follow on a name; nearly all after
/// it do.
const WITHOUT_BLANKS: char = '\u{0E00}';

/// The bytes of a text at which a name stands as a word or several, however its letters are written (case, width,
/// composed or not) and however its words are spaced. None for a name without a letter or digit.
pub fn occurrences(text: &str, name: &str) -> Vec<Range<usize>> {
    let (name, _) = folded(name.trim());
    if !name.contains(char::is_alphanumeric) {
        return Vec::new();
    }
    let (folded, origins) = folded(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(at) = folded[from..].find(&name).map(|at| from + at) {
        let end = at + name.len();
        from = at + name.chars().next().map_or(1, char::len_utf8);
        let (before, after) = (&folded[..at], &folded[end..]);
        let joins = |edge: Option<char>, next: Option<char>| {
            edge.is_some_and(|edge| edge.is_alphanumeric() && edge < WITHOUT_BLANKS)
                && next.is_some_and(char::is_alphanumeric)
        };
        let goes_on = after.starts_with(is_combining_mark);
        if goes_on
            || joins(name.chars().next(), before.chars().next_back())
            || joins(name.chars().next_back(), after.chars().next())
        {
            continue;
        }
        let start = origins[at];
        // The whole of the last character, whatever it was folded to.
        let last = origins[end - 1];
        let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
        found.push(start..end);
    }
    found
}

/// A text as names are compared, and for each of its bytes where the character begins that it came from.
fn folded(text: &str) -> (String, Vec<usize>) {
    let (mut folded, mut origins) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (at, character) in text.char_indices() {
        if character.is_whitespace() {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else if character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
        } else {
            let lower = character.nfkd().flat_map(char::to_lowercase);
            folded.extend(lower.nfkd());
        }
        origins.resize(folded.len(), at);
    }
    (folded, origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
        occurrences(text, name)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        assert_eq!(
            found("PRIYA  Raman's, priya\nraman; Ｐriya Raman.", "Priya Raman"),
            ["PRIYA  Raman", "priya\nraman", "Ｐriya Raman"]
        );
        assert_eq!(found("Zoe\u{308} and Zoë, not Zoe", "zoë"), ["Zoe\u{308}", "Zoë"]);
        assert_eq!(found("Zoë", "Zoe"), [] as [&str; 0]);
        assert_eq!(found("Aln Aln", "Aln"), ["Aln", "Aln"]);
    }

    #[test]
    fn part_of_a_word_is_no_name() {
        assert_eq!(found("Alnwick, Maln, Aln2, Aln-side", "Aln"), ["Aln"]);
        assert_eq!(found("ASR1603 and ASR16031", "asr1603"), ["ASR1603"]);
    }

    #[test]
    fn scripts_without_blanks_have_names_within_words() {
        assert_eq!(found("日本の首都", "首都"), ["首都"]);
        assert_eq!(found("프리야는 이끈다", "프리야"), ["프리야"]);
    }

    #[test]
    fn what_has_no_letter_names_nothing() {
        assert_eq!(found("a - b", "-"), [] as [&str; 0]);
        assert_eq!(found("a b", "  "), [] as [&str; 0]);
        assert_eq!(found("", "a"), [] as [&str; 0]);
    }
}
