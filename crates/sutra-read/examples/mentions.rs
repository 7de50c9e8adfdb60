//! How well mentions are found: `cargo run --release -p sutra-read --example mentions -- corpus.jsonl
//! [--errors]`
//!
//! Each line is an object with `title`, `text` and `meta.entities[].names`. Precision, recall and F1 over
//! the distinct names of
//! each document, types ignored; names are compared without case, blanks and a leading "the" (the texts are
//! tokenised,
//! the names spaced otherwise). `--errors` lists the commonest missed and spurious names.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use sutra_read::Reader;

fn key(name: &str) -> String {
    let lower = name.to_lowercase();
    let bare = lower.strip_prefix("the ").unwrap_or(&lower);
    bare.chars().filter(|c| !c.is_whitespace()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: mentions <corpus.jsonl> [--errors]")?;
    let list_errors = arguments.next().is_some();
    let reader = Reader::new([]);
    let (mut right, mut found, mut wanted) = (0_usize, 0_usize, 0_usize);
    let mut missed: BTreeMap<String, usize> = BTreeMap::new();
    let mut spurious: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let text = record["text"].as_str().unwrap_or_default();
        let reading = reader.read(text, record["title"].as_str().unwrap_or_default());
        let names = |entity: &serde_json::Value| entity["names"].as_array().cloned().unwrap_or_default();
        let gold: BTreeSet<String> = record["meta"]["entities"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(names)
            .filter_map(|name| name.as_str().map(key))
            .collect();
        let ours: BTreeSet<String> = reading
            .mentions
            .iter()
            .map(|mention| key(&mention.name))
            .collect();
        right += gold.intersection(&ours).count();
        found += ours.len();
        wanted += gold.len();
        for name in gold.difference(&ours) {
            *missed.entry(name.clone()).or_default() += 1;
        }
        for name in ours.difference(&gold) {
            *spurious.entry(name.clone()).or_default() += 1;
        }
    }
    let (precision, recall) = (right as f64 / found as f64, right as f64 / wanted as f64);
    println!(
        "precision {precision:.3}  recall {recall:.3}  F1 {:.3}",
        2.0 * precision * recall / (precision + recall)
    );
    if list_errors {
        for (label, names) in [("missed", missed), ("spurious", spurious)] {
            let mut names: Vec<_> = names.into_iter().collect();
            names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            println!("{label}: {names:?}");
        }
    }
    Ok(())
}
