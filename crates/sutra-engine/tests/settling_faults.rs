//! A disk that fails while indexes are settled: nothing that was learned is lost, and every question is answered as if it
//! had not failed.

mod samples;

use std::path::Path;
use std::sync::Arc;

use samples::{fact, options};
use sutra_engine::{Direction, Engine, OpenOptions, ReadView, Selection, Settling, Unit};
use sutra_faults::{Failure, FaultDisk, Random};
use sutra_model::{ConceptId, Language, SourceId};
use sutra_store::{Disk, SyncReason};

fn opened(folder: &Path, disk: &Arc<FaultDisk>) -> Engine {
    let options = OpenOptions {
        disk: Arc::clone(disk) as Arc<dyn Disk>,
        settling: Settling {
            fresh_max: 8,
            removed_max: 2,
            commits: 1,
            tail_max: 3,
        },
        ..options()
    };
    Engine::open(folder, options).unwrap()
}

fn learn(engine: &Engine, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let text = format!("It has word{} and more.", number % 4);
        let names = [format!("Name {}", number % 6), format!("Name {number}")];
        engine
            .commit(fact(number, &text, [&names[0], &names[1]]))
            .unwrap();
    }
}

fn said(view: &ReadView) -> Vec<String> {
    let mut said = vec![format!("{:?}", view.totals())];
    for number in 0..6 {
        for (unit, words) in [(Unit::Passage, "word"), (Unit::Entity, "name ")] {
            let found = view.search_words(&format!("{words}{number}"), 50, unit, Language::English);
            said.push(format!("{:?}", found.unwrap()));
        }
    }
    for unit in [Unit::Passage, Unit::Sentence] {
        let found = view.search_vectors(&[1.0, 0.2, 0.0, 0.1], 60, unit, true);
        said.push(format!("{:?}", found.unwrap()));
    }
    for id in 1..90 {
        let near = view.neighbours(ConceptId(id), Direction::Both, None, 50);
        said.push(format!("{:?}", near.ok()));
    }
    said
}

/// Learns, settles, forgets and learns on.
fn history(engine: &Engine) {
    learn(engine, 0..12);
    engine.settle().unwrap();
    let selection = Selection::Sources(vec![SourceId(3)]);
    engine.forget(&selection, false).unwrap();
    engine.settle().unwrap();
    learn(engine, 12..24);
}

#[test]
fn a_disk_that_fails_while_indexes_are_settled_takes_nothing_away() {
    let failures = [
        Failure::Kill,
        Failure::Refuse,
        Failure::Full,
        Failure::LoseSync(7),
    ];
    let mut failed = 0;
    for (number, failure) in failures.into_iter().enumerate() {
        for calls in (0..60).step_by(3) {
            let folder = tempfile::tempdir().unwrap();
            let disk = Arc::new(FaultDisk::new(folder.path()));
            let engine = opened(folder.path(), &disk);
            history(&engine);
            engine.settle().unwrap();
            learn(&engine, 24..36);
            // All that is written from here on is of indexes.
            let expected = said(&engine.view().unwrap());
            disk.fail_after(calls, failure);
            engine.settle().unwrap();
            assert_eq!(
                said(&engine.view().unwrap()),
                expected,
                "{failure:?} after {calls}"
            );
            failed += disk.failures();

            let mut random = Random::new((number * 1000) as u64 + calls);
            let left = tempfile::tempdir().unwrap();
            let rest = Arc::new(disk.lose_power(left.path(), &mut random).unwrap());
            disk.revive();
            let _ = engine.close();
            for (folder, disk) in [(folder.path(), &disk), (left.path(), &rest)] {
                let engine = opened(folder, disk);
                assert_eq!(
                    said(&engine.view().unwrap()),
                    expected,
                    "{failure:?} after {calls}"
                );
                // What is damaged is found, and what was settled is settled again.
                engine.settle().unwrap();
                assert_eq!(
                    said(&engine.view().unwrap()),
                    expected,
                    "{failure:?} after {calls}"
                );
                engine.close().unwrap();
            }
        }
    }
    assert!(failed > 20, "the disk failed {failed} times alone");
}

/// Files of indexes are never needed: without their syncs a loss of power costs time, and nothing else.
#[test]
fn without_the_syncs_of_indexes_a_loss_of_power_takes_nothing_away() {
    for seed in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(FaultDisk::new(folder.path()));
        disk.ignore(SyncReason::Index);
        let engine = opened(folder.path(), &disk);
        history(&engine);
        engine.settle().unwrap();
        let expected = said(&engine.view().unwrap());
        let left = tempfile::tempdir().unwrap();
        let rest = Arc::new(disk.lose_power(left.path(), &mut Random::new(seed)).unwrap());
        let again = opened(left.path(), &rest);
        again.settle().unwrap();
        assert_eq!(said(&again.view().unwrap()), expected, "seed {seed}");
    }
}
