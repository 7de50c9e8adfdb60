//! What the engine alone costs: commits, opening, searches, the words of concepts.
//!
//! `cargo run --release -p sutra-engine --example engine -- [STATEMENTS]`
//!
//! Learns STATEMENTS (100,000) made-up sentences that mention two names each, with vectors of 384 components, into a
//! folder that is thrown away, in synced batches of 1,000, then single ones (beside bare appends of 4 KiB), opens it
//! again, searches it, also narrowed to one source in a hundred, reads and verifies it, forgets sources, purges what they left on disk, and prints medians over many calls. One thread.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use sutra_engine::{EmbedderId, Engine, Filter, OpenOptions, ReadView, Selection, Unit};
use sutra_model::{
    AssociationDraft, AssociationKind, Batch, ConceptId, EntityDraft, EntityType, Language, Roles,
    SourceDraft, SourceId, StatementDraft, Validity,
};

const DIMENSION: usize = 384;
const STATEMENTS_PER_BATCH: u64 = 1000;
const CALLS: u64 = 2000;
const SINGLES: u64 = 200;
const FORGOTTEN: u64 = 9;
const NARROWED: u64 = 9;
/// Names that statements mention, two of them each.
const NAMES: u64 = 20_000;

fn main() {
    let statements = std::env::args()
        .nth(1)
        .map_or(100_000, |count| count.parse().expect("STATEMENTS is a number"));
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let engine = open(folder.path());
    let start = Instant::now();
    let batches = statements / STATEMENTS_PER_BATCH;
    for batch in 0..batches {
        let batch = facts(batch, STATEMENTS_PER_BATCH);
        engine.commit(batch).expect("the batch is sound");
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{statements} statements in batches of {STATEMENTS_PER_BATCH}, synced: {:.0} a second",
        statements as f64 / seconds
    );
    let start = Instant::now();
    engine.settle().expect("it is open");
    println!("settled:       {:7.1} s later", start.elapsed().as_secs_f64());
    let bytes = engine
        .view()
        .expect("it is open")
        .bytes_on_disk()
        .expect("it can be listed");
    println!(
        "on disk:       {:7.0} bytes a statement",
        bytes as f64 / statements as f64
    );
    let single = |number: u64| {
        engine
            .commit(facts(batches + number, 1))
            .expect("the batch is sound");
    };
    println!("one insert:    {:7.1} us", median(SINGLES, single));
    println!(
        "4 KiB synced:  {:7.1} us",
        median(SINGLES, append_to(folder.path()))
    );
    engine.close().expect("it can be closed");

    let start = Instant::now();
    let engine = open(folder.path());
    println!("opened in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    measure(&engine.view().expect("it is open"));
    let start = Instant::now();
    let report = engine.verify().expect("it can be read");
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "verified:      {:7.0} statements a second",
        statements as f64 / seconds
    );
    let forget = |number: u64| {
        let forgotten = engine.forget(&Selection::Sources(vec![SourceId(number + 1)]), false);
        forgotten.expect("it can be written").expect("it is known");
    };
    println!(
        "forgotten:     {:7.1} ms for a source of {STATEMENTS_PER_BATCH} statements",
        median(FORGOTTEN.min(batches), forget) / 1e3
    );
    let start = Instant::now();
    engine.purge().expect("there is room for another store");
    println!("purged:        {:7.1} s", start.elapsed().as_secs_f64());
    if let Some(peak) = peak_memory() {
        println!("memory:        {peak} at most");
    }
}

fn open(folder: &Path) -> Engine {
    let embedder = EmbedderId {
        fingerprint: "a".into(),
        dimension: DIMENSION,
    };
    Engine::open(folder, OpenOptions::new(embedder)).expect("the store opens")
}

/// Appends 4 KiB to a file of its own and syncs it: what a synced insert cannot go below.
fn append_to(folder: &Path) -> impl Fn(u64) {
    let file = File::create(folder.join("appended")).expect("there is room for a file");
    move |number| {
        file.write_all_at(&[1; 4096], number * 4096)
            .and_then(|()| file.sync_data())
            .expect("there is room for a page");
    }
}

fn measure(view: &ReadView) {
    let count = view.totals().statements;
    let queries: Vec<Vec<f32>> = (0..64).map(|seed| vector(1 << 40 | seed)).collect();
    for (name, k, exact) in [
        ("", 1, false),
        ("", 10, false),
        ("", 20, false),
        (", exactly", 10, true),
    ] {
        let search = |call: u64| {
            let found = view.search_vectors(&queries[call as usize % 64], k, Unit::Passage, exact);
            assert_eq!(found.expect("the store is sound").len(), k);
        };
        println!(
            "nearest {k:2}{name}: {:7.1} us",
            median(if exact { CALLS / 10 } else { CALLS }, search)
        );
    }
    let by_words = |call: u64| {
        let query = format!("fact {} of batch {}", call % STATEMENTS_PER_BATCH, call % 97);
        assert_eq!(
            view.search_words(&query, 10, Unit::Passage, Language::English)
                .expect("it can be asked")
                .len(),
            10
        );
    };
    println!("10 by words:   {:7.1} us", median(CALLS, by_words));
    measure_narrowed(view, &queries);
    let words = |call: u64| {
        let id = ConceptId(call * 7919 % count + 1);
        let concept = view.concept(id).expect("it was learned");
        assert!(!view.text(&concept).expect("the store is sound").is_empty());
    };
    println!("one concept:   {:7.2} us", median(CALLS, words));
}

/// What narrowing to one source in a hundred costs, and how much of what is nearest there the index then finds.
fn measure_narrowed(view: &ReadView, queries: &[Vec<f32>]) {
    let kept = (1..=view.totals().sources).step_by(100).map(SourceId);
    let filter = Filter {
        sources: Some(kept.collect()),
        ..Filter::default()
    };
    let everything = Filter {
        as_of: Some(view.transaction()),
        ..Filter::default()
    };
    for (name, filter) in [("to 1 %", &filter), ("to all", &everything)] {
        let narrow = |_| drop(view.within(filter).expect("the store is sound"));
        println!("narrowed {name}: {:5.1} ms", median(NARROWED, narrow) / 1e3);
    }
    let narrowed = view.within(&filter).expect("the store is sound");
    let nearest = |query: &[f32], exact| {
        let hits = narrowed.search_vectors(query, 10, Unit::Passage, exact);
        hits.expect("the store is sound")
    };
    let search = |call: u64| assert_eq!(nearest(&queries[call as usize % 64], false).len(), 10);
    println!("nearest 10 there: {:4.1} us", median(CALLS, search));
    let found: usize = queries
        .iter()
        .map(|query| {
            let expected = nearest(query, true);
            let hits = nearest(query, false);
            hits.iter()
                .filter(|(id, _)| expected.iter().any(|(other, _)| other == id))
                .count()
        })
        .sum();
    println!(
        "recall@10 there:  {:.3}",
        found as f64 / (10 * queries.len()) as f64
    );
}

/// The most memory that this process had resident, where the system tells.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}

/// Microseconds.
fn median(calls: u64, call: impl Fn(u64)) -> f64 {
    let mut times: Vec<f64> = (0..calls)
        .map(|number| {
            let start = Instant::now();
            call(number);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A source of so many statements.
fn facts(source: u64, count: u64) -> Batch {
    let mut batch = Batch {
        dimension: DIMENSION,
        ..Batch::default()
    };
    let mut text = String::new();
    for position in 0..count {
        let start = text.len() as u64;
        text += &format!(
            "Fact {position} of batch {source} is told here, and it is about as long as a sentence of an encyclopaedia is."
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
        for name in [position * 31 % NAMES, (source + position) * 17 % NAMES] {
            let entity = batch.entities.len() as u32;
            batch.entities.push(EntityDraft {
                name: format!("Name {name}"),
                entity_type: EntityType::Thing,
            });
            batch.associations.push(AssociationDraft {
                subject: position as u32,
                relation: 0,
                object: count as u32 + entity,
                evidence: position as u32,
                confidence: 0.9,
                validity: Validity::default(),
                rules: 0,
            });
        }
    }
    batch
        .relations
        .push(("mentions".into(), AssociationKind::Semantic));
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
