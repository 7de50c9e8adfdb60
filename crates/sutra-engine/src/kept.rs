//! Indexes from files and to files.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sutra_graph::Graph;
use sutra_model::{Result, TransactionId};
use sutra_store::{KeptIndexes, KeptPart, Snapshot, Store, Tail, Updates, VectorEntry};
use sutra_text::{Copies, Parts, Spellings, State, WordIndex};
use sutra_vector::VectorIndex;

use crate::committer::Committer;
use crate::filed::Filed;
use crate::indexes::{Indexes, Kept};

/// Half-edges that are counted as a concept.
const EDGES_OF_A_CONCEPT: usize = 8;

/// The files of the parts that lie in some.
#[derive(Default)]
pub(crate) struct Files {
    /// Held while files are written.
    filed: Mutex<AllFiled>,
    /// The transaction as of which they are kept; 0 where none are.
    kept: AtomicU64,
}

struct AllFiled {
    passages: Filed<sutra_vector::Part>,
    sentences: Filed<sutra_vector::Part>,
    graph: Filed<sutra_graph::Part>,
    words: FiledWords,
    names: FiledWords,
}

impl Default for AllFiled {
    /// Numbers are never given to another index.
    fn default() -> Self {
        Self {
            passages: Filed::of(1),
            graph: Filed::of(2),
            sentences: Filed::of(3),
            words: FiledWords::of([4, 5, 6]),
            names: FiledWords::of([7, 8, 9]),
        }
    }
}

impl Files {
    fn lock(&self) -> MutexGuard<'_, AllFiled> {
        self.filed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transaction as of which indexes are kept; 0 where none are.
    pub fn kept(&self) -> TransactionId {
        TransactionId(self.kept.load(Ordering::Relaxed))
    }

    /// The indexes of a state: mapped where they were kept, with what came since; built from the truth where they were
    /// not, or are damaged.
    pub fn open(&self, store: &Store, snapshot: &Snapshot) -> Result<Indexes> {
        let Some(kept) = store.kept_indexes(snapshot) else {
            return Indexes::build(snapshot);
        };
        let Some(tail) = snapshot.tail(kept.transaction, &snapshot.relations()?)? else {
            return Indexes::build(snapshot);
        };
        let mut filed = self.lock();
        self.kept.store(kept.transaction.0, Ordering::Relaxed);
        let indexes = Indexes::of(snapshot, filed.map(store, &kept, snapshot))?;
        Ok(indexes.with(&missing(&indexes, tail), snapshot.column()))
    }

    /// Reads the files that were mapped when the store was opened, for as long as that is wanted, and has indexes whose files
    /// are damaged built anew from the truth.
    pub fn check(&self, committer: &Committer, is_wanted: impl Fn() -> bool) -> Result<()> {
        let mut filed = self.lock();
        let passages = filed.passages.is_sound(&is_wanted);
        let sentences = filed.sentences.is_sound(&is_wanted);
        let graph = filed.graph.is_sound(&is_wanted);
        let words = filed.words.are_sound(&is_wanted);
        let names = filed.names.are_sound(&is_wanted);
        if passages && sentences && graph && words && names {
            return Ok(());
        }
        let view = committer.rebuild(|indexes| Kept {
            passages: passages.then(|| indexes.passages.clone()),
            sentences: indexes.sentences.built().filter(|_| sentences).cloned(),
            graph: graph.then(|| indexes.graph.clone()),
            words: words.then(|| indexes.words.clone()),
            names: names.then(|| indexes.names.clone()),
        })?;
        // What is damaged is named no more, so that the next opening builds it, too, should it come first.
        committer.store().forget_indexes()?;
        self.kept.store(0, Ordering::Relaxed);
        drop(view);
        Ok(())
    }

    /// About how many concepts lie in no file.
    pub fn unkept(&self, indexes: &Indexes) -> usize {
        let filed = self.lock();
        let passages = unkept_vectors(&filed.passages, &indexes.passages);
        let sentences = indexes.sentences.built();
        let sentences = sentences.map_or(0, |index| unkept_vectors(&filed.sentences, index));
        let words = filed
            .words
            .unkept(&indexes.words)
            .max(filed.names.unkept(&indexes.names));
        passages.max(sentences).max(words) + indexes.graph.unsettled() / EDGES_OF_A_CONCEPT
    }

    /// Writes every part of indexes that lies in no file yet, has its copy there take its place in those that are
    /// searched, and names the files as those of a transaction. The indexes have to be of that one, all of them set apart.
    pub fn keep(&self, committer: &Committer, indexes: &Indexes, transaction: TransactionId) -> Result<()> {
        let mut filed = self.lock();
        let store = committer.store();
        let copied = filed.write(store, indexes)?;
        let view = committer.update(|indexes, _| indexes.with_copies(&copied))?;
        let parts = filed.named(&indexes.with_copies(&copied));
        if let Some(parts) = parts {
            store.keep_indexes(view.snapshot(), &KeptIndexes { transaction, parts })?;
            self.kept.store(transaction.0, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl AllFiled {
    /// Which indexes could be mapped.
    fn map(&mut self, store: &Store, kept: &KeptIndexes, snapshot: &Snapshot) -> Kept {
        let dimension = snapshot.column().dimension();
        let passages = self.passages.map(store, kept);
        let sentences = self.sentences.map(store, kept);
        let of_parts = |parts| VectorIndex::of_parts(dimension, parts);
        Kept {
            passages: passages.and_then(of_parts).ok(),
            // Without a part it was not kept, or there is nothing to build.
            sentences: sentences
                .ok()
                .filter(|parts| !parts.is_empty())
                .and_then(|parts| of_parts(parts).ok()),
            words: self.words.map(store, kept).ok(),
            names: self.names.map(store, kept).ok(),
            graph: self.graph.map(store, kept).map(Graph::of_parts).ok(),
        }
    }

    fn write(&mut self, store: &Store, indexes: &Indexes) -> Result<Copied> {
        let sentences = kept_sentences(indexes).map_or(&[][..], VectorIndex::parts);
        Ok(Copied {
            passages: self.passages.write(store, indexes.passages.parts())?,
            sentences: self.sentences.write(store, sentences)?,
            graph: self.graph.write(store, &indexes.graph.parts())?,
            words: self.words.write(store, &indexes.words)?,
            names: self.names.write(store, &indexes.names)?,
        })
    }

    /// The files of all parts of indexes; `None` where one lies in none.
    fn named(&mut self, indexes: &Indexes) -> Option<Vec<KeptPart>> {
        let mut named = Vec::new();
        let sentences = kept_sentences(indexes).map_or(&[][..], VectorIndex::parts);
        let complete = [
            self.passages.name(indexes.passages.parts(), &mut named),
            self.sentences.name(sentences, &mut named),
            self.graph.name(&indexes.graph.parts(), &mut named),
            self.words.name(&indexes.words, &mut named),
            self.names.name(&indexes.names, &mut named),
        ];
        (!complete.contains(&false)).then_some(named)
    }
}

/// The index of sentences, where all of it was set apart. Somebody may have it built at any time.
fn kept_sentences(indexes: &Indexes) -> Option<&VectorIndex> {
    indexes.sentences.built().filter(|index| index.fresh() == 0)
}

fn unkept_vectors(filed: &Filed<sutra_vector::Part>, index: &VectorIndex) -> usize {
    let unkept = index.parts().iter().filter(|part| !filed.has(part));
    unkept.map(sutra_vector::Part::len).sum::<usize>() + index.fresh()
}

/// Parts, each with its copy in a file.
struct Copied {
    passages: Vec<(sutra_vector::Part, sutra_vector::Part)>,
    sentences: Vec<(sutra_vector::Part, sutra_vector::Part)>,
    graph: Vec<(sutra_graph::Part, sutra_graph::Part)>,
    words: Copies,
    names: Copies,
}

impl Indexes {
    /// The same indexes, with copies in the place of what they are copies of.
    fn with_copies(&self, copied: &Copied) -> Self {
        let vectors = |index: &VectorIndex, copies: &[(sutra_vector::Part, sutra_vector::Part)]| {
            let first = index.clone();
            copies
                .iter()
                .fold(first, |index, (part, copy)| index.with_copy(part, copy))
        };
        let graph = copied.graph.iter();
        Self {
            passages: vectors(&self.passages, &copied.passages),
            sentences: self.sentences.changed(|index| vectors(index, &copied.sentences)),
            words: self.words.with_copies(&copied.words),
            names: self.names.with_copies(&copied.names),
            graph: graph.fold(self.graph.clone(), |graph, (part, copy)| {
                graph.with_copy(part, copy)
            }),
            relations: self.relations.clone(),
        }
    }
}

/// The files of an index of words.
struct FiledWords {
    documents: Filed<sutra_text::Part>,
    spellings: Filed<Spellings>,
    /// One, or none where nothing is marked.
    state: Filed<State>,
}

impl FiledWords {
    fn of([documents, spellings, state]: [u32; 3]) -> Self {
        Self {
            documents: Filed::of(documents),
            spellings: Filed::of(spellings),
            state: Filed::of(state),
        }
    }

    fn map(&mut self, store: &Store, kept: &KeptIndexes) -> Result<WordIndex, String> {
        let parts = Parts {
            documents: self.documents.map(store, kept)?,
            spellings: self.spellings.map(store, kept)?,
        };
        let state = self.state.map(store, kept)?.pop().unwrap_or_default();
        Ok(WordIndex::of_parts(parts, state))
    }

    fn are_sound(&mut self, is_wanted: &impl Fn() -> bool) -> bool {
        let sound = [
            self.documents.is_sound(is_wanted),
            self.spellings.is_sound(is_wanted),
            self.state.is_sound(is_wanted),
        ];
        !sound.contains(&false)
    }

    fn unkept(&self, index: &WordIndex) -> usize {
        let documents = index.parts().documents;
        let unkept = documents.iter().filter(|part| !self.documents.has(part));
        unkept.map(sutra_text::Part::len).sum::<usize>() + index.fresh()
    }

    fn write(&mut self, store: &Store, index: &WordIndex) -> Result<Copies> {
        let Parts { documents, spellings } = index.parts();
        Ok(Copies {
            documents: self.documents.write(store, &documents)?,
            spellings: self.spellings.write(store, &spellings)?,
            state: self.state.write(store, &marked(index))?.pop(),
        })
    }

    fn name(&mut self, index: &WordIndex, named: &mut Vec<KeptPart>) -> bool {
        let Parts { documents, spellings } = index.parts();
        let complete = [
            self.documents.name(&documents, named),
            self.spellings.name(&spellings, named),
            self.state.name(&marked(index), named),
        ];
        !complete.contains(&false)
    }
}

/// The state of an index in which something is marked.
fn marked(index: &WordIndex) -> Vec<State> {
    let state = index.state();
    if state.is_empty() { Vec::new() } else { vec![state] }
}

/// What indexes lack, or have too much, beside what transactions have touched.
fn missing(indexes: &Indexes, tail: Tail) -> Updates {
    let mut updates = Updates::default();
    let sentences = indexes.sentences.built();
    for touched in tail.concepts {
        let id = touched.concept;
        let vector = touched.vector.filter(|_| touched.lives);
        let row = |wanted: fn(&VectorEntry) -> bool| vector.filter(wanted).map(|vector| vector.row);
        let had = [
            indexes.passages.row_of(id),
            sentences.and_then(|index| index.row_of(id)),
        ];
        let wanted = [
            row(|vector| vector.passage),
            row(|vector| vector.sentence).filter(|_| sentences.is_some()),
        ];
        if had != wanted {
            let is_there = had.iter().any(Option::is_some);
            updates.gone.vectors.extend(is_there.then_some(id));
            updates.vectors.extend(vector);
        }
        if let Some(passage) = touched.passage {
            match (indexes.words.has(id), touched.lives) {
                (false, true) => updates.passages.push(passage),
                (true, false) => updates.gone.passages.push(passage),
                _ => {}
            }
        }
        if let Some(name) = touched.entity {
            match (indexes.names.has(id), touched.lives) {
                (false, true) => updates.entities.push((id, name)),
                (true, false) => updates.gone.entities.push((id, name)),
                _ => {}
            }
        }
    }
    for (key, association) in tail.associations {
        match association {
            Some(association) if indexes.graph.get(key) != Some(association) => {
                updates.associations.push(association);
            }
            Some(_) => {}
            None => updates.gone.associations.push(key),
        }
    }
    updates
}
