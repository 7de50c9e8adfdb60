//! What each setting of the indexes does.

mod samples;

use std::fs;
use std::os::unix::fs::FileExt;

use sutra_engine::{EmbedderId, Engine, OpenOptions, Settling, Unit};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, Error, Roles, SourceDraft,
    StatementDraft, Validity,
};

const DIMENSION: usize = 24;
const STATEMENTS: u64 = 3000;

fn options() -> OpenOptions {
    OpenOptions::new(EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    })
}

/// A vector of noise, the same for the same seed.
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

/// Passages of an address, a line each; another batch of the address takes their place.
fn lines(address: &str, numbers: std::ops::Range<u64>) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    for number in numbers {
        let start = text.len() as u64;
        text += &format!("Line {number}.");
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: true,
                passage: true,
            },
        });
        batch.vector_references.push(batch.statements.len() as u32 - 1);
        batch.vectors.extend(vector(number));
        text.push('\n');
    }
    batch.sources.push(SourceDraft {
        address: address.into(),
        text,
        last: true,
        ..SourceDraft::default()
    });
    batch
}

/// How many of a hundred searches for the nearest find it.
fn found(engine: &Engine) -> usize {
    let view = engine.view().unwrap();
    let is_found = |seed: &u64| {
        let nearest = |exact| {
            view.search_vectors(&vector(90_000 + seed), 1, Unit::Passage, exact)
                .unwrap()
        };
        nearest(false) == nearest(true)
    };
    (0..100).filter(is_found).count()
}

#[test]
fn a_broader_search_finds_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut hits = Vec::new();
    for search_breadth in [0, 20, 200, 3000] {
        let options = OpenOptions {
            search_breadth,
            ..options()
        };
        let engine = Engine::open(folder.path(), options).unwrap();
        engine.commit(lines("a", 0..STATEMENTS)).unwrap();
        hits.push(found(&engine));
        engine.close().unwrap();
    }
    assert!(
        hits.is_sorted() && hits[0] < hits[3] && hits[3] == 100,
        "{hits:?}"
    );
}

#[test]
fn a_vector_that_was_checked_is_not_checked_again_until_others_take_its_place() {
    for (checked_vectors, is_checked_again) in [(0, true), (STATEMENTS as usize, false), (1, true)] {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            checked_vectors,
            ..options()
        };
        let engine = Engine::open(folder.path(), options).unwrap();
        engine.commit(lines("a", 0..STATEMENTS)).unwrap();
        let search = || {
            engine
                .view()
                .unwrap()
                .search_vectors(&vector(7), 1, Unit::Passage, true)
        };
        search().unwrap();
        let column = fs::File::options()
            .write(true)
            .open(folder.path().join("vectors/00000001.vec"))
            .unwrap();
        // The checksum of a row, which stands after the number of its statement.
        column.write_all_at(&[0xaa; 4], 4096 + 500 * 64 + 8).unwrap();
        let again = search();
        assert_eq!(
            matches!(again, Err(Error::Corrupt { .. })),
            is_checked_again,
            "{again:?}"
        );
        // Whoever verifies reads everything.
        assert!(!engine.verify().unwrap().faults.is_empty());
    }
}

#[test]
fn as_much_is_held_fresh_as_was_asked_for() {
    for (fresh_max, is_settled) in [(400, true), (600, false)] {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            settling: Settling {
                fresh_max,
                ..Settling::DEFAULT
            },
            ..options()
        };
        let engine = Engine::open(folder.path(), options).unwrap();
        engine.commit(lines("a", 0..500)).unwrap();
        engine.settle().unwrap();
        assert_eq!(engine.view().unwrap().unsettled() == 0, is_settled);
        assert_eq!(found(&engine), 100);
    }
}

/// One statement that says everything of each two of some things.
fn related(things: u32) -> Batch {
    let (mut batch, text) = (Batch::default(), "All of them.");
    batch.sources.push(SourceDraft {
        address: "all".into(),
        text: text.into(),
        ..SourceDraft::default()
    });
    batch.statements.push(StatementDraft {
        source: 0,
        start: 0,
        end: text.len() as u64,
        roles: Roles {
            sentence: true,
            passage: false,
        },
    });
    batch.relations.push(("knows".into(), AssociationKind::Semantic));
    for number in 1..=things {
        batch.entities.push(EntityDraft {
            name: format!("Thing {number}"),
            entity_type: EntityType::Thing,
        });
        batch
            .associations
            .extend((1..number).map(|other| AssociationDraft {
                subject: number,
                relation: 0,
                object: other,
                evidence: 0,
                confidence: 0.9,
                validity: Validity::default(),
                rules: 1,
            }));
    }
    batch
}

#[test]
fn the_graph_is_settled_where_few_concepts_get_many_associations() {
    for (things, is_settled) in [(12, false), (19, true)] {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            settling: Settling {
                fresh_max: 20,
                ..Settling::DEFAULT
            },
            ..options()
        };
        let engine = Engine::open(folder.path(), options).unwrap();
        engine.commit(related(things)).unwrap();
        while engine.is_settling().unwrap() {
            std::thread::yield_now();
        }
        let files = fs::read_dir(folder.path().join("index")).map_or(0, Iterator::count);
        assert_eq!(files > 0, is_settled, "{things} things");
    }
}

#[test]
fn files_are_written_anew_once_enough_was_removed_and_enough_commits_came() {
    for (removed_max, commits, is_rewritten) in [(100, 1, true), (100, 3, false), (300, 1, false)] {
        let folder = tempfile::tempdir().unwrap();
        let settled = OpenOptions {
            settling: Settling {
                fresh_max: 100,
                removed_max: usize::MAX,
                ..Settling::DEFAULT
            },
            ..options()
        };
        let engine = Engine::open(folder.path(), settled).unwrap();
        engine.commit(lines("a", 0..200)).unwrap();
        engine.commit(lines("b", 200..1000)).unwrap();
        engine.settle().unwrap();
        engine.close().unwrap();

        let options = OpenOptions {
            settling: Settling {
                fresh_max: usize::MAX,
                removed_max,
                commits,
                tail_max: usize::MAX,
            },
            ..options()
        };
        let engine = Engine::open(folder.path(), options).unwrap();
        // Its check, which comes first, is over.
        engine.settle().unwrap();
        engine.commit(lines("a", 2000..2001)).unwrap();
        while engine.is_settling().unwrap() {
            std::thread::yield_now();
        }
        assert_eq!(
            engine.view().unwrap().removed() == 0,
            is_rewritten,
            "{removed_max}, {commits}"
        );
        assert_eq!(found(&engine), 100);
    }
}
