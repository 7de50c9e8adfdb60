//! Concepts: statements and entities.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::source::{SourceId, TransactionId};

/// A concept's number: dense, from 1, in order of learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConceptId(pub u64);

/// What sort of thing an entity is, as far as the text says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntityType {
    /// Nothing more is known.
    Thing,
    /// A human being or a character.
    Person,
    /// Somewhere: a country, town, river, building.
    Place,
    /// A company, institution, team, party, band.
    Organisation,
    /// A book, film, song, picture, law, programme.
    Work,
    /// A day, month, year or span of years.
    Date,
    /// A quantity, with its unit if there is one.
    Number,
}

impl EntityType {
    /// Every type, in the order of their stored codes.
    pub const ALL: [Self; 7] = [
        Self::Thing,
        Self::Person,
        Self::Place,
        Self::Organisation,
        Self::Work,
        Self::Date,
        Self::Number,
    ];

    /// The word that people and programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Thing => "thing",
            Self::Person => "person",
            Self::Place => "place",
            Self::Organisation => "organisation",
            Self::Work => "work",
            Self::Date => "date",
            Self::Number => "number",
        }
    }

    /// Reads the word that [`as_str`](Self::as_str) writes.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for any other word.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| Error::InvalidValue {
                what: "entity type",
                value: word.to_owned(),
                allowed: "thing, person, place, organisation, work, date, number",
            })
    }
}

/// The parts that a statement plays: a sentence, a passage (a retrieval unit), or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// It is one sentence.
    pub sentence: bool,
    /// It is a unit of retrieval: one or more sentences read together.
    pub passage: bool,
}

impl Roles {
    /// Every role that either has.
    pub const fn union(self, other: Self) -> Self {
        Self {
            sentence: self.sentence || other.sentence,
            passage: self.passage || other.passage,
        }
    }
}

/// A place where a statement stands: a byte range of a source's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Support {
    /// The source in which it stands.
    pub source: SourceId,
    /// First byte, counted from the start of the source's text.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// What a concept is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConceptKind {
    /// A verbatim sentence or passage. Its text stands in its sources; `first` is where it was learned.
    Statement {
        /// Sentence, passage or both.
        roles: Roles,
        /// Where it was first learned.
        first: Support,
    },
    /// A named thing.
    Entity {
        /// The name as it was first written.
        name: String,
        /// What sort of thing it is.
        entity_type: EntityType,
    },
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concept {
    /// Its number.
    pub id: ConceptId,
    /// Statement or entity.
    pub kind: ConceptKind,
    /// The transaction that first learned it.
    pub learned: TransactionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_type_reads_back_its_own_word() {
        for kind in EntityType::ALL {
            assert_eq!(EntityType::parse(kind.as_str()).unwrap(), kind);
        }
        assert!(EntityType::parse("planet").is_err());
    }
}
