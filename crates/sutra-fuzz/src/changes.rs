//! Changes that another store is said to have told.

use std::path::Path;
use std::sync::OnceLock;

use sutra_engine::{Engine, guarded};
use sutra_model::{Error, Result, TransactionId};

use crate::sample::{options, sample, write};

/// Form and history before the body of a change.
const HEADER: usize = 17;
const CHECKSUM: usize = 4;

/// What a change that is none may be answered with.
const CODES: [&str; 4] = [
    "invalid_change",
    "history_mismatch",
    "embedder_mismatch",
    "store_corrupt",
];

/// Applies some changes of the sample, as many as the first byte says, and then one whose body is the rest of `input`,
/// sound by its checksum; then verifies what is there.
///
/// # Panics
/// When it is answered with anything but that it is none, or something panics that is ours.
pub fn changes(input: &[u8]) {
    let known = told();
    let (count, body) = input.split_first().unwrap_or((&0, &[]));
    let before = &known[..usize::from(*count) % (known.len() + 1)];
    let mut change = known[0][..HEADER].to_vec();
    change.extend(body);
    let checksum = crc32c::crc32c(&change);
    change.extend(checksum.to_le_bytes());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::open(folder.path(), options()).expect("a new store opens");
    let group: Vec<Vec<u8>> = before.iter().cloned().chain([change]).collect();
    said(|| engine.apply_changes(&group));
    said(|| engine.verify());
    said(|| engine.view().map(drop));
}

/// The bodies of the sample's changes, each behind the number of those before it.
pub fn sample_changes() -> Vec<Vec<u8>> {
    let bodies = told().iter().enumerate().map(|(number, change)| {
        let body = &change[HEADER..change.len() - CHECKSUM];
        [&[number as u8], body].concat()
    });
    bodies.collect()
}

/// All changes of the sample.
fn told() -> &'static [Vec<u8>] {
    static TOLD: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    TOLD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        read(folder.path()).expect("a sound store tells its changes")
    })
}

fn read(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let sample = sample();
    write(folder, &sample.database, [&sample.columns[0], &sample.columns[1]]);
    let engine = Engine::open(folder, options())?;
    let events = engine.changes_since(TransactionId(0), usize::MAX)?;
    Ok(events.into_iter().map(|event| event.data).collect())
}

fn said<T>(call: impl FnOnce() -> Result<T>) {
    if let Err(error) = guarded(call) {
        expected(&error);
    }
}

fn expected(error: &Error) {
    assert!(CODES.contains(&error.code()), "{}: {error}", error.code());
}
