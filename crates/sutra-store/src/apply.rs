//! Applying changes to an open write transaction.
//!
//! A batch is [planned](crate::plan) first, so that a refusal leaves the transaction untouched and its neighbours in
//! the same group go on; then it is [resolved](crate::resolve) to a [change](crate::change), which alone decides what
//! is written: whoever applies the same changes in the same order has the same store. The rows of sources are written
//! in [`sources`](crate::sources), those of concepts in [`concepts`](crate::concepts), those of associations and
//! vectors in [`associations`](crate::associations). Concepts that a group meets more than once are written when it is
//! finished.

use std::path::Path;

use redb::{ReadableTable, Table, WriteTransaction};
use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{
    AssociationKind, Batch, ContentKey, Error, LogPosition, RelationId, Result, SourceId, TransactionId,
};

use crate::associations::EdgeKey;
use crate::change::{Change, record_of};
use crate::column::Column;
use crate::follow::Following;
use crate::layout;
use crate::opening::random_bytes;
use crate::records::{ChangeRecord, ConceptRecord, ModelRecord, NextIds, RelationRecord, Totals};
use crate::select::{Selected, Selection};
use crate::updates::{Receipt, Updates};

/// The write side of one group: every table, open, and the running totals.
pub struct Writer<'t> {
    pub(crate) path: &'t Path,
    pub(crate) column: &'t mut Column,
    /// The model whose vectors are learned.
    pub(crate) model: u32,
    pub(crate) changes: Table<'t, u64, &'static [u8]>,
    pub(crate) sources: Table<'t, u64, &'static [u8]>,
    pub(crate) source_keys: Table<'t, (&'static [u8; 16], u64, u64), &'static [u8; 32]>,
    pub(crate) texts: Table<'t, (u64, u32), &'static [u8]>,
    pub(crate) markup: Table<'t, u64, &'static [u8]>,
    pub(crate) source_statements: Table<'t, u64, &'static [u8]>,
    pub(crate) concepts: Table<'t, u64, &'static [u8]>,
    pub(crate) concept_keys: Table<'t, &'static [u8; 16], u64>,
    pub(crate) supports: Table<'t, (u64, u64, u64), &'static [u8]>,
    pub(crate) relations: Table<'t, u32, &'static [u8]>,
    pub(crate) associations: Table<'t, EdgeKey, &'static [u8]>,
    pub(crate) evidence: Table<'t, (u64, u32, u64, u64), &'static [u8]>,
    pub(crate) statement_evidence: Table<'t, u64, &'static [u8]>,
    pub(crate) vectors: Table<'t, (u32, u64), &'static [u8]>,
    pub(crate) pending: Table<'t, (u32, u64), ()>,
    pub(crate) prepared: Table<'t, (u32, u64), &'static [u8]>,
    pub(crate) unsynced: Table<'t, (u32, u64), &'static [u8]>,
    pub(crate) relation_ids: FxHashMap<String, (RelationId, AssociationKind)>,
    pub(crate) kinds: FxHashMap<RelationId, AssociationKind>,
    /// Concepts that were met, as they will be written.
    pub(crate) met: FxHashMap<u64, ConceptRecord>,
    /// Content keys of new concepts, as far as they were worked out before they are written.
    pub(crate) keys: FxHashMap<u64, ContentKey>,
    /// The evidence of statements that gave some, as it will be written.
    pub(crate) given: FxHashMap<u64, FxHashSet<EdgeKey>>,
    /// Concepts that the change drops.
    pub(crate) dropped: Vec<u64>,
    /// Content keys of what the change drops, and the beginnings of the SHA-256 of sources' texts.
    pub(crate) went: Vec<ContentKey>,
    /// Statements that lost a place and stand elsewhere.
    pub(crate) staying: u64,
    /// The model in use, and one that is prepared.
    pub(crate) models: Vec<u32>,
    /// Whether vectors are kept in the database until their file is synced with those of a later group.
    pub(crate) sync_later: bool,
    /// Statement → row of vectors that stand in the column already.
    pub(crate) kept_rows: FxHashMap<u64, u64>,
    pub(crate) next_ids: NextIds,
    /// The last transaction of which what it had retired was dropped; 0 where none was.
    pub(crate) kept_from: u64,
    /// How far an outside log was learned by this group, if it says so.
    position: Option<LogPosition>,
    /// The last transaction before this group.
    first: u64,
    pub(crate) transaction: u64,
    /// When the last transaction was made.
    pub(crate) time: i64,
    pub(crate) chain: [u8; 32],
    pub(crate) totals: Totals,
    /// What another store's changes tell beside their rows, while they are applied.
    pub(crate) following: Option<Following>,
}

impl<'t> Writer<'t> {
    /// Opens every table of a write transaction.
    pub fn open(
        transaction: &'t WriteTransaction,
        column: &'t mut Column,
        model: u32,
        path: &'t Path,
    ) -> Result<Self> {
        let fail = |error| layout::database_error(path, error);
        let broken = |error| layout::database_error(path, error);
        let changes = transaction.open_table(layout::CHANGES).map_err(fail)?;
        let last = changes.last().map_err(broken)?.map(|(number, record)| {
            let record: Result<ChangeRecord> = layout::decode(record.value(), path, "transaction");
            record.map(|record| (number.value(), record))
        });
        let (number, time, chain, totals) = match last.transpose()? {
            Some((number, record)) => (number, record.time, record.chain, record.totals),
            None => (0, i64::MIN, [0; 32], Totals::default()),
        };
        let relations = transaction.open_table(layout::RELATIONS).map_err(fail)?;
        let mut relation_ids = FxHashMap::default();
        let mut kinds = FxHashMap::default();
        for row in relations.iter().map_err(broken)? {
            let (id, record) = row.map_err(broken)?;
            let record: RelationRecord = layout::decode(record.value(), path, "relation")?;
            kinds.insert(RelationId(id.value()), record.kind);
            relation_ids.insert(record.name, (RelationId(id.value()), record.kind));
        }
        let models = transaction.open_table(layout::MODELS).map_err(fail)?;
        let models = models.iter().map_err(broken)?;
        let models = models.map(|row| row.map(|(id, _)| id.value()));
        let models = models.collect::<redb::Result<_>>().map_err(broken)?;
        let meta = transaction.open_table(layout::META).map_err(fail)?;
        let next_ids = match meta.get(layout::NEXT_IDS).map_err(broken)? {
            Some(row) => layout::decode(row.value(), path, layout::NEXT_IDS)?,
            None => NextIds::FIRST,
        };
        let kept_from = match meta.get(layout::KEPT_FROM).map_err(broken)? {
            Some(row) => layout::decode(row.value(), path, layout::KEPT_FROM)?,
            None => 0,
        };
        Ok(Self {
            path,
            column,
            model,
            changes,
            sources: transaction.open_table(layout::SOURCES).map_err(fail)?,
            source_keys: transaction.open_table(layout::SOURCE_KEYS).map_err(fail)?,
            texts: transaction.open_table(layout::TEXTS).map_err(fail)?,
            markup: transaction.open_table(layout::MARKUP).map_err(fail)?,
            source_statements: transaction.open_table(layout::SOURCE_STATEMENTS).map_err(fail)?,
            concepts: transaction.open_table(layout::CONCEPTS).map_err(fail)?,
            concept_keys: transaction.open_table(layout::CONCEPT_KEYS).map_err(fail)?,
            supports: transaction.open_table(layout::SUPPORTS).map_err(fail)?,
            relations,
            associations: transaction.open_table(layout::ASSOCIATIONS).map_err(fail)?,
            evidence: transaction.open_table(layout::EVIDENCE).map_err(fail)?,
            statement_evidence: transaction.open_table(layout::STATEMENT_EVIDENCE).map_err(fail)?,
            vectors: transaction.open_table(layout::VECTORS).map_err(fail)?,
            pending: transaction.open_table(layout::PENDING).map_err(fail)?,
            prepared: transaction.open_table(layout::PREPARED).map_err(fail)?,
            unsynced: transaction.open_table(layout::UNSYNCED).map_err(fail)?,
            relation_ids,
            kinds,
            met: FxHashMap::default(),
            keys: FxHashMap::default(),
            given: FxHashMap::default(),
            dropped: Vec::new(),
            went: Vec::new(),
            staying: 0,
            models,
            sync_later: false,
            kept_rows: FxHashMap::default(),
            next_ids,
            kept_from,
            position: None,
            first: number,
            transaction: number,
            time,
            chain,
            totals,
            following: None,
        })
    }

    /// Keeps the vectors of this group in the database until those of a later one are synced, so that it needs one
    /// sync.
    pub fn sync_vectors_later(&mut self) {
        self.sync_later = true;
    }

    /// Vectors of these statements stand in the column already, in these rows.
    pub fn keep_rows(&mut self, rows: &FxHashMap<u64, u64>) {
        self.kept_rows.clone_from(rows);
    }

    /// Learns one batch, which [`validate`](crate::validate::validate) has passed, at a time in microseconds since
    /// 1970, or right after the last transaction if that is later.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] before anything of it was written; any other error leaves the whole group
    /// unfit to be committed.
    pub fn learn(&mut self, batch: &Batch, time: i64, updates: &mut Updates) -> Result<Receipt> {
        let mut plan = self.plan(batch)?;
        self.position = batch.position.or(self.position);
        let time = time.max(self.time.saturating_add(1));
        let mut receipt = Receipt {
            transaction: TransactionId(self.transaction),
            concepts: Vec::new(),
            sources: Vec::new(),
            new_sources: 0,
            retired_sources: 0,
            new_concepts: 0,
            new_associations: 0,
        };
        if let Some(change) = self.resolve(batch, &mut plan, time)? {
            receipt.transaction = change.transaction;
            receipt.new_sources = change.sources.len() as u64;
            let passing = change
                .sources
                .iter()
                .filter(|(source, _)| source.retired.is_some());
            receipt.retired_sources = (change.retired.len() + passing.count()) as u64;
            receipt.new_concepts = change.concepts.len() as u64;
            receipt.new_associations = self.apply(&change, random_bytes(self.path)?, updates)?;
        }
        let source_ids = plan.source_ids.iter();
        receipt.sources = source_ids.map(|id| SourceId(id.unwrap_or(0))).collect();
        receipt.concepts = plan.known.iter().map(|id| id.unwrap_or(0)).collect();
        Ok(receipt)
    }

    /// Forgets what was selected, at a time as that of [`learn`](Self::learn), and says what that was; `None` where there
    /// is none of it.
    ///
    /// # Errors
    /// Any error leaves the whole group unfit to be committed.
    pub fn forget(
        &mut self,
        selection: &Selection,
        time: i64,
        updates: &mut Updates,
    ) -> Result<Option<Selected>> {
        let time = time.max(self.time.saturating_add(1));
        let selected = self.resolve_forgotten(selection, time)?;
        if let Some(selected) = &selected {
            self.apply(&selected.change, random_bytes(self.path)?, updates)?;
        }
        Ok(selected)
    }

    /// Writes a change, which follows on the last transaction, and says how many associations are new.
    ///
    /// # Errors
    /// Any error leaves the whole group unfit to be committed.
    pub fn apply(&mut self, change: &Change, salt: [u8; 16], updates: &mut Updates) -> Result<u64> {
        let new_associations = self.write(change, updates)?;
        self.record(change, salt)?;
        Ok(new_associations)
    }

    /// Writes the record of a change whose rows are written.
    pub(crate) fn record(&mut self, change: &Change, salt: [u8; 16]) -> Result<()> {
        let mut record = record_of(change, salt);
        record.totals = self.totals;
        self.dropped.sort_unstable();
        record.forgotten_concepts = self.dropped.drain(..).collect();
        self.chain = record.link(self.transaction, &self.chain);
        record.chain = self.chain;
        let record = layout::encode(&record);
        put(
            self.path,
            self.changes.insert(self.transaction, record.as_slice()),
        )
    }

    /// Writes the rows of a change, all but its record.
    pub(crate) fn write(&mut self, change: &Change, updates: &mut Updates) -> Result<u64> {
        self.transaction = change.transaction.0;
        self.time = change.time;
        self.write_forgotten(change, updates)?;
        let displaced = self.retire_sources(change)?;
        self.write_sources(change)?;
        self.write_relations(change, updates)?;
        self.write_concepts(change, updates)?;
        self.retire_displaced(displaced, change, updates)?;
        let mut forgetting = self.retire_evidence(change, updates)?;
        let new_associations = self.write_evidence(change, updates)?;
        self.retire_lonely(change, &mut forgetting, updates)?;
        self.write_vectors(change, updates)?;
        Ok(new_associations)
    }

    /// Whether anything was applied, or a position told; without it there is nothing to commit.
    pub fn has_changes(&self) -> bool {
        self.transaction > self.first || self.position.is_some()
    }

    /// Writes what the whole group needs besides its batches: the concepts that it met, how far the vector column
    /// goes, and which of its files are sealed now.
    pub fn finish(mut self, transaction: &'t WriteTransaction) -> Result<()> {
        let path = self.path;
        self.write_met()?;
        if self.sync_later {
            self.column.flush()?;
        } else {
            self.column.sync()?;
            let model = self.model;
            put(path, self.unsynced.retain(|(of, _), _| of != model))?;
        }
        let fail = |error| layout::database_error(path, error);
        let mut meta = transaction.open_table(layout::META).map_err(fail)?;
        let next_ids = layout::encode(&self.next_ids);
        put(path, meta.insert(layout::NEXT_IDS, next_ids.as_slice()))?;
        let kept_from = layout::encode(&self.kept_from);
        put(path, meta.insert(layout::KEPT_FROM, kept_from.as_slice()))?;
        if let Some(position) = &self.position {
            let position = layout::encode(position);
            put(path, meta.insert(layout::LOG_POSITION, position.as_slice()))?;
        }
        let model = ModelRecord {
            embedder: self.column.embedder().clone(),
            generation: self.column.generation(),
            rows: self.column.written(),
        };
        let mut models = transaction.open_table(layout::MODELS).map_err(fail)?;
        put(path, models.insert(self.model, layout::encode(&model).as_slice()))?;
        let mut sealed = transaction.open_table(layout::SEALED).map_err(fail)?;
        for (number, digest) in self.column.newly_full() {
            put(
                path,
                sealed.insert((self.model, model.generation, number), &digest),
            )?;
        }
        Ok(())
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
