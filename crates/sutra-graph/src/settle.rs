//! From the segments of many commits to few large ones, while the graph goes on.
//!
//! In three steps, so that nobody waits for it: fresh segments are set apart ([`Graph::apart`]), merged while the graph
//! goes on ([`Graph::settle`]), and what was made takes their place in whatever snapshot there is by then
//! ([`Graph::with_settled`]).

use std::sync::Arc;

use crate::graph::{Graph, RATIO};
use crate::segment::{Part, Segment};

/// Half-edges with which a segment is no longer merged: 24 bytes each.
const PART_MAX: usize = 1 << 25;
/// Half-edges up to which a graph is best held as one segment: merging it takes some tens of milliseconds, and whoever
/// walks far through several segments looks each node up in all of them.
pub const TOGETHER: usize = 1 << 21;

/// A segment, and what it takes the place of: a run of segments that were set apart.
pub struct Settlement {
    from: Vec<Arc<Segment>>,
    made: Arc<Segment>,
}

impl Graph {
    /// What is kept in files: the segments that were set apart or settled, oldest first.
    pub fn parts(&self) -> Vec<Part> {
        self.parts.iter().cloned().map(Part).collect()
    }

    /// The graph of parts, oldest first.
    pub fn of_parts(parts: Vec<Part>) -> Self {
        Self {
            parts: parts.into_iter().map(|part| part.0).collect(),
            fresh: Arc::default(),
        }
    }

    /// The same graph, with another copy of a part, in a file say, in the place of the first.
    #[must_use]
    pub fn with_copy(&self, part: &Part, copy: &Part) -> Self {
        let each = |own: &Arc<Segment>| match Arc::ptr_eq(own, &part.0) {
            true => Arc::clone(&copy.0),
            false => Arc::clone(own),
        };
        Self {
            parts: self.parts.iter().map(each).collect(),
            fresh: Arc::clone(&self.fresh),
        }
    }

    /// Half-edges that settling together puts into another segment.
    pub fn unsettled(&self) -> usize {
        let run = self.run(TOGETHER);
        let moved: usize = run.iter().map(|segment| segment.len()).sum();
        // The oldest stays as it is, if the others are merged into it.
        let stays = run.last().filter(|_| run.len() > self.fresh.len());
        moved - stays.map_or(0, |segment| segment.len())
    }

    /// The newest segments, newest first, as far as they become one.
    fn run(&self, together: usize) -> Vec<&Arc<Segment>> {
        let mut run = Vec::new();
        let mut length = 0;
        for segment in self.segments().rev() {
            let is_large = segment.len() >= RATIO * length && segment.len() + length > together;
            if !run.is_empty() && (is_large || segment.len() + length > PART_MAX) {
                break;
            }
            length += segment.len();
            run.push(segment);
        }
        run
    }

    /// The same graph, its fresh segments set apart: what comes later is not merged with them.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            parts: self.segments().cloned().collect(),
            fresh: Arc::default(),
        }
    }

    /// One segment of the newest that were set apart, together with older ones for as long as these are small beside
    /// it, or all of them have at most `together` half-edges; `None` where there is nothing to do.
    pub fn settle(&self, together: usize) -> Option<Settlement> {
        let mut from: Vec<Arc<Segment>> = self.run(together).into_iter().cloned().collect();
        if from.len() < 2 {
            return None;
        }
        from.reverse();
        // The newest are the smallest: each is copied a few times at most.
        let (last, older) = from.split_last()?;
        let merged = older.iter().rfold(None, |newer: Option<Segment>, segment| {
            Some(Segment::merge(segment, newer.as_ref().unwrap_or(last)))
        });
        let made = Arc::new(merged?);
        Some(Settlement { from, made })
    }

    /// The same graph, with a segment in the place of those that it was made of.
    #[must_use]
    pub fn with_settled(&self, settlement: &Settlement) -> Self {
        let has = |from: &Arc<Segment>| self.parts.iter().any(|own| Arc::ptr_eq(from, own));
        if !settlement.from.iter().all(has) {
            // It was built anew meanwhile.
            return self.clone();
        }
        let is_replaced = |own: &Arc<Segment>| settlement.from.iter().any(|from| Arc::ptr_eq(from, own));
        let mut parts: Vec<Arc<Segment>> = Vec::with_capacity(self.parts.len());
        let mut made = Some(&settlement.made).filter(|made| made.len() > 0);
        for own in self.parts.iter() {
            match is_replaced(own) {
                true => parts.extend(made.take().cloned()),
                false => parts.push(Arc::clone(own)),
            }
        }
        Self {
            parts: parts.into(),
            fresh: Arc::clone(&self.fresh),
        }
    }
}
