//! The tables of `storage.dat`, and how their rows are written.
//!
//! Keys are ordered so that whatever is read together stands together. Values are postcard [records](crate::records);
//! a change to any of them raises [`FORMAT`].

use std::path::Path;

use redb::TableDefinition;
use serde::{Serialize, de::DeserializeOwned};
use sutra_model::{Error, Result};

use crate::owner::owner_of;
#[cfg(doc)]
use crate::records::{
    AssociationRecord, ChangeRecord, ConceptRecord, EvidenceRecord, ModelRecord, NextIds, Placed,
    RelationRecord, SupportRecord, VectorRecord,
};

/// The store's main file.
pub const DATABASE_FILE: &str = "storage.dat";
/// The folder of the vector column.
pub const COLUMN_FOLDER: &str = "vectors";

/// The format that this version writes and reads.
pub const FORMAT: u32 = 2;

/// `format`, [`HISTORY`], [`MODEL`], [`NEXT_IDS`], [`KEPT_FROM`], [`LOG_POSITION`], [`ANSWER_BYTES`].
pub const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Transaction number → [`ChangeRecord`].
pub const CHANGES: TableDefinition<u64, &[u8]> = TableDefinition::new("changes");
/// Source id → [`Source`](sutra_model::Source).
pub const SOURCES: TableDefinition<u64, &[u8]> = TableDefinition::new("sources");
/// (address key, offset, source id) → SHA-256 of the text.
pub const SOURCE_KEYS: TableDefinition<(&[u8; 16], u64, u64), &[u8; 32]> =
    TableDefinition::new("source_keys");
/// (source id, number of the chunk, from 0) → up to [`CHUNK_BYTES`](crate::texts::CHUNK_BYTES) bytes of its text.
pub const TEXTS: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("texts");
/// Source id → the ranges of its text that are markup, where there are any.
pub const MARKUP: TableDefinition<u64, &[u8]> = TableDefinition::new("markup");
/// Source id → [`Placed`] statements, by start.
pub const SOURCE_STATEMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("source_statements");
/// Concept id → [`ConceptRecord`].
pub const CONCEPTS: TableDefinition<u64, &[u8]> = TableDefinition::new("concepts");
/// Content key → concept id.
pub const CONCEPT_KEYS: TableDefinition<&[u8; 16], u64> = TableDefinition::new("concept_keys");
/// (statement id, source id, start) → [`SupportRecord`].
pub const SUPPORTS: TableDefinition<(u64, u64, u64), &[u8]> = TableDefinition::new("supports");
/// Relation id → [`RelationRecord`].
pub const RELATIONS: TableDefinition<u32, &[u8]> = TableDefinition::new("relations");
/// (subject, relation, object) → [`AssociationRecord`], where live evidence supports it.
pub const ASSOCIATIONS: TableDefinition<(u64, u32, u64), &[u8]> = TableDefinition::new("associations");
/// (subject, relation, object, statement) → [`EvidenceRecord`].
pub const EVIDENCE: TableDefinition<(u64, u32, u64, u64), &[u8]> = TableDefinition::new("evidence");
/// Statement id → (subject, relation, object) of each piece of evidence that it gives, in order.
pub const STATEMENT_EVIDENCE: TableDefinition<u64, &[u8]> = TableDefinition::new("statement_evidence");
/// Model id → [`ModelRecord`].
pub const MODELS: TableDefinition<u32, &[u8]> = TableDefinition::new("models");
/// (model id, statement id) → [`VectorRecord`].
pub const VECTORS: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("vectors");
/// (model id, statement id) of live statements without a vector, and for a model that is prepared of retired ones too.
pub const PENDING: TableDefinition<(u32, u64), ()> = TableDefinition::new("pending");
/// (model id, statement id) → the bits of a vector of a model that is [prepared](crate::prepare), the lower byte first.
pub const PREPARED: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("prepared");
/// (model id, row) → the row's bytes, as long as those in its file are not synced.
pub const UNSYNCED: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("unsynced");
/// (model id, generation, number of a full vector file) → SHA-256 of its bytes.
pub const SEALED: TableDefinition<(u32, u32, u32), &[u8; 32]> = TableDefinition::new("sealed");
/// Answer id → the recorded answer.
pub const ANSWERS: TableDefinition<&str, &[u8]> = TableDefinition::new("answers");
/// Answer id → when it was recorded, in microseconds since 1970.
pub const ANSWER_TIMES: TableDefinition<&str, i64> = TableDefinition::new("answer_times");
/// (when it was recorded, answer id) → bytes of the record.
pub const ANSWER_AGES: TableDefinition<(i64, &str), u64> = TableDefinition::new("answer_ages");
/// (source id, answer id) of the sources that an answer cites; source 0 where they are not known.
pub const ANSWER_SOURCES: TableDefinition<(u64, &str), ()> = TableDefinition::new("answer_sources");
/// Transaction that forgot something → its [`Receipt`](crate::receipts::ForgettingReceipt).
pub const RECEIPTS: TableDefinition<u64, &[u8]> = TableDefinition::new("receipts");
/// The row of `meta` with the last time that the files were [written anew](crate::purge::Purged).
pub const PURGED: &str = "purged";
/// The row of `meta` with the bytes of all recorded answers.
pub const ANSWER_BYTES: &str = "answer_bytes";
/// The row of `meta` with the number of the model whose vectors are learned and searched.
pub const MODEL: &str = "model";
/// The row of `meta` with the history id.
pub const HISTORY: &str = "history";
/// The row of `meta` with the last transaction of which what it had retired was dropped.
pub const KEPT_FROM: &str = "kept_from";
/// The row of `meta` with the [position](sutra_model::LogPosition) in an outside log, if there is one.
pub const LOG_POSITION: &str = "log_position";
/// The row of `meta` with [`NextIds`].
pub const NEXT_IDS: &str = "next_ids";

/// Writes a record.
pub fn encode<T: Serialize>(record: &T) -> Vec<u8> {
    postcard::to_stdvec(record).expect("records of plain data always encode")
}

/// Reads a record.
///
/// # Errors
/// [`Error::Corrupt`], naming the record, when the bytes are no such record.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], path: &Path, what: &str) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|error| Error::Corrupt {
        path: path.to_owned(),
        detail: format!("{what}: {error}"),
    })
}

/// What the database gave, or its error as one of ours.
///
/// # Errors
/// As [`database_error`] makes them.
pub fn given<T, E: Into<redb::Error>>(path: &Path, result: std::result::Result<T, E>) -> Result<T> {
    result.map_err(|error| database_error(path, error))
}

/// Turns an error of redb into one of ours.
pub fn database_error(path: &Path, error: impl Into<redb::Error>) -> Error {
    let path = path.to_owned();
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => {
            let owner = owner_of(&path);
            Error::StoreLocked { path, owner }
        }
        redb::Error::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => Error::Corrupt {
            path,
            detail: "it ends before one of its pages".to_owned(),
        },
        redb::Error::Io(source) => Error::io("cannot read or write", &path, source),
        redb::Error::PreviousIo => Error::Io {
            operation: "an earlier failure (a full disk, say) closed",
            path,
            source: std::io::Error::other(
                "once it is mended, open the store again (close and open the engine)",
            ),
        },
        // Nothing but a panic of redb itself poisons its locks: it met pages that rotted, and said so.
        redb::Error::LockPoisoned(_) => Error::Io {
            operation: "an earlier failure (a damaged page, say) closed",
            path,
            source: std::io::Error::other(
                "open the store again (close and open the engine); `sutra verify` checks every page",
            ),
        },
        redb::Error::Corrupted(detail) => Error::Corrupt { path, detail },
        // Every table is made with the store, with these keys and values.
        wrong @ (redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableIsNotMultimap(_)
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TableExists(_)) => Error::Corrupt {
            path,
            detail: wrong.to_string(),
        },
        other => Error::Io {
            operation: "the database refused to work on",
            path,
            source: std::io::Error::other(other.to_string()),
        },
    }
}
