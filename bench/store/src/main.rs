//! Compares redb, fjall and LMDB as the store of Sutra's truth, on Sutra's own records, every commit synced.
//!
//! `bench-store [--concepts N] [--rounds N] [--seed N] [--dir FOLDER] [--out FILE] [--only NAME]`

mod aftermath;
mod arguments;
mod candidate;
mod column;
mod data;
mod fill;
mod fjall_store;
mod keys;
mod lmdb_store;
mod measure;
mod redb_store;
mod report;
mod rounds;
mod task;

use arguments::Arguments;
use candidate::Result;

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    if let Some(child) = &arguments.child {
        return task::run(&arguments, child);
    }
    let temporary = tempfile::tempdir()?;
    let folder = arguments.dir.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)?;
    let surroundings = report::Surroundings::observe(folder, &arguments)?;
    println!("{}", surroundings.line());
    let results = rounds::run(&arguments, folder)?;
    report::print(&results);
    if let Some(path) = &arguments.out {
        report::append(path, &surroundings, &results)?;
    }
    Ok(())
}
