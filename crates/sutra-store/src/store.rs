//! A store: one folder, one writer at a time, any number of snapshots.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, Durability, ReadableDatabase, WriteTransaction};
use sutra_model::{Batch, Error, Result};

use crate::apply::Writer;
use crate::changes::{Changes, Receipt};
use crate::column::Column;
use crate::folder::{create_folder, holds_vectors, sync_folder};
use crate::layout::{self, EmbedderId, FORMAT};
use crate::snapshot::Snapshot;
use crate::validate::validate;

const DATABASE_FILE: &str = "storage.dat";
const COLUMN_FOLDER: &str = "vectors";
/// A commit of so many statements also records which pages are free, for a second sync: after a crash the
/// file then opens without being walked. For small commits the sync would cost more than it saves.
const QUICK_REPAIR_STATEMENTS: usize = 50;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Whose vectors it holds. A new store takes this embedder; another one's store is refused.
    pub embedder: EmbedderId,
    /// Check the checksum of every page of `storage.dat` first. Reads the whole file.
    pub check_pages: bool,
    /// Bytes of `storage.dat` kept in memory.
    pub cache_bytes: usize,
}

/// The truth on disk.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    embedder: EmbedderId,
    database: Arc<Database>,
    column: Mutex<Column>,
}

impl Store {
    /// Opens the store of a folder, making both if need be, and recovers what was acknowledged.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] when another process has it open, [`Error::EmbedderMismatch`],
    /// [`Error::UnsupportedFormat`], [`Error::Corrupt`], [`Error::Io`].
    pub fn open(folder: &Path, options: OpenOptions) -> Result<Self> {
        check_embedder(&options.embedder)?;
        create_folder(folder)?;
        let path = folder.join(DATABASE_FILE);
        let vectors = folder.join(COLUMN_FOLDER);
        let written = std::fs::metadata(&path).is_ok_and(|file| file.len() > 0);
        if !written && holds_vectors(&vectors)? {
            let detail = "it is missing or empty beside the vectors of a store".to_owned();
            return Err(Error::Corrupt { path, detail });
        }
        let database = Database::builder()
            .set_cache_size(options.cache_bytes)
            .set_check_integrity_on_open(options.check_pages)
            .create(&path)
            .map_err(|error| open_error(&path, error))?;
        let committed = prepare(&database, &path, &options.embedder)?;
        let column = Column::open(vectors, options.embedder.clone(), committed)?;
        sync_folder(folder)?;
        Ok(Self {
            path,
            embedder: options.embedder,
            database: Arc::new(database),
            column: Mutex::new(column),
        })
    }

    /// The embedder whose vectors a folder holds; `None` when the folder
    /// holds no store yet.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn embedder_of(folder: &Path) -> Result<Option<EmbedderId>> {
        let path = folder.join(DATABASE_FILE);
        let unknown = |source| Error::Io {
            operation: "cannot look for",
            path: path.clone(),
            source,
        };
        if !path.try_exists().map_err(unknown)? {
            return Ok(None);
        }
        let database = Database::builder()
            .open(&path)
            .map_err(|error| open_error(&path, error))?;
        Ok(read_header(&database, &path)?.map(|header| header.embedder))
    }

    /// The embedder of this store.
    pub fn embedder(&self) -> &EmbedderId {
        &self.embedder
    }

    /// The path of `storage.dat`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that the store occupies on disk; unwritten parts of sparse files do not count.
    pub fn bytes_on_disk(&self) -> Result<u64> {
        use std::os::unix::fs::MetadataExt;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut bytes = 0;
        for folder in [folder.to_owned(), folder.join(COLUMN_FOLDER)] {
            let fail = |source| Error::Io {
                operation: "cannot list",
                path: folder.clone(),
                source,
            };
            for entry in std::fs::read_dir(&folder).map_err(fail)? {
                let metadata = entry.and_then(|entry| entry.metadata()).map_err(fail)?;
                bytes += if metadata.is_file() {
                    metadata.blocks() * 512
                } else {
                    0
                };
            }
        }
        Ok(bytes)
    }

    /// The state after the last acknowledged commit.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn snapshot(&self) -> Result<Snapshot> {
        let column = self.lock_column();
        Snapshot::take(Arc::clone(&self.database), column.view(), self.path.clone())
    }

    /// Makes several batches durable with one sync, each as a transaction of its own, in this order. When
    /// this returns `Ok`, those that have a receipt are on disk; a refused one has left no trace.
    ///
    /// # Errors
    /// After the outer error none of them is visible, and after a failed sync nobody can say what the disk
    /// has: commit the same batches again once the store is open again, which changes nothing that is there.
    pub fn commit(&self, batches: &[Batch]) -> Result<(Vec<Result<Receipt>>, Changes)> {
        let mut column = self.lock_column();
        let outcome = self.commit_group(batches, &mut column);
        match &outcome {
            Ok(_) => column.accept(),
            // The first error is the one to tell; the next commit meets whatever keeps this from working.
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    /// Keeps recorded answers, each under its id.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`]; none is kept then.
    pub fn put_answers(&self, answers: &[(String, Vec<u8>)]) -> Result<()> {
        let _one_writer = self.lock_column();
        let mut transaction = self.begin()?;
        // Nobody waits for this commit: it can leave a file that opens without a walk.
        transaction.set_quick_repair(true);
        {
            let mut table = transaction
                .open_table(layout::ANSWERS)
                .map_err(|error| layout::database_error(&self.path, error))?;
            for (id, record) in answers {
                table
                    .insert(id.as_str(), record.as_slice())
                    .map_err(|error| layout::database_error(&self.path, error))?;
            }
        }
        transaction
            .commit()
            .map_err(|error| layout::database_error(&self.path, error))
    }

    /// A recorded answer. Waits for no writer.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn answer(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let read = self
            .database
            .begin_read()
            .map_err(|error| layout::database_error(&self.path, error))?;
        let answers = read
            .open_table(layout::ANSWERS)
            .map_err(|error| layout::database_error(&self.path, error))?;
        let record = answers
            .get(id)
            .map_err(|error| layout::database_error(&self.path, error))?;
        Ok(record.map(|record| record.value().to_vec()))
    }

    fn commit_group(
        &self,
        batches: &[Batch],
        column: &mut Column,
    ) -> Result<(Vec<Result<Receipt>>, Changes)> {
        let mut transaction = self.begin()?;
        let concepts: usize = batches.iter().map(|batch| batch.statements.len()).sum();
        transaction.set_quick_repair(concepts >= QUICK_REPAIR_STATEMENTS);
        let mut changes = Changes::default();
        let mut receipts = Vec::with_capacity(batches.len());
        {
            let mut writer = Writer::open(&transaction, column, &self.path)?;
            for batch in batches {
                let applied =
                    validate(batch, &self.embedder).and_then(|()| writer.apply(batch, &mut changes));
                match applied {
                    Err(error @ (Error::DiskFull { .. } | Error::Io { .. } | Error::Corrupt { .. })) => {
                        return Err(error);
                    }
                    receipt => receipts.push(receipt),
                }
            }
            if !writer.has_changes() {
                return Ok((receipts, changes));
            }
            writer.finish(&transaction)?;
        }
        transaction
            .commit()
            .map_err(|error| layout::database_error(&self.path, error))?;
        Ok((receipts, changes))
    }

    fn begin(&self) -> Result<WriteTransaction> {
        let mut transaction = self
            .database
            .begin_write()
            .map_err(|error| layout::database_error(&self.path, error))?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(|error| layout::database_error(&self.path, error))?;
        Ok(transaction)
    }

    fn lock_column(&self) -> MutexGuard<'_, Column> {
        // A panic while writing leaves rows beyond the committed ones that no transaction names.
        self.column.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the file formats can hold.
fn check_embedder(embedder: &EmbedderId) -> Result<()> {
    let refuse = |what, value: String, allowed| Err(Error::InvalidValue { what, value, allowed });
    match (embedder.dimension, embedder.fingerprint.len()) {
        (0, _) | (4097.., _) => refuse("vector dimension", embedder.dimension.to_string(), "1 to 4096"),
        (_, 0) | (_, 65..) => refuse(
            "embedder fingerprint",
            embedder.fingerprint.clone(),
            "1 to 64 bytes of text",
        ),
        _ => Ok(()),
    }
}

/// Makes a new store's tables, or checks whose an old store is. Returns the rows of the vector column.
fn prepare(database: &Database, path: &Path, embedder: &EmbedderId) -> Result<u64> {
    if let Some(header) = read_header(database, path)? {
        if header.embedder != *embedder {
            return Err(Error::EmbedderMismatch {
                stored: header.embedder.fingerprint,
                stored_dimension: header.embedder.dimension,
                offered: embedder.fingerprint.clone(),
                offered_dimension: embedder.dimension,
            });
        }
        return Ok(header.vector_rows);
    }
    let transaction = database
        .begin_write()
        .map_err(|error| layout::database_error(path, error))?;
    create_tables(&transaction, path)?;
    {
        let fail = |error| layout::database_error(path, error);
        let mut meta = transaction
            .open_table(layout::META)
            .map_err(|error| layout::database_error(path, error))?;
        meta.insert("format", layout::encode(&FORMAT).as_slice())
            .map_err(fail)?;
        meta.insert("embedder", layout::encode(embedder).as_slice())
            .map_err(fail)?;
        meta.insert("vector_rows", layout::encode(&0_u64).as_slice())
            .map_err(fail)?;
    }
    transaction
        .commit()
        .map_err(|error| layout::database_error(path, error))?;
    Ok(0)
}

struct Header {
    embedder: EmbedderId,
    vector_rows: u64,
}

/// What the `meta` table says; `None` when the store is new.
fn read_header(database: &Database, path: &Path) -> Result<Option<Header>> {
    let read = database
        .begin_read()
        .map_err(|error| layout::database_error(path, error))?;
    let meta = match read.open_table(layout::META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(layout::database_error(path, error)),
    };
    let value = |key: &str| -> Result<Vec<u8>> {
        let row = meta
            .get(key)
            .map_err(|error| layout::database_error(path, error))?;
        let missing = || Error::Corrupt {
            path: path.to_owned(),
            detail: format!("{key:?} is missing"),
        };
        Ok(row.ok_or_else(missing)?.value().to_vec())
    };
    let format: u32 = layout::decode(&value("format")?, path, "format")?;
    if format != FORMAT {
        return Err(Error::UnsupportedFormat {
            path: path.to_owned(),
            found: format,
            supported: FORMAT,
        });
    }
    Ok(Some(Header {
        embedder: layout::decode(&value("embedder")?, path, "embedder")?,
        vector_rows: layout::decode(&value("vector_rows")?, path, "vector rows")?,
    }))
}

/// A reader may then rely on every table being there.
fn create_tables(transaction: &WriteTransaction, path: &Path) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    transaction.open_table(layout::TRANSACTIONS).map_err(fail)?;
    transaction.open_table(layout::SOURCES).map_err(fail)?;
    transaction.open_table(layout::SOURCE_KEYS).map_err(fail)?;
    transaction.open_table(layout::TEXTS).map_err(fail)?;
    transaction.open_table(layout::CONCEPTS).map_err(fail)?;
    transaction.open_table(layout::CONCEPT_KEYS).map_err(fail)?;
    transaction.open_table(layout::SUPPORTS).map_err(fail)?;
    transaction.open_table(layout::RELATIONS).map_err(fail)?;
    transaction.open_table(layout::ASSOCIATIONS).map_err(fail)?;
    transaction.open_table(layout::EVIDENCE).map_err(fail)?;
    transaction.open_table(layout::VECTORS).map_err(fail)?;
    transaction.open_table(layout::SEALED).map_err(fail)?;
    transaction.open_table(layout::ANSWERS).map_err(fail)?;
    Ok(())
}

fn open_error(path: &Path, error: redb::DatabaseError) -> Error {
    match error {
        redb::DatabaseError::UpgradeRequired(found) => Error::UnsupportedFormat {
            path: path.to_owned(),
            found: u32::from(found),
            supported: FORMAT,
        },
        redb::DatabaseError::Storage(redb::StorageError::Io(source))
            if source.kind() == std::io::ErrorKind::InvalidData =>
        {
            Error::Corrupt {
                path: path.to_owned(),
                detail: "it is not a file of a Sutra store".to_owned(),
            }
        }
        other => layout::database_error(path, other),
    }
}
