//! Indexes from files and to files.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sutra_graph::Graph;
use sutra_model::{Result, TransactionId};
use sutra_segment::{Kept as KeptPartOf, Sections};
use sutra_store::{KeptIndexes, KeptPart, MappedFile, Snapshot, Store, Tail, Updates, VectorEntry};
use sutra_vector::VectorIndex;

use crate::committer::Committer;
use crate::indexes::{Indexes, Kept};

/// Which index a file is of.
const PASSAGES: u32 = 1;
const GRAPH: u32 = 2;
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

#[derive(Default)]
struct AllFiled {
    passages: Vec<Filed<sutra_vector::Part>>,
    graph: Vec<Filed<sutra_graph::Part>>,
}

/// A part and its file.
struct Filed<P> {
    part: P,
    file: u32,
    /// The arrays that were mapped when the store was opened, until they were checked.
    unchecked: Option<Sections<MappedFile>>,
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
        let dimension = snapshot.column().dimension();
        let passages = mapped(store, &kept, PASSAGES, &mut filed.passages);
        let passages = passages.and_then(|parts| VectorIndex::of_parts(dimension, parts));
        let graph = mapped(store, &kept, GRAPH, &mut filed.graph).map(Graph::of_parts);
        let indexes = Indexes::of(
            snapshot,
            Kept {
                passages: passages.ok(),
                graph: graph.ok(),
            },
        )?;
        Ok(indexes.with(&missing(&indexes, tail), snapshot.column()))
    }

    /// Reads the files that were mapped when the store was opened, for as long as that is wanted, and has indexes whose files
    /// are damaged built anew from the truth.
    pub fn check(&self, committer: &Committer, is_wanted: impl Fn() -> bool) -> Result<()> {
        let mut filed = self.lock();
        let passages = are_sound(&mut filed.passages, &is_wanted);
        let graph = are_sound(&mut filed.graph, &is_wanted);
        if passages && graph {
            return Ok(());
        }
        let view = committer.rebuild(|indexes| Kept {
            passages: passages.then(|| indexes.passages.clone()),
            graph: graph.then(|| indexes.graph.clone()),
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
        let vectors = indexes.passages.parts().iter();
        let vectors = vectors.filter(|part| !filed.passages.iter().any(|other| other.part.is_same(part)));
        let vectors: usize = vectors.map(sutra_vector::Part::len).sum();
        vectors + indexes.passages.fresh() + indexes.graph.unsettled() / EDGES_OF_A_CONCEPT
    }

    /// Writes every part that was set apart and lies in no file yet, has its copy in the file take its place, and names
    /// the files as those of a transaction.
    pub fn keep(&self, committer: &Committer, transaction: TransactionId) -> Result<()> {
        let mut filed = self.lock();
        let store = committer.store();
        let indexes = committer.lease().view()?.indexes().clone();
        let passages = written(store, indexes.passages.parts(), &mut filed.passages)?;
        let graph = written(store, &indexes.graph.parts(), &mut filed.graph)?;
        committer.update(|indexes, _| {
            let mut next = indexes.clone();
            for (part, copy) in &passages {
                next.passages = next.passages.with_copy(part, copy);
            }
            for (part, copy) in &graph {
                next.graph = next.graph.with_copy(part, copy);
            }
            next
        })?;
        let view = committer.lease().view()?;
        let mut parts = Vec::new();
        let named = named(
            PASSAGES,
            view.indexes().passages.parts(),
            &mut filed.passages,
            &mut parts,
        ) && named(GRAPH, &view.indexes().graph.parts(), &mut filed.graph, &mut parts);
        if named {
            store.keep_indexes(view.snapshot(), &KeptIndexes { transaction, parts })?;
            self.kept.store(transaction.0, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The parts of an index from their files.
fn mapped<P: KeptPartOf>(
    store: &Store,
    kept: &KeptIndexes,
    index: u32,
    filed: &mut Vec<Filed<P>>,
) -> Result<Vec<P>, String> {
    filed.clear();
    for KeptPart { file, marks, .. } in kept.parts.iter().filter(|part| part.index == index) {
        let sections = store.map_index(*file)?;
        let part = P::open(&sections)?;
        let part = if marks.is_empty() {
            part
        } else {
            part.marked(marks)
        };
        filed.push(Filed {
            part,
            file: *file,
            unchecked: Some(sections),
        });
    }
    Ok(filed.iter().map(|filed| filed.part.clone()).collect())
}

/// Whether all files that were not checked yet are what was written.
fn are_sound<P>(filed: &mut Vec<Filed<P>>, is_wanted: &impl Fn() -> bool) -> bool {
    let unchecked = filed.iter_mut().filter_map(|filed| filed.unchecked.take());
    let checked: Vec<bool> = unchecked
        .map(|sections| sections.check_while(is_wanted).is_ok())
        .collect();
    let sound = !checked.contains(&false);
    if !sound {
        filed.clear();
    }
    sound
}

/// Writes the parts that lie in no file, and gives each with its copy there.
fn written<P: KeptPartOf>(store: &Store, parts: &[P], filed: &mut Vec<Filed<P>>) -> Result<Vec<(P, P)>> {
    let mut copies = Vec::new();
    for part in parts {
        if filed.iter().any(|other| other.part.is_same(part)) {
            continue;
        }
        let file = part.laid_out(|layout| store.write_index(layout))?;
        let copy = store.map_index(file).and_then(|sections| P::open(&sections));
        // Whoever cannot read it back goes on with the part in memory, and writes it again another time.
        if let Ok(copy) = copy {
            filed.push(Filed {
                part: copy.clone(),
                file,
                unchecked: None,
            });
            copies.push((part.clone(), copy));
        }
    }
    Ok(copies)
}

/// Adds the files of all parts; `false` where one lies in none. Files of other parts are not known any more.
fn named<P: KeptPartOf>(
    index: u32,
    parts: &[P],
    filed: &mut Vec<Filed<P>>,
    named: &mut Vec<KeptPart>,
) -> bool {
    filed.retain(|filed| parts.iter().any(|other| other.is_same(&filed.part)));
    for part in parts {
        let Some(filed) = filed.iter().find(|other| other.part.is_same(part)) else {
            return false;
        };
        named.push(KeptPart {
            index,
            file: filed.file,
            marks: part.marks().to_vec(),
        });
    }
    true
}

/// What indexes lack, or have too much, beside what transactions have touched.
fn missing(indexes: &Indexes, tail: Tail) -> Updates {
    let mut updates = Updates::default();
    for touched in tail.concepts {
        let id = touched.concept;
        let wanted = touched.vector.filter(|vector| touched.lives && vector.passage);
        let has = indexes.passages.row_of(id);
        if has != wanted.map(|vector| vector.row) {
            updates.gone.vectors.extend(has.map(|_| id));
            updates.vectors.extend(wanted.map(|vector| VectorEntry {
                sentence: false,
                ..vector
            }));
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
