//! Words with how often they were written more than others say: one immutable part of a vocabulary.
//!
//! Nearness is found by a scan. Words are grouped by length and each has its letters beside it, counted to two,
//! which rules out nearly all of them before any distance is computed: an edit changes a length by one at most, adds
//! one letter at most and takes one away. In the arrays of a file that was damaged anything may be written: a range that
//! is none is empty, and so is a word that is no text.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use strsim::osa_distance;
use sutra_segment::{Bytes, Kept, Layout, Sections, Slice};
use unicode_normalization::UnicodeNormalization;

use crate::analyse::TERM_BYTES_MAX;

/// Letters with which a word may have one slip, and with which two.
const LETTERS_MIN: [usize; 2] = [4, 8];
/// Words of so many letters or more are together. No word of a text has as many; a stemmer may add to a term.
const LETTERS_MAX: usize = TERM_BYTES_MAX + 1;

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

/// A word and how often it is written more, ordered as a part has them.
type Counted<'a> = (usize, &'a str, i64);

/// Words by rising number of letters, then by their bytes.
#[derive(Debug)]
struct Words {
    /// All words, one after the other.
    text: Slice<u8>,
    /// Where each word ends in `text`.
    ends: Slice<u32>,
    /// How often each is written more than in the other parts.
    counts: Slice<i64>,
    /// The set of letters of each.
    sets: Slice<u64>,
    /// `starts[n]` is the position of the first word of n letters or more.
    starts: Slice<u32>,
}

/// A part of a vocabulary. Cloning it copies a pointer.
#[derive(Clone, Debug)]
pub struct Spellings(Arc<Words>);

impl Spellings {
    /// Words in any order, each with how often it is written.
    pub(crate) fn new(words: &[(String, i64)]) -> Self {
        let counted = words.iter().map(|(word, count)| Self::counted(word, *count));
        let mut counted: Vec<Counted> = counted.collect();
        counted.sort_unstable();
        Self::of(counted.into_iter())
    }

    /// A word as [`of`](Self::of) takes it.
    fn counted(word: &str, count: i64) -> Counted<'_> {
        (word.chars().count().min(LETTERS_MAX), word, count)
    }

    /// Words that come in order, with how often each is written; equal ones are added up.
    fn of<'a>(words: impl Iterator<Item = Counted<'a>>) -> Self {
        let (mut text, mut ends, mut counts, mut sets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut starts = vec![0; LETTERS_MAX + 2];
        let mut words = words.peekable();
        while let Some((letters, word, mut count)) = words.next() {
            while let Some((_, _, more)) = words.next_if(|(_, next, _)| *next == word) {
                count = count.saturating_add(more);
            }
            if count == 0 {
                continue;
            }
            text.extend_from_slice(word.as_bytes());
            ends.push(u32::try_from(text.len()).expect("the words of a part are under 4 GiB"));
            counts.push(count);
            sets.push(set_of(word));
            starts[letters + 1] += 1;
        }
        for letters in 1..starts.len() {
            starts[letters] += starts[letters - 1];
        }
        text.shrink_to_fit();
        Self(Arc::new(Words {
            text: text.into(),
            ends: ends.into(),
            counts: counts.into(),
            sets: sets.into(),
            starts: starts.into(),
        }))
    }

    /// The words of parts as one.
    pub(crate) fn merged<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut words: Vec<Counted> = parts.into_iter().flat_map(Self::words).collect();
        words.sort(); // Takes the runs as they are.
        Self::of(words.into_iter())
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of its words.
    pub(crate) fn text_bytes(&self) -> usize {
        self.0.text.len()
    }

    fn bytes(&self, position: usize) -> &[u8] {
        let ends = &self.0.ends;
        let start = position.checked_sub(1).map_or(0, |before| ends[before]);
        self.0.text.part(start as usize..ends[position] as usize)
    }

    fn word(&self, position: usize) -> &str {
        std::str::from_utf8(self.bytes(position)).unwrap_or_default()
    }

    /// The positions of the words of so many letters.
    fn of_length(&self, letters: usize) -> std::ops::Range<usize> {
        let starts = &self.0.starts;
        match (starts.get(letters), starts.get(letters + 1)) {
            (Some(&start), Some(&end)) => start as usize..(end as usize).min(self.len()),
            _ => 0..0,
        }
    }

    fn words(&self) -> impl Iterator<Item = Counted<'_>> {
        (0..=LETTERS_MAX).flat_map(move |letters| {
            self.of_length(letters)
                .map(move |position| (letters, self.word(position), self.0.counts[position]))
        })
    }

    /// How often a word is written more.
    pub(crate) fn count(&self, word: &str) -> i64 {
        let (letters, ..) = Self::counted(word, 0);
        let mut range = self.of_length(letters);
        while range.start < range.end {
            let middle = range.start.midpoint(range.end);
            match self.bytes(middle).cmp(word.as_bytes()) {
                std::cmp::Ordering::Less => range.start = middle + 1,
                std::cmp::Ordering::Greater => range.end = middle,
                std::cmp::Ordering::Equal => return self.0.counts[middle],
            }
        }
        0
    }

    /// Adds up how often each word near enough is written, and tells how many edits it is away.
    pub(crate) fn near<'a>(
        &'a self,
        word: &str,
        letters: usize,
        edits: usize,
        found: &mut FxHashMap<&'a str, (i64, usize)>,
    ) {
        let set = set_of(word);
        for length in letters - edits..=letters + edits {
            for position in self.of_length(length) {
                let other = self.0.sets[position];
                if has_more(set & !other, edits) || has_more(other & !set, edits) {
                    continue;
                }
                let other = self.word(position);
                let distance = osa_distance(word, other);
                if distance <= edits {
                    let (count, _) = found.entry(other).or_insert((0, distance));
                    *count = count.saturating_add(self.0.counts[position]);
                }
            }
        }
    }

    /// Gives what a file of some kind holds of it.
    pub(crate) fn laid_out_as<R>(&self, kind: u32, give: impl FnOnce(&Layout) -> R) -> R {
        let words = &*self.0;
        let layout = Layout::new(kind)
            .with(&words.text)
            .with(&words.ends)
            .with(&words.counts)
            .with(&words.sets)
            .with(&words.starts);
        give(&layout)
    }

    /// The words of a file of some kind.
    pub(crate) fn open_as<B: Bytes>(kind: u32, sections: &Sections<B>) -> Result<Self, String> {
        let read = || {
            Some(Words {
                text: sections.array(0)?,
                ends: sections.array(1)?,
                counts: sections.array(2)?,
                sets: sections.array(3)?,
                starts: sections.array(4)?,
            })
        };
        let words = read().ok_or("its arrays are not those of a vocabulary")?;
        let fits = sections.kind() == kind
            && words.counts.len() == words.ends.len()
            && words.sets.len() == words.ends.len()
            && words.starts.len() == LETTERS_MAX + 2;
        match fits {
            true => Ok(Self(Arc::new(words))),
            false => Err("its arrays do not belong together".to_owned()),
        }
    }
}

impl Kept for Spellings {
    const KIND: u32 = u32::from_le_bytes(*b"spel");

    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R {
        self.laid_out_as(Self::KIND, give)
    }

    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String> {
        Self::open_as(Self::KIND, sections)
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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
