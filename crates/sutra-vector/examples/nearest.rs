//! What the index of vectors alone costs, fresh and settled, and what it finds.
//!
//! `cargo run --release -p sutra-vector --example nearest -- ROWS QUERIES DIMENSION [COUNT]`
//!
//! ROWS is a file of float32 vectors, one after the other, as `data.py` of the comparison with other stores writes it, and
//! QUERIES a NumPy file of float32 vectors (its header is skipped) or another of the kind of ROWS. Takes in COUNT rows
//! (all), searches them before and after they are settled, with filters and after one row in ten was taken out, and
//! prints medians and recall@10 against an exact search. One thread.

use std::time::Instant;

use half::f16;
use sutra_model::{ConceptId, Result};
use sutra_vector::{FullPrecision, How, VectorIndex};

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
    let [rows, queries, dimension, ..] = arguments.as_slice() else {
        panic!("ROWS QUERIES DIMENSION [COUNT]");
    };
    let dimension: usize = dimension.parse().expect("DIMENSION is a number");
    let components = floats(rows);
    let count = arguments.get(3).map_or(components.len() / dimension, |count| {
        count.parse().expect("COUNT is a number")
    });
    let column = Column {
        dimension,
        components: components[..count * dimension]
            .iter()
            .map(|x| f16::from_f32(*x))
            .collect(),
    };
    let queries: Vec<Vec<f32>> = floats(queries)
        .chunks(dimension)
        .take(200)
        .map(<[f32]>::to_vec)
        .collect();

    let rows: Vec<(ConceptId, u64)> = (0..count as u64).map(|row| (ConceptId(row + 1), row)).collect();
    let start = Instant::now();
    let mut fresh = VectorIndex::new(dimension);
    for batch in rows.chunks(1000) {
        fresh = fresh.with(batch, &column);
    }
    println!(
        "{count} x {dimension} taken in: {:.0} rows a second",
        per_second(count, start)
    );
    let truth = truth(&fresh, &queries, &column, |_| true);
    measure("fresh", &fresh, &queries, &truth, &column, |_| true, &[200]);

    let start = Instant::now();
    let apart = fresh.apart(&column);
    let settlement = apart
        .settle(How::Settled, 0, &column)
        .expect("there is something to settle");
    let settled = apart.with_settled(&settlement);
    println!(
        "settled: {:.0} rows a second; {}",
        per_second(count, start),
        settled.described()
    );
    measure(
        "settled",
        &settled,
        &queries,
        &truth,
        &column,
        |_| true,
        &[25, 50, 100, 150, 200, 300, 400, 800],
    );
    for keep in [10, 100] {
        let admit = |id: ConceptId| id.0.is_multiple_of(keep);
        let truth = self::truth(&settled, &queries, &column, admit);
        measure(
            &format!("settled, one in {keep}"),
            &settled,
            &queries,
            &truth,
            &column,
            admit,
            &[100, 200],
        );
    }
    let gone: Vec<ConceptId> = rows
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| id.0.is_multiple_of(10))
        .collect();
    let start = Instant::now();
    let left = settled.without(&gone, &column);
    println!("taken out: {:.0} rows a second", per_second(gone.len(), start));
    let truth = self::truth(&left, &queries, &column, |_| true);
    measure(
        "settled, a tenth taken out",
        &left,
        &queries,
        &truth,
        &column,
        |_| true,
        &[100, 200],
    );
}

fn per_second(count: usize, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// A file of numbers; that of NumPy begins with a header, whose length it says.
fn floats(path: &str) -> Vec<f32> {
    let bytes = std::fs::read(path).expect("the file can be read");
    let start = match bytes.starts_with(b"\x93NUMPY") {
        true => 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]])),
        false => 0,
    };
    let numbers = bytes[start..].chunks_exact(4);
    numbers
        .map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")))
        .collect()
}

fn truth(
    index: &VectorIndex,
    queries: &[Vec<f32>],
    column: &Column,
    admit: impl Fn(ConceptId) -> bool,
) -> Vec<Vec<ConceptId>> {
    let found = queries
        .iter()
        .map(|query| index.search_exact_where(query, 10, &admit, column));
    found
        .map(|hits| {
            hits.expect("rows can be read")
                .into_iter()
                .map(|(id, _)| id)
                .collect()
        })
        .collect()
}

fn measure(
    name: &str,
    index: &VectorIndex,
    queries: &[Vec<f32>],
    truth: &[Vec<ConceptId>],
    column: &Column,
    admit: impl Fn(ConceptId) -> bool,
    depths: &[usize],
) {
    for &depth in depths {
        let (mut times, mut hits, mut wanted) = (Vec::new(), 0, 0);
        for (query, truth) in queries.iter().zip(truth) {
            let start = Instant::now();
            let found = index
                .search_where(query, 10, Some(depth), &admit, column)
                .expect("rows can be read");
            times.push(start.elapsed().as_secs_f64() * 1e3);
            hits += found.iter().filter(|(id, _)| truth.contains(id)).count();
            wanted += truth.len();
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{name}, depth {depth}: {:.3} ms, recall@10 {:.4}",
            times[times.len() / 2],
            hits as f64 / wanted as f64
        );
    }
}
