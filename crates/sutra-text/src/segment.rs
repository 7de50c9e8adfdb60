//! One immutable part's arrays: sorted terms in one string, their postings in blocks.
//!
//! The postings of a term are divided into blocks of at most [`BLOCK_POSTINGS`], each with what bounds the score of any
//! of them, so that a search passes over those that cannot be good enough (S. Ding, T. Suel, *Faster top-k document
//! retrieval using block-max indexes*, SIGIR 2011, §3). In the arrays of a file that was damaged anything may be
//! written: whoever reads them takes every number for one that may lead nowhere.

use bytemuck::{Pod, Zeroable};
use sutra_model::{ConceptId, Language};
use sutra_segment::Slice;

use crate::analyse::TERM_BYTES_MAX;
use crate::index::Norm;

/// The most postings in a block.
pub(crate) const BLOCK_POSTINGS: usize = 128;

/// The most bytes of a term: no stemmer adds as many to a word.
const TERM_MAX: usize = 4 * TERM_BYTES_MAX;

/// How many languages there are.
pub(crate) const LANGUAGES: usize = Language::ALL.len();

/// That a term occurs in a document.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Posting {
    /// The document's position in its segment, from the first document of the block on.
    pub offset: u16,
    /// How often the term occurs there; 65,535 stands for as many or more.
    pub count: u16,
}

/// Some postings of a term that stand together.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Block {
    /// The position of its first document.
    pub first: u32,
    /// Where its postings begin.
    pub start: u32,
    /// The least of their documents' lengths, each divided by its count.
    pub length_per_count: f32,
    /// The greatest of their counts.
    pub count_max: u16,
    pub zero: u16,
}

impl Block {
    /// What no posting of it scores more than, whatever the mean length of documents is, but for rounding.
    ///
    /// f / (f + c + s·l) = 1 / (1 + c/f + s·l/f), which is greatest where both quotients are least.
    pub fn bound(&self, norm: &Norm) -> f32 {
        let count = f32::from(self.count_max.max(1));
        norm.greatest(norm.constant / count + norm.slope * self.length_per_count)
    }
}

/// The postings of a term, by rising document.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Postings<'a> {
    pub blocks: &'a [Block],
    /// Those of all blocks.
    all: &'a [Posting],
}

impl<'a> Postings<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Where the postings of a block stand among all.
    pub fn range(&self, block: usize) -> std::ops::Range<usize> {
        let base = self.blocks.first().map_or(0, |block| block.start);
        let start_of = |block: &Block| (block.start.saturating_sub(base) as usize).min(self.len());
        let start = self.blocks.get(block).map_or(self.len(), start_of);
        let end = self.blocks.get(block + 1).map_or(self.len(), start_of);
        start..end.max(start)
    }

    /// Postings that stand at these places.
    pub fn part(&self, range: std::ops::Range<usize>) -> &'a [Posting] {
        self.all.get(range).unwrap_or_default()
    }

    /// All of them, as documents and counts.
    pub fn each(self) -> impl Iterator<Item = (u32, u16)> + 'a {
        (0..self.blocks.len()).flat_map(move |block| {
            let first = self.blocks[block].first;
            let postings = self.part(self.range(block)).iter();
            postings.map(move |posting| (first.saturating_add(u32::from(posting.offset)), posting.count))
        })
    }

    /// How often the term occurs in a document that stands in no block before one; `None` where it does not.
    pub fn count_in(&self, document: u32, from: usize) -> Option<u16> {
        let later = self.blocks.get(from..).unwrap_or_default();
        let block = from + later.partition_point(|block| block.first <= document);
        let block = block.checked_sub(1).filter(|block| *block >= from)?;
        let offset = u16::try_from(document.checked_sub(self.blocks[block].first)?).ok()?;
        let postings = self.part(self.range(block));
        let at = postings
            .binary_search_by_key(&offset, |posting| posting.offset)
            .ok()?;
        Some(postings[at].count)
    }
}

/// Documents that are searched together. Its terms are sorted, and so are the postings of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    /// Whether it was settled.
    pub settled: bool,
    /// The sum of the lengths of its documents.
    pub length_total: u64,
    /// How many documents are in each language, by its number.
    pub in_language: [u64; LANGUAGES],
    /// The documents, by rising id.
    pub documents: Slice<u64>,
    /// Terms of each document, repetitions included.
    pub lengths: Slice<u32>,
    /// The number of the language of each.
    pub languages: Slice<u8>,
    /// All terms, one after the other, sorted by their bytes.
    pub text: Slice<u8>,
    /// Where each term ends in `text`.
    pub term_ends: Slice<u32>,
    /// Where the blocks of each term end in `blocks`.
    pub block_ends: Slice<u32>,
    /// The blocks of all terms, by term, then by document.
    pub blocks: Slice<Block>,
    /// The postings of all blocks.
    pub postings: Slice<Posting>,
}

impl Segment {
    /// How many terms it has.
    pub fn terms(&self) -> usize {
        self.term_ends.len()
    }

    /// The term at a position.
    pub fn term(&self, position: usize) -> &[u8] {
        let start = position.checked_sub(1).map_or(0, |before| self.term_ends[before]);
        let term = self.text.part(start as usize..self.term_ends[position] as usize);
        if term.len() <= TERM_MAX { term } else { &[] }
    }

    /// The postings of the term at a position.
    pub fn postings_at(&self, position: usize) -> Postings<'_> {
        let start = position
            .checked_sub(1)
            .map_or(0, |before| self.block_ends[before]) as usize;
        let end = self.block_ends[position] as usize;
        let blocks = self.blocks.part(start..end);
        let Some(first) = blocks.first() else {
            return Postings::default();
        };
        let next = self.blocks.get(end);
        let all_end = next.map_or(self.postings.len(), |block| block.start as usize);
        let all = self.postings.part(first.start as usize..all_end);
        Postings { blocks, all }
    }

    /// The postings of a term; none if it does not occur.
    pub fn postings_of(&self, term: &str) -> Postings<'_> {
        let (mut low, mut high) = (0, self.terms());
        while low < high {
            let middle = low.midpoint(high);
            match self.term(middle).cmp(term.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.postings_at(middle),
            }
        }
        Postings::default()
    }

    /// Its terms, each with how many documents have it.
    pub fn frequencies(&self) -> Vec<(String, i64)> {
        let text = |term: usize| String::from_utf8_lossy(self.term(term)).into_owned();
        let counted = |term: usize| (text(term), self.postings_at(term).len() as i64);
        (0..self.terms()).map(counted).collect()
    }

    /// The position of a document, if it is here.
    pub fn position(&self, document: ConceptId) -> Option<usize> {
        self.documents.binary_search(&document.0).ok()
    }
}

/// A segment that is being written: first its documents, by rising id, then its terms.
#[derive(Default)]
pub(crate) struct Writer {
    documents: Vec<u64>,
    lengths: Vec<u32>,
    languages: Vec<u8>,
    text: Vec<u8>,
    term_ends: Vec<u32>,
    block_ends: Vec<u32>,
    blocks: Vec<Block>,
    postings: Vec<Posting>,
}

impl Writer {
    /// One with room for so many postings.
    pub fn with_room(postings: usize) -> Self {
        Self {
            postings: Vec::with_capacity(postings),
            ..Self::default()
        }
    }

    /// Appends a document.
    pub fn document(&mut self, id: u64, length: u32, language: u8) {
        self.documents.push(id);
        self.lengths.push(length);
        self.languages.push(language);
    }

    /// Appends a term, greater than all before it, with the documents that have it, rising, and how often each has it;
    /// nothing where none has.
    pub fn term(&mut self, term: &[u8], occurrences: &[(u32, u16)]) {
        if occurrences.is_empty() {
            return;
        }
        let mut rest = occurrences;
        while let Some(&(first, _)) = rest.first() {
            let in_reach = |(document, _): &&(u32, u16)| document - first <= u32::from(u16::MAX);
            let fitting = rest.iter().take(BLOCK_POSTINGS).take_while(in_reach).count();
            let (block, later) = rest.split_at(fitting);
            self.block(first, block);
            rest = later;
        }
        self.text.extend_from_slice(term);
        let end = u32::try_from(self.text.len()).expect("the terms of a segment are under 4 GiB");
        self.term_ends.push(end);
        let end = u32::try_from(self.blocks.len()).expect("a segment has under 2^32 blocks");
        self.block_ends.push(end);
    }

    fn block(&mut self, first: u32, occurrences: &[(u32, u16)]) {
        let mut block = Block {
            first,
            start: u32::try_from(self.postings.len()).expect("a segment has under 2^32 postings"),
            length_per_count: f32::INFINITY,
            count_max: 0,
            zero: 0,
        };
        for &(document, count) in occurrences {
            let quotient = self.lengths[document as usize] as f32 / f32::from(count.max(1));
            block.length_per_count = block.length_per_count.min(quotient);
            block.count_max = block.count_max.max(count);
            self.postings.push(Posting {
                offset: (document - first) as u16,
                count,
            });
        }
        self.blocks.push(block);
    }

    /// What was written.
    pub fn finish(mut self, settled: bool) -> Segment {
        self.text.shrink_to_fit();
        self.term_ends.shrink_to_fit();
        self.block_ends.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.postings.shrink_to_fit();
        let mut in_language = [0; LANGUAGES];
        for language in &self.languages {
            in_language[usize::from(*language).min(LANGUAGES - 1)] += 1;
        }
        Segment {
            settled,
            length_total: self.lengths.iter().map(|&length| u64::from(length)).sum(),
            in_language,
            documents: self.documents.into(),
            lengths: self.lengths.into(),
            languages: self.languages.into(),
            text: self.text.into(),
            term_ends: self.term_ends.into(),
            block_ends: self.block_ends.into(),
            blocks: self.blocks.into(),
            postings: self.postings.into(),
        }
    }
}
