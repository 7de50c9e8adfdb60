//! What reading costs: searches by vector, and the words of concepts.
//!
//! `cargo run --release -p sutra-engine --example reading -- FOLDER [STATEMENTS]`
//!
//! Learns STATEMENTS (50,000) made-up sentences with vectors of 384 components into FOLDER, unless it holds a store
//! already, and prints medians over 2,000 calls. One thread.

use std::path::Path;
use std::time::Instant;

use sutra_engine::{EmbedderId, Engine, OpenOptions, ReadView, Unit};
use sutra_model::{Batch, ConceptId, Roles, SourceDraft, StatementDraft};

const DIMENSION: usize = 384;
const STATEMENTS_PER_SOURCE: usize = 100;
const CALLS: u64 = 2000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, more @ ..] = arguments.as_slice() else {
        eprintln!("usage: reading FOLDER [STATEMENTS]");
        std::process::exit(2);
    };
    let statements = more
        .first()
        .map_or(50_000, |count| count.parse().expect("STATEMENTS is a number"));
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    };
    let start = Instant::now();
    let engine = Engine::open(Path::new(folder), OpenOptions::new(embedder)).expect("the store opens");
    println!("opened in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let held = engine.view().expect("it is open").totals().statements;
    for source in 0..(statements as u64).saturating_sub(held) / STATEMENTS_PER_SOURCE as u64 {
        engine.commit(facts(source)).expect("the batch is sound");
    }
    let view = engine.view().expect("it is open");
    measure(&view);
}

fn measure(view: &ReadView) {
    let count = view.totals().statements;
    println!("{count} statements");
    let queries: Vec<Vec<f32>> = (0..64).map(|seed| vector(1 << 40 | seed)).collect();
    for k in [1, 10, 20] {
        let search = |call: u64| {
            let found = view.search_vectors(&queries[call as usize % 64], k, Unit::Passage, false);
            assert_eq!(found.expect("the store is sound").len(), k);
        };
        println!("search for {k:2}: {:7.1} us", median(search));
    }
    let words = |call: u64| {
        let id = ConceptId(call * 7919 % count + 1);
        let concept = view.concept(id).expect("it was learned");
        assert!(!view.text(&concept).expect("the store is sound").is_empty());
    };
    println!("one concept:   {:7.2} us", median(words));
}

/// Microseconds.
fn median(call: impl Fn(u64)) -> f64 {
    let mut times: Vec<f64> = (0..CALLS)
        .map(|number| {
            let start = Instant::now();
            call(number);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn facts(source: u64) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    for position in 0..STATEMENTS_PER_SOURCE as u64 {
        let start = text.len() as u64;
        text += &format!(
            "Fact {position} of source {source} is told here, and it is about as long as a sentence of an encyclopaedia is."
        );
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
        batch.vectors.extend(vector(source << 20 | position));
    }
    batch.sources.push(SourceDraft {
        address: format!("{source}.txt"),
        text,
        ..SourceDraft::default()
    });
    batch
}

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
