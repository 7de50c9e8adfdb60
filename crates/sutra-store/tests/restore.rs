//! A store that is restored to a transaction holds what was learned up to it and was never forgotten since, whether its
//! changes were kept before anything was forgotten or told afterwards.

#[path = "samples/mod.rs"]
mod samples;

use std::collections::{BTreeMap, BTreeSet};

use samples::{batch, open, version};
use sutra_faults::Random;
use sutra_model::{ConceptId, SourceId, TransactionId};
use sutra_store::{ChangeEvent, Selection, Snapshot, Store};

/// What a store holds, but for when it was forgotten.
fn held(snapshot: &Snapshot) -> Vec<String> {
    let mut held = vec![format!("{:?}", snapshot.totals())];
    for source in snapshot.sources_after(SourceId(0), usize::MAX).unwrap() {
        let text = snapshot.source_text(&source).unwrap();
        held.push(format!(
            "{:?} {:?} {:?} {:?} {text} {}",
            source.id,
            source.learned,
            source.retired,
            source.title,
            source.redacted.is_some()
        ));
    }
    let add = |concept: sutra_model::Concept| {
        let words = snapshot.words(&concept)?;
        let supports = snapshot.supports(concept.id, usize::MAX)?;
        held.push(format!("{:?} {words} {supports:?}", concept.id));
        Ok(())
    };
    snapshot.for_each_concept(add).unwrap();
    let relations = snapshot.relations().unwrap();
    for association in snapshot.associations(&relations).unwrap() {
        let mut evidence = snapshot.evidence(association.key, usize::MAX).unwrap();
        evidence.sort_by_key(|piece| piece.statement);
        held.push(format!("{:?} {evidence:?}", association.key));
    }
    for vector in snapshot.vectors().unwrap() {
        let values = snapshot.column().row(vector.row, vector.concept).unwrap();
        held.push(format!("{:?} {values:?}", vector.concept));
    }
    held
}

/// The texts of sources, by number.
fn texts(snapshot: &Snapshot) -> BTreeMap<u64, String> {
    let sources = snapshot.sources_after(SourceId(0), usize::MAX).unwrap();
    let text = |source| snapshot.source_text(source).unwrap();
    sources.iter().map(|source| (source.id.0, text(source))).collect()
}

/// A store of the first changes of another, without what the others forgot.
fn restored(events: &[ChangeEvent], until: u64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (before, after) = events.split_at(until as usize);
    let mut settled = 0;
    let mut ready = 0;
    for (index, event) in before.iter().enumerate() {
        settled = settled.max(event.settled.0);
        if event.transaction.0 >= settled {
            ready = index + 1;
        }
    }
    let data =
        |events: &[ChangeEvent]| -> Vec<Vec<u8>> { events.iter().map(|event| event.data.clone()).collect() };
    store.apply_changes(&data(&before[..ready])).unwrap();
    let forgetting: Vec<ChangeEvent> = after.iter().filter(|event| event.forgets).cloned().collect();
    store
        .restore_changes(&data(&before[ready..]), &data(&forgetting))
        .unwrap();
    (folder, store)
}

/// A store that follows another one.
fn followed(store: &Store) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let follower = open(folder.path());
    let mut told = Vec::new();
    fetch(store, &mut told);
    let data: Vec<Vec<u8>> = told.into_iter().map(|event| event.data).collect();
    follower.apply_changes(&data).unwrap();
    (folder, follower)
}

/// Adds the changes that are not there yet, as the store tells them now.
fn fetch(leader: &Store, changes: &mut Vec<ChangeEvent>) {
    let since = TransactionId(changes.len() as u64);
    changes.extend(leader.changes_since(since, usize::MAX).unwrap());
}

fn restore(seed: u64) {
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let leader = open(folder.path());
    let mut kept: Vec<ChangeEvent> = Vec::new();
    let mut mixed: Vec<ChangeEvent> = Vec::new();
    let mut known: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for step in 0..14 {
        let sources = texts(&leader.snapshot().unwrap());
        if !sources.is_empty() && random.one_in(3) {
            let source = *sources
                .keys()
                .nth(random.below(sources.len() as u64) as usize)
                .unwrap();
            let concept = ConceptId(1 + random.below(30));
            let selection = match random.below(5) {
                0 | 1 => Selection::Sources(vec![SourceId(source)]),
                2 => Selection::Concept(concept),
                3 => Selection::Node(concept),
                _ => Selection::Retired(step - 3),
            };
            leader.forget(step, &selection, false).unwrap();
        } else {
            let told = match random.one_in(2) {
                true => version(&mut random),
                false => batch(&mut random, 100 + step as u64),
            };
            leader.commit_at(step, &[told]).unwrap();
        }
        fetch(&leader, &mut kept);
        if random.one_in(3) {
            fetch(&leader, &mut mixed);
        }
        let state = leader.snapshot().unwrap();
        known.insert(state.transaction().0, texts(&state).into_keys().collect());
    }
    fetch(&leader, &mut mixed);
    let mut told = Vec::new();
    fetch(&leader, &mut told);
    let left = texts(&leader.snapshot().unwrap());
    for until in 1..=told.len() as u64 {
        let (_first, of_kept) = restored(&kept, until);
        let (_second, of_mixed) = restored(&mixed, until);
        let (_third, of_told) = restored(&told, until);
        let expected: BTreeMap<u64, String> = left
            .iter()
            .filter(|(source, _)| known[&until].contains(source))
            .map(|(source, text)| (*source, text.clone()))
            .collect();
        let states = [&of_kept, &of_mixed, &of_told].map(|store| store.snapshot().unwrap());
        for state in &states {
            assert_eq!(state.verify().unwrap().faults, [""; 0], "seed {seed}, to {until}");
            assert_eq!(texts(state), expected, "seed {seed}, to {until}");
        }
        let (_fourth, follower) = followed(&of_told);
        assert_eq!(
            held(&follower.snapshot().unwrap()),
            held(&states[2]),
            "seed {seed}, to {until}"
        );
        let [one, second, third] = states.map(|state| held(&state));
        assert_eq!(one, second, "seed {seed}, to {until}");
        assert_eq!(one, third, "seed {seed}, to {until}");
    }
}

#[test]
fn a_restored_store_holds_what_was_known_then_and_not_forgotten_since() {
    for seed in 0..25 {
        restore(seed);
    }
}

#[test]
fn a_restored_store_has_a_history_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let leader = open(folder.path());
    let mut random = Random::new(3);
    for number in 0..3 {
        leader
            .commit_at(number, &[batch(&mut random, number as u64)])
            .unwrap();
    }
    let events = leader.changes_since(TransactionId(0), usize::MAX).unwrap();
    let (_folder, store) = restored(&events, 2);
    let error = store.apply_changes(&[&events[2].data]).unwrap_err();
    assert_eq!(error.code(), "history_mismatch");
    let error = store.restore_changes(&[], &[&events[2].data]).unwrap_err();
    assert_eq!(error.code(), "history_mismatch");
    // It goes on, and can be followed.
    store.commit_at(9, &[batch(&mut random, 9)]).unwrap();
    let (_other, follower) = followed(&store);
    assert_eq!(
        held(&follower.snapshot().unwrap()),
        held(&store.snapshot().unwrap())
    );
}
