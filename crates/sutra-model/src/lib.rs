//! The words of Sutra as types.
//!
//! This crate performs no I/O, holds no index, and depends on no other crate of
//! the engine. Every layer speaks in these types, so that a record means the same
//! thing in the store, in an index and in an answer.

mod association;
mod batch;
mod concept;
mod error;
mod identity;
mod language;
mod naming;
mod source;

pub use association::{Association, AssociationKey, AssociationKind, Evidence, RelationId, Validity};
pub use batch::{AssociationDraft, Batch, EntityDraft, LogPosition, SourceDraft, StatementDraft};
pub use concept::{Concept, ConceptId, ConceptKind, EntityType, Roles, Support};
pub use error::{Error, Result};
pub use identity::{ContentKey, address_key, entity_key, name_key, passage_key, statement_key};
pub use language::{LANGUAGE_ATTRIBUTE, Language};
pub use naming::occurrences;
pub use source::{Source, SourceId, TransactionId};
