//! Receipts: whoever has a text finds out as what it went, and no more than the store's secret can tell.

mod samples;

use std::path::Path;

use samples::learned;
use sutra_engine::{Engine, ForgettingReceipt, Selection, TextKind, Went};
use sutra_model::{Error, SourceId};

const SAID: &str = "The Aln flows past Alham.";

/// An engine that forgot its first source, with the receipt.
fn forgotten(folder: &Path) -> (Engine, ForgettingReceipt) {
    let engine = learned(folder);
    let first = engine
        .view()
        .unwrap()
        .sources_after(SourceId(0), 1, false)
        .unwrap()[0]
        .id;
    let forgotten = engine.forget(&Selection::Sources(vec![first]), false).unwrap();
    let (receipt, _) = engine.receipt(forgotten.unwrap().transaction).unwrap().unwrap();
    (engine, receipt)
}

fn known(found: &[TextKind]) -> Went {
    Went {
        found: found.to_vec(),
        key_fits: true,
    }
}

fn untold() -> Went {
    Went {
        found: Vec::new(),
        key_fits: false,
    }
}

#[test]
fn a_text_is_found_as_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, receipt) = forgotten(folder.path());
    let title = samples::fact(0, SAID, ["Aln", "Alham"]).sources[0].title.clone();
    let asked = |text: &str, title: &str| engine.went_as(&receipt, text, title).unwrap();
    assert_eq!(asked("  ALN\n", ""), known(&[TextKind::Entity]));
    assert_eq!(asked(SAID, ""), known(&[TextKind::Statement, TextKind::Source]));
    let ended = format!(" {SAID}\n");
    assert_eq!(asked(&ended, ""), known(&[TextKind::Statement, TextKind::Source]));
    let all = [TextKind::Statement, TextKind::Passage, TextKind::Source];
    assert_eq!(asked(SAID, &title), known(&all));
    assert_eq!(
        asked(SAID, "Another title"),
        known(&[TextKind::Statement, TextKind::Source])
    );
    // What others say too stays, and what was never known is not there either.
    for other in ["Alham", "Alham belongs to Cheviot county.", "Nobody said this."] {
        assert_eq!(asked(other, &title), known(&[]), "{other}");
    }
    let blank = engine.went_as(&receipt, " \n", "").unwrap_err();
    assert!(matches!(blank, Error::InvalidValue { what: "text", .. }));
}

#[test]
fn another_secret_or_none_cannot_tell() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, receipt) = forgotten(folder.path());
    let secret = folder.path().join("store.key");
    let own = std::fs::read(&secret).unwrap();
    std::fs::remove_file(&secret).unwrap();
    let missing = engine.went_as(&receipt, SAID, "").unwrap_err();
    assert!(
        matches!(&missing, Error::Io { path, .. } if *path == secret),
        "{missing}"
    );
    assert!(
        missing.to_string().contains("put back the one that was there"),
        "{missing}"
    );
    std::fs::write(&secret, [7; 32]).unwrap();
    assert_eq!(engine.went_as(&receipt, SAID, "").unwrap(), untold());
    std::fs::write(&secret, own).unwrap();
    assert_eq!(
        engine.went_as(&receipt, "Nobody said this.", "").unwrap(),
        known(&[])
    );
}

#[test]
fn a_receipt_from_before_there_were_marks_tells_what_is_found_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, receipt) = forgotten(folder.path());
    let without = |position: usize| {
        let mut receipt = receipt.clone();
        receipt.hashes.remove(position);
        receipt
    };
    let unmarked: Vec<ForgettingReceipt> = (0..receipt.hashes.len())
        .map(without)
        .filter(|receipt| engine.went_as(receipt, "Nobody said this.", "").unwrap() == untold())
        .collect();
    assert_eq!(unmarked.len(), 1, "one hash is the mark");
    let found = known(&[TextKind::Statement, TextKind::Source]);
    assert_eq!(engine.went_as(&unmarked[0], SAID, "").unwrap(), found);
}
