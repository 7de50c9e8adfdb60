//! Vectors that come after their statements: of passages that were learned without an embedder, split by a migration, or
//! redacted.

use std::path::Path;
use std::sync::atomic::Ordering;

use redb::ReadableTable;
use rustc_hash::FxHashSet;
#[cfg(doc)]
use sutra_model::Error;
use sutra_model::{ConceptId, Result, TransactionId};

use crate::apply::Writer;
use crate::change::{Change, StoredVector};
use crate::column::Column;
use crate::layout;
use crate::opening::random_bytes;
use crate::prepare::check_vector;
use crate::records::{ChangeRecord, Placed};
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::stored::stored;
use crate::updates::Updates;

impl Store {
    /// Gives statements that wait for one a vector each, at a time as that of [`commit_at`](Self::commit_at), and says how
    /// many did. Others are left as they are, and so are those of whose sources something was blanked after `read`, the
    /// transaction as of which their words were read.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a vector that is none of this store's; [`Error::DiskFull`], [`Error::Io`],
    /// [`Error::Corrupt`], [`Error::ReadOnly`]. None is given then.
    pub fn give_vectors(
        &self,
        time: i64,
        read: TransactionId,
        vectors: &[(ConceptId, Vec<f32>)],
    ) -> Result<(u64, Updates)> {
        let dimension = self.embedder().dimension;
        for (statement, vector) in vectors {
            check_vector(*statement, vector, dimension)?;
        }
        let mut column = self.lock_to_write((2 * dimension * vectors.len()) as u64)?;
        let outcome = self.noting_failure(self.write_given(time, read, vectors, &mut column));
        match &outcome {
            Ok(_) => column.accept(),
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    fn write_given(
        &self,
        time: i64,
        read: TransactionId,
        vectors: &[(ConceptId, Vec<f32>)],
        column: &mut Column,
    ) -> Result<(u64, Updates)> {
        let mut transaction = self.begin()?;
        transaction.set_quick_repair(true);
        let mut updates = Updates::default();
        let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
        let change = writer.resolve_given(time, read, vectors)?;
        let given = change.vectors.len() as u64;
        if given == 0 {
            return Ok((0, updates));
        }
        writer.apply(&change, random_bytes(&self.path)?, &mut updates)?;
        writer.finish(&transaction)?;
        layout::given(&self.path, transaction.commit())?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok((given, updates))
    }
}

impl Writer<'_> {
    fn resolve_given(
        &self,
        time: i64,
        read: TransactionId,
        vectors: &[(ConceptId, Vec<f32>)],
    ) -> Result<Change> {
        let blanked = blanked_after(self.path, read, &self.changes, &self.source_statements)?;
        let mut change = Change {
            transaction: TransactionId(self.transaction + 1),
            time: time.max(self.time.saturating_add(1)),
            ..Change::default()
        };
        for (statement, vector) in vectors {
            let key = (self.model, statement.0);
            let waits = layout::given(self.path, self.pending.get(key))?.is_some();
            if waits && !blanked.contains(&statement.0) {
                change.vectors.push(StoredVector {
                    model: self.model,
                    statement: *statement,
                    values: stored(vector),
                });
            }
        }
        change.sort();
        change.vectors.dedup_by_key(|vector| vector.statement);
        Ok(change)
    }
}

/// The statements of sources of which something was blanked after a transaction: what was read before is not all that
/// they say now.
pub(crate) fn blanked_after(
    path: &Path,
    read: TransactionId,
    changes: &impl ReadableTable<u64, &'static [u8]>,
    source_statements: &impl ReadableTable<u64, &'static [u8]>,
) -> Result<FxHashSet<u64>> {
    let mut statements = FxHashSet::default();
    for row in layout::given(path, changes.range(read.0.saturating_add(1)..))? {
        let record = layout::given(path, row)?.1;
        let record: ChangeRecord = layout::decode(record.value(), path, "transaction")?;
        for blank in record.blanked.iter().chain(&record.untitled) {
            if let Some(row) = layout::given(path, source_statements.get(blank.source.0))? {
                let placed: Vec<Placed> = layout::decode(row.value(), path, "statements of a source")?;
                statements.extend(placed.iter().map(|placed| placed.statement));
            }
        }
    }
    Ok(statements)
}

impl Snapshot {
    /// The first `limit` statements after one that wait for a vector of the model in use, by rising number.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn pending_after(&self, after: ConceptId, limit: usize) -> Result<Vec<ConceptId>> {
        let Some(first) = after.0.checked_add(1) else {
            return Ok(Vec::new());
        };
        let rows = self.ok(self.pending.range((self.model, first)..=(self.model, u64::MAX)))?;
        rows.take(limit)
            .map(|row| Ok(ConceptId(self.ok(row)?.0.value().1)))
            .collect()
    }
}
