//! Words and how often each is written, in immutable parts that snapshots share.
//!
//! A count may be less than nothing in a part: there it was taken back. A word whose sum is nothing is not there. Of the
//! fresh parts each is at least twice as large as the next, up to a size, so that there are O(log n) of them and a word
//! is copied O(log n) times; those that were set apart are merged while the vocabulary goes on, see
//! [`settle`](Vocabulary::settle). Sums do not ask in what order parts came.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sutra_segment::Kept;

use crate::spellings::{Spellings, edits_max};

/// Words with which a part is no longer merged by a commit.
const FRESH_MAX: usize = 1 << 16;
/// How many times larger a part is than all newer ones, at the least, to be left alone by settling.
const RATIO: usize = 4;
/// Bytes of words that a part has at the most.
const TEXT_MAX: usize = 1 << 31;

/// An immutable snapshot of the words. Cloning it copies two pointers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    /// What was settled, or is about to be: no commit changes it.
    pub parts: Arc<Vec<Spellings>>,
    /// What came since.
    fresh: Arc<Vec<Spellings>>,
}

/// A part, and what it takes the place of.
pub(crate) struct Settling {
    from: Vec<Spellings>,
    made: Spellings,
}

impl Vocabulary {
    /// That of parts.
    pub fn of_parts(parts: Vec<Spellings>) -> Self {
        Self {
            parts: Arc::new(parts),
            fresh: Arc::default(),
        }
    }

    /// With these words so many times more, or fewer, in any order, known ones among them.
    pub fn with(&self, words: impl IntoIterator<Item = (String, i64)>) -> Self {
        let words: Vec<(String, i64)> = words.into_iter().collect();
        if words.is_empty() {
            return self.clone();
        }
        let mut fresh = Vec::clone(&self.fresh);
        fresh.push(Spellings::new(&words));
        while let [.., before, last] = fresh.as_slice() {
            if before.len() >= 2 * last.len() || before.len() >= FRESH_MAX {
                break;
            }
            let merged = Spellings::merged([before, last]);
            fresh.truncate(fresh.len() - 2);
            fresh.push(merged);
        }
        fresh.retain(|part| !part.is_empty());
        Self {
            parts: Arc::clone(&self.parts),
            fresh: Arc::new(fresh),
        }
    }

    /// With the words of a part, which is set apart.
    pub fn with_part(&self, part: Option<Spellings>) -> Self {
        Self {
            parts: Arc::new(self.parts.iter().cloned().chain(part).collect()),
            fresh: Arc::clone(&self.fresh),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Spellings> {
        self.parts.iter().chain(self.fresh.iter())
    }

    /// How often a word is written.
    pub fn count(&self, word: &str) -> i64 {
        self.all()
            .fold(0, |sum, part| sum.saturating_add(part.count(word)))
    }

    /// All of it as one part.
    pub fn merged(&self) -> Spellings {
        let mut all = self.all();
        match (all.next(), all.next()) {
            (Some(one), None) => one.clone(),
            _ => Spellings::merged(self.all()),
        }
    }

    /// The same words, with copies of parts in the place of these.
    pub fn with_copies(&self, copies: &[(Spellings, Spellings)]) -> Self {
        let each = |own: &Spellings| match copies.iter().find(|(part, _)| part.is_same(own)) {
            Some((_, copy)) => copy.clone(),
            None => own.clone(),
        };
        Self {
            parts: Arc::new(self.parts.iter().map(each).collect()),
            fresh: Arc::clone(&self.fresh),
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
            for part in self.all() {
                part.near(word, letters, edits, &mut found);
            }
        }
        let written = found.into_iter().filter(|(_, (count, _))| *count > 0);
        written.map(|(word, (_, edits))| (word, edits)).collect()
    }

    /// The same words, the fresh parts set apart: what comes later is not merged with them.
    pub fn apart(&self) -> Self {
        Self::of_parts(self.all().cloned().collect())
    }

    /// One part of the newest that were set apart, together with older ones for as long as these are small beside it;
    /// `None` where there is nothing to do.
    pub fn settle(&self) -> Option<Settling> {
        let mut from: Vec<Spellings> = Vec::new();
        let (mut length, mut bytes) = (0, 0);
        for part in self.parts.iter().rev() {
            let is_large = part.len() >= RATIO * length || part.text_bytes() + bytes > TEXT_MAX;
            if !from.is_empty() && is_large {
                break;
            }
            (length, bytes) = (length + part.len(), bytes + part.text_bytes());
            from.push(part.clone());
        }
        if from.len() < 2 {
            return None;
        }
        let made = Spellings::merged(&from);
        Some(Settling { from, made })
    }

    /// The same words, with a part in the place of those that it was made of, where these are all there.
    pub fn with_settled(&self, settling: &Settling) -> Self {
        let is_from = |own: &Spellings| settling.from.iter().any(|from| from.is_same(own));
        if self.parts.iter().filter(|own| is_from(own)).count() != settling.from.len() {
            return self.clone();
        }
        let mut made = Some(&settling.made).filter(|made| !made.is_empty());
        let mut parts = Vec::with_capacity(self.parts.len());
        for own in self.parts.iter() {
            match is_from(own) {
                true => parts.extend(made.take().cloned()),
                false => parts.push(own.clone()),
            }
        }
        Self {
            parts: Arc::new(parts),
            fresh: Arc::clone(&self.fresh),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::TERM_BYTES_MAX;

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
        let kept: usize = vocabulary.fresh.iter().map(|part| part.len()).sum();
        assert!((20..60).contains(&kept), "{kept}");
        for number in 1..200 {
            vocabulary = vocabulary.with(batch(number, -1));
        }
        assert_eq!(vocabulary.near("wordab"), []);
        assert_eq!(vocabulary.near("wort"), [("word", 1)]);
        assert!(
            vocabulary
                .fresh
                .windows(2)
                .all(|pair| pair[0].len() >= 2 * pair[1].len())
        );
    }

    #[test]
    fn counts_are_those_of_all_parts_however_they_are_merged() {
        let long = "ж".repeat(90);
        let words = |count: i64| {
            let words = ["rhein", "main", "x9", &long];
            words.map(|word| (word.to_owned(), count))
        };
        let apart = Vocabulary::default().with(words(3)).apart();
        let less = apart.with(words(-1)).apart();
        let settling = less.settle().unwrap();
        let later = less.with([("main".to_owned(), -2), ("oder".to_owned(), 1)]);
        let settled = later.with_settled(&settling);
        assert_eq!((settled.parts.len(), settled.fresh.len()), (1, 1));
        assert!(apart.settle().is_none());
        for (word, count) in [
            ("rhein", 2),
            ("main", 0),
            ("x9", 2),
            (&long, 2),
            ("oder", 1),
            ("od", 0),
        ] {
            assert_eq!(settled.count(word), count, "{word}");
            assert_eq!(later.count(word), count, "{word}");
        }
        // What it was made of is no longer there: it has nothing to take the place of.
        assert_eq!(settled.with_settled(&settling).count("rhein"), 2);
    }
}
