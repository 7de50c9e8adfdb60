//! Opening `storage.dat`: making it whole or not at all, and reading it where nothing may be written.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTableMetadata,
    StorageBackend, WriteTransaction,
};
use sutra_model::{Error, Result};

use crate::answers;
use crate::backend::DiskBackend;
use crate::disk::{Disk, FileSystem};
use crate::folder::holds_vectors;
use crate::layout::{self, COLUMN_FOLDER, DATABASE_FILE, EmbedderId, FORMAT};
use crate::overlay::Overlay;
use crate::owner::owner_of;
use crate::store::OpenOptions;

/// Where a new store is made, before it gets its name.
const DRAFT_FILE: &str = "storage.dat.new";

/// What the `meta` table says of a store.
pub struct Header {
    /// Whose vectors the store holds.
    pub embedder: EmbedderId,
    /// Rows of the vector column that acknowledged transactions name.
    pub vector_rows: u64,
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
        if options.read_only {
            return Err(no_store(&path));
        }
        if holds_vectors(&folder.join(COLUMN_FOLDER))? {
            let detail = "it is missing or empty beside the vectors of a store".to_owned();
            return Err(Error::Corrupt { path, detail });
        }
        if let Some(database) = create(&builder, folder, options)? {
            break database;
        }
    };
    let header = match read_header(&database, &path)? {
        Some(header) => header,
        None if options.read_only => return Err(no_store(&path)),
        None => prepare(&database, &path, &options.embedder)?,
    };
    if header.embedder != options.embedder {
        return Err(Error::EmbedderMismatch {
            stored: header.embedder.fingerprint,
            stored_dimension: header.embedder.dimension,
            offered: options.embedder.fingerprint.clone(),
            offered_dimension: options.embedder.dimension,
        });
    }
    if !options.read_only {
        answers::prepare(&database, &path)?;
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
    Ok(read_header(&database, &path)?.map(|header| header.embedder))
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
    let backend = DiskBackend::new(file, Arc::clone(disk)).map_err(|error| open_error(path, error))?;
    open_with(builder, path, backend)
}

fn open_with(builder: &Builder, path: &Path, backend: impl StorageBackend) -> Result<Database> {
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
    Ok(Header {
        embedder: embedder.clone(),
        vector_rows: 0,
        is_new: true,
    })
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
        is_new: is_empty(&read, path)?,
    }))
}

/// Whether no transaction was acknowledged.
fn is_empty(read: &ReadTransaction, path: &Path) -> Result<bool> {
    let transactions = read
        .open_table(layout::TRANSACTIONS)
        .map_err(|error| layout::database_error(path, error))?;
    transactions
        .is_empty()
        .map_err(|error| layout::database_error(path, error))
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

fn open_error(path: &Path, error: DatabaseError) -> Error {
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
