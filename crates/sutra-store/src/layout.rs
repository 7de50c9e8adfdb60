//! The tables of `storage.dat`, and how their rows are written.
//!
//! Keys are ordered so that whatever is read together stands together. Values are postcard records;
//! a change to any of them raises [`FORMAT`].

use std::path::Path;

use redb::TableDefinition;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sutra_model::{AssociationKind, Error, Result, Validity};

use crate::owner::owner_of;

/// The store's main file.
pub const DATABASE_FILE: &str = "storage.dat";
/// The folder of the vector column.
pub const COLUMN_FOLDER: &str = "vectors";

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// `format`, `embedder`, `vector_rows`, [`ANSWER_BYTES`].
pub const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Transaction number → [`TransactionRecord`].
pub const TRANSACTIONS: TableDefinition<u64, &[u8]> = TableDefinition::new("transactions");
/// Source id → source record.
pub const SOURCES: TableDefinition<u64, &[u8]> = TableDefinition::new("sources");
/// Source key → source id.
pub const SOURCE_KEYS: TableDefinition<&[u8; 16], u64> = TableDefinition::new("source_keys");
/// Source id → its text, verbatim.
pub const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("texts");
/// Concept id → concept record.
pub const CONCEPTS: TableDefinition<u64, &[u8]> = TableDefinition::new("concepts");
/// Content key → concept id.
pub const CONCEPT_KEYS: TableDefinition<&[u8; 16], u64> = TableDefinition::new("concept_keys");
/// (statement id, source id, start) → end.
pub const SUPPORTS: TableDefinition<(u64, u64, u64), u64> = TableDefinition::new("supports");
/// Relation id → (name, kind).
pub const RELATIONS: TableDefinition<u32, &[u8]> = TableDefinition::new("relations");
/// (subject, relation, object) → [`AssociationRecord`].
pub const ASSOCIATIONS: TableDefinition<(u64, u32, u64), &[u8]> = TableDefinition::new("associations");
/// (subject, relation, object, statement) → [`EvidenceRecord`].
pub const EVIDENCE: TableDefinition<(u64, u32, u64, u64), &[u8]> = TableDefinition::new("evidence");
/// Statement id → row of the vector column.
pub const VECTORS: TableDefinition<u64, u64> = TableDefinition::new("vectors");
/// Number of a sealed vector file → SHA-256 of its bytes.
pub const SEALED: TableDefinition<u32, &[u8; 32]> = TableDefinition::new("sealed");
/// Answer id → the recorded answer.
pub const ANSWERS: TableDefinition<&str, &[u8]> = TableDefinition::new("answers");
/// Answer id → when it was recorded, in microseconds since 1970. With the next one absent from stores of the first
/// versions of this format, which did not let answers expire.
pub const ANSWER_TIMES: TableDefinition<&str, i64> = TableDefinition::new("answer_times");
/// (when it was recorded, answer id) → bytes of the record.
pub const ANSWER_AGES: TableDefinition<(i64, &str), u64> = TableDefinition::new("answer_ages");
/// The row of `meta` with the bytes of all recorded answers.
pub const ANSWER_BYTES: &str = "answer_bytes";

/// Which embedder made a store's vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedderId {
    /// SHA-256, hexadecimal, over the model and whatever else decides its vectors.
    pub fingerprint: String,
    /// Components of a vector.
    pub dimension: usize,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sources.
    pub sources: u64,
    /// Statements: sentences and passages.
    pub statements: u64,
    /// Statements that are a unit of retrieval.
    pub passages: u64,
    /// Entities.
    pub entities: u64,
    /// Associations.
    pub associations: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Statements that have a vector.
    pub vectors: u64,
}

/// A transaction: when it was made, and how much the store held after it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TransactionRecord {
    /// Microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// After this transaction.
    pub totals: Totals,
}

/// What an association's key does not say.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AssociationRecord {
    /// Noisy-or of the evidence.
    pub confidence: f32,
    /// Rows of evidence.
    pub evidence_count: u32,
}

/// What a piece of evidence's key does not say.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EvidenceRecord {
    /// In (0, 1].
    pub confidence: f32,
    /// When the fact holds.
    pub validity: Validity,
}

/// A relation name and its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationRecord {
    /// `born_in`, `part_of`…
    pub name: String,
    /// Which of the five kinds.
    pub kind: AssociationKind,
}

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

/// Turns an error of redb into one of ours.
pub fn database_error(path: &Path, error: impl Into<redb::Error>) -> Error {
    let path = path.to_owned();
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => {
            let owner = owner_of(&path);
            Error::StoreLocked { path, owner }
        }
        redb::Error::Io(source) => Error::io("cannot read or write", &path, source),
        redb::Error::PreviousIo => Error::Io {
            operation: "an earlier failure (a full disk, say) closed",
            path,
            source: std::io::Error::other(
                "once it is mended, open the store again (close and open the engine)",
            ),
        },
        redb::Error::Corrupted(detail) => Error::Corrupt { path, detail },
        other => Error::Io {
            operation: "the database refused to work on",
            path,
            source: std::io::Error::other(other.to_string()),
        },
    }
}
