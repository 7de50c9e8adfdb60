//! A model that was [prepared](crate::prepare) takes the place of the one in use.
//!
//! The files are written anew, as when they are [purged](crate::purge), and change places as whole ones: a process that
//! is killed leaves the old or the new. Their history is a new one, in which every statement was embedded by this model
//! from the beginning: each transaction names the vectors of those statements that it had given one before, and a
//! statement that had none got it with the last. So the past is asked with the model too, and whoever follows from the
//! beginning needs no other. What was forgotten is as it was: its transactions cannot be checked against their words.

use std::collections::BTreeMap;
use std::path::Path;

use redb::ReadableTable;
use rustc_hash::FxHashMap;
use sutra_model::{ConceptId, Result, TransactionId};

use crate::apply::put;
use crate::change::StoredVector;
use crate::column::{Column, column_folder};
use crate::disk::SyncReason;
use crate::folder::sync_folder;
use crate::layout::{self, COLUMN_FOLDER};
use crate::opening::random_bytes;
use crate::purge::{Copy, Purged};
use crate::records::{ChangeRecord, ConceptRecord, ModelRecord, SupportRecord, VectorRecord};
use crate::snapshot::Snapshot;
use crate::store::{OpenOptions, Store};

/// What becomes of the vectors of a store.
struct Switch {
    /// Statements that get their vector with a transaction.
    given: BTreeMap<u64, Vec<u64>>,
    /// Statements that had a vector and have none of the new model, each with the transaction that gave it.
    lost: Vec<(u64, u64)>,
}

impl Store {
    /// Writes the files of the store anew, with the vectors of the model that was prepared in the place of those of the one
    /// in use, and a new history. This store refuses every write from then on ([`Error::Closed`]); open the folder again,
    /// with the embedder of that model. Statements that still wait for a vector of it wait on. Snapshots go on, and hold the
    /// old files until they are dropped.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] where none is prepared; those of [`purge`](Self::purge), which leave the store as it was.
    ///
    /// [`Error::Closed`]: sutra_model::Error::Closed
    /// [`Error::InvalidValue`]: sutra_model::Error::InvalidValue
    pub fn use_prepared(&self) -> Result<Purged> {
        let (prepared, record) = self.prepared_model()?;
        let generation = self.lock_column().generation() + 1;
        let record = ModelRecord { generation, ..record };
        self.replace_files(generation, |copy, old| self.switch(copy, old, prepared, &record))
    }

    /// The number of the model in use stays what it is, so that followers need not be told of another.
    fn switch(&self, copy: &Copy<'_>, old: &Column, prepared: u32, record: &ModelRecord) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let options = OpenOptions {
            embedder: record.embedder.clone(),
            ..old.options().clone()
        };
        let mut column = Column::open(
            column_folder(folder, self.model, record.generation),
            options,
            record,
            &[],
        )?;
        let switch = self.move_vectors(copy, &mut column, prepared)?;
        column.sync()?;
        sync_folder(&*old.disk(), &folder.join(COLUMN_FOLDER), SyncReason::StoreName)?;
        self.move_waiting(copy, prepared)?;
        let snapshot = Snapshot::take(
            std::sync::Arc::clone(&self.database),
            old.view(),
            self.model,
            self.path.clone(),
        )?;
        self.write_history(copy, &snapshot, &switch, prepared)?;
        let history = random_bytes(&self.path)?;
        let mut meta = layout::given(&self.path, copy.write.open_table(layout::META))?;
        put(&self.path, meta.insert(layout::HISTORY, history.as_slice()))?;
        let mut models = layout::given(&self.path, copy.write.open_table(layout::MODELS))?;
        put(&self.path, models.remove(prepared))?;
        drop(models);
        self.write_model(copy, &column, record.generation)
    }

    /// Writes the vectors to their column and the rows that name them.
    fn move_vectors(&self, copy: &Copy<'_>, column: &mut Column, model: u32) -> Result<Switch> {
        let ready = layout::given(&self.path, copy.read.open_table(layout::PREPARED))?;
        let before = layout::given(&self.path, copy.read.open_table(layout::VECTORS))?;
        let changes = layout::given(&self.path, copy.read.open_table(layout::CHANGES))?;
        let last = layout::given(&self.path, changes.last())?.map_or(0, |(number, _)| number.value());
        let mut vectors = layout::given(&self.path, copy.write.open_table(layout::VECTORS))?;
        let mut switch = Switch {
            given: BTreeMap::new(),
            lost: Vec::new(),
        };
        for row in layout::given(&self.path, ready.range((model, 0)..=(model, u64::MAX)))? {
            let (key, bytes) = layout::given(&self.path, row)?;
            let statement = key.value().1;
            let known = layout::given(&self.path, before.get((self.model, statement)))?;
            let known = known.map(|row| layout::decode::<VectorRecord>(row.value(), &self.path, "vector"));
            let learned = known
                .transpose()?
                .map_or(TransactionId(last), |record| record.learned);
            let record = VectorRecord {
                row: column.append(ConceptId(statement), &values(bytes.value()))?,
                learned,
            };
            put(
                &self.path,
                vectors.insert((self.model, statement), layout::encode(&record).as_slice()),
            )?;
            switch.given.entry(learned.0).or_default().push(statement);
        }
        for row in layout::given(&self.path, before.range((self.model, 0)..=(self.model, u64::MAX)))? {
            let (key, record) = layout::given(&self.path, row)?;
            let statement = key.value().1;
            if layout::given(&self.path, ready.get((model, statement)))?.is_none() {
                let record: VectorRecord = layout::decode(record.value(), &self.path, "vector")?;
                switch.lost.push((statement, record.learned.0));
            }
        }
        Ok(switch)
    }

    /// What waits for a vector is from now on what lives and has none.
    fn move_waiting(&self, copy: &Copy<'_>, prepared: u32) -> Result<()> {
        let waiting = layout::given(&self.path, copy.read.open_table(layout::PENDING))?;
        let concepts = layout::given(&self.path, copy.read.open_table(layout::CONCEPTS))?;
        let mut pending = layout::given(&self.path, copy.write.open_table(layout::PENDING))?;
        put(&self.path, pending.retain(|_, ()| false))?;
        for row in layout::given(&self.path, waiting.range((prepared, 0)..=(prepared, u64::MAX)))? {
            let statement = layout::given(&self.path, row)?.0.value().1;
            let row = layout::given(&self.path, concepts.get(statement))?;
            let record = row.map(|row| layout::decode::<ConceptRecord>(row.value(), &self.path, "concept"));
            if record.transpose()?.is_some_and(|record| record.retired.is_none()) {
                put(&self.path, pending.insert((self.model, statement), ()))?;
            }
        }
        Ok(())
    }

    /// Writes the records of all transactions anew, linked to a chain of their own.
    fn write_history(&self, copy: &Copy<'_>, old: &Snapshot, switch: &Switch, prepared: u32) -> Result<()> {
        let ready = layout::given(&self.path, copy.read.open_table(layout::PREPARED))?;
        let mut changes = layout::given(&self.path, copy.write.open_table(layout::CHANGES))?;
        let mut lost = self.lost_by_transaction(copy, &switch.lost)?;
        let added = self.living_of_last(old, switch)?;
        let (mut chain, mut fewer) = ([0; 32], 0_i64);
        let last = old.transaction().0;
        for number in 1..=last {
            let transaction = TransactionId(number);
            let record = old.change_record(transaction)?;
            let mut record: ChangeRecord =
                record.ok_or_else(|| old.corrupt(format!("transaction {number} is missing")))?;
            let given = switch.given.get(&number).map_or(&[][..], Vec::as_slice);
            fewer += lost.remove(&number).unwrap_or(0);
            if let Some(salt) = record.salt {
                let mut change = old.replay(transaction, &record)?;
                change.vectors.clear();
                for statement in given {
                    let bytes = layout::given(&self.path, ready.get((prepared, *statement)))?;
                    let bytes = bytes.ok_or_else(|| {
                        old.corrupt(format!(
                            "the vector that was prepared for statement {statement} is missing"
                        ))
                    })?;
                    change.vectors.push(StoredVector {
                        model: self.model,
                        statement: ConceptId(*statement),
                        values: values(bytes.value()),
                    });
                }
                record.body = change.hash(&salt);
            }
            record.vectors.clear();
            if !given.is_empty() {
                record.vectors.push((self.model, given.iter().copied().collect()));
            }
            let more = if number == last { added } else { 0 };
            let vectors = record.totals.vectors as i64 - fewer + more;
            record.totals.vectors = u64::try_from(vectors).unwrap_or(0);
            chain = record.link(number, &chain);
            record.chain = chain;
            put(
                &self.path,
                changes.insert(number, layout::encode(&record).as_slice()),
            )?;
        }
        Ok(())
    }

    /// By transaction how many statements more, or fewer, had a vector from then on and have none of the new model.
    fn lost_by_transaction(&self, copy: &Copy<'_>, lost: &[(u64, u64)]) -> Result<FxHashMap<u64, i64>> {
        let supports = layout::given(&self.path, copy.read.open_table(layout::SUPPORTS))?;
        let mut by_transaction: FxHashMap<u64, i64> = FxHashMap::default();
        for (statement, learned) in lost {
            let mut lives: Vec<(u64, u64)> = Vec::new();
            let range = (*statement, 0, 0)..=(*statement, u64::MAX, u64::MAX);
            for row in layout::given(&self.path, supports.range(range))? {
                let (_, record) = layout::given(&self.path, row)?;
                let record: SupportRecord = layout::decode(record.value(), &self.path, "support")?;
                let end = record.retired.map_or(u64::MAX, |retired| retired.0);
                lives.push((record.learned.0.max(*learned), end));
            }
            for (start, end) in united(lives) {
                *by_transaction.entry(start).or_default() += 1;
                if end < u64::MAX {
                    *by_transaction.entry(end).or_default() -= 1;
                }
            }
        }
        Ok(by_transaction)
    }

    /// How many living statements had no vector before.
    fn living_of_last(&self, old: &Snapshot, switch: &Switch) -> Result<i64> {
        let mut living = 0;
        for statement in switch.given.get(&old.transaction().0).into_iter().flatten() {
            let id = ConceptId(*statement);
            let lives = old
                .concept_record(id)?
                .is_some_and(|record| record.retired.is_none());
            living += i64::from(lives && old.vector_row(id)?.is_none());
        }
        Ok(living)
    }
}

/// The bits of a vector, of its bytes.
fn values(bytes: &[u8]) -> Vec<u16> {
    let pairs = bytes.chunks_exact(2);
    pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Spans from one transaction to another, in order and apart; those that touch are one.
fn united(mut spans: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    spans.retain(|(start, end)| start < end);
    spans.sort_unstable();
    let mut united: Vec<(u64, u64)> = Vec::new();
    for (start, end) in spans {
        match united.last_mut().filter(|(_, last)| start <= *last) {
            Some((_, last)) => *last = end.max(*last),
            None => united.push((start, end)),
        }
    }
    united
}
