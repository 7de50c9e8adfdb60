//! Passages: runs of sentences of one paragraph, the units of retrieval.
//!
//! A passage never cuts a sentence and never leaves one out: the passages of a text partition its sentences.
//! Paragraphs are parted by blank lines; a heading-sized one is read with what follows it.

use std::ops::Range;

use crate::sentence::PARAGRAPH_END;

/// The most words in a passage of more than one sentence.
pub(crate) const PASSAGE_WORDS_MAX: usize = 180;
/// A paragraph of fewer words joins the next one.
const PARAGRAPH_WORDS_MIN: usize = 12;

/// A run of consecutive sentences read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassageSpan {
    /// First byte of its first sentence.
    pub start: usize,
    /// One past the last byte of its last sentence.
    pub end: usize,
    /// Position of its first sentence.
    pub first_sentence: usize,
    /// One past the position of its last sentence.
    pub last_sentence_exclusive: usize,
}

/// Groups `sentences` (as [`split`](crate::sentence::split) returns them) into passages.
pub(crate) fn group(text: &str, sentences: &[Range<usize>]) -> Vec<PassageSpan> {
    let words: Vec<usize> = sentences
        .iter()
        .map(|range| count_words(&text[range.clone()]))
        .collect();
    let mut passages = Vec::new();
    for paragraph in paragraphs(text, sentences, &words) {
        for run in cut(&words[paragraph.clone()]) {
            let (first, last) = (paragraph.start + run.start, paragraph.start + run.end);
            passages.push(PassageSpan {
                start: sentences[first].start,
                end: sentences[last - 1].end,
                first_sentence: first,
                last_sentence_exclusive: last,
            });
        }
    }
    passages
}

/// Whether what stands between two sentences parts two paragraphs.
fn ends_paragraph(gap: &str) -> bool {
    gap.as_bytes().contains(&PARAGRAPH_END) || gap.matches(['\n', '\u{2029}']).count() >= 2
}

/// Ranges of sentences between blank lines, short ones joined to their successor (the last to its predecessor).
fn paragraphs(text: &str, sentences: &[Range<usize>], words: &[usize]) -> Vec<Range<usize>> {
    let mut paragraphs: Vec<Range<usize>> = Vec::new();
    let mut first = 0;
    for last in 1..=sentences.len() {
        let ends =
            last == sentences.len() || ends_paragraph(&text[sentences[last - 1].end..sentences[last].start]);
        if !ends {
            continue;
        }
        let short = words[first..last].iter().sum::<usize>() < PARAGRAPH_WORDS_MIN;
        if !short {
            paragraphs.push(first..last);
            first = last;
        } else if last == sentences.len() {
            match paragraphs.last_mut() {
                Some(previous) if words[previous.start..last].iter().sum::<usize>() <= PASSAGE_WORDS_MAX => {
                    previous.end = last;
                }
                _ => paragraphs.push(first..last),
            }
        }
    }
    paragraphs
}

/// Cuts a paragraph into the fewest runs of at most [`PASSAGE_WORDS_MAX`] words, the longest as short as possible.
fn cut(words: &[usize]) -> Vec<Range<usize>> {
    if words.iter().sum::<usize>() <= PASSAGE_WORDS_MAX {
        return std::iter::once(0..words.len()).collect();
    }
    let fewest = fill(words, PASSAGE_WORDS_MAX).len();
    let (mut low, mut high) = (1, PASSAGE_WORDS_MAX);
    while low < high {
        let capacity = usize::midpoint(low, high);
        if fill(words, capacity).len() <= fewest {
            high = capacity;
        } else {
            low = capacity + 1;
        }
    }
    fill(words, low)
}

/// Fills runs in order up to `capacity` words each; a longer sentence is a run of its own.
fn fill(words: &[usize], capacity: usize) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let (mut first, mut total) = (0, 0);
    for (position, count) in words.iter().enumerate() {
        if position > first && total + count > capacity {
            runs.push(first..position);
            (first, total) = (position, 0);
        }
        total += count;
    }
    runs.push(first..words.len());
    runs
}

/// Words by white space; two characters of a script without blanks count as one word.
pub(crate) fn count_words(text: &str) -> usize {
    let (mut words, mut ideographs, mut in_word) = (0, 0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            in_word = false;
        } else if matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}') {
            ideographs += 1;
            in_word = false;
        } else if !in_word {
            words += 1;
            in_word = true;
        }
    }
    words + usize::div_ceil(ideographs, 2)
}

#[cfg(test)]
mod tests {
    use sutra_model::Language;

    use super::*;
    use crate::lexicon::Lexicon;
    use crate::sentence;

    fn grouped(text: &str) -> Vec<(usize, usize)> {
        group(text, &sentence::split(Lexicon::of(Language::English), text))
            .iter()
            .map(|passage| (passage.first_sentence, passage.last_sentence_exclusive))
            .collect()
    }

    fn prose(words: usize) -> String {
        format!("It{}.", " word".repeat(words - 1))
    }

    #[test]
    fn a_paragraph_is_one_passage_and_a_blank_line_parts_two() {
        let text = format!("{} {}\n\n{}", prose(10), prose(12), prose(20));
        assert_eq!(grouped(&text), [(0, 2), (2, 3)]);
        let text = format!("{} {}\x0c{}", prose(10), prose(12), prose(20));
        assert_eq!(grouped(&text), [(0, 2), (2, 3)]);
    }

    #[test]
    fn a_heading_joins_what_follows_and_a_last_word_what_precedes() {
        let text = format!("History\n\n{}\n\nThe end", prose(20));
        assert_eq!(grouped(&text), [(0, 3)]);
        assert_eq!(grouped("Alone"), [(0, 1)]);
    }

    #[test]
    fn a_long_paragraph_is_cut_evenly_and_a_long_sentence_is_not() {
        let text = vec![prose(40); 6].join(" ");
        assert_eq!(grouped(&text), [(0, 3), (3, 6)]);
        let text = format!("{} {}", prose(300), prose(20));
        assert_eq!(grouped(&text), [(0, 1), (1, 2)]);
    }

    #[test]
    fn characters_without_blanks_are_words_too() {
        assert_eq!(count_words("北京是中国的首都。"), 5);
        assert_eq!(count_words("two words"), 2);
    }
}
