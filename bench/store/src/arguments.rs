//! The command line, of the bench and of its child processes.

use std::path::PathBuf;

use crate::candidate::Result;

/// What may be said on the command line.
pub struct Arguments {
    /// Concepts of the first load.
    pub concepts: u64,
    /// Times that every configuration is run.
    pub rounds: u32,
    /// Of the concepts.
    pub seed: u64,
    /// Where the stores are made; a temporary folder when it is not given.
    pub dir: Option<PathBuf>,
    /// File to which a JSON line for each row is appended.
    pub out: Option<PathBuf>,
    /// Only configurations whose name contains this.
    pub only: String,
    /// Set in child processes.
    pub child: Option<Child>,
}

/// What a child process is told.
pub struct Child {
    /// What it does.
    pub role: String,
    /// Name of the configuration.
    pub configuration: String,
    /// Last id that was acknowledged.
    pub acknowledged: u64,
    /// Drops the files from the page cache first.
    pub cold: bool,
}

const HELP: &str =
    "bench-store [--concepts N] [--rounds N] [--seed N] [--dir FOLDER] [--out FILE] [--only NAME]";

impl Arguments {
    /// Reads the arguments of this process.
    pub fn parse() -> Result<Self> {
        let mut arguments = Self {
            concepts: 100_000,
            rounds: 3,
            seed: 7,
            dir: None,
            out: None,
            only: String::new(),
            child: None,
        };
        let mut child = Child {
            role: String::new(),
            configuration: String::new(),
            acknowledged: 0,
            cold: false,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            if word == "--help" {
                println!("{HELP}");
                std::process::exit(0);
            }
            let value = words
                .next()
                .ok_or_else(|| format!("{word} needs a value; {HELP}"))?;
            match word.as_str() {
                "--concepts" => arguments.concepts = value.parse()?,
                "--rounds" => arguments.rounds = value.parse()?,
                "--seed" => arguments.seed = value.parse()?,
                "--dir" => arguments.dir = Some(value.into()),
                "--out" => arguments.out = Some(value.into()),
                "--only" => arguments.only = value,
                "--role" => child.role = value,
                "--configuration" => child.configuration = value,
                "--acknowledged" => child.acknowledged = value.parse()?,
                "--cold" => child.cold = value.parse()?,
                _ => return Err(format!("{word} is unknown; {HELP}").into()),
            }
        }
        if arguments.concepts < 1000 {
            return Err("--concepts must be 1000 or more".into());
        }
        arguments.child = (!child.role.is_empty()).then_some(child);
        Ok(arguments)
    }
}
