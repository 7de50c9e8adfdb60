//! A second model beside the one in use: its vectors are made ready while the store learns and answers with those of the
//! first, and then take their place.
//!
//! What is prepared is no part of the history: no transaction tells of it, no view and no follower sees it. Whatever is
//! learned, retired or forgotten meanwhile is kept up with, and a process that ends finds it again where it was. The
//! [switch](crate::switch) makes a history of it.

use redb::{ReadableDatabase, ReadableTable};
use sutra_model::{ConceptId, Error, Result, TransactionId};

use crate::apply::put;
use crate::embed::blanked_after;
use crate::layout;
use crate::records::{EmbedderId, ModelRecord};
use crate::store::{Store, check_embedder};
use crate::stored::stored;

/// How far a model is that is prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// The number of the model.
    pub model: u32,
    /// Whose vectors they are.
    pub embedder: EmbedderId,
    /// Statements that have a vector of it.
    pub ready: u64,
    /// Statements that wait for one.
    pub waiting: u64,
}

impl Store {
    /// Begins to prepare a model, for which every statement waits then, retired ones too; one of the same embedder goes on
    /// where it was, one of another is given up.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for an embedder that no store can have, or the one in use; [`Error::ReadOnly`],
    /// [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`].
    pub fn prepare_model(&self, embedder: &EmbedderId) -> Result<Preparation> {
        check_embedder(embedder)?;
        if embedder == self.embedder() {
            return Err(Error::InvalidValue {
                what: "embedder",
                value: embedder.fingerprint.clone(),
                allowed: "another one than the store has",
            });
        }
        if let Some(known) = self.preparation()? {
            if known.embedder == *embedder {
                return Ok(known);
            }
            self.give_up_preparation()?;
        }
        self.change_prepared(|store, write| {
            let mut models = layout::given(&store.path, write.open_table(layout::MODELS))?;
            let last = layout::given(&store.path, models.last())?.map_or(0, |(model, _)| model.value());
            let record = ModelRecord {
                embedder: embedder.clone(),
                generation: 0,
                rows: 0,
            };
            let model = last + 1;
            put(
                &store.path,
                models.insert(model, layout::encode(&record).as_slice()),
            )?;
            let keys = layout::given(&store.path, write.open_table(layout::SUPPORTS))?;
            let mut pending = layout::given(&store.path, write.open_table(layout::PENDING))?;
            let mut last = 0;
            for row in layout::given(&store.path, keys.iter())? {
                let (key, _) = layout::given(&store.path, row)?;
                let statement = key.value().0;
                if statement != last {
                    put(&store.path, pending.insert((model, statement), ()))?;
                }
                last = statement;
            }
            Ok(())
        })?;
        let begun = self.preparation()?;
        begun.ok_or_else(|| self.corrupt("the model that is prepared is missing"))
    }

    /// The model that is prepared, if one is.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn preparation(&self) -> Result<Option<Preparation>> {
        let Some((model, record)) = self.other_model()? else {
            return Ok(None);
        };
        let read = layout::given(&self.path, self.database.begin_read())?;
        let prepared = layout::given(&self.path, read.open_table(layout::PREPARED))?;
        let pending = layout::given(&self.path, read.open_table(layout::PENDING))?;
        let all = (model, 0)..=(model, u64::MAX);
        Ok(Some(Preparation {
            model,
            embedder: record.embedder,
            ready: layout::given(&self.path, prepared.range(all.clone()))?.count() as u64,
            waiting: layout::given(&self.path, pending.range(all))?.count() as u64,
        }))
    }

    /// The first `limit` statements after one that wait for a vector of the model that is prepared, by rising number.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] where none is prepared; [`Error::Io`], [`Error::Corrupt`].
    pub fn unprepared_after(&self, after: ConceptId, limit: usize) -> Result<Vec<ConceptId>> {
        let model = self.prepared_model()?.0;
        let Some(first) = after.0.checked_add(1) else {
            return Ok(Vec::new());
        };
        let read = layout::given(&self.path, self.database.begin_read())?;
        let pending = layout::given(&self.path, read.open_table(layout::PENDING))?;
        let rows = layout::given(&self.path, pending.range((model, first)..=(model, u64::MAX)))?;
        rows.take(limit)
            .map(|row| Ok(ConceptId(layout::given(&self.path, row)?.0.value().1)))
            .collect()
    }

    /// Makes vectors of the model that is prepared ready, durably, and says how many. Statements that do not wait for one
    /// are left as they are, and so are those of whose sources something was blanked after `read`, the transaction as of
    /// which their words were read.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a vector that is none of the model's, or where none is prepared; [`Error::ReadOnly`],
    /// [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`]. None is ready then.
    pub fn give_prepared(&self, read: TransactionId, vectors: &[(ConceptId, Vec<f32>)]) -> Result<u64> {
        let (model, record) = self.prepared_model()?;
        for (statement, vector) in vectors {
            check_vector(*statement, vector, record.embedder.dimension)?;
        }
        let mut given = 0;
        self.change_prepared(|store, write| {
            let changes = layout::given(&store.path, write.open_table(layout::CHANGES))?;
            let placed = layout::given(&store.path, write.open_table(layout::SOURCE_STATEMENTS))?;
            let blanked = blanked_after(&store.path, read, &changes, &placed)?;
            let mut pending = layout::given(&store.path, write.open_table(layout::PENDING))?;
            let mut prepared = layout::given(&store.path, write.open_table(layout::PREPARED))?;
            for (statement, vector) in vectors {
                let key = (model, statement.0);
                if blanked.contains(&statement.0) {
                    continue;
                }
                if layout::given(&store.path, pending.remove(key))?.is_none() {
                    continue;
                }
                let bits = stored(vector).into_iter().flat_map(u16::to_le_bytes);
                let bytes: Vec<u8> = bits.collect();
                put(&store.path, prepared.insert(key, bytes.as_slice()))?;
                given += 1;
            }
            Ok(())
        })?;
        Ok(given)
    }

    /// Gives the model up that is prepared, and says whether there was one.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`].
    pub fn give_up_preparation(&self) -> Result<bool> {
        let Some((model, _)) = self.other_model()? else {
            return Ok(false);
        };
        self.change_prepared(|store, write| {
            let mut models = layout::given(&store.path, write.open_table(layout::MODELS))?;
            put(&store.path, models.remove(model))?;
            let mut pending = layout::given(&store.path, write.open_table(layout::PENDING))?;
            put(&store.path, pending.retain(|(of, _), ()| of != model))?;
            let mut prepared = layout::given(&store.path, write.open_table(layout::PREPARED))?;
            put(&store.path, prepared.retain(|(of, _), _| of != model))
        })?;
        Ok(true)
    }

    /// The number of the model that is prepared, and what is known of it.
    pub(crate) fn prepared_model(&self) -> Result<(u32, ModelRecord)> {
        self.other_model()?.ok_or_else(|| Error::InvalidValue {
            what: "model",
            value: "none is prepared".to_owned(),
            allowed: "what is done with a model that is prepared, once one is",
        })
    }

    /// The same; `None` where none is prepared.
    fn other_model(&self) -> Result<Option<(u32, ModelRecord)>> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let models = layout::given(&self.path, read.open_table(layout::MODELS))?;
        for row in layout::given(&self.path, models.iter())? {
            let (model, record) = layout::given(&self.path, row)?;
            if model.value() != self.model {
                let record = layout::decode(record.value(), &self.path, "model")?;
                return Ok(Some((model.value(), record)));
            }
        }
        Ok(None)
    }

    /// Writes what the history does not tell.
    fn change_prepared(
        &self,
        change: impl FnOnce(&Self, &redb::WriteTransaction) -> Result<()>,
    ) -> Result<()> {
        let _one_writer = self.lock_to_write(0)?;
        let written = || {
            let mut write = self.begin()?;
            write.set_quick_repair(true);
            change(self, &write)?;
            layout::given(&self.path, write.commit())
        };
        self.noting_failure(written())
    }

    fn corrupt(&self, detail: &str) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            detail: detail.to_owned(),
        }
    }
}

/// Refuses what is no vector of so many components.
pub(crate) fn check_vector(statement: ConceptId, vector: &[f32], dimension: usize) -> Result<()> {
    let is_vector = vector.len() == dimension
        && vector.iter().all(|component| component.is_finite())
        && vector.iter().any(|component| *component != 0.0);
    if is_vector {
        return Ok(());
    }
    Err(Error::InvalidValue {
        what: "vector",
        value: format!("that of statement {}, {} components", statement.0, vector.len()),
        allowed: "as many finite numbers as the store's dimension, not all zero",
    })
}
