//! The other layout: vectors in an append-only file beside the store.
//!
//! A vector's place is its concept's id, so the file needs no index; it is synced before the transaction that refers to
//! it, so a committed concept always has its vector, and what lies behind the last committed id is nobody's and is
//! overwritten. It never changes a committed row.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::candidate::{Candidate, Configuration, Result, View};
use crate::data::{Concept, VECTOR_BYTES};

const STRIDE: usize = VECTOR_BYTES + 4;

/// A store with its column file, where the configuration has one.
pub struct Store {
    /// The store proper.
    pub candidate: Box<dyn Candidate>,
    column: Option<File>,
}

impl Store {
    /// Opens or makes both in `folder`.
    pub fn open(configuration: &Configuration, folder: &Path) -> Result<Self> {
        let candidate = configuration.open(folder)?;
        let column = if configuration.vector_rows {
            None
        } else {
            let path = folder.join("vectors.column");
            Some(
                OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(path)?,
            )
        };
        Ok(Self { candidate, column })
    }

    /// Commits concepts with consecutive ids.
    pub fn commit(&self, batch: &[Concept]) -> Result<()> {
        if let (Some(column), Some(first)) = (&self.column, batch.first()) {
            let mut bytes = Vec::with_capacity(batch.len() * STRIDE);
            for concept in batch {
                bytes.extend_from_slice(&concept.vector);
                bytes.extend_from_slice(&crc32c::crc32c(&concept.vector).to_le_bytes());
            }
            column.write_all_at(&bytes, offset(first.id))?;
            column.sync_data()?;
        }
        self.candidate.commit(batch)
    }

    /// Whether the stored vector of this concept is what it should be.
    pub fn has_vector(&self, view: &dyn View, concept: &Concept) -> Result<bool> {
        let Some(column) = &self.column else {
            let mut equal = false;
            view.vector(concept.id, &mut |vector| equal = vector == concept.vector)?;
            return Ok(equal);
        };
        let mut row = [0; STRIDE];
        column.read_exact_at(&mut row, offset(concept.id))?;
        let (vector, checksum) = row.split_at(VECTOR_BYTES);
        Ok(vector == concept.vector && checksum == crc32c::crc32c(vector).to_le_bytes())
    }
}

fn offset(id: u64) -> u64 {
    (id - 1) * STRIDE as u64
}
