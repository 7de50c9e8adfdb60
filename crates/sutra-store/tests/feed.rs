//! A store that applies another's changes holds what that one held after the same transaction, whenever it fetches them
//! and whatever is forgotten meanwhile.

#[path = "samples/mod.rs"]
mod samples;

use std::collections::BTreeMap;

use samples::{batch, dump, open, open_of, reread, version};
use sutra_faults::Random;
use sutra_model::{
    Batch, ConceptId, ConceptKind, Error, Roles, SourceDraft, SourceId, StatementDraft, TransactionId,
};
use sutra_store::{ChangeEvent, Selection, Snapshot, Store};

fn assert_sound(snapshot: &Snapshot, seed: u64) {
    assert_eq!(snapshot.verify().unwrap().faults, [""; 0], "seed {seed}");
}

/// A store that follows another: what it has fetched and not applied yet.
struct Follower {
    folder: tempfile::TempDir,
    store: Store,
    fetched: Vec<ChangeEvent>,
}

impl Follower {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        Self {
            folder,
            store,
            fetched: Vec::new(),
        }
    }

    fn transaction(&self) -> TransactionId {
        self.store.snapshot().unwrap().transaction()
    }

    /// Fetches some changes, and applies those that go together.
    fn fetch(&mut self, leader: &Store, limit: usize) {
        let since = self
            .fetched
            .last()
            .map_or_else(|| self.transaction(), |event| event.transaction);
        self.fetched.extend(leader.changes_since(since, limit).unwrap());
        let mut settled = 0;
        let mut ready = 0;
        for (index, event) in self.fetched.iter().enumerate() {
            settled = settled.max(event.settled.0);
            if event.transaction.0 >= settled {
                ready = index + 1;
            }
        }
        let data: Vec<Vec<u8>> = self.fetched.drain(..ready).map(|event| event.data).collect();
        self.store.apply_changes(&data).unwrap();
    }

    /// What a crash leaves is on disk alone.
    fn reopen(self) -> Self {
        let Self { folder, store, .. } = self;
        drop(store);
        let store = open(folder.path());
        Self {
            folder,
            store,
            fetched: Vec::new(),
        }
    }
}

fn follow(seed: u64) {
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let mut leader = open(folder.path());
    let mut followers = [Follower::new(), Follower::new()];
    let mut states: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for step in 0..24 {
        let sources = leader
            .snapshot()
            .unwrap()
            .sources_after(SourceId(0), usize::MAX)
            .unwrap();
        if !sources.is_empty() && random.one_in(3) {
            let source = sources[random.below(sources.len() as u64) as usize].id;
            let concept = ConceptId(1 + random.below(30));
            let selection = match random.below(5) {
                0 | 1 => Selection::Sources(vec![source]),
                2 => Selection::Concept(concept),
                3 => Selection::Node(concept),
                _ => Selection::Retired(step - 3),
            };
            leader.forget(step, &selection, false).unwrap();
        } else if random.one_in(4) && !sources.is_empty() {
            // Rules of a later version read a source again, and now and then they have read all.
            let rules = 4 + step as u32 / 20;
            let source = sources[random.below(sources.len() as u64) as usize].id;
            let again = reread(&mut random, &leader.snapshot().unwrap(), source, rules);
            leader.commit_at(step, &[again]).unwrap().0.remove(0).unwrap();
            let state = leader.snapshot().unwrap();
            states.insert(state.transaction().0, dump(&state));
            if random.one_in(3) {
                leader.retire_outdated(step, rules).unwrap();
                assert_eq!(leader.snapshot().unwrap().outdated(rules).unwrap(), 0);
            }
        } else {
            let group: Vec<Batch> = (0..=random.below(2))
                .map(|part| match random.one_in(2) {
                    true => version(&mut random),
                    false => batch(&mut random, 100 + 2 * step as u64 + part),
                })
                .collect();
            for one in group {
                leader.commit_at(step, &[one]).unwrap().0.remove(0).unwrap();
                let state = leader.snapshot().unwrap();
                states.insert(state.transaction().0, dump(&state));
            }
        }
        let state = leader.snapshot().unwrap();
        states.insert(state.transaction().0, dump(&state));
        drop(state);
        if random.one_in(5) {
            drop(leader);
            leader = open(folder.path());
        }
        // The first one hardly ever waits, the second often.
        for (follower, wait) in followers.iter_mut().zip([9, 2]) {
            if random.one_in(wait) {
                continue;
            }
            follower.fetch(&leader, 1 + random.below(5) as usize);
            let state = follower.store.snapshot().unwrap();
            let number = state.transaction().0;
            if number > 0 {
                assert_eq!(dump(&state), states[&number], "seed {seed}, transaction {number}");
                assert_sound(&state, seed);
            }
        }
        followers = followers.map(|follower| match random.one_in(6) {
            true => follower.reopen(),
            false => follower,
        });
    }
    // One more starts when all is over.
    let mut caught_up = Vec::new();
    for mut follower in followers.into_iter().chain([Follower::new()]) {
        while follower.transaction() < leader.snapshot().unwrap().transaction() {
            follower.fetch(&leader, 4);
        }
        let (here, there) = (follower.store.snapshot().unwrap(), leader.snapshot().unwrap());
        assert_eq!(dump(&here), dump(&there), "seed {seed}");
        assert_sound(&here, seed);
        // It can be followed itself.
        let events = |store: &Store| store.changes_since(TransactionId(0), usize::MAX).unwrap();
        assert_eq!(events(&follower.store), events(&leader), "seed {seed}");
        caught_up.push(follower);
    }
    // Whoever goes on from there gives out the same numbers.
    let next = batch(&mut Random::new(seed), 1000);
    let learn = |store: &Store| {
        let (mut receipts, _) = store.commit_at(99, std::slice::from_ref(&next)).unwrap();
        receipts.remove(0).unwrap()
    };
    let receipt = learn(&leader);
    for follower in caught_up {
        assert_eq!(learn(&follower.store), receipt, "seed {seed}");
    }
}

#[test]
fn followers_hold_what_is_followed_whenever_they_fetch_it() {
    for seed in 0..80 {
        follow(seed);
    }
}

/// A store that learned twice, and its changes.
fn told() -> (tempfile::TempDir, Store, Vec<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut random = Random::new(1);
    for number in 0..2 {
        store
            .commit_at(number, &[batch(&mut random, number as u64)])
            .unwrap();
    }
    let data = changes(&store, 0);
    (folder, store, data)
}

fn changes(store: &Store, since: u64) -> Vec<Vec<u8>> {
    let events = store.changes_since(TransactionId(since), usize::MAX).unwrap();
    events.into_iter().map(|event| event.data).collect()
}

fn refused(store: &Store, changes: &[Vec<u8>]) -> Error {
    let before = dump(&store.snapshot().unwrap());
    let error = store.apply_changes(changes).unwrap_err();
    assert_eq!(dump(&store.snapshot().unwrap()), before);
    error
}

#[test]
fn an_event_tells_what_its_bytes_say() {
    let (_folder, store, _) = told();
    store
        .forget(7, &Selection::Sources(vec![SourceId(1)]), false)
        .unwrap()
        .unwrap();
    let events = store.changes_since(TransactionId(0), usize::MAX).unwrap();
    for event in &events {
        assert_eq!(ChangeEvent::decode(&event.data).unwrap(), *event);
    }
    let [first, second, third] = events.try_into().unwrap();
    assert_eq!(
        (first.time, first.learned_sources, first.forgotten_sources),
        (0, 1, 0)
    );
    assert_eq!(
        (third.time, third.learned_sources, third.forgotten_sources),
        (7, 0, 1)
    );
    assert!(first.learned_concepts > 0 && third.forgotten_concepts > 0);
    // Of the first something was forgotten by the third.
    assert_eq!((first.settled.0, third.settled.0), (3, 3));
    assert!(second.settled.0 == 2 || second.settled.0 == 3);
    assert_eq!(store.changes_since(TransactionId(3), 10).unwrap(), []);
    assert_eq!(store.changes_since(TransactionId(1), 1).unwrap(), [second]);
    let error = store.changes_since(TransactionId(4), 10).unwrap_err();
    assert_eq!(error.code(), "invalid_value");
}

#[test]
fn bytes_that_are_no_change_are_refused() {
    let (_folder, _, data) = told();
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for length in 0..data[0].len() {
        let error = refused(&store, &[data[0][..length].to_vec()]);
        assert_eq!(error.code(), "invalid_change", "{length} bytes");
    }
    for byte in 0..data[0].len() {
        let mut flipped = data[0].clone();
        flipped[byte] ^= 0x10;
        let error = refused(&store, &[flipped]);
        assert_eq!(error.code(), "invalid_change", "byte {byte}");
        let said = error.to_string();
        let expected = if byte == 0 { "form 17" } else { "damaged" };
        assert!(
            said.contains(expected) && said.contains("the store is as it was"),
            "{said}"
        );
    }
}

#[test]
fn changes_that_do_not_follow_are_refused() {
    let (_folder, leader, data) = told();
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let gap = refused(&store, &data[1..]);
    assert_eq!(gap.code(), "invalid_change");
    assert!(gap.to_string().contains("the next one is transaction 1"), "{gap}");
    // One bad one spoils the group.
    assert_eq!(
        refused(&store, &[data[0].clone(), data[0].clone()]).code(),
        "invalid_change"
    );
    store.apply_changes(&data).unwrap();
    assert_eq!(refused(&store, &data).code(), "invalid_change");

    // Both learn something of their own.
    store.commit_at(9, &[batch(&mut Random::new(5), 5)]).unwrap();
    for number in 6..8 {
        leader
            .commit_at(9, &[batch(&mut Random::new(number), number)])
            .unwrap();
    }
    let parted = refused(&store, &changes(&leader, 3));
    assert_eq!(parted.code(), "history_mismatch");
    assert!(parted.to_string().contains("chains"), "{parted}");
}

#[test]
fn another_history_or_embedder_is_refused() {
    let (_folder, _, data) = told();
    let (_other, other, _) = told();
    let error = refused(&other, &data);
    assert_eq!(error.code(), "history_mismatch");
    assert!(error.to_string().contains("new, empty folder"), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let store = open_of(folder.path(), "b");
    assert_eq!(refused(&store, &data).code(), "embedder_mismatch");
}

#[test]
fn changes_of_which_something_was_forgotten_come_together() {
    let (_folder, leader, data) = told();
    leader
        .forget(7, &Selection::Sources(vec![SourceId(1)]), false)
        .unwrap()
        .unwrap();
    let thinner = changes(&leader, 0);
    assert_ne!(thinner[0], data[0]);
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let error = refused(&store, &thinner[..2]);
    assert_eq!(error.code(), "invalid_change");
    assert!(error.to_string().contains("all up to transaction 3"), "{error}");
    store.apply_changes(&thinner).unwrap();
    assert_eq!(
        dump(&store.snapshot().unwrap()),
        dump(&leader.snapshot().unwrap())
    );
    assert!(!String::from_utf8_lossy(&thinner[0]).contains("0.txt"));
    assert!(String::from_utf8_lossy(&data[0]).contains("0.txt"));
}

/// A text of sentences, each of which is a statement.
fn said(address: &str, sentences: &[&str]) -> Batch {
    let mut said = Batch::default();
    let mut text = String::new();
    for sentence in sentences {
        let start = text.len() as u64;
        text += sentence;
        said.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: true,
                passage: false,
            },
        });
        text.push(' ');
    }
    said.sources.push(SourceDraft {
        address: address.into(),
        text,
        last: true,
        ..SourceDraft::default()
    });
    said
}

#[test]
fn where_a_statement_stood_last_does_not_depend_on_what_was_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let leader = open(folder.path());
    let learned = [
        said("a", &["It flows."]),
        said("b", &["It flows.", "It bends."]),
        said("a", &["It ebbs."]),
        said("b", &["It rises."]),
        said("c", &["It flows.", "It falls."]),
    ];
    for (time, batch) in learned.into_iter().enumerate() {
        leader
            .commit_at(time as i64, &[batch])
            .unwrap()
            .0
            .remove(0)
            .unwrap();
    }
    leader
        .forget(9, &Selection::Sources(vec![SourceId(5)]), false)
        .unwrap();
    let mut follower = Follower::new();
    follower.fetch(&leader, usize::MAX);
    let [own, followed] =
        [&leader, &follower.store].map(|store| store.snapshot().unwrap().concept(ConceptId(1)).unwrap());
    assert_eq!(own, followed);
    assert!(
        matches!(own.kind, ConceptKind::Statement { first, .. } if first.source == SourceId(2)),
        "{own:?}"
    );
}
