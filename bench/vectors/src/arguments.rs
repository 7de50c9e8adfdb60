//! The command line.

use std::path::PathBuf;

use crate::subject::Result;

/// What may be said on the command line.
pub struct Arguments {
    /// Rows that are indexed.
    pub rows: usize,
    /// Components of a vector: a multiple of 64.
    pub dimension: usize,
    /// Queries asked.
    pub queries: usize,
    /// Of the vectors.
    pub seed: u64,
    /// Only the library, or the scan, of this name.
    pub only: Option<String>,
    /// File to which a JSON line for each library is appended.
    pub out: Option<PathBuf>,
    /// Measures scans of rows that are not settled.
    pub scans: bool,
}

const HELP: &str =
    "bench-vectors [scans] [--rows N] [--dimension N] [--queries N] [--seed N] [--only NAME] [--out FILE]";

impl Arguments {
    /// Reads the arguments of this process.
    pub fn parse() -> Result<Self> {
        let mut arguments = Self {
            rows: 100_000,
            dimension: 768,
            queries: 200,
            seed: 7,
            only: None,
            out: None,
            scans: false,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" => {
                    println!("{HELP}");
                    std::process::exit(0);
                }
                "scans" => {
                    arguments.scans = true;
                    continue;
                }
                _ => {}
            }
            let value = words
                .next()
                .ok_or_else(|| format!("{word} needs a value; {HELP}"))?;
            match word.as_str() {
                "--rows" => arguments.rows = value.parse()?,
                "--dimension" => arguments.dimension = value.parse()?,
                "--queries" => arguments.queries = value.parse()?,
                "--seed" => arguments.seed = value.parse()?,
                "--only" => arguments.only = Some(value),
                "--out" => arguments.out = Some(value.into()),
                _ => return Err(format!("{word} is unknown; {HELP}").into()),
            }
        }
        if arguments.rows < 2000 || !arguments.rows.is_multiple_of(1000) {
            return Err("--rows must be a multiple of 1000, 2000 or more".into());
        }
        if arguments.dimension == 0 || !arguments.dimension.is_multiple_of(64) {
            return Err("--dimension must be a multiple of 64".into());
        }
        if arguments.queries == 0 {
            return Err("--queries must be 1 or more".into());
        }
        Ok(arguments)
    }
}
