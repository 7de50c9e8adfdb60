//! Compares Sutra's index of vectors with libraries of the field, on the same vectors in the same run.
//!
//! `bench-vectors [scans] [--rows N] [--dimension N] [--queries N] [--seed N] [--only NAME] [--out FILE]`

mod arguments;
mod clock;
#[cfg(target_arch = "x86_64")]
mod coded;
mod data;
mod in_diskann;
mod in_hnsw_rs;
mod in_usearch;
#[cfg(target_arch = "x86_64")]
mod kernels;
mod libraries;
mod measure;
#[cfg(target_arch = "x86_64")]
mod scans;
#[cfg(target_arch = "x86_64")]
mod steps;
mod subject;
mod sutra;

use subject::Result;

fn main() -> Result<()> {
    let arguments = arguments::Arguments::parse()?;
    match arguments.scans {
        true => run_scans(&arguments),
        false => libraries::run(&arguments),
    }
}

#[cfg(target_arch = "x86_64")]
fn run_scans(arguments: &arguments::Arguments) -> Result<()> {
    scans::run(arguments)
}

#[cfg(not(target_arch = "x86_64"))]
fn run_scans(_: &arguments::Arguments) -> Result<()> {
    Err("scans are compared on x86-64 alone; leave the word out to compare libraries".into())
}
