//! Another text under an address takes the place of the one before, which can still be asked for.

#[path = "samples/mod.rs"]
mod samples;

use std::collections::BTreeMap;

use samples::{batch, open, then, version};
use sutra_faults::Random;
use sutra_model::{Batch, ConceptKind, Roles, SourceDraft, SourceId, StatementDraft, TransactionId};
use sutra_store::{Filter, Selection, Snapshot, Store};

fn assert_sound(snapshot: &Snapshot, seed: u64) {
    assert_eq!(snapshot.verify().unwrap().faults, [""; 0], "seed {seed}");
}

/// What the indexes of a state are made of.
fn indexed(snapshot: &Snapshot) -> Vec<String> {
    let mut found = Vec::new();
    let relations = snapshot.relations().unwrap();
    for association in snapshot.associations(&relations).unwrap() {
        found.push(format!("{association:?}"));
    }
    snapshot
        .for_each_passage(|passage| found.push(format!("{passage:?}")))
        .unwrap();
    for vector in snapshot.vectors().unwrap() {
        found.push(format!("{vector:?}"));
    }
    snapshot
        .for_each_concept(|concept| {
            if let ConceptKind::Entity { name, .. } = concept.kind {
                found.push(name);
            }
            Ok(())
        })
        .unwrap();
    found
}

#[test]
fn the_past_says_what_the_present_said() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut past: BTreeMap<u64, String> = BTreeMap::new();
        for step in 0..16 {
            let told = match random.one_in(4) {
                true => batch(&mut random, 100 + step as u64),
                false => version(&mut random),
            };
            store.commit_at(step, &[told]).unwrap().0.remove(0).unwrap();
            let state = store.snapshot().unwrap();
            assert_sound(&state, seed);
            let now = state.transaction().0;
            past.insert(now, then(&state, now));
            for (transaction, said) in &past {
                assert_eq!(&then(&state, *transaction), said, "seed {seed}, at {now}");
            }
            drop(state);
            if random.one_in(6) {
                drop(store);
                store = open(folder.path());
            }
        }
    }
}

#[test]
fn a_store_that_changed_its_mind_knows_what_one_does_that_learned_the_last_alone() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [store, alone] = folders.each_ref().map(|folder| open(folder.path()));
        let mut last: BTreeMap<String, Batch> = BTreeMap::new();
        for step in 0..12 {
            let mut told = version(&mut random);
            told.sources[0].offset = 0;
            told.sources[0].last = true;
            let receipt = store
                .commit_at(step, std::slice::from_ref(&told))
                .unwrap()
                .0
                .remove(0);
            // The same text under another title is known.
            if receipt.unwrap().new_sources == 1 {
                last.insert(told.sources[0].address.clone(), told);
            }
        }
        for told in last.values() {
            alone.commit_at(99, std::slice::from_ref(told)).unwrap();
        }
        let [grown, fresh] = [&store, &alone].map(|store| store.snapshot().unwrap());
        assert_eq!(texts(&grown), texts(&fresh), "seed {seed}");
        // A role, a type or a vector that was told once is known.
        let (grown, fresh) = (grown.totals(), fresh.totals());
        assert_eq!(grown.sources, fresh.sources, "seed {seed}");
        assert_eq!(grown.statements, fresh.statements, "seed {seed}");
        assert_eq!(grown.entities, fresh.entities, "seed {seed}");
    }
}

fn texts(snapshot: &Snapshot) -> Vec<String> {
    let sources = snapshot.sources_after(SourceId(0), usize::MAX).unwrap();
    let living = sources.iter().filter(|source| source.retired.is_none());
    let mut texts: Vec<String> = living
        .map(|source| snapshot.source_text(source).unwrap())
        .collect();
    texts.sort();
    texts
}

#[test]
fn a_store_that_forgets_all_of_it_has_nothing_left() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        for step in 0..10 {
            store.commit_at(step, &[version(&mut random)]).unwrap();
            if random.one_in(4) {
                let source = SourceId(1 + random.below(8));
                store
                    .forget(step, &Selection::Sources(vec![source]), false)
                    .unwrap();
                assert_sound(&store.snapshot().unwrap(), seed);
            }
        }
        for source in 1..=10 {
            store
                .forget(99, &Selection::Sources(vec![SourceId(source)]), false)
                .unwrap();
            assert_sound(&store.snapshot().unwrap(), seed);
        }
        let state = store.snapshot().unwrap();
        assert_eq!(state.totals(), sutra_store::Totals::default(), "seed {seed}");
        assert_eq!(indexed(&state), [""; 0], "seed {seed}");
        assert!(state.sources_after(SourceId(0), 1).unwrap().is_empty());
    }
}

/// A whole text of sentences, or a part of one.
fn text(address: &str, offset: u64, sentences: &[&str], last: bool) -> Batch {
    let mut batch = Batch::default();
    let mut text = String::new();
    for sentence in sentences {
        let start = text.len() as u64;
        text += sentence;
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: true,
                passage: true,
            },
        });
        text.push(' ');
    }
    batch.sources.push(SourceDraft {
        address: address.to_owned(),
        offset,
        text,
        last,
        ..SourceDraft::default()
    });
    batch
}

fn learn(store: &Store, batch: Batch) -> sutra_store::Receipt {
    store.commit(&[batch]).unwrap().0.remove(0).unwrap()
}

fn said(store: &Store) -> Vec<String> {
    let state = store.snapshot().unwrap();
    let mut said = Vec::new();
    state
        .for_each_concept(|concept| {
            said.push(state.words(&concept)?);
            Ok(())
        })
        .unwrap();
    said
}

#[test]
fn what_is_unchanged_keeps_its_statements() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = learn(&store, text("a", 0, &["One.", "Two.", "Three."], true));
    let second = learn(&store, text("a", 0, &["One.", "Four.", "Three."], true));
    assert_eq!(
        (second.new_sources, second.retired_sources, second.new_concepts),
        (1, 1, 1)
    );
    assert_eq!(
        (first.concepts[0], first.concepts[2]),
        (second.concepts[0], second.concepts[2])
    );
    assert_eq!(said(&store), ["One.", "Three.", "Four."]);
    // The same text again is no version.
    let again = learn(&store, text("a", 0, &["One.", "Four.", "Three."], true));
    assert_eq!((again.transaction, again.new_sources), (second.transaction, 0));
    // What was said before comes back as what it was.
    let back = learn(&store, text("a", 0, &["One.", "Two."], true));
    assert_eq!(back.concepts, first.concepts[..2]);
    assert_eq!(back.new_concepts, 0);
    let state = store.snapshot().unwrap();
    assert_eq!(state.versions_at("a").unwrap().len(), 3);
    assert_eq!(state.sources_at("a").unwrap(), back.sources);
}

#[test]
fn parts_take_the_place_of_those_they_overlap_and_the_last_of_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for (number, sentence) in ["Part 0.", "Part 1.", "Part 2."].into_iter().enumerate() {
        learn(&store, text("a", 8 * number as u64, &[sentence], number == 2));
    }
    // One part changes, as long as it was.
    let changed = learn(&store, text("a", 8, &["Part X."], false));
    assert_eq!(changed.retired_sources, 1);
    assert_eq!(said(&store), ["Part 0.", "Part 2.", "Part X."]);
    // The text ends with its first part, which is known.
    let shorter = learn(&store, text("a", 0, &["Part 0."], true));
    assert_eq!((shorter.new_sources, shorter.retired_sources), (0, 2));
    assert_eq!(said(&store), ["Part 0."]);
    // Another address is another text.
    learn(&store, text("b", 0, &["Part Y."], true));
    assert_eq!(said(&store), ["Part 0.", "Part Y."]);
}

#[test]
fn of_several_texts_in_a_batch_the_last_one_stands() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut batch = text("a", 0, &["One."], true);
    let other = text("a", 0, &["Two."], true);
    batch.sources.extend(other.sources);
    batch
        .statements
        .extend(other.statements.into_iter().map(|statement| StatementDraft {
            source: 1,
            ..statement
        }));
    let receipt = learn(&store, batch);
    assert_eq!(
        (receipt.new_sources, receipt.retired_sources, receipt.new_concepts),
        (2, 1, 1)
    );
    assert_eq!(said(&store), ["Two."]);
    let state = store.snapshot().unwrap();
    assert_eq!(state.versions_at("a").unwrap(), [SourceId(1), SourceId(2)]);
    assert_eq!(state.sources_at("a").unwrap(), [SourceId(2)]);
    assert_sound(&state, 0);
}

#[test]
fn the_past_ends_where_what_was_retired_is_dropped() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut past: BTreeMap<u64, String> = BTreeMap::new();
        for step in 0..16 {
            store.commit_at(step, &[version(&mut random)]).unwrap();
            if random.one_in(4) {
                let before = store.snapshot().unwrap();
                let expired = store.forget(step, &Selection::Retired(step - 4), false).unwrap();
                let state = store.snapshot().unwrap();
                assert_sound(&state, seed);
                assert_eq!(indexed(&state), indexed(&before), "seed {seed}");
                assert_eq!(expired.is_some(), state.transaction() > before.transaction());
                if expired.is_some() {
                    assert!(state.kept_from() > before.kept_from(), "seed {seed}");
                    let last = state.sources_after(SourceId(0), usize::MAX).unwrap();
                    let retired = last.iter().filter_map(|source| source.retired);
                    assert!(retired.into_iter().all(|retired| retired > state.kept_from()));
                }
            }
            let state = store.snapshot().unwrap();
            let now = state.transaction().0;
            past.insert(now, then(&state, now));
            let kept_from = state.kept_from();
            for (transaction, said) in past.range(kept_from.0.max(1)..) {
                assert_eq!(&then(&state, *transaction), said, "seed {seed}, at {now}");
            }
            if kept_from.0 > 1 {
                let filter = Filter {
                    as_of: Some(TransactionId(kept_from.0 - 1)),
                    ..Filter::default()
                };
                let error = state.said(&filter, &state.relations().unwrap()).unwrap_err();
                assert_eq!(error.code(), "invalid_value");
                assert!(error.to_string().contains("SUTRA_HISTORY_RETENTION"), "{error}");
            }
            drop(state);
            if random.one_in(6) {
                drop(store);
                store = open(folder.path());
            }
        }
    }
}
