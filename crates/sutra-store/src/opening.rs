//! Opening `storage.dat`: making it whole or not at all, and reading it where nothing may be written.

use std::fs::{self, File, TryLockError};
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Builder, Database, DatabaseError, ReadOnlyTable, ReadTransaction, ReadableDatabase,
    ReadableTableMetadata, StorageBackend, Table, WriteTransaction,
};
use sutra_model::{Error, Result};

use crate::apply::put;
use crate::backend::DiskBackend;
use crate::column::{Column, column_folder};
use crate::disk::{Disk, FileSystem};
use crate::folder::holds_vectors;
use crate::layout::{self, COLUMN_FOLDER, DATABASE_FILE, FORMAT};
use crate::migrate;
use crate::overlay::Overlay;
use crate::owner::owner_of;
use crate::records::{EmbedderId, ModelRecord, NextIds};
use crate::store::OpenOptions;

/// Where a new store is made, before it gets its name.
pub const DRAFT_FILE: &str = "storage.dat.new";
/// What redb writes at once when it says so.
const HEADER_BYTES: u64 = 4096;
/// The byte of redb's header that says, among others, whether the file was not closed.
const RECOVERY_BYTE: usize = 9;
/// Its bit that does.
const RECOVERY_REQUIRED: u8 = 2;
/// The model that a new store begins with.
pub const FIRST_MODEL: u32 = 1;

/// What a store says of itself.
pub struct Header {
    /// The number of the model whose vectors are learned and searched.
    pub model: u32,
    /// That model.
    pub record: ModelRecord,
    /// Nothing was acknowledged yet.
    pub is_new: bool,
}

/// The database of a folder and its header, checked against the embedder; made if there is none and it may be.
/// It keeps `page_bytes` in memory.
///
/// # Errors
/// Those of [`Store::open`](crate::Store::open).
pub fn open_database(folder: &Path, options: &OpenOptions, page_bytes: usize) -> Result<(Database, Header)> {
    let path = folder.join(DATABASE_FILE);
    let mut builder = Database::builder();
    builder
        .set_cache_size(page_bytes)
        .set_check_integrity_on_open(options.check_pages);
    let database = loop {
        if is_written(&path)? {
            break if options.read_only {
                open_for_reading(&builder, &path)?
            } else {
                open_for_writing(&builder, &path, &options.disk)?
            };
        }
        check_no_vectors(folder, "it is missing or empty")?;
        if options.read_only {
            return Err(no_store(&path));
        }
        if let Some(database) = create(&builder, folder, options)? {
            break database;
        }
    };
    if format_of(&database, &path)? == Some(1) && (options.read_only || options.migrate) {
        migrate_from_1(&database, folder, options)?;
    }
    let header = match read_header(&database, &path)? {
        Some(header) => header,
        None => {
            check_no_vectors(folder, "it holds no tables")?;
            if options.read_only {
                return Err(no_store(&path));
            }
            prepare(&database, &path, &options.embedder)?
        }
    };
    let stored = &header.record.embedder;
    if *stored != options.embedder {
        return Err(Error::EmbedderMismatch {
            stored: stored.fingerprint.clone(),
            stored_dimension: stored.dimension,
            offered: options.embedder.fingerprint.clone(),
            offered_dimension: options.embedder.dimension,
        });
    }
    Ok((database, header))
}

/// The embedder whose vectors a folder holds; `None` when the folder holds no store yet.
///
/// # Errors
/// Those of [`Store::open`](crate::Store::open).
pub fn embedder_of(folder: &Path, read_only: bool) -> Result<Option<EmbedderId>> {
    let path = folder.join(DATABASE_FILE);
    if !is_written(&path)? {
        return Ok(None);
    }
    let builder = Database::builder();
    let database = if read_only {
        open_for_reading(&builder, &path)?
    } else {
        let disk: Arc<dyn Disk> = Arc::new(FileSystem);
        open_for_writing(&builder, &path, &disk)?
    };
    if format_of(&database, &path)? == Some(1) {
        let model = read_meta(&database, &path, |meta| migrate::model_of(meta, &path))?;
        return Ok(model.map(|model| model.embedder));
    }
    Ok(read_header(&database, &path)?.map(|header| header.record.embedder))
}

/// Brings a store of format 1 to this one; over a file that is only read, in memory.
fn migrate_from_1(database: &Database, folder: &Path, options: &OpenOptions) -> Result<()> {
    let path = folder.join(DATABASE_FILE);
    let model = read_meta(database, &path, |meta| migrate::model_of(meta, &path))?;
    let Some(model) = model else { return Ok(()) };
    let options = OpenOptions {
        embedder: model.embedder.clone(),
        read_only: true,
        ..options.clone()
    };
    let vectors = column_folder(folder, FIRST_MODEL, model.generation);
    let mut column = Column::open(vectors, options, &model, &[])?;
    migrate::migrate(database, &mut column, &path)
}

/// The format of a folder's store; `None` when there is none yet.
///
/// # Errors
/// Those of [`Store::open`](crate::Store::open).
pub fn format_in(folder: &Path) -> Result<Option<u32>> {
    let path = folder.join(DATABASE_FILE);
    if !is_written(&path)? {
        return Ok(None);
    }
    format_of(&open_for_reading(&Database::builder(), &path)?, &path)
}

/// The format of a database; `None` when it is new.
fn format_of(database: &Database, path: &Path) -> Result<Option<u32>> {
    read_meta(database, path, |meta| {
        let row = meta
            .get("format")
            .map_err(|error| layout::database_error(path, error))?;
        let row = row.ok_or_else(|| Error::Corrupt {
            path: path.to_owned(),
            detail: "\"format\" is missing".to_owned(),
        })?;
        layout::decode(row.value(), path, "format")
    })
}

/// Reads the `meta` table; `None` when the database is new.
fn read_meta<T>(
    database: &Database,
    path: &Path,
    read: impl FnOnce(&ReadOnlyTable<&'static str, &'static [u8]>) -> Result<T>,
) -> Result<Option<T>> {
    let transaction = database
        .begin_read()
        .map_err(|error| layout::database_error(path, error))?;
    match transaction.open_table(layout::META) {
        Ok(meta) => read(&meta).map(Some),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(layout::database_error(path, error)),
    }
}

/// Where there are vectors there was a store: that it is not there is damage, and no reason to make one.
fn check_no_vectors(folder: &Path, how: &str) -> Result<()> {
    if holds_vectors(&folder.join(COLUMN_FOLDER))? {
        return Err(Error::Corrupt {
            path: folder.join(DATABASE_FILE),
            detail: format!("{how} beside the vectors of a store"),
        });
    }
    Ok(())
}

/// Whether there is a file with anything in it.
fn is_written(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(file) => Ok(file.len() > 0),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::io("cannot look for", path, source)),
    }
}

/// Makes a store under another name and then gives it its own, so that a process that is killed meanwhile leaves no
/// half of one: the next start makes it anew. `None` when another process was quicker.
fn create(builder: &Builder, folder: &Path, options: &OpenOptions) -> Result<Option<Database>> {
    let path = folder.join(DATABASE_FILE);
    let draft = folder.join(DRAFT_FILE);
    let fail = |source| Error::io("cannot create", &draft, source);
    let disk = &options.disk;
    let file = disk.create(&draft).map_err(fail)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(locked(&draft)),
        // Where files cannot be locked the database says so, or does without as it does for an old store.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    // Whoever had the lock before may have given the draft its name: then it is a store, and not ours to empty.
    if is_written(&path)? {
        return Ok(None);
    }
    disk.set_len(&file, 0).map_err(fail)?;
    let backend = DiskBackend::new(file, Arc::clone(disk)).map_err(|error| open_error(&draft, error))?;
    let database = open_with(builder, &draft, backend)?;
    prepare(&database, &draft, &options.embedder)?;
    disk.rename(&draft, &path).map_err(fail)?;
    Ok(Some(database))
}

fn open_for_reading(builder: &Builder, path: &Path) -> Result<Database> {
    let overlay = File::open(path)
        .and_then(Overlay::new)
        .map_err(|source| Error::io("cannot open", path, source))?;
    open_with(builder, path, overlay)
}

fn open_for_writing(builder: &Builder, path: &Path, disk: &Arc<dyn Disk>) -> Result<Database> {
    let file = File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|source| Error::io("cannot open", path, source))?;
    let own = file.try_clone();
    let backend = DiskBackend::new(file, Arc::clone(disk)).map_err(|error| open_error(path, error))?;
    // The lock is held. Whoever had the file before may have met a sync that failed.
    own.and_then(|file| let_go(&file, disk))
        .map_err(|source| Error::io("cannot read", path, source))?;
    open_with(builder, path, backend)
}

/// Has a file that was not closed read from the disk anew, so that nothing is built on what is in memory alone.
fn let_go(file: &File, disk: &Arc<dyn Disk>) -> std::io::Result<()> {
    let mut header = [0; RECOVERY_BYTE + 1];
    // What is in memory may say that it was closed, where the disk could not be told.
    disk.let_go(file, NonZeroU64::new(HEADER_BYTES))?;
    match file.read_exact_at(&mut header, 0) {
        Ok(()) if header[RECOVERY_BYTE] & RECOVERY_REQUIRED == 0 => Ok(()),
        Ok(()) => disk.let_go(file, None),
        // It is shorter than any database: whoever opens it says so.
        Err(_) => Ok(()),
    }
}

pub fn open_with(builder: &Builder, path: &Path, backend: impl StorageBackend) -> Result<Database> {
    builder
        .create_with_backend(backend)
        .map_err(|error| open_error(path, error))
}

/// Makes a new store's tables and header.
fn prepare(database: &Database, path: &Path, embedder: &EmbedderId) -> Result<Header> {
    let transaction = database
        .begin_write()
        .map_err(|error| layout::database_error(path, error))?;
    create_tables(&transaction, path)?;
    let record = ModelRecord {
        embedder: embedder.clone(),
        generation: 0,
        rows: 0,
    };
    {
        let fail = |error| layout::database_error(path, error);
        let broken = |error| layout::database_error(path, error);
        let mut meta = transaction.open_table(layout::META).map_err(fail)?;
        prepare_meta(&mut meta, path)?;
        let mut models = transaction.open_table(layout::MODELS).map_err(fail)?;
        models
            .insert(FIRST_MODEL, layout::encode(&record).as_slice())
            .map_err(broken)?;
    }
    transaction
        .commit()
        .map_err(|error| layout::database_error(path, error))?;
    Ok(Header {
        model: FIRST_MODEL,
        record,
        is_new: true,
    })
}

/// Writes what every store of this format says of itself, with a new history.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn prepare_meta(meta: &mut Table<'_, &'static str, &'static [u8]>, path: &Path) -> Result<()> {
    let rows = [
        ("format", layout::encode(&FORMAT)),
        (layout::HISTORY, random_bytes(path)?.to_vec()),
        (layout::MODEL, layout::encode(&FIRST_MODEL)),
        (layout::NEXT_IDS, layout::encode(&NextIds::FIRST)),
    ];
    for (key, value) in rows {
        put(path, meta.insert(key, value.as_slice()))?;
    }
    Ok(())
}

/// Sixteen bytes that nobody can guess.
///
/// # Errors
/// [`Error::Io`] when the system gives none.
pub fn random_bytes(path: &Path) -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => {
            let source = std::io::Error::other(error.to_string());
            Err(Error::io("cannot draw random bytes for", path, source))
        }
    }
}

/// The rows of vectors that stand in the database until their files are synced, by number.
///
/// # Errors
/// [`Error::Io`], [`Error::Corrupt`].
pub fn unsynced_rows(database: &Database, path: &Path, model: u32) -> Result<Vec<(u64, Vec<u8>)>> {
    let fail = |error| layout::database_error(path, error);
    let read = database
        .begin_read()
        .map_err(|error| layout::database_error(path, error))?;
    let table = read
        .open_table(layout::UNSYNCED)
        .map_err(|error| layout::database_error(path, error))?;
    let rows = table.range((model, 0)..=(model, u64::MAX)).map_err(fail)?;
    rows.map(|row| {
        let (key, bytes) = row.map_err(fail)?;
        Ok((key.value().1, bytes.value().to_vec()))
    })
    .collect()
}

/// What the `meta` table says; `None` when the store is new.
fn read_header(database: &Database, path: &Path) -> Result<Option<Header>> {
    let format = format_of(database, path)?;
    if let Some(found) = format.filter(|found| *found != FORMAT) {
        return Err(Error::UnsupportedFormat {
            path: path.to_owned(),
            found,
            supported: FORMAT,
        });
    }
    let read = database
        .begin_read()
        .map_err(|error| layout::database_error(path, error))?;
    let meta = match read.open_table(layout::META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(layout::database_error(path, error)),
    };
    let corrupt = |detail: String| Error::Corrupt {
        path: path.to_owned(),
        detail,
    };
    let value = |key: &str| -> Result<Vec<u8>> {
        let row = meta
            .get(key)
            .map_err(|error| layout::database_error(path, error))?;
        let row = row.ok_or_else(|| corrupt(format!("{key:?} is missing")))?;
        Ok(row.value().to_vec())
    };
    let model: u32 = layout::decode(&value(layout::MODEL)?, path, layout::MODEL)?;
    let models = read
        .open_table(layout::MODELS)
        .map_err(|error| layout::database_error(path, error))?;
    let record = models
        .get(model)
        .map_err(|error| layout::database_error(path, error))?
        .ok_or_else(|| corrupt(format!("model {model} is missing")))?;
    Ok(Some(Header {
        model,
        record: layout::decode(record.value(), path, "model")?,
        is_new: is_empty(&read, path)?,
    }))
}

/// Whether no transaction was acknowledged.
fn is_empty(read: &ReadTransaction, path: &Path) -> Result<bool> {
    let transactions = read
        .open_table(layout::CHANGES)
        .map_err(|error| layout::database_error(path, error))?;
    transactions
        .is_empty()
        .map_err(|error| layout::database_error(path, error))
}

/// A reader may then rely on every table being there.
pub fn create_tables(transaction: &WriteTransaction, path: &Path) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    transaction.open_table(layout::CHANGES).map_err(fail)?;
    transaction.open_table(layout::SOURCES).map_err(fail)?;
    transaction.open_table(layout::SOURCE_KEYS).map_err(fail)?;
    transaction.open_table(layout::TEXTS).map_err(fail)?;
    transaction.open_table(layout::MARKUP).map_err(fail)?;
    transaction.open_table(layout::SOURCE_STATEMENTS).map_err(fail)?;
    transaction.open_table(layout::CONCEPTS).map_err(fail)?;
    transaction.open_table(layout::CONCEPT_KEYS).map_err(fail)?;
    transaction.open_table(layout::SUPPORTS).map_err(fail)?;
    transaction.open_table(layout::RELATIONS).map_err(fail)?;
    transaction.open_table(layout::ASSOCIATIONS).map_err(fail)?;
    transaction.open_table(layout::EVIDENCE).map_err(fail)?;
    transaction.open_table(layout::STATEMENT_EVIDENCE).map_err(fail)?;
    transaction.open_table(layout::VECTORS).map_err(fail)?;
    transaction.open_table(layout::PENDING).map_err(fail)?;
    transaction.open_table(layout::PREPARED).map_err(fail)?;
    transaction.open_table(layout::UNSYNCED).map_err(fail)?;
    transaction.open_table(layout::SEALED).map_err(fail)?;
    transaction.open_table(layout::ANSWERS).map_err(fail)?;
    transaction.open_table(layout::ANSWER_TIMES).map_err(fail)?;
    transaction.open_table(layout::ANSWER_AGES).map_err(fail)?;
    transaction.open_table(layout::ANSWER_SOURCES).map_err(fail)?;
    transaction.open_table(layout::RECEIPTS).map_err(fail)?;
    Ok(())
}

pub fn open_error(path: &Path, error: DatabaseError) -> Error {
    match error {
        DatabaseError::UpgradeRequired(found) => Error::UnsupportedFormat {
            path: path.to_owned(),
            found: u32::from(found),
            supported: FORMAT,
        },
        DatabaseError::Storage(redb::StorageError::Io(source))
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

fn locked(path: &Path) -> Error {
    Error::StoreLocked {
        path: path.to_owned(),
        owner: owner_of(path),
    }
}

fn no_store(path: &Path) -> Error {
    Error::Io {
        operation: "cannot read",
        path: PathBuf::from(path),
        source: std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "there is no store yet; name the folder of one, or open it for writing",
        ),
    }
}
