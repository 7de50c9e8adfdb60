//! A store whose files were damaged: it opens or is refused, and whatever is asked of it ends with an answer or an error.

use std::path::Path;

use sutra_engine::{
    Direction, Engine, OpenOptions, RecordedAnswer, SalvageOptions, Selection, Unit, guarded,
};
use sutra_model::{ConceptId, Error, Language, Result, SourceId};

use crate::sample::{Sample, batch, options, sample, vector, write};

/// Damage is spread over pieces of so many bytes in which something stands.
const PIECE: usize = 64;
/// Edits of one run at most.
const EDITS_MAX: usize = 64;
/// Bytes of an edit: where, how, and with what.
const EDIT_BYTES: usize = 6;
/// What a sector of a disk has.
const SECTOR: usize = 512;

/// More than the sample has, of which some were forgotten.
const CONCEPTS: u64 = 140;

/// What damage may be answered with.
const CODES: [&str; 4] = [
    "store_corrupt",
    "unsupported_format",
    "embedder_mismatch",
    // What is there no more, or was forgotten.
    "unknown_concept",
];

/// Takes what it still has out of a store whose `storage.dat` was edited as `input` says; opens it, verifies it, reads,
/// learns, forgets.
///
/// The first byte says how it is opened: with its pages checked (1), for reading alone (2); with 8 the state before the
/// last commit is taken where need be. Six bytes each are the
/// edits: where (four), how and with what.
///
/// # Panics
/// When something other than damage is told, or something panics that is ours.
pub fn database(input: &[u8]) {
    let Sample { database, columns } = sample();
    let (how, edits) = input.split_first().unwrap_or((&0, &[]));
    let damaged = edited(database, edits);
    work(*how, &damaged, [&columns[0], &columns[1]]);
}

/// The same where a file of vectors was edited; which of them is the first byte's third bit.
///
/// # Panics
/// As [`database`].
pub fn column(input: &[u8]) {
    let Sample { database, columns } = sample();
    let (how, edits) = input.split_first().unwrap_or((&0, &[]));
    let which = usize::from(how >> 2 & 1);
    let damaged = edited(&columns[which], edits);
    let mut columns = [columns[0].as_slice(), columns[1].as_slice()];
    columns[which] = &damaged;
    work(*how, database, columns);
}

/// The bytes with the edits made.
fn edited(bytes: &[u8], edits: &[u8]) -> Vec<u8> {
    let pieces: Vec<usize> = (0..bytes.len())
        .step_by(PIECE)
        .filter(|at| bytes[*at..].iter().take(PIECE).any(|byte| *byte != 0))
        .collect();
    let mut damaged = bytes.to_vec();
    for edit in edits.chunks_exact(EDIT_BYTES).take(EDITS_MAX) {
        let place = u32::from_le_bytes([edit[0], edit[1], edit[2], edit[3]]) as usize;
        let at = pieces[place / PIECE % pieces.len()] + place % PIECE;
        if at >= damaged.len() {
            continue;
        }
        let sector = at / SECTOR * SECTOR..damaged.len().min(at / SECTOR * SECTOR + SECTOR);
        match edit[4] {
            0 => damaged.truncate(at),
            1 => damaged.resize(damaged.len() + usize::from(edit[5]) * SECTOR / 8, edit[5]),
            2..16 => damaged[sector].fill(edit[5] & 1),
            16..48 => {
                let from = pieces[usize::from(edit[5]) * 31 % pieces.len()];
                let length = PIECE.min(damaged.len() - at).min(bytes.len() - from);
                damaged[at..at + length].copy_from_slice(&bytes[from..from + length]);
            }
            48..96 => damaged[at] = damaged[at].wrapping_add(edit[5]),
            _ => damaged[at] = edit[5],
        }
    }
    damaged
}

/// Does everything that a store is there for.
fn work(how: u8, database: &[u8], columns: [&[u8]; 2]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), database, columns);
    let options = OpenOptions {
        check_pages: how & 1 != 0,
        read_only: how & 2 != 0,
        ..options()
    };
    let read_only = options.read_only;
    salvage(folder.path(), how & 8 != 0);
    let opened = said(|| open(folder.path(), options));
    let Some(engine) = opened else { return };
    said(|| engine.verify());
    read(&engine);
    if !read_only {
        let answer = RecordedAnswer {
            sources: vec![SourceId(3)],
            record: b"another".to_vec(),
            ..RecordedAnswer::default()
        };
        said(|| engine.commit(batch(7)));
        said(|| engine.put_answer("another".to_owned(), answer));
        for selection in [
            Selection::Concept(ConceptId(70)),
            Selection::Concept(ConceptId(90)),
            Selection::Sources(vec![SourceId(2), SourceId(3)]),
        ] {
            said(|| engine.forget(&selection, false));
        }
        said(|| engine.verify());
        read(&engine);
    }
    said(|| engine.close());
    said(move || {
        drop(engine);
        Ok(())
    });
}

/// What can be taken out of it is a store without a fault.
fn salvage(damaged: &Path, older: bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = options();
    let how = SalvageOptions {
        older,
        embedder: Some(own.embedder.clone()),
        rows_per_file: Some(own.rows_per_file),
    };
    if said(|| Engine::salvage(damaged, folder.path(), &how)).is_some()
        && let Some(engine) = said(|| open(folder.path(), own))
    {
        let verified = said(|| engine.verify()).expect("what was just written can be read");
        assert_eq!(verified.faults, [""; 0]);
    }
}

fn open(folder: &Path, options: OpenOptions) -> Result<Engine> {
    Engine::embedder_of(folder, options.read_only)?;
    Engine::open(folder, options)
}

/// Asks for what questions ask for. What is damaged for one is no reason not to ask for the next.
fn read(engine: &Engine) {
    let Some(view) = said(|| engine.view()) else {
        return;
    };
    for concept in (0..=CONCEPTS).map(ConceptId) {
        said(|| view.text(&view.concept(concept)?));
        said(|| view.supports(concept, 10));
        said(|| view.read_vector(concept, &mut vector(0)));
    }
    for source in said(|| view.sources_after(SourceId(0), 100, true)).unwrap_or_default() {
        said(|| view.source_text(source.id));
        said(|| view.find_source(&source.address, source.offset, "another text"));
    }
    said(|| view.entity("River 3"));
    said(|| view.search_words("Station 7 of River 2", 5, Unit::Passage, Language::English));
    said(|| view.search_vectors(&vector(3), 5, Unit::Passage, true));
    said(|| Ok(view.degree(ConceptId(1), "mentions", Direction::Out)));
    said(|| engine.get_answer("an answer"));
}

/// What a call gives, unless it says that something is damaged, or that damage closed the store under it.
fn said<T>(call: impl FnOnce() -> Result<T>) -> Option<T> {
    match guarded(call) {
        Ok(given) => Some(given),
        Err(Error::AnswerErased(_)) => None,
        Err(error) => {
            let closed = error.to_string().contains("an earlier failure");
            assert!(
                closed || CODES.contains(&error.code()),
                "{}: {error}",
                error.code()
            );
            None
        }
    }
}
