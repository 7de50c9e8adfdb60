//! Bytes that changed behind the engine's back: whatever reads them says so, and nothing else is said.

use std::path::Path;
use std::sync::Barrier;

use sutra_engine::{EmbedderId, Engine, OpenOptions, ReadView, Unit, guarded};
use sutra_model::{Batch, ConceptId, Result, Roles, SourceDraft, StatementDraft};

const DIMENSION: usize = 64;
/// More than a segment of the vector index, so that both codes and unencoded rows are met.
const STATEMENTS: usize = 1300;
const HEADER: usize = 4096;
const BLOCK: usize = 4096;
const ROW: usize = 16 + 2 * DIMENSION;
const COLUMN: &str = "vectors/00000001.vec";
const TRUTH: &str = "storage.dat";

fn open(folder: &Path) -> Result<Engine> {
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    };
    let options = OpenOptions {
        cache_bytes: 1 << 20,
        ..OpenOptions::new(embedder)
    };
    guarded(|| Engine::open(folder, options))
}

/// A source of numbered facts, a line each.
fn facts(address: &str, numbers: std::ops::Range<usize>, roles: Roles, vectors: bool) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    for number in numbers {
        let start = text.len() as u64;
        text += &format!("Fact {number:04} is told here.");
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles,
        });
        text.push('\n');
        if vectors {
            batch.vector_references.push(batch.statements.len() as u32 - 1);
            batch.vectors.extend(vector(number as u64));
        }
    }
    batch.sources.push(SourceDraft {
        address: address.into(),
        text,
        ..SourceDraft::default()
    });
    batch
}

const BOTH: Roles = Roles {
    sentence: true,
    passage: true,
};

/// The same numbers in -1..1 for the same seed.
fn vector(seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..DIMENSION).map(|_| next()).collect()
}

/// Everything that hands out vectors or is ranked by them, each by itself.
fn readings(view: &ReadView) -> Vec<Result<Vec<(ConceptId, f32)>>> {
    let mut readings = Vec::new();
    for seed in 0..8 {
        for exact in [false, true] {
            readings.push(view.search_vectors(&vector(90_000 + seed), 5, Unit::Passage, exact));
        }
    }
    for id in 1..=STATEMENTS as u64 {
        let mut components = vec![0.0; DIMENSION];
        let read = view.read_vector(ConceptId(id), &mut components);
        readings.push(read.map(|()| components.into_iter().map(|x| (ConceptId(id), x)).collect()));
    }
    readings
}

/// Writes `damaged`, reads everything, and counts what is `store_corrupt`; whatever is read is as it was.
fn refused(folder: &Path, damaged: &[u8], sound: &[Result<Vec<(ConceptId, f32)>>]) -> usize {
    std::fs::write(folder.join(COLUMN), damaged).unwrap();
    let engine = open(folder).unwrap();
    let mut refused = 0;
    for (found, expected) in readings(&engine.view().unwrap()).iter().zip(sound) {
        match found {
            Ok(found) => assert_eq!(found, expected.as_ref().unwrap()),
            Err(error) => {
                assert_eq!(error.code(), "store_corrupt");
                assert!(
                    error.to_string().contains("00000001.vec is damaged: row "),
                    "{error}"
                );
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn damaged_vectors_are_never_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path()).unwrap();
    engine.commit(facts("a.txt", 0..STATEMENTS, BOTH, true)).unwrap();
    let sound = readings(&engine.view().unwrap());
    engine.close().unwrap();
    drop(engine);
    let whole = std::fs::read(folder.path().join(COLUMN)).unwrap();
    assert_eq!(refused(folder.path(), &whole, &sound), 0);

    let blocks = STATEMENTS * ROW / BLOCK;
    for (one, other) in [(0, 1), (3, blocks - 1), (7, 30), (blocks - 2, blocks - 1)] {
        let mut damaged = whole.clone();
        let (one, other) = (HEADER + one * BLOCK, HEADER + other * BLOCK);
        damaged[one..one + BLOCK].copy_from_slice(&whole[other..other + BLOCK]);
        damaged[other..other + BLOCK].copy_from_slice(&whole[one..one + BLOCK]);
        assert!(refused(folder.path(), &damaged, &sound) >= 2 * (BLOCK / ROW));
    }
    for row in [0, 1, 500, 1023, 1024, STATEMENTS - 1] {
        for byte in [0, 8, 16, 16 + row % 100, ROW - 1] {
            let mut damaged = whole.clone();
            damaged[HEADER + row * ROW + byte] ^= 1 << (row % 8);
            // Every search meets a row that has no code, and every exact one reads all.
            assert!(refused(folder.path(), &damaged, &sound) > 8);
        }
    }
    // Two whole rows, each sound in itself.
    let mut damaged = whole.clone();
    let (one, other) = (HEADER + 5 * ROW, HEADER + 700 * ROW);
    damaged[one..one + ROW].copy_from_slice(&whole[other..other + ROW]);
    damaged[other..other + ROW].copy_from_slice(&whole[one..one + ROW]);
    assert!(refused(folder.path(), &damaged, &sound) > 8);
}

/// Replaces bytes of `storage.dat` wherever they stand.
fn edit(folder: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = std::fs::read(folder.join(TRUTH)).unwrap();
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    std::fs::write(folder.join(TRUTH), bytes).unwrap();
}

#[test]
fn an_edited_text_is_not_cited() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path()).unwrap();
    let receipt = engine.commit(facts("a.txt", 0..20, BOTH, true)).unwrap();
    drop(engine);
    edit(folder.path(), b"Fact 0007 is", b"Fact 0003 is");
    let engine = open(folder.path()).unwrap();
    let view = engine.view().unwrap();
    let text = |number: usize| view.text(&view.concept(ConceptId(receipt.concepts[number])).unwrap());
    assert_eq!(text(3).unwrap(), "Fact 0003 is told here.");
    assert_eq!(text(7).unwrap_err().code(), "store_corrupt");
    assert_eq!(
        view.source_text(receipt.sources[0]).unwrap_err().code(),
        "store_corrupt"
    );
}

#[test]
fn a_rotten_text_is_damage_for_everybody_who_waits() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = Roles {
        sentence: true,
        passage: false,
    };
    let engine = open(folder.path()).unwrap();
    let receipt = engine.commit(facts("a.txt", 0..3, sentence, false)).unwrap();
    drop(engine);
    // No text in UTF-8 has this byte.
    edit(folder.path(), b"Fact 0001 is", b"\xFF");
    let engine = open(folder.path()).unwrap();
    let view = engine.view().unwrap();
    let concept = view.concept(ConceptId(receipt.concepts[1])).unwrap();
    let error = guarded(|| view.text(&concept)).unwrap_err();
    assert_eq!(error.code(), "store_corrupt");
    assert!(
        error.to_string().contains("byte 24 of the text of source 1"),
        "{error}"
    );

    // A sentence that becomes a passage is read while it is committed.
    let together = Barrier::new(4);
    std::thread::scope(|scope| {
        let commits: Vec<_> = (0..4)
            .map(|writer| {
                let (engine, together) = (&engine, &together);
                scope.spawn(move || {
                    together.wait();
                    engine.commit(facts(&format!("{writer}.txt"), 1..2, BOTH, false))
                })
            })
            .collect();
        for commit in commits {
            assert_eq!(commit.join().unwrap().unwrap_err().code(), "store_corrupt");
        }
    });
    // What has nothing to do with it goes on, now and after opening again.
    engine.commit(facts("b.txt", 10..12, sentence, false)).unwrap();
    engine.close().unwrap();
    drop((view, engine));
    let engine = open(folder.path()).unwrap();
    assert_eq!(engine.view().unwrap().totals().sources, 2);

    // Read while opening: the folder is let go again.
    engine.commit(facts("c.txt", 20..21, BOTH, false)).unwrap();
    drop(engine);
    edit(folder.path(), b"Fact 0020 is", b"\xFF");
    assert_eq!(open(folder.path()).err().unwrap().code(), "store_corrupt");
    edit(folder.path(), b"\xFFact 0020 is", b"F");
    assert!(open(folder.path()).is_ok());
}
