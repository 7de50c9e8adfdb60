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
use sutra_vector::{FullPrecision, How, VectorIndex};

/// Documents whose words are taken in together.
const AT_ONCE: usize = 1 << 14;

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
        self.0.row_or_checked(row, concept)
    }
}

impl Indexes {
    /// Builds everything from the truth.
    pub fn build(snapshot: &Snapshot) -> Result<Self> {
        Self::of(snapshot, Kept::default())
    }

    /// Takes over what was kept, which has to be of this state, and builds the rest from the truth.
    pub fn of(snapshot: &Snapshot, kept: Kept) -> Result<Self> {
        let relations = snapshot.relations()?;
        let passages = match kept.passages {
            Some(passages) => passages,
            None => passages(snapshot)?,
        };
        let graph = match kept.graph {
            Some(graph) => graph,
            None => Graph::new().with(&snapshot.associations(&relations)?),
        };
        let words = match kept.words {
            Some(words) => words,
            None => words(snapshot)?,
        };
        let names = match kept.names {
            Some(names) => names,
            None => names(snapshot)?,
        };
        Ok(Self {
            passages,
            sentences: Arc::new(Sentences::of(kept.sentences)),
            words,
            names,
            graph,
            relations: Arc::new(relations),
        })
    }

    /// The same indexes; what comes later is not put among what they have, so that this can be settled meanwhile.
    pub fn apart(&self, column: &ColumnView) -> Self {
        let stored = StoredVectors(column);
        Self {
            passages: self.passages.apart(&stored),
            sentences: self.sentences.changed(|sentences| sentences.apart(&stored)),
            words: self.words.apart(),
            names: self.names.apart(),
            graph: self.graph.apart(),
            relations: Arc::clone(&self.relations),
        }
    }

    /// About how many concepts are not settled.
    pub fn unsettled(&self) -> usize {
        let sentences = self.sentences.built().map_or(0, VectorIndex::unsettled);
        let vectors = self.passages.unsettled().max(sentences);
        vectors.max(self.words.unsettled()).max(self.names.unsettled())
    }

    /// How many vectors were taken out of settled parts and are still in their files.
    pub fn removed(&self) -> usize {
        let sentences = self.sentences.built().map_or(0, VectorIndex::removed);
        self.passages.removed().max(sentences)
    }

    /// Parts of what was set apart. Where `is_wanted` no longer holds, some are not made.
    pub fn settle(
        &self,
        how: How,
        removed_max: usize,
        full: &impl FullPrecision,
        is_wanted: &dyn Fn() -> bool,
    ) -> Settled {
        let sentences = self.sentences.built();
        Settled {
            passages: self.passages.settle(how, removed_max, full),
            sentences: sentences.and_then(|sentences| sentences.settle(how, removed_max, full)),
            words: settled_words(&self.words, how, is_wanted),
            names: settled_words(&self.names, how, is_wanted),
            graph: self.graph.settle(match how {
                How::Settled => sutra_graph::TOGETHER,
                How::Flat => 0,
            }),
        }
    }

    /// The same indexes, with parts in the place of what they were made of.
    pub fn with_settled(&self, settled: &Settled) -> Self {
        let mut next = self.clone();
        if let Some(made) = &settled.passages {
            next.passages = next.passages.with_settled(made);
        }
        if let Some(made) = &settled.sentences {
            next.sentences = next.sentences.changed(|sentences| sentences.with_settled(made));
        }
        for made in &settled.words {
            next.words = next.words.with_settled(made);
        }
        for made in &settled.names {
            next.names = next.names.with_settled(made);
        }
        if let Some(made) = &settled.graph {
            next.graph = next.graph.with_settled(made);
        }
        next
    }

    /// The indexes after a commit.
    pub fn with(&self, updates: &Updates, column: &ColumnView) -> Self {
        self.without(&updates.gone, column).with_new(updates, column)
    }

    /// The indexes of a state with more in them than it has at present.
    pub fn and(&self, more: &Updates, column: &ColumnView) -> Self {
        let mut indexes = self.with_new(more, column);
        indexes.sentences = self.sentences.and(&more.vectors, column);
        indexes
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
    /// Sentences that the state does not have at present.
    more: Vec<(ConceptId, u64)>,
}

impl Sentences {
    /// Those that were built before, if they were.
    fn of(built: Option<VectorIndex>) -> Self {
        Self {
            built: built.map_or_else(OnceLock::new, OnceLock::from),
            ..Self::default()
        }
    }

    /// The index, where it was built.
    pub fn built(&self) -> Option<&VectorIndex> {
        self.built.get()
    }

    /// The index of the same state in another form, where it was built.
    pub fn changed(self: &Arc<Self>, change: impl FnOnce(&VectorIndex) -> VectorIndex) -> Arc<Self> {
        match self.built() {
            Some(index) => Arc::new(Self::of(Some(change(index)))),
            None => Arc::clone(self),
        }
    }

    /// The index over the state that this belongs to, which `snapshot` has to be of.
    pub fn get(&self, snapshot: &Snapshot) -> Result<&VectorIndex> {
        if let Some(index) = self.built.get() {
            return Ok(index);
        }
        let _one_builds = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = self.built.get() {
            return Ok(index);
        }
        let mut sentences = rows(&snapshot.vectors()?, |entry| entry.sentence);
        sentences.extend_from_slice(&self.more);
        sentences.sort_unstable();
        let empty = VectorIndex::new(snapshot.column().dimension());
        let index = empty.with(&sentences, &StoredVectors(snapshot.column()));
        Ok(self.built.get_or_init(|| index))
    }

    /// That of the state without these statements: built if this one is.
    fn without(self: &Arc<Self>, gone: &[ConceptId], column: &ColumnView) -> Arc<Self> {
        match self.built.get() {
            Some(index) if !gone.is_empty() => {
                Arc::new(Self::of(Some(index.without(gone, &StoredVectors(column)))))
            }
            _ if gone.is_empty() => Arc::clone(self),
            _ => Arc::default(),
        }
    }

    /// That of the state with more sentences.
    fn and(self: &Arc<Self>, more: &[VectorEntry], column: &ColumnView) -> Arc<Self> {
        let more = rows(more, |entry| entry.sentence);
        match self.built.get() {
            _ if more.is_empty() => Arc::clone(self),
            Some(index) => Arc::new(Self::of(Some(index.with(&more, &StoredVectors(column))))),
            None => Arc::new(Self {
                more,
                ..Self::default()
            }),
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

/// Parts that were made of what was set apart.
pub(crate) struct Settled {
    passages: Option<sutra_vector::Settlement>,
    sentences: Option<sutra_vector::Settlement>,
    /// One after the other.
    words: Vec<sutra_text::Settlement>,
    names: Vec<sutra_text::Settlement>,
    graph: Option<sutra_graph::Settlement>,
}

/// What indexes were kept in files.
#[derive(Default)]
pub(crate) struct Kept {
    pub passages: Option<VectorIndex>,
    pub sentences: Option<VectorIndex>,
    pub words: Option<WordIndex>,
    pub names: Option<WordIndex>,
    pub graph: Option<Graph>,
}

/// What becomes of the words that were set apart.
fn settled_words(index: &WordIndex, how: How, is_wanted: &dyn Fn() -> bool) -> Vec<sutra_text::Settlement> {
    let mut index = index.clone();
    let next = |index: &WordIndex| match how {
        How::Settled => index.settle(is_wanted),
        How::Flat => index.gather(is_wanted),
    };
    let made = std::iter::from_fn(|| {
        let made = next(&index)?;
        index = index.with_settled(&made);
        Some(made)
    });
    made.collect()
}

/// The words of all passages.
fn words(snapshot: &Snapshot) -> Result<WordIndex> {
    let (mut words, mut some) = (WordIndex::new(), Vec::new());
    snapshot.for_each_passage(|passage| {
        some.push(passage);
        if some.len() == AT_ONCE {
            words = words.with(&documents(&std::mem::take(&mut some)));
        }
    })?;
    Ok(words.with(&documents(&some)))
}

/// The words of the names of all entities.
fn names(snapshot: &Snapshot) -> Result<WordIndex> {
    let (mut names, mut some) = (WordIndex::new(), Vec::new());
    snapshot.for_each_concept(|concept| {
        if let ConceptKind::Entity { name, .. } = concept.kind {
            some.push((concept.id, name));
        }
        if some.len() == AT_ONCE {
            names = names.with_english(&borrowed(&std::mem::take(&mut some)));
        }
        Ok(())
    })?;
    Ok(names.with_english(&borrowed(&some)))
}

fn passages(snapshot: &Snapshot) -> Result<VectorIndex> {
    let rows = rows(&snapshot.vectors()?, |entry| entry.passage);
    let column = snapshot.column();
    Ok(VectorIndex::new(column.dimension()).with(&rows, &StoredVectors(column)))
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
    use sutra_graph::Direction;

    use super::*;
    use crate::samples::{sentence, store, version};

    /// What indexes find, whichever way they were made.
    fn found(indexes: &Indexes, snapshot: &Snapshot) -> Vec<String> {
        let mut found = Vec::new();
        for number in 0..5 {
            for index in [&indexes.words, &indexes.names] {
                let mut hits = index.search(&format!("Sentence Thing {number}"), 50);
                hits.sort_by_key(|(id, _)| *id);
                found.push(format!("{hits:?}"));
            }
            found.push(format!(
                "{:?}",
                indexes.words.near(&format!("Sentense {number}"), 9)
            ));
        }
        found.push(format!("{:?}", indexes.words.languages()));
        let stored = StoredVectors(snapshot.column());
        for index in [&indexes.passages, indexes.sentences.get(snapshot).unwrap()] {
            let hits = index.search_exact(&[1.0, 0.5, 0.2, 0.1], 50, &stored).unwrap();
            found.push(format!("{hits:?}"));
        }
        for id in 1..30 {
            let mut edges = Vec::new();
            indexes.graph.visit(ConceptId(id), Direction::Both, None, |edge| {
                edges.push(edge.association)
            });
            edges.sort_by_key(|association| association.key);
            found.push(format!("{edges:?}"));
        }
        found
    }

    #[test]
    fn indexes_that_took_in_versions_are_those_that_are_built_anew() {
        for seed in 0..60_usize {
            let folder = tempfile::tempdir().unwrap();
            let store = store(folder.path());
            let mut indexes = Indexes::build(&store.snapshot().unwrap()).unwrap();
            indexes.sentences.get(&store.snapshot().unwrap()).unwrap();
            let mut number = seed;
            let mut next = |below: usize| {
                number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
                number / 65_536 % below
            };
            for _ in 0..8 {
                let group: Vec<_> = (0..=next(4)).map(|_| version(next(3), next(5))).collect();
                let updates = store.commit(&group).unwrap().1;
                let snapshot = store.snapshot().unwrap();
                indexes = indexes.with(&updates, snapshot.column());
                let anew = Indexes::build(&snapshot).unwrap();
                assert_eq!(found(&indexes, &snapshot), found(&anew, &snapshot), "seed {seed}");
            }
        }
    }

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
