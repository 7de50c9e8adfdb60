//! Applying a batch to an open write transaction.
//!
//! A batch is [planned](crate::plan) first and written second, so that a refusal leaves the transaction
//! untouched and its neighbours in the same group go on. Nothing here decides what is learned. The rows of
//! sources and concepts are written in [`concepts`](crate::concepts), those of associations and vectors in
//! [`associations`](crate::associations).

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::{ReadableTable, Table, WriteTransaction};
use rustc_hash::FxHashMap;
use sutra_model::{AssociationKind, Batch, Error, RelationId, Result, SourceId, TransactionId};

use crate::changes::{Changes, Receipt};
use crate::column::Column;
use crate::layout::{self, RelationRecord, Totals, TransactionRecord};

type Keys<'t> = Table<'t, &'static [u8; 16], u64>;

/// The write side of one group: every table, open, and the running totals.
pub struct Writer<'t> {
    pub(crate) path: &'t Path,
    pub(crate) column: &'t mut Column,
    pub(crate) transactions: Table<'t, u64, &'static [u8]>,
    pub(crate) sources: Table<'t, u64, &'static [u8]>,
    pub(crate) source_keys: Keys<'t>,
    pub(crate) texts: Table<'t, u64, &'static str>,
    pub(crate) concepts: Table<'t, u64, &'static [u8]>,
    pub(crate) concept_keys: Keys<'t>,
    pub(crate) supports: Table<'t, (u64, u64, u64), u64>,
    pub(crate) relations: Table<'t, u32, &'static [u8]>,
    pub(crate) associations: Table<'t, (u64, u32, u64), &'static [u8]>,
    pub(crate) evidence: Table<'t, (u64, u32, u64, u64), &'static [u8]>,
    pub(crate) vectors: Table<'t, u64, u64>,
    pub(crate) relation_ids: FxHashMap<String, (RelationId, AssociationKind)>,
    /// The last transaction before this group.
    first: u64,
    pub(crate) transaction: u64,
    pub(crate) totals: Totals,
}

impl<'t> Writer<'t> {
    /// Opens every table of a write transaction.
    pub fn open(transaction: &'t WriteTransaction, column: &'t mut Column, path: &'t Path) -> Result<Self> {
        let fail = |error| layout::database_error(path, error);
        let transactions = transaction.open_table(layout::TRANSACTIONS).map_err(fail)?;
        let (number, totals) = match transactions.last().map_err(|e| layout::database_error(path, e))? {
            Some((number, record)) => {
                let record: TransactionRecord = layout::decode(record.value(), path, "transaction")?;
                (number.value(), record.totals)
            }
            None => (0, Totals::default()),
        };
        let relations = transaction.open_table(layout::RELATIONS).map_err(fail)?;
        let mut relation_ids = FxHashMap::default();
        for row in relations.iter().map_err(|e| layout::database_error(path, e))? {
            let (id, record) = row.map_err(|e| layout::database_error(path, e))?;
            let record: RelationRecord = layout::decode(record.value(), path, "relation")?;
            relation_ids.insert(record.name, (RelationId(id.value()), record.kind));
        }
        Ok(Self {
            path,
            column,
            transactions,
            sources: transaction.open_table(layout::SOURCES).map_err(fail)?,
            source_keys: transaction.open_table(layout::SOURCE_KEYS).map_err(fail)?,
            texts: transaction.open_table(layout::TEXTS).map_err(fail)?,
            concepts: transaction.open_table(layout::CONCEPTS).map_err(fail)?,
            concept_keys: transaction.open_table(layout::CONCEPT_KEYS).map_err(fail)?,
            supports: transaction.open_table(layout::SUPPORTS).map_err(fail)?,
            relations,
            associations: transaction.open_table(layout::ASSOCIATIONS).map_err(fail)?,
            evidence: transaction.open_table(layout::EVIDENCE).map_err(fail)?,
            vectors: transaction.open_table(layout::VECTORS).map_err(fail)?,
            relation_ids,
            first: number,
            transaction: number,
            totals,
        })
    }

    /// Applies one batch, which [`validate`](crate::validate::validate) has passed.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] before anything of it was written; any other error leaves the whole group
    /// unfit to be committed.
    pub fn apply(&mut self, batch: &Batch, changes: &mut Changes) -> Result<Receipt> {
        let mut plan = self.plan(batch)?;
        let mut receipt = Receipt {
            transaction: TransactionId(self.transaction),
            concepts: Vec::new(),
            sources: Vec::new(),
            new_sources: 0,
            new_concepts: 0,
            new_associations: 0,
        };
        if plan.source_ids.iter().any(Option::is_none) || !plan.vectors.is_empty() {
            self.transaction += 1;
            receipt.transaction = TransactionId(self.transaction);
            self.write_sources(batch, &mut plan, &mut receipt)?;
            self.write_concepts(batch, &mut plan, &mut receipt, changes)?;
            self.write_associations(batch, &plan, &mut receipt, changes)?;
            self.write_vectors(batch, &plan, changes)?;
            self.write_transaction()?;
        }
        receipt.sources = plan
            .source_ids
            .iter()
            .map(|id| SourceId(id.unwrap_or(0)))
            .collect();
        receipt.concepts = plan.known.iter().map(|id| id.unwrap_or(0)).collect();
        Ok(receipt)
    }

    /// Whether anything was applied; without it there is nothing to commit.
    pub fn has_changes(&self) -> bool {
        self.transaction > self.first
    }

    /// Records what the whole group needs besides its batches: how far the vector column goes, and
    /// which of its files are sealed now.
    pub fn finish(self, transaction: &'t WriteTransaction) -> Result<()> {
        let path = self.path;
        self.column.sync()?;
        let rows = self.column.written();
        let full = self.column.newly_full();
        let mut meta = transaction
            .open_table(layout::META)
            .map_err(|e| layout::database_error(path, e))?;
        put(path, meta.insert("vector_rows", layout::encode(&rows).as_slice()))?;
        let mut sealed = transaction
            .open_table(layout::SEALED)
            .map_err(|e| layout::database_error(path, e))?;
        for (number, digest) in full {
            put(path, sealed.insert(number, &digest))?;
        }
        Ok(())
    }

    fn write_transaction(&mut self) -> Result<()> {
        let record = TransactionRecord {
            time: now(),
            totals: self.totals,
        };
        put(
            self.path,
            self.transactions
                .insert(self.transaction, layout::encode(&record).as_slice()),
        )
    }

    pub(crate) fn corrupt(&self, detail: String) -> Error {
        Error::Corrupt {
            path: self.path.to_owned(),
            detail,
        }
    }
}

pub(crate) fn get<K: redb::Key + 'static>(
    path: &Path,
    table: &Table<'_, K, u64>,
    key: K::SelfType<'_>,
) -> Result<Option<u64>> {
    Ok(table
        .get(key)
        .map_err(|e| layout::database_error(path, e))?
        .map(|value| value.value()))
}

pub(crate) fn put<T>(path: &Path, inserted: std::result::Result<T, redb::StorageError>) -> Result<()> {
    inserted
        .map(|_| ())
        .map_err(|error| layout::database_error(path, error))
}

/// Microseconds since 1970-01-01 UTC.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_micros() as i64)
}
