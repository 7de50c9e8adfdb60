//! One immutable part of the index: sorted terms in one string, postings in one array.

use rustc_hash::FxHashSet;
use sutra_model::ConceptId;

/// The most documents in a segment: a posting numbers them in 16 bits.
pub(crate) const DOCUMENTS_MAX: usize = 1 << 16;

/// That a term occurs in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Posting {
    /// The document's position in its segment.
    pub document: u16,
    /// How often the term occurs there; 65,535 stands for as many or more.
    pub count: u16,
}

/// Documents that are searched together. Its terms are sorted, and so are the postings of each.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    /// The documents, by rising id.
    pub documents: Vec<ConceptId>,
    /// Terms of each document, repetitions included.
    pub lengths: Vec<u32>,
    /// All terms, one after the other, sorted by their bytes.
    pub text: String,
    /// Where each term ends in `text`.
    pub term_ends: Vec<u32>,
    /// Where the postings of each term end in `postings`.
    pub posting_ends: Vec<u32>,
    /// The postings of all terms, by term, then by document.
    pub postings: Vec<Posting>,
}

impl Segment {
    /// How many documents it has.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// The sum of the lengths of its documents.
    pub fn length_total(&self) -> u64 {
        self.lengths.iter().map(|&length| u64::from(length)).sum()
    }

    /// The term at a position.
    pub fn term(&self, position: usize) -> &str {
        let start = if position == 0 {
            0
        } else {
            self.term_ends[position - 1]
        };
        &self.text[start as usize..self.term_ends[position] as usize]
    }

    /// The postings of the term at a position.
    pub fn postings_at(&self, position: usize) -> &[Posting] {
        let start = if position == 0 {
            0
        } else {
            self.posting_ends[position - 1]
        };
        &self.postings[start as usize..self.posting_ends[position] as usize]
    }

    /// The postings of a term; none if it does not occur.
    pub fn postings_of(&self, term: &str) -> &[Posting] {
        let (mut low, mut high) = (0, self.term_ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.term(middle).cmp(term) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.postings_at(middle),
            }
        }
        &[]
    }

    /// The segment without these documents, and without the terms that only they have.
    pub fn without(&self, gone: &FxHashSet<ConceptId>) -> Self {
        let mut left = Self::default();
        let mut positions: Vec<Option<u16>> = Vec::with_capacity(self.len());
        for (&document, &length) in self.documents.iter().zip(&self.lengths) {
            let stays = !gone.contains(&document);
            positions.push(stays.then_some(left.documents.len() as u16));
            if stays {
                left.documents.push(document);
                left.lengths.push(length);
            }
        }
        left.postings.reserve(self.postings.len());
        for term in 0..self.term_ends.len() {
            let begin = left.postings.len();
            let postings = self.postings_at(term).iter();
            left.postings.extend(postings.filter_map(|posting| {
                let document = positions[usize::from(posting.document)]?;
                Some(Posting { document, ..*posting })
            }));
            if left.postings.len() > begin {
                left.push_term(self.term(term));
                left.end_postings();
            }
        }
        left.text.shrink_to_fit();
        left.postings.shrink_to_fit();
        left
    }

    /// Appends a term, which must be greater than all before it; its postings follow.
    pub fn push_term(&mut self, term: &str) {
        self.text.push_str(term);
        self.term_ends.push(
            self.text
                .len()
                .try_into()
                .expect("the terms of a segment are under 4 GiB"),
        );
    }

    /// Says that all postings of the last term are there.
    pub fn end_postings(&mut self) {
        self.posting_ends.push(
            self.postings
                .len()
                .try_into()
                .expect("a segment has under 2^32 postings"),
        );
    }

    /// The position of a document, if it is here.
    pub fn position(&self, document: ConceptId) -> Option<u16> {
        let position = self.documents.binary_search(&document).ok()?;
        Some(u16::try_from(position).expect("a segment has at most 65,536 documents"))
    }
}
