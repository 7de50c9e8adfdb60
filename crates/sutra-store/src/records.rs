//! The rows of `storage.dat`, as far as their keys do not say it.

use serde::{Deserialize, Serialize};
use sutra_model::{
    AssociationKey, AssociationKind, Concept, ConceptId, ConceptKind, EntityType, Roles, SourceId, Support,
    TransactionId, Validity,
};

use crate::change::Blank;
use crate::runs::Runs;

/// Which embedder made a store's vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedderId {
    /// SHA-256, hexadecimal, over the model and whatever else decides its vectors.
    pub fingerprint: String,
    /// Components of a vector.
    pub dimension: usize,
}

/// A model whose vectors a store has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Whose vectors they are.
    pub embedder: EmbedderId,
    /// How often its column was rewritten.
    pub generation: u32,
    /// Rows of its column that acknowledged transactions name.
    pub rows: u64,
}

/// How much a store holds now; what was retired or forgotten does not count.
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

impl Totals {
    /// More than any store holds.
    pub(crate) const ENOUGH: Self = Self {
        sources: 1 << 48,
        statements: 1 << 48,
        passages: 1 << 48,
        entities: 1 << 48,
        associations: 1 << 48,
        evidence: 1 << 48,
        vectors: 1 << 48,
    };

    /// How much less than before there is.
    pub(crate) fn less_than(self, before: Self) -> Self {
        Self {
            sources: before.sources.saturating_sub(self.sources),
            statements: before.statements.saturating_sub(self.statements),
            passages: before.passages.saturating_sub(self.passages),
            entities: before.entities.saturating_sub(self.entities),
            associations: before.associations.saturating_sub(self.associations),
            evidence: before.evidence.saturating_sub(self.evidence),
            vectors: before.vectors.saturating_sub(self.vectors),
        }
    }
}

/// The ids that are given out next. They are never given out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextIds {
    /// The next source's.
    pub source: u64,
    /// The next concept's.
    pub concept: u64,
    /// The next relation's.
    pub relation: u32,
}

impl NextIds {
    /// Those of a store that holds nothing.
    pub const FIRST: Self = Self {
        source: 1,
        concept: 1,
        relation: 1,
    };
}

/// What a transaction did: ids alone, never words nor what could be guessed from words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// When it was made, in microseconds since 1970-01-01 UTC; later than the one before.
    pub time: i64,
    /// How much the store holds after it.
    pub totals: Totals,
    /// Sources that it learned.
    pub sources: Runs,
    /// Concepts that it learned.
    pub concepts: Runs,
    /// Concepts that it gave a role or a type.
    pub altered: Runs,
    /// Relations that it learned.
    pub relations: Runs,
    /// Sources that it learned supports in.
    pub supports: Runs,
    /// Statements that it learned evidence from.
    pub evidence: Runs,
    /// Statements that it gave a vector, by model.
    pub vectors: Vec<(u32, Runs)>,
    /// Sources that it retired.
    pub retired: Runs,
    /// Statements of which it retired evidence.
    pub unsaid: Runs,
    /// Sources that it forgot.
    pub forgotten_sources: Runs,
    /// What it blanked in texts.
    pub blanked: Vec<Blank>,
    /// What it blanked in titles.
    pub untitled: Vec<Blank>,
    /// Entities that it was to forget.
    pub unlinked: Runs,
    /// The last transaction of which what it had retired was dropped.
    pub expired: Option<TransactionId>,
    /// What evidence had told until then: statement, association, and the transaction that learned it.
    pub dropped: Vec<(ConceptId, AssociationKey, TransactionId)>,
    /// Concepts that went, with those or for want of what went.
    pub forgotten_concepts: Runs,
    /// Random bytes before the body where it was hashed, so that nobody can guess short words from the hash. Gone
    /// once something of the body was forgotten.
    pub salt: Option<[u8; 16]>,
    /// SHA-256 of salt and body: all that the transaction learned, words included.
    pub body: [u8; 32],
    /// SHA-256 of the chain before, the transaction's number, and this record but for `salt` and `chain`.
    pub chain: [u8; 32],
}

/// A statement within a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placed {
    /// First byte within the source's text.
    pub start: u64,
    /// Its bytes.
    pub length: u64,
    /// Which statement.
    pub statement: u64,
}

impl Placed {
    /// Where in which source.
    pub(crate) fn support(self, source: SourceId) -> Support {
        Support {
            source,
            start: self.start,
            end: self.start.saturating_add(self.length),
        }
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportRecord {
    /// Bytes of the text.
    pub length: u64,
    /// The transaction that learned it.
    pub learned: TransactionId,
    /// The transaction that retired it.
    pub retired: Option<TransactionId>,
}

/// A concept: what it is, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConceptRecord {
    /// Statement or entity.
    pub kind: KindRecord,
    /// The transaction that first learned it.
    pub learned: TransactionId,
    /// The transaction that took its last support or association; `None` while it lives.
    pub retired: Option<TransactionId>,
    /// Associations that it is an end of.
    pub associations: u32,
    /// Those with retired evidence alone.
    pub retired_associations: u32,
}

/// What a concept is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KindRecord {
    /// A verbatim sentence or passage.
    Statement {
        /// Since when it is one sentence.
        sentence: Option<TransactionId>,
        /// Since when it is a unit of retrieval.
        passage: Option<TransactionId>,
        /// Where it stands, in the first source that still has it.
        first: Support,
        /// Whether some of its words were blanked; it is then not found by its words any more.
        redacted: bool,
    },
    /// A named thing.
    Entity {
        /// The name as it was first written.
        name: String,
        /// What sort of thing it is.
        entity_type: EntityType,
        /// The transaction that told so, where a later one did than that which learned it.
        typed: Option<TransactionId>,
    },
}

impl ConceptRecord {
    /// As it is at present.
    pub fn concept(self, id: ConceptId) -> Concept {
        let kind = match self.kind {
            KindRecord::Statement {
                sentence,
                passage,
                first,
                ..
            } => ConceptKind::Statement {
                roles: Roles {
                    sentence: sentence.is_some(),
                    passage: passage.is_some(),
                },
                first,
            },
            KindRecord::Entity {
                name, entity_type, ..
            } => ConceptKind::Entity { name, entity_type },
        };
        Concept {
            id,
            kind,
            learned: self.learned,
        }
    }
}

/// What an association's key does not say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssociationRecord {
    /// Noisy-or of the live evidence.
    pub confidence: f32,
    /// Pieces of live evidence.
    pub evidence_count: u32,
}

/// What a piece of evidence's key does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvidenceRecord {
    /// When it was told, and until when; of the last alone it may not be known yet.
    pub tellings: Vec<Telling>,
}

impl EvidenceRecord {
    /// As it holds at present; `None` where it was retired.
    pub fn live(&self) -> Option<&Telling> {
        self.tellings.last().filter(|telling| telling.retired.is_none())
    }

    /// As it held after a transaction.
    pub fn at(&self, transaction: TransactionId) -> Option<&Telling> {
        let held = |telling: &&Telling| {
            telling.learned <= transaction && telling.retired.is_none_or(|retired| retired > transaction)
        };
        self.tellings.iter().find(held)
    }
}

/// What a statement says of an association, from one transaction to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// In (0, 1].
    pub confidence: f32,
    /// When the fact holds.
    pub validity: Validity,
    /// The version of the rules that derived it; 0 where it was given.
    pub rules: u32,
    /// The transaction that learned it.
    pub learned: TransactionId,
    /// The transaction that retired it.
    pub retired: Option<TransactionId>,
}

/// A relation name and its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationRecord {
    /// `born_in`, `part_of`…
    pub name: String,
    /// Which of the five kinds.
    pub kind: AssociationKind,
}

/// A statement's vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorRecord {
    /// Its row in the model's column.
    pub row: u64,
    /// The transaction that learned it.
    pub learned: TransactionId,
}
