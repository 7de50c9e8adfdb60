//! How fast texts are read: `cargo run --release -p sutra-read --example throughput -- corpus.jsonl`
//!
//! Each line is an object with `text` and perhaps `title`. The texts are read once to warm up, then
//! `ROUNDS` times on one
//! thread; the median round is printed.

use std::error::Error;
use std::time::Instant;

use sutra_read::Reader;

const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: throughput <corpus.jsonl>")?;
    let mut texts = Vec::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        texts.push((field("title"), field("text")));
    }
    let reader = Reader::new([]);
    let mut seconds = Vec::new();
    let (mut sentences, mut mentions, mut relations) = (0, 0, 0);
    for _ in 0..=ROUNDS {
        (sentences, mentions, relations) = (0, 0, 0);
        let begin = Instant::now();
        for (title, text) in &texts {
            let reading = reader.read(text, title);
            sentences += reading.sentences.len();
            mentions += reading.mentions.len();
            relations += reading.relations.len();
        }
        seconds.push(begin.elapsed().as_secs_f64());
    }
    seconds.remove(0);
    seconds.sort_by(f64::total_cmp);
    let median = seconds[ROUNDS / 2];
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    println!(
        "texts {}  sentences {sentences}  mentions {mentions}  relations {relations}",
        texts.len()
    );
    println!(
        "median of {ROUNDS}: {median:.3} s  {:.0} sentences/s  {:.1} MB/s",
        sentences as f64 / median,
        bytes as f64 / median / 1e6
    );
    Ok(())
}
