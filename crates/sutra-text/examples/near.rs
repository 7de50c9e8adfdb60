//! How long it takes to find what a word may be a slip of, among 500,000 distinct words.
//!
//! `cargo run --release -p sutra-text --example near`

use std::time::Instant;

use sutra_model::ConceptId;
use sutra_text::WordIndex;

const WORDS: usize = 500_000;
const QUERIES: usize = 1000;
const SYLLABLES: [&str; 32] = [
    "ba", "co", "den", "er", "fi", "gra", "hol", "in", "ja", "ker", "lo", "men", "no", "or", "pel", "qui",
    "ra", "ston", "ter", "ul", "ver", "wi", "xan", "yo", "ze", "al", "sh", "th", "ing", "ed", "s", "tion",
];

/// A small linear congruential generator: the same words on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn main() {
    let mut random = Random(1);
    let mut words = std::collections::BTreeSet::new();
    while words.len() < WORDS {
        let syllables = 2 + random.below(4);
        words.insert(
            (0..syllables)
                .map(|_| SYLLABLES[random.below(32)])
                .collect::<String>(),
        );
    }
    let words: Vec<String> = words.into_iter().collect();
    let texts: Vec<String> = words.chunks(50).map(|chunk| chunk.join(" ")).collect();
    let begun = Instant::now();
    let mut index = WordIndex::new();
    for (commit, texts) in texts.chunks(500).enumerate() {
        let ids = (commit as u64 * 500 + 1..).map(ConceptId);
        let documents: Vec<_> = ids.zip(texts.iter().map(String::as_str)).collect();
        index = index.with_english(&documents);
    }
    println!("{WORDS} words learned in {:.2} s", begun.elapsed().as_secs_f64());

    let mut took: Vec<f64> = Vec::with_capacity(QUERIES);
    let mut found = 0;
    for _ in 0..QUERIES {
        let mut slip: Vec<char> = words[random.below(WORDS)].chars().collect();
        let at = random.below(slip.len());
        match random.below(3) {
            0 => slip[at] = 'w',
            1 => drop(slip.remove(at)),
            _ => slip[at.saturating_sub(1)..=at].reverse(),
        }
        let slip: String = slip.into_iter().collect();
        let begun = Instant::now();
        found += usize::from(!index.near(&slip, 3).is_empty());
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    println!(
        "{QUERIES} slips, {found} with a word near: median {:.2} ms, 95 % under {:.2} ms, at most {:.2} ms",
        took[QUERIES / 2],
        took[QUERIES * 95 / 100],
        took[QUERIES - 1]
    );
}
