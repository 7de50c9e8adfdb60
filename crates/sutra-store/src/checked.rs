//! Which rows of a column were found right of late.

use std::sync::atomic::{AtomicU64, Ordering};

use half::f16;
use sutra_model::{ConceptId, Result};

use crate::column::{ColumnView, ROW_HEADER_BYTES};
#[cfg(doc)]
use crate::store::OpenOptions;

/// Rows whose checksum was found right of late: each in the slot of its number, with one more.
#[derive(Debug, Default)]
pub struct Checked(Box<[AtomicU64]>);

impl Checked {
    /// Remembers so many rows at most; none with 0.
    pub fn with_slots(slots: usize) -> Self {
        Self((0..slots).map(|_| AtomicU64::new(0)).collect())
    }

    fn slot(&self, row: u64) -> Option<&AtomicU64> {
        let slots = self.0.len() as u64;
        self.0.get(row.checked_rem(slots)? as usize)
    }

    /// Whether a row was found right, and no other took its slot since.
    pub fn has(&self, row: u64) -> bool {
        self.slot(row)
            .is_some_and(|slot| slot.load(Ordering::Relaxed) == row + 1)
    }

    /// A row was found right.
    pub fn add(&self, row: u64) {
        if let Some(slot) = self.slot(row) {
            slot.store(row + 1, Ordering::Relaxed);
        }
    }
}

impl ColumnView {
    /// As [`row`](Self::row), without computing the checksum of one of the last
    /// [`checked_vectors`](OpenOptions::checked_vectors) that were found right.
    ///
    /// # Errors
    /// As [`row`](Self::row).
    pub fn row_or_checked(&self, row: u64, concept: ConceptId) -> Result<&[f16]> {
        if self.checked.has(row)
            && let Some(bytes) = self.row_bytes(row)
            && bytes[..8] == concept.0.to_le_bytes()
        {
            let values = &bytes[ROW_HEADER_BYTES..ROW_HEADER_BYTES + 2 * self.dimension()];
            return Ok(bytemuck::cast_slice(values));
        }
        let values = self.row(row, concept)?;
        self.checked.add(row);
        Ok(values)
    }
}
