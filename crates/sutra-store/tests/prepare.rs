//! A model that is prepared beside the one in use takes its place as if it had always been there.

#[path = "samples/mod.rs"]
mod samples;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use samples::{batch, dump, open, open_of, reread, version};
use sutra_faults::{Failure, FaultDisk, Random, fail_everywhere};
use sutra_model::{Batch, ConceptId, Error, SourceId, TransactionId};
use sutra_store::{Disk, EmbedderId, FileSystem, OpenOptions, Selection, Store};

fn embedder(fingerprint: &str) -> EmbedderId {
    EmbedderId {
        fingerprint: fingerprint.into(),
        dimension: 2,
    }
}

/// Gives the vectors of a batch that are those of another model: none that rounding would alter.
fn turned(mut batch: Batch, by: usize) -> Batch {
    const AXES: [[f32; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    let length = |reference: &u32| {
        let statement = batch.statements[*reference as usize];
        statement.end as usize + statement.start as usize
    };
    let vectors = batch.vector_references.iter().map(length);
    batch.vectors = vectors.flat_map(|length| AXES[(length + by) % 4]).collect();
    batch
}

/// The same of two stores, of which the second has had the other model from the beginning.
fn act(random: &mut Random, step: i64, stores: [&Store; 2]) {
    let snapshot = stores[0].snapshot().unwrap();
    let sources = snapshot.sources_after(SourceId(0), usize::MAX).unwrap();
    let source = sources
        .get(random.below(sources.len().max(1) as u64) as usize)
        .map(|source| source.id);
    let concept = ConceptId(1 + random.below(30));
    let selection = match (random.below(10), source) {
        (0, Some(source)) => Selection::Sources(vec![source]),
        (1, _) => Selection::Concept(concept),
        (2, _) => Selection::Node(concept),
        (3, _) => Selection::Retired(step - 5),
        (4, Some(source)) => {
            let again = reread(random, &snapshot, source, 4);
            for store in stores {
                store.commit_at(step, std::slice::from_ref(&again)).unwrap();
            }
            return;
        }
        (5, _) => {
            // What was blanked, or came without a vector, gets one.
            let waiting = snapshot.pending_after(ConceptId(0), 3).unwrap();
            for (store, vector) in stores.into_iter().zip([vec![1.0, 0.0], vec![0.0, 1.0]]) {
                let given: Vec<_> = waiting.iter().map(|id| (*id, vector.clone())).collect();
                store.give_vectors(step, snapshot.transaction(), &given).unwrap();
            }
            return;
        }
        (number, _) => {
            let one = match number % 2 {
                0 => version(random),
                _ => batch(random, 100 + step as u64),
            };
            for (store, by) in stores.into_iter().zip([0, 1]) {
                store.commit_at(step, &[turned(one.clone(), by)]).unwrap();
            }
            return;
        }
    };
    for store in stores {
        store.forget(step, &selection, false).unwrap();
    }
}

/// Makes ready what the other store has, for some of what waits.
fn make_ready(store: &Store, other: &Store, limit: usize) {
    let state = other.snapshot().unwrap();
    let read = state.transaction();
    let mut ready = Vec::new();
    let mut after = ConceptId(0);
    loop {
        let waiting = store.unprepared_after(after, limit).unwrap();
        let Some(last) = waiting.last() else { break };
        after = *last;
        for id in waiting {
            if let Some(row) = state.vector_row(id).unwrap() {
                let values = state.column().row(row, id).unwrap();
                ready.push((id, values.iter().map(|value| value.to_f32()).collect()));
            }
        }
        if limit < usize::MAX {
            break;
        }
    }
    assert_eq!(store.give_prepared(read, &ready).unwrap(), ready.len() as u64);
    assert_eq!(store.give_prepared(read, &ready).unwrap(), 0);
}

/// All that the transactions of a store tell, but for what is drawn by chance.
fn told(store: &Store) -> BTreeMap<u64, String> {
    let snapshot = store.snapshot().unwrap();
    let all = 1..=snapshot.transaction().0;
    all.map(|number| {
        let change = snapshot.change(TransactionId(number)).unwrap();
        (number, format!("{change:?}"))
    })
    .collect()
}

fn assert_sound(store: &Store, seed: u64) {
    let faults = store.snapshot().unwrap().verify().unwrap().faults;
    assert_eq!(faults, [""; 0], "seed {seed}");
}

fn switched(seed: u64) {
    let mut random = Random::new(seed);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut store = open(folders[0].path());
    let other = open_of(folders[1].path(), "b");
    let begins = random.below(20) as i64;
    for step in 0..24 {
        if step == begins {
            store.prepare_model(&embedder("b")).unwrap();
        }
        act(&mut random, step, [&store, &other]);
        if step >= begins && random.one_in(2) {
            make_ready(&store, &other, 1 + random.below(4) as usize);
            assert_sound(&store, seed);
        }
        match random.below(12) {
            // It is found again where it was.
            0 => {
                let before = store.preparation().unwrap();
                drop(store);
                store = open(folders[0].path());
                assert_eq!(store.preparation().unwrap(), before, "seed {seed}");
            }
            1 => {
                let before = store.preparation().unwrap();
                store.purge().unwrap();
                drop(store);
                store = open(folders[0].path());
                assert_eq!(store.preparation().unwrap(), before, "seed {seed}");
            }
            _ => {}
        }
    }
    make_ready(&store, &other, usize::MAX);
    let old = store.snapshot().unwrap();
    let before = dump(&old);
    store.use_prepared().unwrap();
    assert!(matches!(store.commit(&[]), Err(Error::Closed)));
    assert_eq!(dump(&old), before, "seed {seed}");
    drop((old, store));
    assert_eq!(
        Store::embedder_of(folders[0].path(), true).unwrap(),
        Some(embedder("b"))
    );
    let store = open_of(folders[0].path(), "b");
    assert_eq!(store.preparation().unwrap(), None);
    assert_sound(&store, seed);
    assert_eq!(
        dump(&store.snapshot().unwrap()),
        dump(&other.snapshot().unwrap()),
        "seed {seed}"
    );
    for (one, same) in told(&store).iter().zip(&told(&other)) {
        assert_eq!(one, same, "seed {seed}");
    }
    // Whoever follows from the beginning has the new model alone.
    let folder = tempfile::tempdir().unwrap();
    let follower = open_of(folder.path(), "b");
    let events = store.changes_since(TransactionId(0), usize::MAX).unwrap();
    let data: Vec<Vec<u8>> = events.into_iter().map(|event| event.data).collect();
    follower.apply_changes(&data).unwrap();
    assert_sound(&follower, seed);
    assert_eq!(
        dump(&follower.snapshot().unwrap()),
        dump(&store.snapshot().unwrap()),
        "seed {seed}"
    );
}

#[test]
fn a_model_takes_the_place_of_another_as_if_it_had_always_been_there() {
    for seed in 0..40 {
        switched(seed);
    }
}

#[test]
#[ignore = "minutes: part of make soak"]
fn a_model_takes_the_place_of_another_whatever_happened() {
    for seed in 0..1000 {
        switched(seed);
    }
}

/// A store of some sources, all with vectors.
fn learned(folder: &Path, random: &mut Random) -> Store {
    let store = open(folder);
    for number in 0..4 {
        let mut one = batch(random, number);
        one.vector_references = (0..one.statements.len() as u32).collect();
        one.vectors = [1.0, 0.0].repeat(one.statements.len());
        store
            .commit_at(number as i64, &[one])
            .unwrap()
            .0
            .remove(0)
            .unwrap();
    }
    store
}

/// Makes a model ready and changes over with a failure after so many calls, and then a loss of power; false where no call
/// was the one.
fn survives(whole: &Path, calls: u64, failure: Failure, expected: &[Vec<String>; 2]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    copy(whole, folder.path());
    let disk = Arc::new(FaultDisk::over(folder.path()).unwrap());
    let options = |fingerprint: &str, disk: Arc<dyn Disk>| OpenOptions {
        disk,
        check_pages: true,
        ..OpenOptions::new(embedder(fingerprint))
    };
    let store = Store::open(folder.path(), options("a", Arc::clone(&disk) as _)).unwrap();
    disk.fail_after(calls, failure);
    let ready = (|| {
        store.prepare_model(&embedder("b"))?;
        let waiting = store.unprepared_after(ConceptId(0), usize::MAX)?;
        let ready: Vec<_> = waiting.into_iter().map(|id| (id, vec![0.0, 1.0])).collect();
        store.give_prepared(TransactionId(u64::MAX), &ready)
    })();
    let switched = ready.and_then(|_| store.use_prepared());
    let failed = disk.failures() > 0;
    assert!(failed || switched.is_ok(), "{switched:?}");
    drop(store);

    let told = format!("{failure:?} after {calls} calls");
    let left = tempfile::tempdir().unwrap();
    disk.lose_power(left.path(), &mut Random::new(calls)).unwrap();
    let found = Store::embedder_of(left.path(), false)
        .unwrap()
        .unwrap()
        .fingerprint;
    assert!(
        switched.is_err() || found == "b",
        "{told}: what was told done was not"
    );
    let store = Store::open(left.path(), options(&found, Arc::new(FileSystem))).unwrap();
    assert_sound(&store, calls);
    let is_new = found == "b";
    assert_eq!(
        dump(&store.snapshot().unwrap()),
        expected[usize::from(is_new)],
        "{told}"
    );
    if !is_new {
        // What became ready before is kept, and the rest can be made.
        store.prepare_model(&embedder("b")).unwrap();
        let waiting = store.unprepared_after(ConceptId(0), usize::MAX).unwrap();
        let ready: Vec<_> = waiting.into_iter().map(|id| (id, vec![0.0, 1.0])).collect();
        store.give_prepared(TransactionId(u64::MAX), &ready).unwrap();
        store.use_prepared().unwrap();
        drop(store);
        let store = open_of(left.path(), "b");
        assert_sound(&store, calls);
        assert_eq!(dump(&store.snapshot().unwrap()), expected[1], "{told}");
    }
    failed
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn survive_all(stride: u64) {
    let folder = tempfile::tempdir().unwrap();
    let store = learned(folder.path(), &mut Random::new(3));
    let before = dump(&store.snapshot().unwrap());
    drop(store);
    let after = tempfile::tempdir().unwrap();
    copy(folder.path(), after.path());
    let store = open(after.path());
    store.prepare_model(&embedder("b")).unwrap();
    let waiting = store.unprepared_after(ConceptId(0), usize::MAX).unwrap();
    let ready: Vec<_> = waiting.into_iter().map(|id| (id, vec![0.0, 1.0])).collect();
    store.give_prepared(TransactionId(u64::MAX), &ready).unwrap();
    store.use_prepared().unwrap();
    drop(store);
    let expected = [before, dump(&open_of(after.path(), "b").snapshot().unwrap())];
    fail_everywhere(stride, |calls, failure| {
        survives(folder.path(), calls, failure, &expected)
    });
}

#[test]
fn a_change_of_the_model_that_fails_anywhere_leaves_a_whole_store() {
    survive_all(13);
}

#[test]
#[ignore = "minutes: part of make soak"]
fn a_change_of_the_model_that_fails_at_any_call_leaves_a_whole_store() {
    survive_all(1);
}

#[test]
fn what_the_new_model_has_no_vector_of_waits_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    let store = learned(folder.path(), &mut random);
    // Something that waits with the model in use has a vector of the new one.
    let mut late = batch(&mut random, 9);
    late.sources[0].text = late.sources[0].text.replace("Fact", "Late");
    late.vector_references.clear();
    late.vectors.clear();
    store.commit_at(9, &[late]).unwrap();
    let begun = store.prepare_model(&embedder("b")).unwrap();
    let statements = store.snapshot().unwrap().totals().statements;
    assert_eq!((begun.ready, begun.waiting), (0, statements));
    let mut waiting = store.unprepared_after(ConceptId(0), usize::MAX).unwrap();
    let without = waiting.remove(0);
    let ready: Vec<_> = waiting.iter().map(|id| (*id, vec![0.0, 1.0])).collect();
    let read = store.snapshot().unwrap().transaction();
    store.give_prepared(read, &ready).unwrap();
    let state = store.preparation().unwrap().unwrap();
    assert_eq!((state.ready, state.waiting), (statements - 1, 1));
    store.use_prepared().unwrap();
    drop(store);
    let store = open_of(folder.path(), "b");
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.verify().unwrap().faults, [""; 0]);
    assert_eq!(snapshot.totals().vectors, statements - 1);
    assert_eq!(snapshot.pending_after(ConceptId(0), 9).unwrap(), [without]);
    store
        .give_vectors(10, read, &[(without, vec![0.0, 1.0])])
        .unwrap();
    assert_eq!(store.snapshot().unwrap().totals().vectors, statements);
}

#[test]
fn a_preparation_goes_on_or_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = learned(folder.path(), &mut Random::new(2));
    let transaction = store.snapshot().unwrap().transaction();
    assert_eq!(store.preparation().unwrap(), None);
    assert!(!store.give_up_preparation().unwrap());
    let invalid = |error: Error| assert_eq!(error.code(), "invalid_value", "{error}");
    invalid(store.use_prepared().unwrap_err());
    invalid(store.give_prepared(transaction, &[]).unwrap_err());
    invalid(store.unprepared_after(ConceptId(0), 1).unwrap_err());
    invalid(store.prepare_model(&embedder("a")).unwrap_err());
    let b = store.prepare_model(&embedder("b")).unwrap();
    invalid(
        store
            .give_prepared(transaction, &[(ConceptId(1), vec![1.0])])
            .unwrap_err(),
    );
    invalid(
        store
            .give_prepared(transaction, &[(ConceptId(1), vec![f32::NAN, 1.0])])
            .unwrap_err(),
    );
    assert_eq!(
        store
            .give_prepared(transaction, &[(ConceptId(1), vec![3.0, 4.0])])
            .unwrap(),
        1
    );
    let further = store.prepare_model(&embedder("b")).unwrap();
    assert_eq!(
        (further.model, further.ready, further.waiting),
        (b.model, 1, b.waiting - 1)
    );
    let c = store.prepare_model(&embedder("c")).unwrap();
    assert_eq!(
        (c.embedder.fingerprint.as_str(), c.ready, c.waiting),
        ("c", 0, b.waiting)
    );
    assert!(store.give_up_preparation().unwrap());
    assert_eq!(store.preparation().unwrap(), None);
    // None of it is in the history.
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.transaction(), transaction);
    assert_eq!(snapshot.verify().unwrap().faults, [""; 0]);
}
