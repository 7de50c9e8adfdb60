//! What a child process is given. Each role opens the store itself, so that memory is one candidate's alone, an opening is
//! a first opening, and a killed process is a real one. A role returns its figures; the parent prints them.

use std::path::Path;

use crate::arguments::{Arguments, Child};
use crate::candidate::{Configuration, Result};
use crate::{aftermath, fill};

/// The same for every role.
pub struct Task<'a> {
    /// Which store.
    pub configuration: Configuration,
    /// Its folder.
    pub folder: &'a Path,
    /// Of the concepts.
    pub seed: u64,
    /// Concepts of the first load.
    pub concepts: u64,
}

/// Does what the parent asked for and prints the figures as one line of JSON.
pub fn run(arguments: &Arguments, child: &Child) -> Result<()> {
    let folder = arguments.dir.as_deref().ok_or("a child process needs --dir")?;
    let configuration = Configuration::named(&child.configuration)?;
    let task = Task {
        configuration,
        folder,
        seed: arguments.seed,
        concepts: arguments.concepts,
    };
    let figures = match child.role.as_str() {
        "fill" => fill::fill(&task)?,
        "write-until-killed" => aftermath::write_until_killed(&task)?,
        "reopen" => aftermath::reopen(&task, child.acknowledged, child.cold)?,
        "forget" => aftermath::forget(&task)?,
        role => return Err(format!("no role is called {role:?}").into()),
    };
    println!("{figures}");
    Ok(())
}
