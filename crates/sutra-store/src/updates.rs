//! What a commit tells: its caller, and the indexes that follow it.

use serde::{Deserialize, Serialize};
use sutra_model::{Association, AssociationKey, ConceptId, Language, RelationId, SourceId, TransactionId};

use crate::records::{RelationRecord, Totals};

/// What a commit did, for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction that holds it; the last one when nothing was new.
    pub transaction: TransactionId,
    /// For each concept reference of the batch its id, or 0 when it was not stored because nothing
    /// that was new supports it.
    pub concepts: Vec<u64>,
    /// For each source of the batch its id.
    pub sources: Vec<SourceId>,
    /// Sources that were not known before.
    pub new_sources: u64,
    /// Sources whose place others took: earlier versions, some of which may have been in the batch itself.
    pub retired_sources: u64,
    /// Concepts that were not known before.
    pub new_concepts: u64,
    /// Associations that were not known before.
    pub new_associations: u64,
}

/// What forgetting took, or would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// The transaction that forgot it.
    pub transaction: TransactionId,
    /// How much the store holds less than before; of sources all that went, those too that were retired.
    pub taken: Totals,
    /// Recorded answers that were erased.
    pub answers: u64,
    /// Sources of which something was blanked.
    pub redacted: u64,
    /// Statements that were said there and stay, because other sources say them too.
    pub staying: u64,
}

/// A vector that the indexes do not know yet in one of these roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorEntry {
    /// The statement.
    pub concept: ConceptId,
    /// Its row in the column.
    pub row: u64,
    /// Add it to the index of sentences.
    pub sentence: bool,
    /// Add it to the index of passages.
    pub passage: bool,
}

/// A passage that the index of words does not know yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageEntry {
    /// The statement.
    pub concept: ConceptId,
    /// Its words: title, line break, text.
    pub document: String,
    /// The language of its source.
    pub language: Language,
}

/// What the indexes have to take in after a commit.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// Statements that became passages.
    pub passages: Vec<PassageEntry>,
    /// New entities with their names.
    pub entities: Vec<(ConceptId, String)>,
    /// New vectors.
    pub vectors: Vec<VectorEntry>,
    /// Associations that are new or have changed, in their new state.
    pub associations: Vec<Association>,
    /// Relation names that are new, in order of their ids.
    pub relations: Vec<(RelationId, RelationRecord)>,
    /// What went. It comes before all that is new.
    pub gone: Gone,
    /// Whether the indexes have to be built anew: what went and came does not tell them all.
    pub rebuild: bool,
}

/// What the indexes have to let go of after a commit.
#[derive(Clone, Debug, Default)]
pub struct Gone {
    /// Statements that lost their vectors.
    pub vectors: Vec<ConceptId>,
    /// Passages, as the index of words knows them.
    pub passages: Vec<PassageEntry>,
    /// Entities with their names.
    pub entities: Vec<(ConceptId, String)>,
    /// Associations.
    pub associations: Vec<AssociationKey>,
}

impl Updates {
    /// A statement loses its vectors, also those that came with the same group.
    pub(crate) fn leave_vectors(&mut self, concept: ConceptId) {
        self.vectors.retain(|added| added.concept != concept);
        self.gone.vectors.push(concept);
    }

    /// A passage leaves the index of words, which counts each once: one that came with the same group never gets there.
    pub(crate) fn leave_passage(&mut self, passage: PassageEntry) {
        match self
            .passages
            .iter()
            .position(|added| added.concept == passage.concept)
        {
            Some(position) => drop(self.passages.swap_remove(position)),
            None => self.gone.passages.push(passage),
        }
    }

    /// An entity leaves the index of names, as a passage does that of words.
    pub(crate) fn leave_entity(&mut self, concept: ConceptId, name: &str) {
        match self.entities.iter().position(|(added, _)| *added == concept) {
            Some(position) => drop(self.entities.swap_remove(position)),
            None => self.gone.entities.push((concept, name.to_owned())),
        }
    }

    /// An association goes, in whatever state the same group left it.
    pub(crate) fn leave_association(&mut self, key: AssociationKey) {
        self.associations.retain(|added| added.key != key);
        self.gone.associations.push(key);
    }
}

/// What the words index reads of a passage.
pub fn document(title: &str, text: &str) -> String {
    if title.is_empty() {
        text.to_owned()
    } else {
        format!("{title}\n{text}")
    }
}
