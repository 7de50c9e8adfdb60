//! Indexes that were settled, kept in files and mapped again find what those find that never were.

mod samples;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use samples::{fact, options};
use sutra_engine::{Direction, Engine, OpenOptions, ReadView, Selection, Settling, Unit};
use sutra_model::{ConceptId, LANGUAGE_ATTRIBUTE, Language, SourceId};

/// Settles at once what it can.
fn eager() -> OpenOptions {
    OpenOptions {
        settling: Settling {
            fresh_max: 5,
            removed_max: 2,
            commits: 1,
            tail_max: 2,
        },
        ..options()
    }
}

/// Settles nothing and keeps nothing.
fn never() -> OpenOptions {
    OpenOptions {
        settling: Settling {
            fresh_max: usize::MAX,
            removed_max: usize::MAX,
            commits: 1,
            tail_max: usize::MAX,
        },
        ..options()
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A text of an address, English or German; another one there is retired.
    Learn(usize, usize, bool),
    Forget(u64),
    Settle,
    Reopen,
    /// Killed: all that was not synced may be lost, and here nothing was.
    Kill,
    Purge,
    /// The file with this number, of those that there are, loses a byte here.
    Damage(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_usize..12, 0_usize..40, prop::bool::weighted(0.2))
            .prop_map(|(address, number, german)| Step::Learn(address, number, german)),
        2 => (1_u64..20).prop_map(Step::Forget),
        3 => Just(Step::Settle),
        2 => Just(Step::Reopen),
        2 => Just(Step::Kill),
        1 => Just(Step::Purge),
        1 => (0_usize..6, 0_usize..5000).prop_map(|(file, at)| Step::Damage(file, at)),
    ]
}

/// All that views of two engines say of the same.
fn said(view: &ReadView) -> Vec<String> {
    let mut said = vec![format!("{:?} {:?}", view.totals(), view.languages())];
    said.push(format!("{:?}", view.near_words("harbout", 9, Language::English)));
    for number in 0..8 {
        let word = format!("word{number}");
        for (unit, words) in [(Unit::Passage, word), (Unit::Entity, format!("Name {number}"))] {
            for language in [Language::English, Language::German] {
                said.push(format!(
                    "{:?}",
                    view.search_words(&words, 50, unit, language).unwrap()
                ));
            }
        }
    }
    for query in [[1.0, 0.2, 0.0, 0.1], [0.0, 0.3, 1.0, 0.2]] {
        for unit in [Unit::Passage, Unit::Sentence] {
            for exact in [true, false] {
                said.push(format!(
                    "{:?}",
                    view.search_vectors(&query, 60, unit, exact).unwrap()
                ));
            }
        }
    }
    for id in 1..120 {
        let near = view.neighbours(ConceptId(id), Direction::Both, None, 50);
        said.push(format!("{:?}", near.ok()));
    }
    said
}

/// Has everything searched, whatever comes of it.
fn searched(view: &ReadView) {
    for query in [[1.0, 0.2, 0.0, 0.1], [0.0, 0.3, 1.0, 0.2]] {
        for exact in [true, false] {
            let _ = view.search_vectors(&query, 60, Unit::Passage, exact);
        }
    }
    for number in 0..8 {
        let _ = view.search_words(&format!("word{number}"), 50, Unit::Passage, Language::English);
        let _ = view.search_words(&format!("Name {number}"), 50, Unit::Entity, Language::English);
        let _ = view.near_words("harbout", 9, Language::English);
    }
    for id in 1..120 {
        let _ = view.neighbours(ConceptId(id), Direction::Both, None, 50);
    }
}

/// Copies a folder whose indexes may be settled meanwhile: first what names their files, so that those that are named
/// are whole or gone.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut paths: Vec<_> = fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort_by_key(|path| (!path.ends_with("kept"), path.clone()));
    for path in paths {
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => match fs::copy(&path, &to) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            },
        }
    }
}

fn index_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("index")) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
    files.sort();
    files
}

#[test]
fn what_was_settled_is_mapped_when_the_store_is_opened_and_what_came_since_is_learned_again() {
    let folder = tempfile::tempdir().unwrap();
    let learn = |engine: &Engine, numbers: std::ops::Range<usize>| {
        for number in numbers {
            engine
                .commit(fact(
                    number,
                    &format!("It has word{number}."),
                    ["Name 1", "Name 2"],
                ))
                .unwrap();
        }
    };
    let engine = Engine::open(folder.path(), eager()).unwrap();
    learn(&engine, 0..30);
    engine.settle().unwrap();
    learn(&engine, 30..32);
    let unsettled = engine.view().unwrap().unsettled();
    assert!(unsettled < 10, "{unsettled} of 32 are not settled");
    engine.close().unwrap();
    let files = index_files(folder.path());
    assert!(!files.is_empty());

    let engine = Engine::open(folder.path(), never()).unwrap();
    let view = engine.view().unwrap();
    assert_eq!((view.unsettled(), view.totals().passages), (unsettled, 32));
    let found = view.search_vectors(&[0.0, 0.0, 0.0, 1.0], 50, Unit::Passage, true);
    assert_eq!(found.unwrap().len(), 32);
    drop(view);
    engine.close().unwrap();

    // Without its files everything is built anew.
    for file in files {
        fs::remove_file(file).unwrap();
    }
    let engine = Engine::open(folder.path(), never()).unwrap();
    assert_eq!(engine.view().unwrap().unsettled(), 32);
}

#[test]
fn purging_takes_the_files_of_indexes_away() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path(), eager()).unwrap();
    for number in 0..10 {
        engine
            .commit(fact(number, "It has words.", ["Name 1", "Name 2"]))
            .unwrap();
    }
    engine.settle().unwrap();
    engine.close().unwrap();
    assert!(!index_files(folder.path()).is_empty());
    let engine = Engine::open(folder.path(), never()).unwrap();
    engine.purge().unwrap();
    assert!(index_files(folder.path()).is_empty());
    assert!(!folder.path().join("index/kept").exists());
}

#[test]
fn a_damaged_file_is_found_in_the_background_and_its_index_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path(), eager()).unwrap();
    for number in 0..40 {
        engine
            .commit(fact(
                number,
                "It has words.",
                [&format!("Name {number}"), "Name 2"],
            ))
            .unwrap();
    }
    engine.settle().unwrap();
    let before = said(&engine.view().unwrap());
    engine.close().unwrap();
    for file in index_files(folder.path()) {
        // Past the first page, which is looked at when a file is mapped.
        let mut bytes = fs::read(&file).unwrap();
        for at in (4096..bytes.len()).step_by(3) {
            bytes[at] = bytes[at].wrapping_add(77);
        }
        fs::write(&file, bytes).unwrap();
    }
    let engine = Engine::open(folder.path(), eager()).unwrap();
    // Whatever a search says until then, it says something.
    searched(&engine.view().unwrap());
    engine.settle().unwrap();
    assert_eq!(said(&engine.view().unwrap()), before);
    engine.close().unwrap();
    let engine = Engine::open(folder.path(), eager()).unwrap();
    assert_eq!(said(&engine.view().unwrap()), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_settled_kept_and_mapped_is_what_was_learned(steps in prop::collection::vec(step(), 1..40)) {
        let (home, plain) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut folder = home.path().join("0");
        let mut engine = Engine::open(&folder, eager()).unwrap();
        let truth = Engine::open(plain.path(), never()).unwrap();
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Learn(address, number, german) => {
                    let names = [format!("Name {}", number % 8), format!("Name {}", number % 5)];
                    let place = ["harbour", "harvest", "hammock", "harrow"][number % 4];
                    let text = format!("It has word{} and word{} of a {place}.", number % 8, number % 3);
                    let mut batch = fact(*number, &text, [&names[0], &names[1]]);
                    batch.sources[0].address = format!("address {address}");
                    batch.sources[0].last = true;
                    if *german {
                        batch.sources[0].attributes.insert(LANGUAGE_ATTRIBUTE.into(), "de".into());
                    }
                    truth.commit(batch.clone()).unwrap();
                    engine.commit(batch).unwrap();
                }
                Step::Forget(source) => {
                    let selection = Selection::Sources(vec![SourceId(*source)]);
                    let taken = truth.forget(&selection, false).unwrap().map(|forgotten| forgotten.taken);
                    let own = engine.forget(&selection, false).unwrap().map(|forgotten| forgotten.taken);
                    prop_assert_eq!(own, taken);
                }
                Step::Settle => engine.settle().unwrap(),
                Step::Reopen => {
                    engine.close().unwrap();
                    engine = Engine::open(&folder, eager()).unwrap();
                }
                Step::Kill => {
                    let next = home.path().join((number + 1).to_string());
                    copy(&folder, &next);
                    engine.close().unwrap();
                    folder = next;
                    engine = Engine::open(&folder, eager()).unwrap();
                }
                Step::Purge => drop(engine.purge().unwrap()),
                Step::Damage(file, at) => {
                    engine.close().unwrap();
                    if let Some(path) = index_files(&folder).get(*file) {
                        let mut bytes = fs::read(path).unwrap();
                        // In the first page it is found at once.
                        bytes[at % 200] ^= 1;
                        fs::write(path, &bytes[..bytes.len() - at % 2]).unwrap();
                    }
                    engine = Engine::open(&folder, eager()).unwrap();
                }
            }
            prop_assert_eq!(said(&engine.view().unwrap()), said(&truth.view().unwrap()));
        }
    }
}
