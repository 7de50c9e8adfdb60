//! A batch: one atomic change, described before it has ids.
//!
//! Drafts refer to each other by position: `source` counts the batch's sources, a *reference* counts
//! its concepts (statements first, then entities, then statements that are known by their numbers). The
//! store resolves references to ids, finding what it already knows by content.

use std::collections::BTreeMap;

use crate::association::{AssociationKind, Validity};
use crate::concept::{ConceptId, EntityType, Roles};

/// A source to learn.
#[derive(Clone, Debug, Default)]
pub struct SourceDraft {
    /// See [`Source::address`](crate::Source::address).
    pub address: String,
    /// See [`Source::offset`](crate::Source::offset).
    pub offset: u64,
    /// See [`Source::title`](crate::Source::title).
    pub title: String,
    /// The text, verbatim.
    pub text: String,
    /// Bytes of the text that say nothing, between words that do: first and one past the last, in order, apart.
    pub markup: Vec<(u64, u64)>,
    /// See [`Source::time`](crate::Source::time).
    pub time: Option<i64>,
    /// See [`Source::attributes`](crate::Source::attributes).
    pub attributes: BTreeMap<String, String>,
    /// Whether nothing of its address comes after it: it is a whole text, or the last part of one.
    pub last: bool,
}

/// A statement to learn: a byte range of one of the batch's sources.
#[derive(Clone, Copy, Debug)]
pub struct StatementDraft {
    /// Position among the batch's sources.
    pub source: u32,
    /// First byte within that source's text.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Sentence or passage; both only where its source has no title.
    pub roles: Roles,
}

/// An entity to learn.
#[derive(Clone, Debug)]
pub struct EntityDraft {
    /// The name as written.
    pub name: String,
    /// What sort of thing it is.
    pub entity_type: EntityType,
}

/// An association to learn, with the one statement that supports it here.
#[derive(Clone, Debug)]
pub struct AssociationDraft {
    /// Reference of the concept where the edge starts.
    pub subject: u32,
    /// Position among the batch's relation names.
    pub relation: u32,
    /// Reference of the concept where the edge ends.
    pub object: u32,
    /// Reference of the supporting statement.
    pub evidence: u32,
    /// How surely the statement says it, in (0, 1].
    pub confidence: f32,
    /// When the fact holds.
    pub validity: Validity,
    /// The version of the rules that derived it; 0 where it was given.
    pub rules: u32,
}

/// How far somebody else's log was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogPosition {
    /// Which log.
    pub log: [u8; 16],
    /// The number of its last entry that was learned.
    pub sequence: u64,
}

/// One atomic change.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The sources.
    pub sources: Vec<SourceDraft>,
    /// The statements; reference `i` is `statements[i]`.
    pub statements: Vec<StatementDraft>,
    /// The entities; reference `statements.len() + i` is `entities[i]`.
    pub entities: Vec<EntityDraft>,
    /// Relation names with their kinds.
    pub relations: Vec<(String, AssociationKind)>,
    /// Statements that are known; reference `statements.len() + entities.len() + i` is `known[i]`. What they support
    /// here takes the place of what older rules derived from them. One that is gone meanwhile supports nothing.
    pub known: Vec<ConceptId>,
    /// The associations.
    pub associations: Vec<AssociationDraft>,
    /// References of the statements that have a vector here, each once.
    pub vector_references: Vec<u32>,
    /// Their vectors, row after row: `vector_references.len() × dimension`, finite, not all zero.
    pub vectors: Vec<f32>,
    /// Components of one vector; 0 when there is none.
    pub dimension: usize,
    /// Where the batch stands in an outside log, which is then kept with it, also where all of it was known.
    pub position: Option<LogPosition>,
}
