//! Everything that can go wrong in the engine, in one small hierarchy.
//!
//! ```text
//! Error
//! ├── misuse       InvalidValue, InvalidBatch, UnknownConcept, AnswerErased, EmbedderMismatch,
//! │                InvalidChange, HistoryMismatch
//! ├── operation    DiskFull, NoSpace, Io, StoreLocked, ReadOnly, Closed
//! ├── data         Corrupt, UnsupportedFormat
//! └── bug          Internal
//! ```
//!
//! Misuse leaves the store as it was. An operating error says what to do. A data error names the file.
//! A bug is ours: it says where, and asks to be reported.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A result of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A single value is not one of those allowed.
    #[error("{what} is {value:?}; allowed: {allowed}")]
    InvalidValue {
        /// Which value.
        what: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        allowed: &'static str,
    },
    /// A batch contradicts itself; nothing of it was stored.
    #[error("{item} number {index} of the batch is refused: {reason}; nothing of the batch was stored")]
    InvalidBatch {
        /// Which list of the batch.
        item: &'static str,
        /// Position in that list.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No concept has this number.
    #[error("there is no concept {0}; take a number from a search, an answer or a receipt")]
    UnknownConcept(u64),
    /// A source that the answer cited was forgotten, and the answer with it.
    #[error("the answer {0} was erased: something that it rested on was forgotten; ask again")]
    AnswerErased(String),
    /// Vectors of one embedder were offered to a store that holds vectors of another.
    #[error(
        "the store holds {stored_dimension}-d vectors of embedder {stored}, not {offered_dimension}-d vectors of \
         {offered}; open it with the embedder that it was made with, or learn into a new folder"
    )]
    EmbedderMismatch {
        /// Fingerprint in the store.
        stored: String,
        /// Dimension in the store.
        stored_dimension: usize,
        /// Fingerprint offered.
        offered: String,
        /// Dimension offered.
        offered_dimension: usize,
    },
    /// A change of another store cannot be applied; nothing was.
    #[error(
        "{} is refused: {reason}; the store is as it was",
        if *transaction == 0 { "the change".to_owned() } else { format!("the change of transaction {transaction}") }
    )]
    InvalidChange {
        /// The transaction that it tells of; 0 where it could not be read.
        transaction: u64,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A change was offered to a store that it does not continue; nothing was applied.
    #[error(
        "transaction {transaction} does not continue this store: {reason}; follow from the beginning, into a new, \
         empty folder"
    )]
    HistoryMismatch {
        /// The transaction that was offered.
        transaction: u64,
        /// How it shows.
        reason: String,
    },
    /// There is no room left to write.
    #[error(
        "{operation} {path}: the disk is full; make room and try again; if it is then still refused, open the store \
         again (close and open the engine): what was acknowledged is there"
    )]
    DiskFull {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
    },
    /// The files of a store cannot be written anew, for want of room beside them.
    #[error(
        "{path} cannot be written anew: that needs {needed} bytes of free disk, there are {free}; free some, or set the \
         storage path to a larger disk"
    )]
    NoSpace {
        /// The file.
        path: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Reading or writing failed.
    #[error("{operation} {path}: {source}")]
    Io {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Another process has the store open.
    #[error(
        "{path} is open in {}; close that process, or use another storage folder",
        .owner.map_or("another process".to_owned(), |id| format!("process {id}"))
    )]
    StoreLocked {
        /// The file whose lock is held.
        path: PathBuf,
        /// The number of that process, where the system tells.
        owner: Option<u32>,
    },
    /// The store was opened for reading alone.
    #[error("{0} was opened for reading only, so nothing can be learned or recorded; open it for writing")]
    ReadOnly(PathBuf),
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
    /// Stored bytes are not what was written.
    #[error("{path} is damaged: {detail}; keep the folder as it is and restore from a backup")]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Which record, and how it shows.
        detail: String,
    },
    /// The file is of a format that this version does not read.
    #[error(
        "{path} has format {found}, this version reads format {supported}; {}",
        if found < supported { "run `sutra migrate`, or open it for reading alone" }
        else { "use a version of Sutra that reads it" }
    )]
    UnsupportedFormat {
        /// Which file.
        path: PathBuf,
        /// Its format number.
        found: u32,
        /// The format number that is read.
        supported: u32,
    },
    /// The engine failed at something that it should be able to do.
    #[error(
        "an internal fault stopped this call: {said}, at {place}; this is a bug of Sutra: please report this message"
    )]
    Internal {
        /// What the panic said.
        said: String,
        /// Where it was: `file:line:column` of the source.
        place: String,
    },
}

impl Error {
    /// What the operating system said about a file, as an error: a full disk is one of its own kind.
    pub fn io(operation: &'static str, path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { operation, path },
            _ => Self::Io {
                operation,
                path,
                source,
            },
        }
    }

    /// The same error once more, for another caller who met the same failure.
    pub fn share(&self) -> Self {
        match self {
            Self::InvalidValue { what, value, allowed } => Self::InvalidValue {
                what,
                value: value.clone(),
                allowed,
            },
            Self::InvalidBatch { item, index, reason } => Self::InvalidBatch {
                item,
                index: *index,
                reason: reason.clone(),
            },
            Self::UnknownConcept(id) => Self::UnknownConcept(*id),
            Self::AnswerErased(id) => Self::AnswerErased(id.clone()),
            Self::EmbedderMismatch {
                stored,
                stored_dimension,
                offered,
                offered_dimension,
            } => Self::EmbedderMismatch {
                stored: stored.clone(),
                stored_dimension: *stored_dimension,
                offered: offered.clone(),
                offered_dimension: *offered_dimension,
            },
            Self::InvalidChange { transaction, reason } => Self::InvalidChange {
                transaction: *transaction,
                reason: reason.clone(),
            },
            Self::HistoryMismatch { transaction, reason } => Self::HistoryMismatch {
                transaction: *transaction,
                reason: reason.clone(),
            },
            Self::DiskFull { operation, path } => Self::DiskFull {
                operation,
                path: path.clone(),
            },
            Self::NoSpace { path, needed, free } => Self::NoSpace {
                path: path.clone(),
                needed: *needed,
                free: *free,
            },
            Self::Io {
                operation,
                path,
                source,
            } => Self::Io {
                operation,
                path: path.clone(),
                source: std::io::Error::new(source.kind(), source.to_string()),
            },
            Self::StoreLocked { path, owner } => Self::StoreLocked {
                path: path.clone(),
                owner: *owner,
            },
            Self::ReadOnly(path) => Self::ReadOnly(path.clone()),
            Self::Closed => Self::Closed,
            Self::Corrupt { path, detail } => Self::Corrupt {
                path: path.clone(),
                detail: detail.clone(),
            },
            Self::UnsupportedFormat {
                path,
                found,
                supported,
            } => Self::UnsupportedFormat {
                path: path.clone(),
                found: *found,
                supported: *supported,
            },
            Self::Internal { said, place } => Self::Internal {
                said: said.clone(),
                place: place.clone(),
            },
        }
    }

    /// A stable code, the same in every language and release.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidValue { .. } => "invalid_value",
            Self::InvalidBatch { .. } => "invalid_batch",
            Self::UnknownConcept(_) => "unknown_concept",
            Self::AnswerErased(_) => "answer_erased",
            Self::EmbedderMismatch { .. } => "embedder_mismatch",
            Self::InvalidChange { .. } => "invalid_change",
            Self::HistoryMismatch { .. } => "history_mismatch",
            Self::DiskFull { .. } => "disk_full",
            Self::NoSpace { .. } => "no_space",
            Self::Io { .. } => "io_error",
            Self::StoreLocked { .. } => "store_locked",
            Self::ReadOnly(_) => "read_only",
            Self::Closed => "store_closed",
            Self::Corrupt { .. } => "store_corrupt",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::Internal { .. } => "internal_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let failed = |kind: ErrorKind| Error::io("cannot write", Path::new("storage.dat"), kind.into());
        let full = failed(ErrorKind::StorageFull);
        assert_eq!(full.code(), "disk_full");
        assert!(full.to_string().contains("open the store again"), "{full}");
        assert_eq!(full.share().to_string(), full.to_string());
        assert_eq!(failed(ErrorKind::QuotaExceeded).code(), "disk_full");
        assert_eq!(failed(ErrorKind::PermissionDenied).code(), "io_error");
    }
}
