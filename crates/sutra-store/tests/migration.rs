//! A store of format 1 is brought to this format over a disk that fails at every call in turn: it is then what it was or
//! what it will be, whole, and says the same.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sutra_faults::{Failure, FaultDisk, Random, fail_everywhere};
use sutra_model::{ConceptId, Result, SourceId};
use sutra_store::{FileSystem, OpenOptions, Store};
use tempfile::TempDir;

/// Calls of the disk from one failure to the next, where not each is tried.
const STRIDE: u64 = 7;

/// A store that an earlier version wrote.
fn unpacked(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let archive: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../tests/fixtures", name]
        .iter()
        .collect();
    let done = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status();
    assert!(done.unwrap().success());
    folder
}

/// Everything that a store says, whatever its format, in lines.
fn content(folder: &Path, read_only: bool) -> Result<Vec<String>> {
    let embedder = Store::embedder_of(folder, read_only)?.expect("a store");
    let store = Store::open(
        folder,
        OpenOptions {
            read_only,
            check_pages: true,
            ..OpenOptions::new(embedder)
        },
    )?;
    let snapshot = store.snapshot()?;
    let faults = snapshot.verify()?.faults;
    assert!(faults.is_empty(), "{faults:?}");
    let mut lines = vec![format!("{:?} {:?}", snapshot.transaction(), snapshot.totals())];
    for source in snapshot.sources_after(SourceId(0), usize::MAX)? {
        lines.push(format!("{source:?} {}", snapshot.source_text(&source)?));
    }
    let mut concepts = Vec::new();
    snapshot.for_each_concept(|concept| {
        concepts.push(concept);
        Ok(())
    })?;
    for concept in concepts {
        let id: ConceptId = concept.id;
        let vector = snapshot.vector_row(id)?;
        let vector = vector.map(|row| snapshot.column().row(row, id)).transpose()?;
        lines.push(format!("{concept:?} {} {vector:?}", snapshot.words(&concept)?));
    }
    let relations = snapshot.relations()?;
    for association in snapshot.associations(&relations)? {
        lines.push(format!("{association:?}"));
    }
    Ok(lines)
}

/// Migrates with a failure after so many calls, and then a loss of power; false where no call was the one.
fn survives(name: &str, calls: u64, failure: Failure, expected: &[String]) -> bool {
    let folder = unpacked(name);
    let disk = Arc::new(FaultDisk::over(folder.path()).unwrap());
    disk.fail_after(calls, failure);
    let migrated = Store::migrate(folder.path(), Arc::clone(&disk) as _);
    let failed = disk.failures() > 0;
    assert!(failed || migrated.is_ok(), "{migrated:?}");

    let left = tempfile::tempdir().unwrap();
    disk.lose_power(left.path(), &mut Random::new(calls)).unwrap();
    let told = format!("{failure:?} after {calls} calls");
    let read = content(left.path(), true).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(read, expected, "{told}");
    let before = Store::migrate(left.path(), Arc::new(FileSystem));
    let before = before.unwrap_or_else(|error| panic!("{told}: {error}"));
    assert!(
        migrated.is_err() || before.is_none(),
        "{told}: what was told done was not"
    );
    assert_eq!(content(left.path(), false).unwrap(), expected, "{told}");
    failed
}

fn survive_all(name: &str, stride: u64) {
    let whole = unpacked(name);
    let expected = content(whole.path(), true).unwrap();
    assert!(expected.len() > 10);
    assert_eq!(
        Store::migrate(whole.path(), Arc::new(FileSystem)).unwrap(),
        Some(1)
    );
    assert_eq!(content(whole.path(), false).unwrap(), expected);
    fail_everywhere(stride, |calls, failure| survives(name, calls, failure, &expected));
}

#[test]
fn a_migration_that_fails_anywhere_leaves_a_whole_store() {
    survive_all("store-format-1.tar.gz", STRIDE);
}

#[test]
#[ignore = "minutes: part of make soak"]
fn a_migration_that_fails_at_any_call_leaves_a_whole_store() {
    survive_all("store-format-1.tar.gz", 1);
    survive_all("titles-format-1.tar.gz", 1);
}
