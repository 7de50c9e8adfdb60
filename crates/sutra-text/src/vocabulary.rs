//! The distinct words of the texts, unstemmed, and which of them are near another.
//!
//! A list of immutable parts, shared between snapshots, each with how often its words were written since the one
//! before; less than nothing where they were taken out again. A word whose sum is nothing is not there. A part is at
//! least twice as large as the next, so that there are O(log n) of them and a word is copied O(log n) times.
//!
//! Nearness is found by a scan. Words are grouped by length and each has its letters beside it, counted to two,
//! which rules out nearly all of them before any distance is computed: an edit changes a length by one at most, adds
//! one letter at most and takes one away.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use strsim::osa_distance;
use unicode_normalization::UnicodeNormalization;

use crate::analyse::TERM_BYTES_MAX;

/// Letters with which a word may have one slip, and with which two.
const LETTERS_MIN: [usize; 2] = [4, 8];

/// How many edits away a word of so many letters may be: none below 4, one to 7, two from 8 on.
pub(crate) fn edits_max(letters: usize) -> usize {
    LETTERS_MIN.iter().filter(|&&least| letters >= least).count()
}

/// A raw term as it is compared and shown, its letters composed (NFC); none if there is a digit in it.
pub(crate) fn spelling(raw: &str) -> Option<String> {
    let is_word = !raw.chars().any(char::is_numeric);
    is_word.then(|| match raw.is_ascii() {
        true => raw.to_owned(),
        false => raw.nfc().collect(),
    })
}

/// An immutable snapshot of the words. Cloning it copies a pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    parts: Arc<Vec<Arc<Part>>>,
}

impl Vocabulary {
    /// With these words so many times more, or fewer, in any order, known ones among them.
    pub fn with(&self, words: impl IntoIterator<Item = (String, i64)>) -> Self {
        let mut counted: Vec<(usize, String, i64)> = words
            .into_iter()
            .map(|(word, count)| (word.chars().count(), word, count))
            .collect();
        if counted.is_empty() {
            return self.clone();
        }
        counted.sort_unstable();
        let mut parts = Vec::clone(&self.parts);
        let words = counted
            .iter()
            .map(|(letters, word, count)| (*letters, word.as_str(), *count));
        parts.push(Arc::new(Part::of(words)));
        while let [.., before, last] = parts.as_slice() {
            if before.len() >= 2 * last.len() {
                break;
            }
            let merged = Part::merged(before, last);
            parts.truncate(parts.len() - 2);
            if merged.len() > 0 {
                parts.push(Arc::new(merged));
            }
        }
        Self {
            parts: Arc::new(parts),
        }
    }

    /// The words that are at most so many edits away as [`edits_max`] allows, each with how many, in no order.
    ///
    /// An edit exchanges, adds or drops a letter, or swaps two that stand side by side; no letter is edited
    /// twice (optimal string alignment). L. Boytsov, *Indexing methods for approximate dictionary searching*
    /// (2011), §2.
    pub fn near(&self, word: &str) -> Vec<(&str, usize)> {
        let letters = word.chars().count();
        let edits = edits_max(letters);
        let mut found = FxHashMap::default();
        if edits > 0 {
            for part in self.parts.iter() {
                part.near(word, letters, edits, &mut found);
            }
        }
        let written = found.into_iter().filter(|(_, (count, _))| *count > 0);
        written.map(|(word, (_, edits))| (word, edits)).collect()
    }
}

/// Words by rising number of letters, then by their bytes.
#[derive(Debug)]
struct Part {
    /// All words, one after the other.
    text: String,
    /// Where each word ends in `text`.
    ends: Vec<u32>,
    /// How often each is written more than in the parts before.
    counts: Vec<i64>,
    /// The set of letters of each.
    sets: Vec<u64>,
    /// `starts[n]` is the position of the first word of n letters or more.
    starts: [u32; TERM_BYTES_MAX + 2],
}

impl Part {
    /// Words that come in order, with their numbers of letters and how often each is written; equal ones are added up.
    fn of<'a>(words: impl Iterator<Item = (usize, &'a str, i64)>) -> Self {
        let mut part = Self {
            text: String::new(),
            ends: Vec::new(),
            counts: Vec::new(),
            sets: Vec::new(),
            starts: [0; TERM_BYTES_MAX + 2],
        };
        let mut words = words.peekable();
        while let Some((letters, word, mut count)) = words.next() {
            while let Some((_, _, more)) = words.next_if(|(_, next, _)| *next == word) {
                count += more;
            }
            if count == 0 {
                continue;
            }
            part.text.push_str(word);
            let end = u32::try_from(part.text.len()).expect("the words of a store are under 4 GiB");
            part.ends.push(end);
            part.counts.push(count);
            part.sets.push(set_of(word));
            part.starts[letters + 1] += 1;
        }
        for letters in 1..part.starts.len() {
            part.starts[letters] += part.starts[letters - 1];
        }
        part.text.shrink_to_fit();
        part
    }

    fn merged(one: &Self, other: &Self) -> Self {
        let mut words: Vec<(usize, &str, i64)> = one.words().chain(other.words()).collect();
        words.sort(); // Takes the two runs as they are.
        Self::of(words.into_iter())
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn word(&self, position: usize) -> &str {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[position] as usize]
    }

    /// The positions of the words of so many letters.
    fn of_length(&self, letters: usize) -> std::ops::Range<usize> {
        match self.starts.get(letters + 1) {
            Some(&end) => self.starts[letters] as usize..end as usize,
            None => 0..0,
        }
    }

    fn words(&self) -> impl Iterator<Item = (usize, &str, i64)> {
        (0..=TERM_BYTES_MAX).flat_map(move |letters| {
            self.of_length(letters)
                .map(move |position| (letters, self.word(position), self.counts[position]))
        })
    }

    /// Adds up how often each word near enough is written, and tells how many edits it is away.
    fn near<'a>(
        &'a self,
        word: &str,
        letters: usize,
        edits: usize,
        found: &mut FxHashMap<&'a str, (i64, usize)>,
    ) {
        let set = set_of(word);
        for length in letters - edits..=letters + edits {
            for position in self.of_length(length) {
                let other = self.sets[position];
                if has_more(set & !other, edits) || has_more(other & !set, edits) {
                    continue;
                }
                let distance = osa_distance(word, self.word(position));
                if distance <= edits {
                    found.entry(self.word(position)).or_insert((0, distance)).0 += self.counts[position];
                }
            }
        }
    }
}

/// Which letters a word has once, and which twice or more: a bit for each from a to z, which others share.
fn set_of(word: &str) -> u64 {
    let (once, twice) = word.chars().fold((0_u32, 0_u32), |(once, twice), letter| {
        let bit = 1 << (letter as u32 % 32);
        (once | bit, twice | once & bit)
    });
    u64::from(twice) << 32 | u64::from(once)
}

/// Whether a set has more than so many members.
fn has_more(mut set: u64, count: usize) -> bool {
    for _ in 0..count {
        set &= set.wrapping_sub(1);
    }
    set != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(words: &[&str], word: &str) -> Vec<(String, usize)> {
        let vocabulary = Vocabulary::default().with(words.iter().map(|&word| (word.to_owned(), 1)));
        let mut found: Vec<_> = vocabulary
            .near(word)
            .into_iter()
            .map(|(word, edits)| (word.to_owned(), edits))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn an_edit_exchanges_adds_drops_or_swaps() {
        for slip in ["falkon", "faalcon", "falcn", "flacon", "valcon", "alcon"] {
            assert_eq!(near(&["falcon"], slip), [("falcon".to_owned(), 1)], "{slip}");
        }
        for word in ["flacn", "fal", "balkon", "falconess"] {
            assert_eq!(near(&["falcon"], word), [], "{word}");
        }
    }

    #[test]
    fn longer_words_may_have_more_slips() {
        assert_eq!([3, 4, 7, 8, 60].map(edits_max), [0, 1, 1, 2, 2]);
        assert_eq!(near(&["tea", "team"], "tae"), []);
        assert_eq!(
            near(&["tea", "team"], "tema"),
            [("tea".to_owned(), 1), ("team".to_owned(), 1)]
        );
        assert_eq!(near(&["harbour"], "hraborr"), []);
        assert_eq!(near(&["harbours"], "hraborrs"), [("harbours".to_owned(), 2)]);
        assert_eq!(
            near(&["lighthouse"], "lihgthousse"),
            [("lighthouse".to_owned(), 2)]
        );
    }

    #[test]
    fn letters_of_every_script_count_alike() {
        assert_eq!(near(&["москва"], "масква"), [("москва".to_owned(), 1)]);
        let longest = "a".repeat(TERM_BYTES_MAX);
        assert_eq!(near(&[&longest], &longest[1..]), [(longest.clone(), 1)]);
        assert_eq!(near(&[&longest[1..]], &longest), [(longest[1..].to_owned(), 1)]);
    }

    #[test]
    fn a_word_is_there_until_it_was_taken_as_often_as_it_came() {
        let batch = |number: u32, sign: i64| {
            (number / 2..=number).map(move |each| (format!("word{}", "ab".repeat(each as usize % 20)), sign))
        };
        let mut vocabulary = Vocabulary::default();
        for number in 0..200 {
            vocabulary = vocabulary.with(batch(number, 1));
        }
        assert_eq!(vocabulary.near("wordababab").len(), 3);
        let kept: usize = vocabulary.parts.iter().map(|part| part.len()).sum();
        assert!((20..60).contains(&kept), "{kept}");
        for number in 1..200 {
            vocabulary = vocabulary.with(batch(number, -1));
        }
        assert_eq!(vocabulary.near("wordab"), []);
        assert_eq!(vocabulary.near("wort"), [("word", 1)]);
        assert!(
            vocabulary
                .parts
                .windows(2)
                .all(|pair| pair[0].len() >= 2 * pair[1].len())
        );
    }
}
