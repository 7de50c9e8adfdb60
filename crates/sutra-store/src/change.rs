//! What a transaction did, whole: enough to do the same to another store, and what its hash is taken of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sutra_model::{
    AssociationKey, ConceptId, EntityType, Evidence, RelationId, Roles, Source, SourceId, Support,
    TransactionId,
};

use crate::layout;
use crate::records::{ChangeRecord, RelationRecord};
use crate::runs::Runs;

/// About as many bytes as a row of a change has.
const ROW_BYTES: usize = 32;

/// A concept as it was when it was learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NewConcept {
    /// A statement in these roles; its supports say where it stands.
    Statement(Roles),
    /// An entity of this name and type.
    Entity(String, EntityType),
}

/// What became known about a concept that had been learned before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alteration {
    /// A statement got further roles.
    Roles(Roles),
    /// An entity got a type.
    Type(EntityType),
}

/// A statement's vector as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVector {
    /// Whose vectors: the number of a model.
    pub model: u32,
    /// The statement.
    pub statement: ConceptId,
    /// The bits of its half-precision components; written as bytes, the lower one first.
    #[serde(with = "bits")]
    pub values: Vec<u16>,
}

mod bits {
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(values: &[u16], serializer: S) -> Result<S::Ok, S::Error> {
        let lower_first: Vec<u16> = values.iter().map(|value| value.to_le()).collect();
        serializer.serialize_bytes(bytemuck::cast_slice(&lower_first))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u16>, D::Error> {
        struct Bits;

        impl Visitor<'_> for Bits {
            type Value = Vec<u16>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("bytes, two a number")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                if !bytes.len().is_multiple_of(2) {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                let pairs = bytes.chunks_exact(2);
                Ok(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
            }
        }

        deserializer.deserialize_bytes(Bits)
    }
}

/// One transaction. Every list rises by its first field, those of equal ones by the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its number.
    pub transaction: TransactionId,
    /// When it was made, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Sources that it learned, with their texts.
    pub sources: Vec<(Source, String)>,
    /// What of these texts is markup: ranges of bytes, where there is any.
    pub markup: Vec<(SourceId, Vec<(u64, u64)>)>,
    /// Relations that it learned.
    pub relations: Vec<(RelationId, RelationRecord)>,
    /// Concepts that it learned.
    pub concepts: Vec<(ConceptId, NewConcept)>,
    /// Concepts of which more became known.
    pub altered: Vec<(ConceptId, Alteration)>,
    /// Where statements stand.
    pub supports: Vec<(SourceId, Support, ConceptId)>,
    /// What supports associations, with the version of the rules that derived it.
    pub evidence: Vec<(ConceptId, AssociationKey, Evidence, u32)>,
    /// Vectors.
    pub vectors: Vec<StoredVector>,
    /// Sources that it retired: another text was learned in their place.
    pub retired: Vec<SourceId>,
    /// Evidence that it retired, by statement and association: no living source says it any more.
    pub unsaid: Vec<(ConceptId, AssociationKey)>,
    /// Sources that it forgot, with all that they alone said.
    pub forgotten: Vec<SourceId>,
    /// What it blanked in texts that stay.
    pub blanked: Vec<Blank>,
    /// What it blanked in titles of sources that stay.
    pub untitled: Vec<Blank>,
    /// Entities that it forgot.
    pub unlinked: Vec<ConceptId>,
    /// The transaction up to which it dropped what had been retired.
    pub expired: Option<TransactionId>,
    /// What evidence had told until then, by the transaction that learned it.
    pub dropped: Vec<Dropped>,
}

/// A telling that is dropped: of which statement, of what, and which transaction learned it.
pub(crate) type Dropped = (ConceptId, AssociationKey, TransactionId);

/// Bytes of a source's text or title that were forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Blank {
    /// Of which source.
    pub source: SourceId,
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl Change {
    /// A source that it learned, with its text.
    pub(crate) fn source(&self, id: SourceId) -> Option<&(Source, String)> {
        let position = self.sources.binary_search_by_key(&id, |(source, _)| source.id);
        position.ok().map(|position| &self.sources[position])
    }

    /// The sources that it forgot something of.
    pub(crate) fn sources_hit(&self) -> BTreeSet<SourceId> {
        let blanks = self.blanked.iter().chain(&self.untitled);
        let blanked = blanks.map(|blank| blank.source);
        self.forgotten.iter().copied().chain(blanked).collect()
    }

    /// Whether it forgets anything.
    pub(crate) fn forgets(&self) -> bool {
        !(self.forgotten.is_empty()
            && self.blanked.is_empty()
            && self.untitled.is_empty()
            && self.unlinked.is_empty()
            && self.expired.is_none())
    }

    /// Puts every list into its order.
    pub(crate) fn sort(&mut self) {
        self.concepts.sort_unstable_by_key(|(id, _)| *id);
        self.altered.sort_unstable_by_key(|(id, _)| *id);
        self.supports
            .sort_unstable_by_key(|(source, support, statement)| (*source, support.start, *statement));
        self.evidence
            .sort_unstable_by_key(|(statement, key, _, _)| (*statement, *key));
        self.vectors
            .sort_unstable_by_key(|vector| (vector.model, vector.statement));
        self.retired.sort_unstable();
        self.unsaid.sort_unstable();
    }

    /// Whether it does anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
            && self.concepts.is_empty()
            && self.altered.is_empty()
            && self.supports.is_empty()
            && self.evidence.is_empty()
            && self.vectors.is_empty()
            && self.retired.is_empty()
            && self.unsaid.is_empty()
            && !self.forgets()
    }

    /// SHA-256 of a salt and all of this.
    pub(crate) fn hash(&self, salt: &[u8; 16]) -> [u8; 32] {
        let vectors = self
            .vectors
            .iter()
            .map(|vector| 2 * vector.values.len() + ROW_BYTES);
        let texts = self.sources.iter().map(|(_, text)| text.len() + ROW_BYTES);
        let rows = self.concepts.len() + self.supports.len() + self.evidence.len();
        let bytes = vectors.sum::<usize>() + texts.sum::<usize>() + ROW_BYTES * rows;
        let body = postcard::to_extend(self, Vec::with_capacity(bytes));
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(body.expect("records of plain data always encode"));
        hash.finalize().into()
    }
}

/// The record of a change, before it is linked to the chain.
pub(crate) fn record_of(change: &Change, salt: [u8; 16]) -> ChangeRecord {
    let mut models: Vec<u32> = change.vectors.iter().map(|vector| vector.model).collect();
    models.dedup();
    let of_model = |model: u32| {
        let vectors = change.vectors.iter().filter(|vector| vector.model == model);
        (model, vectors.map(|vector| vector.statement.0).collect())
    };
    ChangeRecord {
        time: change.time,
        totals: Default::default(),
        sources: change.sources.iter().map(|(source, _)| source.id.0).collect(),
        concepts: change.concepts.iter().map(|(id, _)| id.0).collect(),
        altered: change.altered.iter().map(|(id, _)| id.0).collect(),
        relations: change.relations.iter().map(|(id, _)| u64::from(id.0)).collect(),
        supports: change.supports.iter().map(|(source, ..)| source.0).collect(),
        evidence: change
            .evidence
            .iter()
            .map(|(statement, ..)| statement.0)
            .collect(),
        vectors: models.into_iter().map(of_model).collect(),
        retired: change.retired.iter().map(|source| source.0).collect(),
        unsaid: change.unsaid.iter().map(|(statement, _)| statement.0).collect(),
        forgotten_sources: change.forgotten.iter().map(|source| source.0).collect(),
        blanked: change.blanked.clone(),
        untitled: change.untitled.clone(),
        unlinked: change.unlinked.iter().map(|entity| entity.0).collect(),
        expired: change.expired,
        dropped: change.dropped.clone(),
        forgotten_concepts: Runs::default(),
        salt: Some(salt),
        body: change.hash(&salt),
        chain: [0; 32],
    }
}

impl ChangeRecord {
    /// The chain with this transaction in it.
    pub(crate) fn link(&self, transaction: u64, before: &[u8; 32]) -> [u8; 32] {
        let bare = Self {
            salt: None,
            chain: [0; 32],
            ..self.clone()
        };
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(transaction.to_le_bytes());
        hash.update(layout::encode(&bare));
        hash.finalize().into()
    }
}
