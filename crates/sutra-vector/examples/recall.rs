//! Recall and times of the vector index on vectors of your own.
//!
//! `cargo run --release -p sutra-vector --example recall -- VECTORS DIMENSION [ROWS [QUERIES]]`
//!
//! VECTORS and QUERIES hold little-endian 32-bit floats, row after row. Without QUERIES, the 1,000 rows after the
//! first ROWS are the queries; without ROWS, the last 1,000 of the file. Truth is the exact search over the
//! half-precision rows. One thread.

use std::collections::HashSet;
use std::time::Instant;

use half::f16;
use sutra_model::{ConceptId, Result};
use sutra_vector::{FullPrecision, VectorIndex, depth_for};

const QUERIES_MAX: usize = 1000;
const SINGLE_ADDITIONS: usize = 2048;

struct Column {
    dimension: usize,
    components: Vec<f16>,
}

impl FullPrecision for Column {
    fn row(&self, _: ConceptId, row: u64) -> Result<&[f16]> {
        Ok(&self.components[row as usize * self.dimension..][..self.dimension])
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, dimension, more @ ..] = arguments.as_slice() else {
        eprintln!("usage: recall VECTORS DIMENSION [ROWS [QUERIES]]");
        std::process::exit(2);
    };
    let dimension: usize = dimension.parse().expect("DIMENSION is a number");
    let mut vectors = read(path, dimension);
    let held_out = if more.len() < 2 { QUERIES_MAX } else { 0 };
    let rows = more.first().map_or(vectors.len() - held_out, |rows| {
        rows.parse().expect("ROWS is a number")
    });
    let mut queries = match more.get(1) {
        Some(path) => read(path, dimension),
        None => vectors.split_off(rows),
    };
    queries.truncate(QUERIES_MAX);
    vectors.truncate(rows);

    let column = Column {
        dimension,
        components: vectors.iter().flatten().map(|&x| f16::from_f32(x)).collect(),
    };
    let additions: Vec<_> = (0..rows as u64).map(|row| (ConceptId(row + 1), row)).collect();
    let start = Instant::now();
    let index = VectorIndex::new(dimension).with(&additions, &column);
    println!(
        "{rows} rows of {dimension}, {} queries; encoded in {:.1} ms",
        queries.len(),
        milliseconds(start)
    );
    measure_additions(&index, &column);
    for k in [1, 10, 50] {
        measure_searches(&index, &queries, k, &column);
    }
}

fn read(path: &str, dimension: usize) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(path).expect("the file can be read");
    let floats: Vec<f32> = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&four| f32::from_le_bytes(four))
        .collect();
    floats.chunks_exact(dimension).map(<[f32]>::to_vec).collect()
}

/// Adds to the full index, one row at a time, rows that it has already: the cost does not depend on them.
fn measure_additions(index: &VectorIndex, column: &Column) {
    let mut grown = index.clone();
    let mut times: Vec<f64> = (0..SINGLE_ADDITIONS.min(index.len()) as u64)
        .map(|row| {
            let start = Instant::now();
            grown = grown.with(&[(ConceptId(1 << 40 | row), row)], column);
            milliseconds(start) * 1000.0
        })
        .collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    times.sort_by(f64::total_cmp);
    println!(
        "one row more: mean {mean:.1} µs, p50 {:.1}, greatest {:.0}",
        at(&times, 0.5),
        at(&times, 1.0)
    );
}

fn measure_searches(index: &VectorIndex, queries: &[Vec<f32>], k: usize, column: &Column) {
    let mut times = Vec::new();
    let truth: Vec<HashSet<ConceptId>> = queries
        .iter()
        .map(|query| {
            let start = Instant::now();
            let found = index.search_exact(query, k, column).unwrap();
            times.push(milliseconds(start));
            found.into_iter().map(|(id, _)| id).collect()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "k {k:2}  exact       recall 1.0000  p50 {:.2} ms  p95 {:.2}",
        at(&times, 0.5),
        at(&times, 0.95)
    );
    for depth in [k, 50, 100, 150, 200, 300, 400, depth_for(k)] {
        times.clear();
        let mut hits = 0;
        for (query, truth) in queries.iter().zip(&truth) {
            let start = Instant::now();
            let found = index.search(query, k, Some(depth), column).unwrap();
            times.push(milliseconds(start));
            hits += found.iter().filter(|(id, _)| truth.contains(id)).count();
        }
        times.sort_by(f64::total_cmp);
        let recall = hits as f64 / (k * queries.len()) as f64;
        let (p50, p95) = (at(&times, 0.5), at(&times, 0.95));
        println!("k {k:2}  depth {depth:4}  recall {recall:.4}  p50 {p50:.2} ms  p95 {p95:.2}");
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn at(sorted: &[f64], quantile: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * quantile) as usize]
}
