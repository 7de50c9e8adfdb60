//! Associations: typed, directed edges between concepts, and what supports them.

use serde::{Deserialize, Serialize};

use crate::concept::ConceptId;
use crate::error::{Error, Result};

/// The five kinds of association. A relation name (`born_in`, `part_of`…) refines a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AssociationKind {
    /// Concepts that belong together by meaning.
    Semantic,
    /// One brings the other about.
    Causal,
    /// One comes before the other, or holds at a time.
    Temporal,
    /// One is a kind or an instance of the other.
    Hierarchical,
    /// One is a part or a member of the other.
    Compositional,
}

impl AssociationKind {
    /// Every kind, in the order of their stored codes.
    pub const ALL: [Self; 5] = [
        Self::Semantic,
        Self::Causal,
        Self::Temporal,
        Self::Hierarchical,
        Self::Compositional,
    ];

    /// The word that people and programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Semantic => "semantic",
            Self::Causal => "causal",
            Self::Temporal => "temporal",
            Self::Hierarchical => "hierarchical",
            Self::Compositional => "compositional",
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
                what: "association kind",
                value: word.to_owned(),
                allowed: "semantic, causal, temporal, hierarchical, compositional",
            })
    }
}

/// A relation name, interned by the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RelationId(pub u32);

/// What makes an association itself: who, how, whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssociationKey {
    /// Where the edge starts.
    pub subject: ConceptId,
    /// The relation that it states.
    pub relation: RelationId,
    /// Where the edge ends.
    pub object: ConceptId,
}

/// The time during which a fact holds, in microseconds since 1970-01-01 UTC; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The first moment at which it holds.
    pub from: Option<i64>,
    /// The first moment at which it no longer holds.
    pub to: Option<i64>,
}

impl Validity {
    /// Whether it does not end before it begins.
    pub fn is_ordered(&self) -> bool {
        !matches!((self.from, self.to), (Some(from), Some(to)) if from > to)
    }

    /// The same, or nothing known where it ends before it begins.
    #[must_use]
    pub fn if_ordered(self) -> Self {
        if self.is_ordered() { self } else { Self::default() }
    }
}

/// One statement that supports an association.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The supporting statement.
    pub statement: ConceptId,
    /// How surely the statement says it, in (0, 1].
    pub confidence: f32,
    /// When the fact holds, as far as the statement says so.
    pub validity: Validity,
}

/// A typed, directed edge. It lives exactly as long as it has evidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// Who, how, whom.
    pub key: AssociationKey,
    /// Which of the five kinds.
    pub kind: AssociationKind,
    /// How sure the evidence makes it, in (0, 0.99].
    pub confidence: f32,
    /// How many statements support it; at least 1.
    pub evidence_count: u32,
}

impl Association {
    /// The most that evidence can amount to: no text makes a fact certain.
    pub const CONFIDENCE_MAX: f32 = 0.99;

    /// Adds one independent piece of evidence to a confidence (noisy-or), capped at
    /// [`CONFIDENCE_MAX`](Self::CONFIDENCE_MAX).
    pub fn reinforce(confidence: f32, evidence: f32) -> f32 {
        (1.0 - (1.0 - confidence) * (1.0 - evidence)).min(Self::CONFIDENCE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_its_own_word() {
        for kind in AssociationKind::ALL {
            assert_eq!(AssociationKind::parse(kind.as_str()).unwrap(), kind);
        }
        assert!(AssociationKind::parse("Semantic").is_err());
    }

    #[test]
    fn evidence_only_ever_strengthens_and_never_reaches_certainty() {
        let mut confidence = 0.0;
        for _ in 0..100 {
            let next = Association::reinforce(confidence, 0.4);
            assert!(next >= confidence);
            confidence = next;
        }
        assert_eq!(confidence, Association::CONFIDENCE_MAX);
    }
}
