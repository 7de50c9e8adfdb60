//! Ways to scan what is not settled: instructions a row, and what the best 2 % by each hold.

use sutra_vector::VectorIndex;

use crate::arguments::Arguments;
use crate::coded::{BLOCK, Coded};
use crate::data::{Data, K, nearest, recall};
use crate::kernels::{SCANS, Scan};
use crate::steps;
use crate::subject::Result;

/// Rows of the longer and the shorter scan, whose instructions are subtracted.
const LONG: usize = 96;
const SHORT: usize = 32;
/// Shares of the rows that are scored again at half precision.
const SHARES: [f64; 2] = [0.02, 0.002];

/// Prints the table.
pub fn run(arguments: &Arguments) -> Result<()> {
    let Arguments {
        rows,
        dimension,
        queries,
        seed,
        ..
    } = arguments;
    let data = Data::new(*rows, *dimension, *queries, *seed);
    let coded = Coded::new(&data);
    let truth = data.truth(0..data.count, |_| true);
    println!("{rows} × {dimension}, {queries} queries, seed {seed}\n");
    println!("| scan | bytes a row | instructions a row | recall@10 of the best 2 % | of the best 0.2 % |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for scan in SCANS.iter().filter(|scan| {
        arguments
            .only
            .as_deref()
            .is_none_or(|only| scan.name.contains(only))
    }) {
        if !(scan.can)() {
            println!("| {} | not on this processor | | | |", scan.name);
            continue;
        }
        let bytes = match scan.name.starts_with("byte codes") {
            true => dimension + 4,
            false => dimension / 8 + if scan.name.starts_with("Hamming") { 0 } else { 8 },
        };
        let [more, less] = SHARES.map(|share| recall_of(scan, &coded, &data, &truth, share));
        println!(
            "| {} | {bytes} | {:.1} | {more:.3} | {less:.3} |",
            scan.name,
            instructions(scan, &coded, &data)?
        );
    }
    println!(
        "\na whole search of unsettled rows by `sutra-vector`, best 20 re-ranked: {:.1} instructions a row",
        whole(&data)?
    );
    Ok(())
}

fn instructions(scan: &Scan, coded: &Coded, data: &Data) -> Result<f64> {
    let mut scores = vec![0.0; LONG];
    let mut count = |rows: usize| steps::count(|| (scan.run)(coded, &data.queries[0], &mut scores[..rows]));
    let more = count(LONG)? - count(SHORT)?;
    Ok(more as f64 / (LONG - SHORT) as f64)
}

fn recall_of(scan: &Scan, coded: &Coded, data: &Data, truth: &[Vec<usize>], share: f64) -> f64 {
    let best = ((data.count as f64 * share) as usize).max(K);
    let mut scores = vec![0.0; data.count.div_ceil(BLOCK) * BLOCK];
    let found: Vec<Vec<usize>> = data
        .queries
        .iter()
        .map(|query| {
            (scan.run)(coded, query, &mut scores);
            let mut order: Vec<usize> = (0..data.count).collect();
            order.select_nth_unstable_by(best, |left, right| scores[*right].total_cmp(&scores[*left]));
            nearest(query, order[..best].iter().copied(), &data.column, K)
        })
        .collect();
    recall(&found, truth)
}

/// Of a fresh index twice as long and another, both of whole segments, with the ranking of what was scanned.
fn whole(data: &Data) -> Result<f64> {
    let (short, long) = (1024, 2048);
    let count = |rows: usize| {
        let rows: Vec<_> = (0..rows as u64)
            .map(|row| (sutra_model::ConceptId(row + 1), row))
            .collect();
        let index = VectorIndex::new(data.dimension).with(&rows, &data.column);
        steps::count(|| {
            let found = index.search(&data.queries[0], K, Some(20), &data.column);
            assert!(found.is_ok_and(|found| found.len() == K), "ten rows are found");
        })
    };
    Ok((count(long)? - count(short)?) as f64 / (long - short) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(name: &str, coded: &Coded, query: &[f32], count: usize) -> Option<Vec<f32>> {
        let scan = SCANS
            .iter()
            .find(|scan| scan.name == name)
            .expect("a scan of this name");
        let mut scores = vec![0.0; count.div_ceil(BLOCK) * BLOCK];
        (scan.can)().then(|| (scan.run)(coded, query, &mut scores))?;
        scores.truncate(count);
        Some(scores)
    }

    #[test]
    fn every_instruction_set_gives_the_same_scores() {
        let data = Data::new(2000, 192, 3, 7);
        let coded = Coded::new(&data);
        let pairs = [
            ("byte tables, plain", "byte tables, AVX2"),
            ("byte tables, plain", "byte tables, AVX-512BW"),
            ("Hamming distance, plain", "Hamming distance, POPCNT"),
            ("Hamming distance, plain", "Hamming distance, AVX-512 VPOPCNTDQ"),
            ("float query · ±1, AVX2", "float query · ±1, AVX-512"),
            ("byte codes, maddubs, AVX2", "byte codes, maddubs, AVX-512BW"),
        ];
        for query in &data.queries {
            for (one, other) in pairs {
                let both = scores(one, &coded, query, 2000).zip(scores(other, &coded, query, 2000));
                for (left, right) in both
                    .into_iter()
                    .flat_map(|(left, right)| left.into_iter().zip(right))
                {
                    assert!((left - right).abs() < 1e-4, "{one} {left}, {other} {right}");
                }
            }
        }
    }

    #[test]
    fn the_best_of_every_scan_hold_what_is_nearest() {
        let data = Data::new(2000, 192, 20, 7);
        let coded = Coded::new(&data);
        let truth = data.truth(0..2000, |_| true);
        for scan in SCANS.iter().filter(|scan| (scan.can)()) {
            let found = recall_of(scan, &coded, &data, &truth, 0.1);
            // Chance would find a tenth.
            assert!(found > 0.7, "{}: {found}", scan.name);
        }
    }

    #[test]
    fn bytes_and_tables_estimate_the_dot_product() {
        let data = Data::new(2000, 192, 1, 7);
        let coded = Coded::new(&data);
        let query = &data.queries[0];
        for (name, slack) in [("byte tables, plain", 0.2), ("byte codes, maddubs, AVX2", 0.02)] {
            for (row, score) in scores(name, &coded, query, 2000)
                .into_iter()
                .flatten()
                .enumerate()
            {
                let exact = sutra_vector::dot(query, data.column.at(row));
                assert!((score - exact).abs() < slack, "{name}: {score} for {exact}");
            }
        }
    }
}
