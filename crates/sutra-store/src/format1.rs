//! The tables of format 1, as far as [`migrate`](crate::migrate) reads them.
//!
//! What a table of the same name holds now is told in [`layout`](crate::layout). Here every one has the name that it
//! bears while it is read: `format 1` before its own.

use std::collections::BTreeMap;

use redb::{TableDefinition, WriteTransaction};
use serde::Deserialize;
use sutra_model::{EntityType, Roles, Support, Validity};

/// Transaction number → [`Transaction`].
pub const TRANSACTIONS: TableDefinition<u64, &[u8]> = TableDefinition::new("format 1 transactions");
/// Source id → [`Source`].
pub const SOURCES: TableDefinition<u64, &[u8]> = TableDefinition::new("format 1 sources");
/// Source id → its text.
pub const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("format 1 texts");
/// Concept id → [`Concept`].
pub const CONCEPTS: TableDefinition<u64, &[u8]> = TableDefinition::new("format 1 concepts");
/// (statement id, source id, start) → end.
pub const SUPPORTS: TableDefinition<(u64, u64, u64), u64> = TableDefinition::new("format 1 supports");
/// (subject, relation, object, statement) → [`Evidence`].
pub const EVIDENCE: TableDefinition<(u64, u32, u64, u64), &[u8]> = TableDefinition::new("format 1 evidence");
/// Statement id → row of the vector column.
pub const VECTORS: TableDefinition<u64, u64> = TableDefinition::new("format 1 vectors");
/// Number of a sealed vector file → SHA-256 of its bytes.
pub const SEALED: TableDefinition<u32, &[u8; 32]> = TableDefinition::new("format 1 sealed");

const SOURCE_KEYS: TableDefinition<&[u8; 16], u64> = TableDefinition::new("source_keys");
const ASSOCIATIONS: TableDefinition<(u64, u32, u64), &[u8]> = TableDefinition::new("associations");
const CONCEPT_KEYS: TableDefinition<&[u8; 16], u64> = TableDefinition::new("concept_keys");

/// When it was made, and how much the store held after it, which is not read.
#[derive(Deserialize)]
pub struct Transaction {
    /// Microseconds since 1970-01-01 UTC.
    pub time: i64,
}

/// A source.
#[derive(Deserialize)]
pub struct Source {
    pub _id: u64,
    pub address: String,
    pub offset: u64,
    pub title: String,
    pub sha256: [u8; 32],
    pub length: u64,
    pub time: Option<i64>,
    pub attributes: BTreeMap<String, String>,
    pub learned: u64,
}

/// What a concept was.
#[derive(Deserialize)]
pub enum Kind {
    /// A sentence or passage: one by its text, whatever the title above it.
    Statement { roles: Roles, _first: Support },
    /// A named thing.
    Entity { name: String, entity_type: EntityType },
}

/// A concept.
#[derive(Deserialize)]
pub struct Concept {
    pub _id: u64,
    pub kind: Kind,
    pub learned: u64,
}

/// A piece of evidence.
#[derive(Deserialize)]
pub struct Evidence {
    pub confidence: f32,
    pub validity: Validity,
}

/// Gives the tables of format 1 their names for reading, and deletes those that the others say.
pub fn set_aside(transaction: &WriteTransaction) -> Result<(), redb::TableError> {
    transaction.delete_table(SOURCE_KEYS)?;
    transaction.delete_table(ASSOCIATIONS)?;
    transaction.delete_table(CONCEPT_KEYS)?;
    transaction.rename_table(TableDefinition::<u64, &[u8]>::new("transactions"), TRANSACTIONS)?;
    transaction.rename_table(TableDefinition::<u64, &[u8]>::new("sources"), SOURCES)?;
    transaction.rename_table(TableDefinition::<u64, &str>::new("texts"), TEXTS)?;
    transaction.rename_table(TableDefinition::<u64, &[u8]>::new("concepts"), CONCEPTS)?;
    transaction.rename_table(TableDefinition::<(u64, u64, u64), u64>::new("supports"), SUPPORTS)?;
    transaction.rename_table(
        TableDefinition::<(u64, u32, u64, u64), &[u8]>::new("evidence"),
        EVIDENCE,
    )?;
    transaction.rename_table(TableDefinition::<u64, u64>::new("vectors"), VECTORS)?;
    transaction.rename_table(TableDefinition::<u32, &[u8; 32]>::new("sealed"), SEALED)
}

/// Deletes what was set aside.
pub fn delete(transaction: &WriteTransaction) -> Result<(), redb::TableError> {
    transaction.delete_table(TRANSACTIONS)?;
    transaction.delete_table(SOURCES)?;
    transaction.delete_table(TEXTS)?;
    transaction.delete_table(CONCEPTS)?;
    transaction.delete_table(SUPPORTS)?;
    transaction.delete_table(EVIDENCE)?;
    transaction.delete_table(VECTORS)?;
    transaction.delete_table(SEALED)?;
    Ok(())
}
