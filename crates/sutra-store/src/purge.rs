//! Purging: what was forgotten goes from every byte on disk.
//!
//! A database keeps what was removed in pages that it has not used again, and a column the rows that nothing names any
//! more. So what is left is written anew, into a draft of the database and a column of the next generation, and takes
//! the place of the old files by one rename. Whoever is killed before that has the old store, after it the new one; what
//! of the other is left over goes when the store is opened for writing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use redb::{
    Database, Durability, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, Value,
    WriteTransaction,
};
use serde::{Deserialize, Serialize};
use sutra_model::{ConceptId, Error, Result, TransactionId};

use crate::apply::put;
use crate::backend::DiskBackend;
use crate::clock::now;
use crate::column::{Column, ColumnView, column_folder, is_column_file};
use crate::disk::{Disk, SyncReason};
use crate::folder::{entries, sync_folder};
use crate::layout::{self, COLUMN_FOLDER};
use crate::opening::{DRAFT_FILE, create_tables, open_error, open_with};
use crate::records::{ModelRecord, VectorRecord};
use crate::room::check_space;
use crate::store::Store;

/// The last time that the files of a store were written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// The last transaction before it: nothing that was forgotten up to there is in the files.
    pub transaction: TransactionId,
    /// When it was done, in microseconds since 1970-01-01 UTC.
    pub time: i64,
}

impl Store {
    /// Writes the files of the store anew, without anything that was forgotten, and puts them in the place of the old
    /// ones. This store refuses every write from then on ([`Error::Closed`]); open the folder again. Snapshots of it go
    /// on, and hold the old files until they are dropped.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::DiskFull`], [`Error::Corrupt`], [`Error::ReadOnly`] and, before the files changed
    /// places, [`Error::Io`] leave the store as it was.
    pub fn purge(&self) -> Result<Purged> {
        let generation = self.lock_column().generation() + 1;
        self.replace_files(generation, |copy, old| {
            copy.table(layout::PREPARED)?;
            self.copy_vectors(copy, old)
        })
    }

    /// Writes a new database and a column of a generation to a draft, and puts them in the place of the old ones. Vectors and
    /// whatever depends on them are written by `vectors`, after everything else.
    pub(crate) fn replace_files(
        &self,
        generation: u32,
        vectors: impl FnOnce(&Copy<'_>, &Column) -> Result<()>,
    ) -> Result<Purged> {
        let mut column = self.lock_to_write(0)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        check_space(&self.path, self.bytes_on_disk()?)?;
        let draft = folder.join(DRAFT_FILE);
        let purged = self.write_draft(&draft, &column, vectors)?;
        let disk = &*column.disk();
        let failed = |source| Error::io("cannot replace", &self.path, source);
        disk.rename(&draft, &self.path).map_err(failed)?;
        self.replaced.store(true, Ordering::SeqCst);
        sync_folder(disk, folder, SyncReason::StoreName)?;
        remove_leftovers(disk, folder, self.model, generation)?;
        self.remove_indexes()?;
        column.accept();
        Ok(purged)
    }

    /// Writes all that is left to a draft of the database, and its vectors to a column of the next generation.
    fn write_draft(
        &self,
        draft: &Path,
        old: &Column,
        vectors: impl FnOnce(&Copy<'_>, &Column) -> Result<()>,
    ) -> Result<Purged> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let disk = old.disk();
        let unwritten = |source| Error::io("cannot write", draft, source);
        let file = disk.create(draft).map_err(unwritten)?;
        disk.set_len(&file, 0).map_err(unwritten)?;
        let backend = DiskBackend::new(file, Arc::clone(&disk)).map_err(|error| open_error(draft, error))?;
        let database = open_with(&Database::builder(), draft, backend)?;
        let mut write = layout::given(&self.path, database.begin_write())?;
        layout::given(&self.path, write.set_durability(Durability::Immediate))?;
        write.set_quick_repair(true);
        create_tables(&write, draft)?;
        let copy = Copy {
            path: &self.path,
            read: &read,
            write: &write,
        };
        copy.all()?;
        let changes = layout::given(&self.path, read.open_table(layout::CHANGES))?;
        let last = layout::given(&self.path, changes.last())?.map_or(0, |(number, _)| number.value());
        let purged = Purged {
            transaction: TransactionId(last),
            time: now(),
        };
        vectors(&copy, old)?;
        {
            let mut meta = layout::given(&self.path, write.open_table(layout::META))?;
            put(
                &self.path,
                meta.insert(layout::PURGED, layout::encode(&purged).as_slice()),
            )?;
        }
        layout::given(&self.path, write.commit())?;
        Ok(purged)
    }

    fn copy_vectors(&self, copy: &Copy<'_>, old: &Column) -> Result<()> {
        let model = ModelRecord {
            embedder: old.embedder().clone(),
            generation: old.generation() + 1,
            rows: 0,
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let to = column_folder(folder, self.model, model.generation);
        let mut column = Column::open(to, old.options().clone(), &model, &[])?;
        let from: ColumnView = old.view();
        let mut vectors = layout::given(&self.path, copy.write.open_table(layout::VECTORS))?;
        let rows = layout::given(&self.path, copy.read.open_table(layout::VECTORS))?;
        for row in layout::given(&self.path, rows.iter())? {
            let (key, record) = layout::given(&self.path, row)?;
            let (of, statement) = key.value();
            let mut record: VectorRecord = layout::decode(record.value(), &self.path, "vector")?;
            if of == self.model {
                let statement = ConceptId(statement);
                let values: Vec<u16> = from
                    .row(record.row, statement)?
                    .iter()
                    .map(|value| value.to_bits())
                    .collect();
                record.row = column.append(statement, &values)?;
            }
            put(
                &self.path,
                vectors.insert((of, statement), layout::encode(&record).as_slice()),
            )?;
        }
        column.sync()?;
        sync_folder(&*old.disk(), &folder.join(COLUMN_FOLDER), SyncReason::StoreName)?;
        self.write_model(copy, &column, model.generation)
    }

    /// Writes how far the column of the model in use goes, which is synced, and which of its files are full.
    pub(crate) fn write_model(&self, copy: &Copy<'_>, column: &Column, generation: u32) -> Result<()> {
        let record = ModelRecord {
            embedder: column.embedder().clone(),
            generation,
            rows: column.written(),
        };
        let mut models = layout::given(&self.path, copy.write.open_table(layout::MODELS))?;
        put(
            &self.path,
            models.insert(self.model, layout::encode(&record).as_slice()),
        )?;
        let mut sealed = layout::given(&self.path, copy.write.open_table(layout::SEALED))?;
        for (number, digest) in column.newly_full() {
            put(
                &self.path,
                sealed.insert((self.model, generation, number), &digest),
            )?;
        }
        Ok(())
    }

    /// The last time that the files were written anew.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn purged(&self) -> Result<Option<Purged>> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let meta = layout::given(&self.path, read.open_table(layout::META))?;
        let row = layout::given(&self.path, meta.get(layout::PURGED))?;
        row.map(|row| layout::decode(row.value(), &self.path, layout::PURGED))
            .transpose()
    }
}

/// One database that is written from another.
pub(crate) struct Copy<'t> {
    path: &'t Path,
    pub read: &'t ReadTransaction,
    pub write: &'t WriteTransaction,
}

impl Copy<'_> {
    /// Copies all tables but vectors and what depends on their rows.
    fn all(&self) -> Result<()> {
        self.table(layout::CHANGES)?;
        self.table(layout::META)?;
        self.table(layout::SOURCES)?;
        self.table(layout::SOURCE_KEYS)?;
        self.table(layout::TEXTS)?;
        self.table(layout::MARKUP)?;
        self.table(layout::SOURCE_STATEMENTS)?;
        self.table(layout::CONCEPTS)?;
        self.table(layout::CONCEPT_KEYS)?;
        self.table(layout::SUPPORTS)?;
        self.table(layout::RELATIONS)?;
        self.table(layout::ASSOCIATIONS)?;
        self.table(layout::EVIDENCE)?;
        self.table(layout::STATEMENT_EVIDENCE)?;
        self.table(layout::MODELS)?;
        self.table(layout::PENDING)?;
        self.table(layout::ANSWERS)?;
        self.table(layout::ANSWER_TIMES)?;
        self.table(layout::ANSWER_AGES)?;
        self.table(layout::ANSWER_SOURCES)?;
        self.table(layout::RECEIPTS)?;
        Ok(())
    }

    fn table<K: Key + 'static, V: Value + 'static>(&self, table: TableDefinition<K, V>) -> Result<()> {
        let from = layout::given(self.path, self.read.open_table(table))?;
        let mut to = layout::given(self.path, self.write.open_table(table))?;
        for row in layout::given(self.path, from.iter())? {
            let (key, value) = layout::given(self.path, row)?;
            layout::given(self.path, to.insert(key.value(), value.value()))?;
        }
        Ok(())
    }
}

/// Removes what a purge that was ended half-way has left: the draft of a database, and columns of other generations.
///
/// # Errors
/// [`Error::Io`].
pub fn remove_leftovers(disk: &dyn Disk, folder: &Path, model: u32, generation: u32) -> Result<()> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::io("cannot remove", &path, source)
    };
    let mut left: Vec<PathBuf> = Vec::new();
    left.extend(Some(folder.join(DRAFT_FILE)).filter(|draft| draft.exists()));
    let current = column_folder(folder, model, generation);
    let columns = folder.join(COLUMN_FOLDER);
    let mut folders = vec![columns.clone()];
    folders.extend(entries(&columns)?.into_iter().filter(|path| path.is_dir()));
    for each in folders.into_iter().filter(|each| *each != current) {
        left.extend(entries(&each)?.into_iter().filter(|path| is_column_file(path)));
    }
    if left.is_empty() {
        return Ok(());
    }
    // That the files changed places may be in memory alone: the disk may still have the database that needs these.
    sync_folder(disk, folder, SyncReason::StoreName)?;
    for file in left {
        disk.remove(&file).map_err(failed(&file))?;
    }
    Ok(())
}
