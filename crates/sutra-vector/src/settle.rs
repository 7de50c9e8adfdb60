//! From fresh rows, and parts that are small or have lost much, to one settled part.
//!
//! In three steps, so that nobody waits for it: the fresh rows are set apart ([`VectorIndex::apart`]), a part is made
//! of them while the index goes on ([`VectorIndex::settle`]), and takes the place of those that it was made of in
//! whatever snapshot there is by then ([`VectorIndex::with_settled`]).

use std::sync::Arc;

use sutra_segment::Kept;

use crate::cluster;
use crate::index::{FullPrecision, VectorIndex};
use crate::part::Part;
use crate::writer::Writer;

/// Rows with which a part is no longer taken into another.
const PART_ROWS_MAX: usize = 1 << 21;
/// A part is taken into a new one that has at least this share of its rows.
const SHARE: usize = 4;

/// How the parts are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Rows near each other come together, which takes a while.
    Settled,
    /// As they are, which takes a moment: a search still reads all of them.
    Flat,
}

/// A part, and what it takes the place of.
pub struct Settlement {
    from: Vec<Part>,
    part: Option<Part>,
}

impl VectorIndex {
    /// How many rows are not settled.
    pub fn unsettled(&self) -> usize {
        let flat = self.parts.iter().filter(|part| part.is_flat()).map(Part::len);
        let fresh = self.fresh.iter().map(Part::len);
        flat.chain(fresh).sum::<usize>() + self.tail.len()
    }

    /// How many rows are not set apart.
    pub fn fresh(&self) -> usize {
        self.fresh.iter().map(Part::len).sum::<usize>() + self.tail.len()
    }

    /// How many rows of its settled parts were taken out and are still there.
    pub fn removed(&self) -> usize {
        self.parts.iter().map(Part::removed).sum()
    }

    /// What is kept in files: the parts that were set apart or settled.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// An index of parts.
    ///
    /// # Errors
    /// In words, when one is not of this dimension.
    pub fn of_parts(dimension: usize, parts: Vec<Part>) -> Result<Self, String> {
        if let Some(part) = parts.iter().find(|part| part.dimension() != dimension) {
            return Err(format!(
                "it holds vectors of {} components, not {dimension}",
                part.dimension()
            ));
        }
        Ok(Self {
            parts: Arc::new(parts),
            ..Self::new(dimension)
        })
    }

    /// The same rows, with another copy of a part, in a file say, in the place of the first.
    #[must_use]
    pub fn with_copy(&self, part: &Part, copy: &Part) -> Self {
        let each = |own: &Part| match own.is_same(part) {
            true => copy.clone().marked(own.marks()),
            false => own.clone(),
        };
        Self {
            parts: Arc::new(self.parts.iter().map(each).collect()),
            ..self.clone()
        }
    }

    /// Its parts in words, for those who measure: how many, with how many lists and rows.
    pub fn described(&self) -> String {
        let lists: usize = self.parts.iter().map(Part::lists).sum();
        let rows: usize = self.parts.iter().map(Part::len).sum();
        format!("{rows} rows in {lists} lists of {} parts", self.parts.len())
    }

    /// The same rows, the fresh ones set apart: what comes later is not put among them.
    #[must_use]
    pub fn apart(&self, full: &impl FullPrecision) -> Self {
        let mut parts = Vec::clone(&self.parts);
        parts.extend(self.fresh.iter().cloned());
        if self.tail.len() > 0 {
            parts.push(Part::flat(self.tail.rows(), self.dimension, full));
        }
        Self {
            dimension: self.dimension,
            parts: Arc::new(parts),
            fresh: Arc::default(),
            tail: Arc::default(),
        }
    }

    /// One part of all that are flat, of settled ones that are small beside them, and of those that have lost more than
    /// `removed_max` rows; `None` where there is nothing to do.
    pub fn settle(&self, how: How, removed_max: usize, full: &impl FullPrecision) -> Option<Settlement> {
        let (mut from, settled): (Vec<&Part>, Vec<&Part>) =
            self.parts.iter().partition(|part| part.is_flat());
        if how == How::Flat {
            if from.len() < 2 {
                return None;
            }
            let part = Part::joined(from.iter().copied(), self.dimension);
            return Some(Settlement::of(&from, part));
        }
        let mut rows: usize = from.iter().map(|part| part.len()).sum();
        let mut smallest_first = settled;
        smallest_first.sort_by_key(|part| part.len());
        for part in smallest_first {
            let is_small = part.len() <= rows * SHARE && rows + part.len() <= PART_ROWS_MAX;
            if is_small || part.removed() > removed_max {
                rows += part.len();
                from.push(part);
            }
        }
        if from.is_empty() {
            return None;
        }
        let rows: Vec<_> = from.iter().flat_map(|part| part.living()).collect();
        let mut writer = Writer::new(self.dimension);
        for list in cluster::lists(&rows, self.dimension, full) {
            writer.list(&list, full);
        }
        Some(Settlement::of(&from, writer.settled(full)))
    }

    /// The same rows, with a part in the place of those that it was made of, less what went from these since.
    #[must_use]
    pub fn with_settled(&self, settlement: &Settlement) -> Self {
        let has = |from: &&Part| self.parts.iter().any(|own| own.is_same(from));
        if !settlement.from.iter().all(|from| has(&from)) {
            // It was built anew meanwhile.
            return self.clone();
        }
        let mut part = settlement.part.clone();
        let mut parts = Vec::with_capacity(self.parts.len());
        for own in self.parts.iter() {
            match settlement.from.iter().find(|from| from.is_same(own)) {
                Some(before) => part = part.map(|part| part.without(own.gone_since(before))),
                None => parts.push(own.clone()),
            }
        }
        parts.extend(part);
        Self {
            parts: Arc::new(parts),
            ..self.clone()
        }
    }
}

impl Settlement {
    fn of(from: &[&Part], part: Part) -> Self {
        Self {
            from: from.iter().copied().cloned().collect(),
            part: Some(part).filter(|part| !part.is_empty()),
        }
    }
}
