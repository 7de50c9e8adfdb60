//! The best documents of one part, without reading all postings of frequent terms.
//!
//! Documents are taken in windows. In each, the terms whose bounds together stay below the worst of the best so far are
//! not *essential*: what has none but these cannot be good enough (MaxScore: H. Turtle, J. Flood, *Query evaluation:
//! strategies and optimizations*, 1995, §4.2). The postings of the others are added up, but for blocks that bound them
//! too low (S. Ding, T. Suel, *Faster top-k document retrieval using block-max indexes*, SIGIR 2011). What may then be
//! good enough is scored again, by all terms in the order of the question, so that a score is the same to the last bit
//! however it was found. A window begins where an essential term has its next posting: nothing is swept.

use std::cell::RefCell;

use sutra_model::ConceptId;

use crate::index::Norm;
use crate::part::Part;
use crate::ranking::Ranking;
use crate::segment::Postings;

/// Documents of a window.
const WINDOW: u32 = 2048;

/// A term of a question that a part has.
pub(crate) struct Asked<'a> {
    /// Its count in the question × its idf.
    pub weight: f32,
    pub postings: Postings<'a>,
}

/// What a search keeps from one window to the next, and from one search to the next, so that none allocates it.
#[derive(Default)]
struct Sums {
    /// By document of the window; all 0 between windows.
    scores: Vec<f32>,
    /// The documents of the window that have a score.
    touched: Vec<u32>,
}

thread_local! {
    static SUMS: RefCell<Sums> = RefCell::default();
}

/// How far the postings of a term were read.
struct Cursor<'a> {
    weight: f32,
    postings: Postings<'a>,
    /// What no posting of each block scores more than.
    bounds: Vec<f32>,
    /// The greatest of these.
    bound: f64,
    /// The block of the next posting, and its place among all.
    block: usize,
    at: usize,
    /// A block that none before the last window's first document follows.
    near: usize,
    /// The blocks that may have documents of the window, and the greatest of their bounds.
    window: std::ops::Range<usize>,
    window_bound: f64,
    is_essential: bool,
}

impl<'a> Cursor<'a> {
    fn new(asked: &Asked<'a>, norm: &Norm) -> Self {
        let blocks = asked.postings.blocks.iter();
        let bounds: Vec<f32> = blocks.map(|block| asked.weight * block.bound(norm)).collect();
        let bound = bounds.iter().fold(0.0_f32, |bound, each| bound.max(*each));
        Self {
            weight: asked.weight,
            postings: asked.postings,
            bounds,
            bound: f64::from(bound),
            block: 0,
            at: 0,
            near: 0,
            window: 0..0,
            window_bound: 0.0,
            is_essential: false,
        }
    }

    /// The document of the next posting.
    fn document(&self) -> Option<u32> {
        let posting = self.postings.part(self.at..self.at + 1).first()?;
        let block = self.postings.blocks.get(self.block)?;
        Some(block.first.saturating_add(u32::from(posting.offset)))
    }

    /// Goes on to the first posting of a document or a later one.
    fn seek(&mut self, document: u32) {
        if self.document().is_none_or(|next| next >= document) {
            return;
        }
        let blocks = self.postings.blocks;
        self.block += blocks[self.block + 1..].partition_point(|block| block.first <= document);
        let range = self.postings.range(self.block);
        self.at = self.at.max(range.start);
        let first = blocks[self.block].first;
        let left = self.postings.part(self.at..range.end.max(self.at));
        self.at += left.partition_point(|posting| first.saturating_add(u32::from(posting.offset)) < document);
        if self.at >= range.end {
            self.block += 1;
        }
    }

    /// Finds the blocks of a window.
    fn look_at(&mut self, start: u32, end: u32, was_sought: bool) {
        let blocks = self.postings.blocks;
        if was_sought {
            self.near = self.near.max(self.block).min(blocks.len());
        }
        let later = blocks.get(self.near + 1..).unwrap_or_default();
        self.near += later.partition_point(|block| block.first <= start);
        let is_past = was_sought && self.document().is_none_or(|next| next >= end);
        let from = blocks.get(self.near..).filter(|_| !is_past).unwrap_or_default();
        let count = from.iter().take_while(|block| block.first < end).count();
        self.window = self.near..self.near + count;
        let bounds = self.bounds.get(self.window.clone()).unwrap_or_default();
        self.window_bound = f64::from(bounds.iter().fold(0.0_f32, |bound, each| bound.max(*each)));
    }
}

/// The search of one part.
struct Search<'a> {
    part: &'a Part,
    norm: &'a Norm,
    /// By how much sums of rounded numbers may differ from those of exact ones, and more.
    slack: f64,
    /// In the order of the question.
    cursors: Vec<Cursor<'a>>,
}

/// Offers the documents of a part that share a term with the question. `admit` is asked for those that are among the
/// best so far, once for each.
pub(crate) fn offer(
    ranking: &mut Ranking,
    part: &Part,
    terms: &[Asked],
    norm: &Norm,
    admit: &dyn Fn(ConceptId) -> bool,
) {
    let search = Search {
        part,
        norm,
        slack: 1.0 + 1e-6 * (terms.len() + 10) as f64,
        cursors: terms.iter().map(|term| Cursor::new(term, norm)).collect(),
    };
    let mut sums = SUMS.take();
    sums.scores.resize(WINDOW as usize, 0.0);
    search.run(ranking, &mut sums, admit);
    SUMS.set(sums);
}

impl Search<'_> {
    fn run(mut self, ranking: &mut Ranking, sums: &mut Sums, admit: &dyn Fn(ConceptId) -> bool) {
        let mut by_bound: Vec<usize> = (0..self.cursors.len()).collect();
        by_bound.sort_by(|one, other| self.cursors[*one].bound.total_cmp(&self.cursors[*other].bound));
        // Terms of the lowest bounds that together are too low.
        let mut low = 0;
        let mut low_bound = 0.0;
        let documents = u32::try_from(self.part.data.documents.len()).unwrap_or(u32::MAX);
        let mut end = 0;
        loop {
            while let Some(number) = by_bound.get(low) {
                let bound = low_bound + self.cursors[*number].bound;
                if !self.is_too_low(bound, ranking) {
                    break;
                }
                (low, low_bound) = (low + 1, bound);
            }
            let sought = &by_bound[low..];
            for number in sought {
                self.cursors[*number].seek(end);
            }
            let next = sought
                .iter()
                .filter_map(|number| self.cursors[*number].document())
                .min();
            // A damaged file may say of later postings that they come before.
            let Some(start) = next.map(|next| next.max(end)).filter(|start| *start < documents) else {
                return;
            };
            end = start.saturating_add(WINDOW).min(documents);
            for cursor in &mut self.cursors {
                cursor.is_essential = false;
            }
            for (rank, number) in by_bound.iter().enumerate() {
                self.cursors[*number].look_at(start, end, rank >= low);
            }
            let mut unread = by_bound[..low]
                .iter()
                .map(|number| self.cursors[*number].window_bound)
                .sum();
            let mut read = by_bound[low..].to_vec();
            read.sort_by(|one, other| {
                self.cursors[*one]
                    .window_bound
                    .total_cmp(&self.cursors[*other].window_bound)
            });
            for number in read {
                let bound = unread + self.cursors[number].window_bound;
                match self.is_too_low(bound, ranking) {
                    true => unread = bound,
                    false => self.cursors[number].is_essential = true,
                }
            }
            let is_whole = self.add_up(start, end, ranking, sums);
            self.offer(start, is_whole, unread, ranking, sums, admit);
        }
    }

    /// Whether nothing of such a bound can be among the best.
    fn is_too_low(&self, bound: f64, ranking: &Ranking) -> bool {
        bound * self.slack < f64::from(ranking.threshold())
    }

    /// Adds up the essential terms of a window, but for blocks that cannot matter. Tells whether nothing was left out.
    fn add_up(&mut self, start: u32, end: u32, ranking: &Ranking, sums: &mut Sums) -> bool {
        let lengths = &self.part.data.lengths[..];
        let mut is_whole = true;
        let all: f64 = self.cursors.iter().map(|cursor| cursor.window_bound).sum();
        for cursor in &self.cursors {
            if !cursor.is_essential {
                is_whole &= cursor.window.is_empty();
                continue;
            }
            for block in cursor.window.clone() {
                let bound = all - cursor.window_bound + f64::from(cursor.bounds[block]);
                if self.is_too_low(bound, ranking) {
                    is_whole = false;
                    continue;
                }
                let first = cursor.postings.blocks[block].first;
                for posting in cursor.postings.part(cursor.postings.range(block)) {
                    let document = first.saturating_add(u32::from(posting.offset));
                    if document >= end {
                        break;
                    }
                    let Some(&length) = lengths.get(document as usize).filter(|_| document >= start) else {
                        continue;
                    };
                    let score = &mut sums.scores[(document - start) as usize];
                    if *score == 0.0 {
                        sums.touched.push(document);
                    }
                    *score += cursor.weight * self.norm.saturate(posting.count, length);
                }
            }
        }
        is_whole
    }

    /// Offers what was added up; `unread` bounds what the other terms add.
    fn offer(
        &self,
        start: u32,
        is_whole: bool,
        unread: f64,
        ranking: &mut Ranking,
        sums: &mut Sums,
        admit: &dyn Fn(ConceptId) -> bool,
    ) {
        for document in sums.touched.drain(..) {
            let mut score = std::mem::take(&mut sums.scores[(document - start) as usize]);
            if self.is_too_low(f64::from(score) + unread, ranking) {
                continue;
            }
            if !is_whole {
                score = self.score(document);
            }
            let id = ConceptId(self.part.data.documents[document as usize]);
            if score > 0.0 && ranking.admits(id, score) && !self.part.is_gone(document as usize) && admit(id)
            {
                ranking.offer(id, score);
            }
        }
    }

    /// The score of a document of the window.
    fn score(&self, document: u32) -> f32 {
        let length = self.part.data.lengths[document as usize];
        let mut score = 0.0;
        for cursor in &self.cursors {
            let from = cursor.window.start.min(cursor.postings.blocks.len());
            if let Some(count) = cursor.postings.count_in(document, from) {
                score += cursor.weight * self.norm.saturate(count, length);
            }
        }
        score
    }
}
