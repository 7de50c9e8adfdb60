//! Where the words of a script without blanks begin: Chinese, Japanese, Thai, Khmer, Lao, Burmese.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;

thread_local! {
    static SEGMENTER: icu_segmenter::WordSegmenterBorrowed<'static> =
        WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
}

/// The bytes at which a word of such a script begins or ends, rising; none in a text without any.
///
/// By ICU's dictionaries (Unicode Standard Annex #29, and what it leaves to dictionaries).
pub fn cuts(text: &str) -> Vec<usize> {
    // In UTF-8 all these scripts begin with E0 or a greater byte.
    if !text.bytes().any(|byte| byte >= 0xE0) || !text.chars().any(is_unspaced) {
        return Vec::new();
    }
    let mut cuts = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(is_unspaced) {
        let start = rest + start;
        let end = text[start..]
            .find(|c: char| !is_unspaced(c))
            .map_or(text.len(), |length| start + length);
        SEGMENTER.with(|segmenter| {
            cuts.extend(segmenter.segment_str(&text[start..end]).map(|at| start + at));
        });
        rest = end;
    }
    cuts
}

/// Whether a character is of a script that puts no blank between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        cuts(text)
            .windows(2)
            .map(|pair| &text[pair[0]..pair[1]])
            .filter(|word| !word.is_empty())
            .collect()
    }

    #[test]
    fn dictionaries_find_the_words() {
        assert_eq!(words("日本の首都"), ["日本", "の", "首都"]);
        assert_eq!(words("北京是首都"), ["北京", "是", "首都"]);
    }

    #[test]
    fn spaced_scripts_have_no_cuts() {
        for text in ["", "plain", "größer", "Москва", "한국어 단어", "“quoted” – dash"] {
            assert_eq!(cuts(text), [] as [usize; 0], "{text}");
        }
    }
}
