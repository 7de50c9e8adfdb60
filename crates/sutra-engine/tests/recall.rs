//! How much of what is nearest the index finds in a view narrowed to one source in a hundred.

use sutra_engine::{EmbedderId, Engine, Filter, OpenOptions, ReadView, Unit};
use sutra_model::{Batch, ConceptId, Roles, SourceDraft, StatementDraft};

const DIMENSION: usize = 64;
const PASSAGES: usize = 20_000;
const SOURCES: usize = 100;
const QUERIES: u64 = 100;
const NEAREST: usize = 10;

/// Around one of 200 centres: near each other as texts on one subject are.
fn vector(seed: u64) -> Vec<f32> {
    let draw = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        }
    };
    let mut own = draw(seed << 1 | 1);
    let mut centre = draw(((own() + 1.0) * 100.0) as u64 + 7);
    (0..DIMENSION).map(|_| centre() + 0.7 * own()).collect()
}

fn source(number: usize) -> Batch {
    let count = PASSAGES / SOURCES;
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    for position in 0..count {
        let start = text.len() as u64;
        text += &format!("Passage {position} of {number}.");
        batch.statements.push(StatementDraft {
            source: 0,
            start,
            end: text.len() as u64,
            roles: Roles {
                sentence: false,
                passage: true,
            },
        });
        text.push('\n');
        batch.vector_references.push(position as u32);
        batch.vectors.extend(vector((number * count + position) as u64));
    }
    let mut draft = SourceDraft {
        address: format!("{number}.txt"),
        text,
        ..SourceDraft::default()
    };
    if number % SOURCES == 37 {
        draft.attributes.insert("kept".into(), "yes".into());
    }
    batch.sources.push(draft);
    batch
}

/// recall@10: the share of the nearest, by exact search of the same view, that the index finds.
fn recall(view: &ReadView) -> f64 {
    let nearest = |query: &[f32], exact| -> Vec<ConceptId> {
        let hits = view.search_vectors(query, NEAREST, Unit::Passage, exact).unwrap();
        hits.into_iter().map(|(id, _)| id).collect()
    };
    let mut found = 0;
    for seed in 0..QUERIES {
        let query = vector(1 << 40 | seed);
        let expected = nearest(&query, true);
        assert_eq!(expected.len(), NEAREST);
        let hits = nearest(&query, false);
        found += hits.iter().filter(|id| expected.contains(id)).count();
    }
    found as f64 / (QUERIES as usize * NEAREST) as f64
}

#[test]
fn a_filter_that_keeps_one_in_a_hundred_loses_no_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    };
    let engine = Engine::open(folder.path(), OpenOptions::new(embedder)).unwrap();
    for number in 0..SOURCES {
        engine.commit(source(number)).unwrap();
    }
    let view = engine.view().unwrap();
    let filter = Filter {
        attributes: [("kept".to_owned(), "yes".to_owned())].into(),
        ..Filter::default()
    };
    let narrowed = view.within(&filter).unwrap();
    let kept = PASSAGES / SOURCES;
    let all = narrowed.search_vectors(&vector(0), PASSAGES, Unit::Passage, true);
    assert_eq!(all.unwrap().len(), kept);
    for (what, view) in [("whole", &*view), ("narrowed", &narrowed)] {
        let recall = recall(view);
        assert!(recall >= 0.95, "recall@10 of the {what} view is {recall}");
    }
}
