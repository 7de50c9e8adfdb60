//! The order of a run: every configuration once, then all again, so that a busy minute of the machine hits no candidate
//! alone. In a round a configuration is filled, reopened, killed in mid-write and reopened, and made to forget.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::arguments::Arguments;
use crate::candidate::{CONFIGURATIONS, Configuration, Result};
use crate::data::Random;

/// Kills of a warm store in one round; one more is followed by a cold opening.
const KILLS: u32 = 3;

/// Figures of one configuration, each with its value from every round.
pub type Figures = BTreeMap<String, Vec<f64>>;

/// Figures of every configuration that was run.
pub type Results = Vec<(Configuration, Figures)>;

struct Bench<'a> {
    arguments: &'a Arguments,
    configuration: Configuration,
    folder: &'a Path,
    random: &'a mut Random,
}

impl Bench<'_> {
    fn child(&self, role: &str) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--role", role, "--configuration", self.configuration.name]);
        command.arg("--dir").arg(self.folder);
        command.args(["--seed", &self.arguments.seed.to_string()]);
        command.args(["--concepts", &self.arguments.concepts.to_string()]);
        Ok(command)
    }

    fn run(&self, role: &str, extra: &[&str]) -> Result<Value> {
        let output = self.child(role)?.args(extra).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("{role} failed for {}", self.configuration.name).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Starts a writer, kills it after a random number of commits and at a random moment; returns the last id it said.
    fn kill_in_mid_write(&mut self) -> Result<u64> {
        let mut writer = self.child("write-until-killed")?.stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(writer.stdout.take().expect("standard output is piped")).lines();
        let mut acknowledged = 0;
        for _ in 0..5 + self.random.below(20) {
            acknowledged = lines.next().ok_or("the writer ended by itself")??.parse()?;
        }
        std::thread::sleep(Duration::from_micros(self.random.below(8000)));
        writer.kill()?;
        writer.wait()?;
        // What it said between the last line read and its end counts as acknowledged too.
        for line in lines {
            acknowledged = line?.parse()?;
        }
        Ok(acknowledged)
    }

    fn round(&mut self, figures: &mut Figures) -> Result<()> {
        collect(figures, "", &self.run("fill", &[])?);
        for cold in [false, false, true] {
            let opened = self.run("reopen", &["--cold", &cold.to_string()])?;
            collect(figures, if cold { "closed_cold" } else { "closed" }, &opened);
        }
        for kill in 0..=KILLS {
            let cold = kill == KILLS;
            let acknowledged = self.kill_in_mid_write()?.to_string();
            let opened = self.run(
                "reopen",
                &["--acknowledged", &acknowledged, "--cold", &cold.to_string()],
            )?;
            collect(figures, if cold { "killed_cold" } else { "killed" }, &opened);
        }
        collect(figures, "forget", &self.run("forget", &[])?);
        Ok(())
    }
}

fn collect(figures: &mut Figures, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let name = if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                collect(figures, &name, value);
            }
        }
        Value::Bool(truth) => figures
            .entry(name.to_owned())
            .or_default()
            .push(f64::from(u8::from(*truth))),
        other => figures.entry(name.to_owned()).or_default().extend(other.as_f64()),
    }
}

/// Runs all rounds in `folder`, of which nothing is left but what was there before.
pub fn run(arguments: &Arguments, folder: &Path) -> Result<Results> {
    let chosen = CONFIGURATIONS
        .into_iter()
        .filter(|configuration| configuration.name.contains(&arguments.only));
    let mut results: Results = chosen
        .map(|configuration| (configuration, Figures::new()))
        .collect();
    let mut random = Random::new(arguments.seed, 0x6B69_6C6C);
    for round in 1..=arguments.rounds {
        for (configuration, figures) in &mut results {
            eprintln!("round {round} of {}: {}", arguments.rounds, configuration.name);
            let store = tempfile::tempdir_in(folder)?;
            let configuration = *configuration;
            Bench {
                arguments,
                configuration,
                folder: store.path(),
                random: &mut random,
            }
            .round(figures)?;
        }
    }
    Ok(results)
}
