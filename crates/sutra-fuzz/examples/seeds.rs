//! Writes what the fuzzers begin with: a folder for each target.
//!
//! ```text
//! cargo run -p sutra-fuzz --example seeds -- FOLDER
//! ```

use std::fs;
use std::path::PathBuf;

use sutra_faults::Random;

/// Inputs for the targets whose inputs are edits of a store.
const EDITS: u64 = 50;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).expect("name a folder").into();
    let edits: Vec<Vec<u8>> = (0..EDITS)
        .map(|seed| {
            let mut random = Random::new(seed);
            let bytes = 1 + 6 * (seed % 8);
            (0..bytes).map(|_| random.number() as u8).collect()
        })
        .collect();
    let targets = [
        ("database", edits.clone()),
        ("column", edits),
        ("changes", sutra_fuzz::sample_changes()),
        ("records", sutra_fuzz::sample_records()),
        ("texts", sutra_fuzz::sample_texts()),
    ];
    for (target, inputs) in targets {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), input)?;
        }
    }
    Ok(())
}
