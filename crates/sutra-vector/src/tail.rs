//! The rows that do not fill a segment yet.
//!
//! Every search scores all of them at full precision, so their vectors are held in memory: they are read, and with
//! that checked, once, when they come.

use std::sync::Arc;

use half::f16;
use rustc_hash::FxHashSet;
use sutra_model::{ConceptId, Result};

use crate::index::FullPrecision;
use crate::kernel::dot;
use crate::ranking::{Place, Ranking, Scored};

/// Rows with their vectors, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    /// Whose each row is, and where its full precision lies.
    rows: Vec<(ConceptId, u64)>,
    /// The vector of each row; nothing for one that could not be read, which every search then tries again.
    vectors: Vec<Option<Arc<[f16]>>>,
}

impl Tail {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn rows(&self) -> &[(ConceptId, u64)] {
        &self.rows
    }

    pub fn row_of(&self, concept: ConceptId) -> Option<u64> {
        let row = self.rows.iter().find(|(id, _)| *id == concept);
        row.map(|(_, row)| *row)
    }

    pub fn extend(&mut self, additions: &[(ConceptId, u64)], full: &impl FullPrecision) {
        for (concept, row) in additions {
            self.rows.push((*concept, *row));
            self.vectors.push(full.row(*concept, *row).ok().map(Arc::from));
        }
    }

    /// The rows of all but these concepts.
    pub fn without(&self, gone: &FxHashSet<ConceptId>) -> Self {
        let rows = self.rows.iter().zip(&self.vectors);
        let (rows, vectors) = rows
            .filter(|((id, _), _)| !gone.contains(id))
            .map(|(row, vector)| (*row, vector.clone()))
            .unzip();
        Self { rows, vectors }
    }

    /// Offers every row that may be found.
    ///
    /// # Errors
    /// Those of `full`, for a row that could not be read when it came.
    pub fn offer(
        &self,
        ranking: &mut Ranking,
        query: &[f32],
        admit: &dyn Fn(ConceptId) -> bool,
        full: &impl FullPrecision,
    ) -> Result<()> {
        for (&(id, row), vector) in self.rows.iter().zip(&self.vectors) {
            let score = match vector {
                Some(vector) => dot(query, vector),
                None => dot(query, full.row(id, row)?),
            };
            if ranking.admits(score) && admit(id) {
                let place = Place::NONE;
                ranking.offer(Scored {
                    score,
                    id,
                    row,
                    place,
                });
            }
        }
        Ok(())
    }
}
