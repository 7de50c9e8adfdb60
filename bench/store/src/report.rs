//! The table and the result lines: the machine, the commit, the seed, and medians over the rounds.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::candidate::Result;
use crate::rounds::{Figures, Results};

/// Rows of the table: title, figure, decimals.
const ROWS: [(&str, &str, usize); 37] = [
    ("batch 1000: concepts/s", "batch_1000.concepts_per_second", 0),
    ("  commit p50 ms", "batch_1000.commit_p50_us", 1),
    ("  commit p95 ms", "batch_1000.commit_p95_us", 1),
    ("  commit p99 ms", "batch_1000.commit_p99_us", 1),
    ("  over bare sync", "batch_1000.commit_over_bare", 1),
    ("batch 50: concepts/s", "batch_50.concepts_per_second", 0),
    ("  commit p50 ms", "batch_50.commit_p50_us", 2),
    ("  commit p95 ms", "batch_50.commit_p95_us", 2),
    ("  commit p99 ms", "batch_50.commit_p99_us", 2),
    ("  over bare sync", "batch_50.commit_over_bare", 2),
    ("batch 1: concepts/s", "batch_1.concepts_per_second", 0),
    ("  commit p50 ms", "batch_1.commit_p50_us", 2),
    ("  commit p95 ms", "batch_1.commit_p95_us", 2),
    ("  commit p99 ms", "batch_1.commit_p99_us", 2),
    ("  over bare sync", "batch_1.commit_over_bare", 2),
    ("bare 4 KiB append p50 ms", "batch_1.bare_p50_us", 2),
    (
        "beside a reader: concepts/s",
        "beside_reader.concepts_per_second",
        0,
    ),
    ("  read p50 us", "beside_reader.read_p50_us", 1),
    ("  read p99 us", "beside_reader.read_p99_us", 1),
    (
        "  bytes grown a concept",
        "beside_reader.bytes_grown_a_concept",
        0,
    ),
    ("random read p50 us", "read_p50_us", 1),
    ("scan ms", "scan.scan_ms", 0),
    ("scan, decode, map ms", "scan.scan_decode_map_ms", 0),
    ("open after close ms", "closed.open_ms", 1),
    ("  cold ms", "closed_cold.open_ms", 1),
    ("open after kill ms", "killed.open_ms", 1),
    ("  cold ms", "killed_cold.open_ms", 1),
    ("bytes a concept", "bytes_a_concept", 0),
    ("memory MiB, own", "memory.anonymous_mib", 0),
    ("  mapped file", "memory.mapped_mib", 0),
    ("  peak of both", "memory.peak_mib", 0),
    ("forget: concepts/s", "forget.forget_per_second", 0),
    ("  texts found after", "forget.found_after", 2),
    ("  after compaction", "forget.found_compacted", 2),
    ("  after rewriting", "forget.found_rewritten", 2),
    ("  compaction ms", "forget.compact_ms", 0),
    ("  rewriting ms", "forget.rewrite_ms", 0),
];

/// What the figures depend on besides the code.
pub struct Surroundings(Map<String, Value>);

fn output(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    if text.is_empty() { "unknown".into() } else { text }
}

impl Surroundings {
    /// Looks at the machine, the file system of `folder` and the arguments.
    pub fn observe(folder: &Path, arguments: &Arguments) -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .unwrap_or("unknown");
        let machine = format!(
            "{}, {} cores, {}",
            model.trim_start_matches([' ', '\t', ':']),
            std::thread::available_parallelism()?,
            output("uname", &["-sr"])
        );
        let folder = folder.to_string_lossy();
        let file_system = output("stat", &["--file-system", "--format=%T", &folder]);
        let facts = json!({
            "bench": "store",
            "machine": machine,
            "file_system": file_system,
            "commit": output("git", &["rev-parse", "--short", "HEAD"]),
            "seed": arguments.seed,
            "concepts": arguments.concepts,
            "rounds": arguments.rounds,
            "unix_seconds": SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
        });
        let Value::Object(facts) = facts else {
            unreachable!("an object was written")
        };
        Ok(Self(facts))
    }

    /// All in one line.
    pub fn line(&self) -> String {
        let facts: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        facts.join(" · ")
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length.is_multiple_of(2) => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

fn cell(figures: &Figures, title: &str, name: &str, decimals: usize) -> String {
    let in_ms = title.ends_with("ms") && name.ends_with("_us");
    let value = figures.get(name).and_then(|values| median(values));
    value.map_or("-".into(), |value| {
        format!("{:.decimals$}", if in_ms { value / 1e3 } else { value })
    })
}

/// Prints the table in Markdown: a row a figure, a column a configuration.
pub fn print(results: &Results) {
    let names: Vec<&str> = results
        .iter()
        .map(|(configuration, _)| configuration.name)
        .collect();
    println!("\n| median | {} |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(names.len()));
    for (title, name, decimals) in ROWS {
        let cells: Vec<String> = results
            .iter()
            .map(|(_, figures)| cell(figures, title, name, decimals))
            .collect();
        println!("| {title} | {} |", cells.join(" | "));
    }
}

/// Appends a JSON line for each configuration.
pub fn append(path: &Path, surroundings: &Surroundings, results: &Results) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    for (configuration, figures) in results {
        let mut line = surroundings.0.clone();
        line.insert("configuration".into(), json!(configuration.name));
        let medians: Map<String, Value> = figures
            .iter()
            .map(|(name, values)| (name.clone(), json!(median(values))))
            .collect();
        line.insert("medians".into(), Value::Object(medians));
        line.insert("rounds_of_each".into(), json!(figures));
        writeln!(file, "{}", Value::Object(line))?;
    }
    Ok(())
}
