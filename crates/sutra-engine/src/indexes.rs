//! The indexes that searches run on, derived from the truth and never the truth themselves.
//!
//! Each is an immutable snapshot; taking in a transaction gives a new one that shares what has not
//! changed.

use std::sync::Arc;

use half::f16;
use sutra_graph::Graph;
use sutra_model::{ConceptId, ConceptKind, Result};
use sutra_store::{Changes, ColumnView, Relations, Snapshot, VectorEntry};
use sutra_text::WordIndex;
use sutra_vector::{FullPrecision, VectorIndex};

/// Every index at one transaction.
#[derive(Clone)]
pub(crate) struct Indexes {
    pub passages: VectorIndex,
    pub sentences: VectorIndex,
    pub words: WordIndex,
    pub names: WordIndex,
    pub graph: Graph,
    pub relations: Arc<Relations>,
}

/// The stored vectors, for re-ranking.
pub(crate) struct StoredVectors<'a>(pub &'a ColumnView);

impl FullPrecision for StoredVectors<'_> {
    fn row(&self, concept: ConceptId, row: u64) -> Result<&[f16]> {
        self.0.row(row, concept)
    }
}

impl Indexes {
    fn empty(dimension: usize) -> Self {
        Self {
            passages: VectorIndex::new(dimension),
            sentences: VectorIndex::new(dimension),
            words: WordIndex::new(),
            names: WordIndex::new(),
            graph: Graph::new(),
            relations: Arc::default(),
        }
    }

    /// Builds everything from the truth.
    pub fn build(snapshot: &Snapshot) -> Result<Self> {
        let relations = snapshot.relations()?;
        let mut changes = Changes {
            vectors: snapshot.vectors()?,
            ..Changes::default()
        };
        changes.associations = snapshot.associations(&relations)?;
        snapshot.for_each_passage(|id, document| changes.passages.push((id, document)))?;
        snapshot.for_each_concept(|concept| {
            if let ConceptKind::Entity { name, .. } = concept.kind {
                changes.entities.push((concept.id, name));
            }
            Ok(())
        })?;
        let mut indexes = Self::empty(snapshot.column().dimension());
        indexes.relations = Arc::new(relations);
        Ok(indexes.with(&changes, snapshot.column()))
    }

    /// The indexes after a commit.
    pub fn with(&self, changes: &Changes, column: &ColumnView) -> Self {
        let stored = StoredVectors(column);
        let rows = |wanted: fn(&VectorEntry) -> bool| -> Vec<(ConceptId, u64)> {
            changes
                .vectors
                .iter()
                .filter(|entry| wanted(entry))
                .map(|entry| (entry.concept, entry.row))
                .collect()
        };
        let mut relations = Arc::clone(&self.relations);
        for (id, record) in &changes.relations {
            Arc::make_mut(&mut relations).insert(*id, record.clone());
        }
        Self {
            passages: self.passages.with(&rows(|entry| entry.passage), &stored),
            sentences: self.sentences.with(&rows(|entry| entry.sentence), &stored),
            words: self.words.with(&borrowed(&changes.passages)),
            names: self.names.with(&borrowed(&changes.entities)),
            graph: self.graph.with(&changes.associations),
            relations,
        }
    }
}

fn borrowed(documents: &[(ConceptId, String)]) -> Vec<(ConceptId, &str)> {
    documents.iter().map(|(id, text)| (*id, text.as_str())).collect()
}
