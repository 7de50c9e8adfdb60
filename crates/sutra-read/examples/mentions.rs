//! How well mentions and sentences are found: `cargo run --release -p sutra-read --example mentions -- corpus.jsonl
//! [--errors] [--join-hyphens]`
//!
//! Each line is an object with `title`, `text`, `meta.entities[].names` and `meta.sentences`. Precision, recall and F1
//! over the distinct names of each document, types ignored; names are compared without case, blanks and a leading "the"
//! (the texts are tokenised, the names spaced otherwise); and over where sentences end, blanks left out. `--errors`
//! lists the commonest missed and spurious names; `--join-hyphens` writes "Jean - Claude", as tokens were joined, as
//! "Jean-Claude", as the names have it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use sutra_read::Reader;

fn key(name: &str) -> String {
    let lower = name.to_lowercase();
    let bare = lower.strip_prefix("the ").unwrap_or(&lower);
    bare.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How many characters, blanks left out, stand before the end of each sentence.
fn ends<'t>(sentences: impl Iterator<Item = &'t str>) -> BTreeSet<usize> {
    let mut total = 0;
    sentences
        .map(|sentence| {
            total += sentence.chars().filter(|c| !c.is_whitespace()).count();
            total
        })
        .collect()
}

/// What was found of what was wanted.
#[derive(Default)]
struct Score {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Score {
    fn add<T: Ord>(&mut self, wanted: &BTreeSet<T>, found: &BTreeSet<T>) {
        self.right += wanted.intersection(found).count();
        self.found += found.len();
        self.wanted += wanted.len();
    }

    #[expect(clippy::cast_precision_loss, reason = "shares")]
    fn print(&self, what: &str) {
        let (precision, recall) = (
            self.right as f64 / self.found as f64,
            self.right as f64 / self.wanted as f64,
        );
        println!(
            "{what}: precision {precision:.4}  recall {recall:.4}  F1 {:.4}",
            2.0 * precision * recall / (precision + recall)
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments
        .first()
        .ok_or("usage: mentions <corpus.jsonl> [--errors] [--join-hyphens]")?;
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let (list_errors, join_hyphens) = (has("--errors"), has("--join-hyphens"));
    let reader = Reader::new([]);
    let (mut mentions, mut sentences) = (Score::default(), Score::default());
    let mut missed: BTreeMap<String, usize> = BTreeMap::new();
    let mut spurious: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let tokens = record["text"].as_str().unwrap_or_default();
        let text = &if join_hyphens {
            tokens.replace(" - ", "-")
        } else {
            tokens.to_owned()
        };
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
        mentions.add(&gold, &ours);
        let marked = record["meta"]["sentences"].as_array().into_iter().flatten();
        sentences.add(
            &ends(marked.filter_map(|sentence| sentence.as_str())),
            &ends(reading.sentences.iter().map(|range| &text[range.clone()])),
        );
        for name in gold.difference(&ours) {
            *missed.entry(name.clone()).or_default() += 1;
        }
        for name in ours.difference(&gold) {
            *spurious.entry(name.clone()).or_default() += 1;
        }
    }
    mentions.print("mentions");
    sentences.print("sentences");
    if list_errors {
        for (label, names) in [("missed", missed), ("spurious", spurious)] {
            let mut names: Vec<_> = names.into_iter().collect();
            names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            println!("{label}: {names:?}");
        }
    }
    Ok(())
}
