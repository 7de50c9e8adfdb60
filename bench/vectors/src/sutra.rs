//! Sutra's own index: fresh, and settled.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use sutra_model::ConceptId;
use sutra_segment::Kept;
use sutra_vector::{How, VectorIndex};

use crate::data::{Data, K};
use crate::subject::{Result, Subject};

/// Rows taken in with one snapshot.
const BATCH: usize = 100;

struct Sutra {
    data: Arc<Data>,
    settles: bool,
    current: Mutex<VectorIndex>,
}

/// Rows are coded as they come; a search reads all codes.
pub fn fresh(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    Ok(Box::new(Sutra::new(data, false)))
}

/// Rows are settled after they came.
pub fn settled(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    Ok(Box::new(Sutra::new(data, true)))
}

fn concepts(rows: impl IntoIterator<Item = usize>) -> Vec<(ConceptId, u64)> {
    let rows = rows.into_iter();
    rows.map(|row| (ConceptId(row as u64 + 1), row as u64)).collect()
}

impl Sutra {
    fn new(data: Arc<Data>, settles: bool) -> Self {
        Self {
            current: Mutex::new(VectorIndex::new(data.dimension)),
            data,
            settles,
        }
    }

    fn now(&self) -> VectorIndex {
        self.current.lock().expect("nobody panics with it").clone()
    }

    fn change(&self, change: impl FnOnce(&VectorIndex) -> VectorIndex) {
        let mut current = self.current.lock().expect("nobody panics with it");
        *current = change(&current);
    }
}

impl Subject for Sutra {
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()> {
        for batch in concepts(rows).chunks(BATCH) {
            let next = self.now().with(batch, &self.data.column);
            self.change(|_| next);
        }
        Ok(())
    }

    fn finish(&self) -> Result<()> {
        let apart = self.now().apart(&self.data.column);
        self.change(|_| apart.clone());
        let how = if self.settles { How::Settled } else { How::Flat };
        if let Some(settlement) = apart.settle(how, 0, &self.data.column) {
            self.change(|current| current.with_settled(&settlement));
        }
        Ok(())
    }

    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>> {
        let found = self.now().search(query, K, Some(effort), &self.data.column)?;
        Ok(found.into_iter().map(|(id, _)| id.0 as usize - 1).collect())
    }

    fn remove(&self, rows: &HashSet<usize>) -> Result<()> {
        let ids: Vec<ConceptId> = rows.iter().map(|row| ConceptId(*row as u64 + 1)).collect();
        for id in ids {
            let next = self.now().without(&[id], &self.data.column);
            self.change(|_| next);
        }
        Ok(())
    }

    fn bytes(&self) -> Option<(u64, &'static str)> {
        let index = self.now();
        let bytes = index
            .parts()
            .iter()
            .map(|part| part.laid_out(|layout| layout.bytes()));
        Some((bytes.sum(), "file"))
    }

    fn efforts(&self) -> &'static [usize] {
        &[25, 50, 100, 200, 400]
    }

    /// In whole batches, the first of which one search may see and the next not; settled ones are settled on the way.
    fn add_beside(&self, rows: std::ops::Range<usize>, stop: &dyn Fn() -> bool) -> Result<usize> {
        let before = self.now();
        let mut taken = 0;
        while !stop() {
            // Rows run out sooner than the time: they are taken in again from where it began.
            self.change(|_| before.clone());
            for start in rows.clone().step_by(BATCH) {
                if stop() {
                    return Ok(taken);
                }
                let end = (start + BATCH).min(rows.end);
                self.add(start..end)?;
                taken += end - start;
            }
            if self.settles {
                self.finish()?;
            }
        }
        Ok(taken)
    }
}
