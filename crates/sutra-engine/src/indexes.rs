//! The indexes that searches run on, derived from the truth and never the truth themselves.
//!
//! Each is an immutable snapshot; taking in a transaction gives a new one that shares what has not
//! changed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use half::f16;
use sutra_graph::Graph;
use sutra_model::{ConceptId, ConceptKind, Result};
use sutra_store::{ColumnView, Gone, PassageEntry, Relations, Snapshot, Updates, VectorEntry};
use sutra_text::{Document, WordIndex};
use sutra_vector::{FullPrecision, VectorIndex};

/// Every index at one transaction.
#[derive(Clone)]
pub(crate) struct Indexes {
    pub passages: VectorIndex,
    pub sentences: Arc<Sentences>,
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
            sentences: Arc::default(),
            words: WordIndex::new(),
            names: WordIndex::new(),
            graph: Graph::new(),
            relations: Arc::default(),
        }
    }

    /// Builds everything from the truth.
    pub fn build(snapshot: &Snapshot) -> Result<Self> {
        let relations = snapshot.relations()?;
        let mut updates = Updates {
            vectors: snapshot.vectors()?,
            ..Updates::default()
        };
        updates.associations = snapshot.associations(&relations)?;
        snapshot.for_each_passage(|passage| updates.passages.push(passage))?;
        snapshot.for_each_concept(|concept| {
            if let ConceptKind::Entity { name, .. } = concept.kind {
                updates.entities.push((concept.id, name));
            }
            Ok(())
        })?;
        let mut indexes = Self::empty(snapshot.column().dimension());
        indexes.relations = Arc::new(relations);
        Ok(indexes.with(&updates, snapshot.column()))
    }

    /// The indexes after a commit.
    pub fn with(&self, updates: &Updates, column: &ColumnView) -> Self {
        self.without(&updates.gone, column).with_new(updates, column)
    }

    fn without(&self, gone: &Gone, column: &ColumnView) -> Self {
        Self {
            passages: self.passages.without(&gone.vectors, &StoredVectors(column)),
            sentences: self.sentences.without(&gone.vectors, column),
            words: self.words.without(&documents(&gone.passages)),
            names: self.names.without_english(&borrowed(&gone.entities)),
            graph: self.graph.without(&gone.associations),
            relations: Arc::clone(&self.relations),
        }
    }

    fn with_new(&self, updates: &Updates, column: &ColumnView) -> Self {
        let passages = rows(&updates.vectors, |entry| entry.passage);
        let mut relations = Arc::clone(&self.relations);
        for (id, record) in &updates.relations {
            Arc::make_mut(&mut relations).insert(*id, record.clone());
        }
        Self {
            passages: self.passages.with(&passages, &StoredVectors(column)),
            sentences: Arc::new(self.sentences.with(&updates.vectors, column)),
            words: self.words.with(&documents(&updates.passages)),
            names: self.names.with_english(&borrowed(&updates.entities)),
            graph: self.graph.with(&updates.associations),
            relations,
        }
    }
}

/// The index of sentences' vectors. Most stores are never searched for sentences: it is built by the first search
/// that wants it, and from then on each commit brings it up to date.
#[derive(Default)]
pub(crate) struct Sentences {
    built: OnceLock<VectorIndex>,
    building: Mutex<()>,
}

impl Sentences {
    /// The index over the state that this belongs to, which `snapshot` has to be of.
    pub fn get(&self, snapshot: &Snapshot) -> Result<&VectorIndex> {
        if let Some(index) = self.built.get() {
            return Ok(index);
        }
        let _one_builds = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = self.built.get() {
            return Ok(index);
        }
        let sentences = rows(&snapshot.vectors()?, |entry| entry.sentence);
        let empty = VectorIndex::new(snapshot.column().dimension());
        let index = empty.with(&sentences, &StoredVectors(snapshot.column()));
        Ok(self.built.get_or_init(|| index))
    }

    /// That of the state without these statements: built if this one is.
    fn without(self: &Arc<Self>, gone: &[ConceptId], column: &ColumnView) -> Arc<Self> {
        match self.built.get() {
            Some(index) if !gone.is_empty() => Arc::new(Self {
                built: OnceLock::from(index.without(gone, &StoredVectors(column))),
                building: Mutex::default(),
            }),
            _ if gone.is_empty() => Arc::clone(self),
            _ => Arc::default(),
        }
    }

    /// That of the state after a commit: built if this one is.
    fn with(&self, added: &[VectorEntry], column: &ColumnView) -> Self {
        let next = Self::default();
        if let Some(index) = self.built.get() {
            let sentences = rows(added, |entry| entry.sentence);
            next.built
                .get_or_init(|| index.with(&sentences, &StoredVectors(column)));
        }
        next
    }
}

fn rows(entries: &[VectorEntry], wanted: fn(&VectorEntry) -> bool) -> Vec<(ConceptId, u64)> {
    let wanted = entries.iter().filter(|entry| wanted(entry));
    wanted.map(|entry| (entry.concept, entry.row)).collect()
}

fn documents(passages: &[PassageEntry]) -> Vec<Document<'_>> {
    let documents = passages.iter().map(|passage| Document {
        id: passage.concept,
        text: &passage.document,
        language: passage.language,
    });
    documents.collect()
}

fn borrowed(documents: &[(ConceptId, String)]) -> Vec<(ConceptId, &str)> {
    documents.iter().map(|(id, text)| (*id, text.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{sentence, store};

    #[test]
    fn sentences_are_indexed_by_the_first_search_for_them_and_kept_up_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let commit = |number| store.commit(&[sentence(number)]).unwrap().1;
        commit(0);
        let before = store.snapshot().unwrap();
        let opened = Indexes::build(&before).unwrap();
        assert!(opened.sentences.built.get().is_none());

        let updates = commit(1);
        let after = store.snapshot().unwrap();
        let learned = opened.with(&updates, after.column());
        assert!(learned.sentences.built.get().is_none());
        assert_eq!(learned.sentences.get(&after).unwrap().len(), 2);
        assert!(learned.sentences.built.get().is_some() && opened.sentences.built.get().is_none());

        let updates = commit(2);
        let last = store.snapshot().unwrap();
        let kept_up = learned.with(&updates, last.column());
        assert_eq!(kept_up.sentences.built.get().map(VectorIndex::len), Some(3));
        assert_eq!(opened.sentences.get(&before).unwrap().len(), 1);
    }
}
