//! Instruments: percentiles, the bare synced append that everything is compared with, memory, bytes, and a grep.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use rustix::fs::Advice;
use serde_json::{Value, json};

use crate::candidate::Result;

/// Durations of one kind of operation.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Runs and times.
    pub fn time<T>(&mut self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let outcome = run()?;
        self.0.push(start.elapsed());
        Ok(outcome)
    }

    /// Their sum in seconds.
    pub fn total_seconds(&self) -> f64 {
        self.0.iter().sum::<Duration>().as_secs_f64()
    }

    /// The `percent`-th percentile (nearest rank) in microseconds; 0 where nothing was timed.
    pub fn percentile_us(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted
            .get(rank)
            .map_or(0.0, |duration| duration.as_secs_f64() * 1e6)
    }
}

/// The yardstick: appends of 4 KiB to a file, each followed by `fdatasync`.
pub struct BareSync {
    file: File,
    path: PathBuf,
    latencies: Latencies,
}

impl BareSync {
    /// Makes the file in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("bare");
        let file = File::create(&path)?;
        Ok(Self {
            file,
            path,
            latencies: Latencies::default(),
        })
    }

    /// One append and sync.
    pub fn append(&mut self) -> Result<()> {
        let Self { file, latencies, .. } = self;
        latencies.time(|| {
            file.write_all(&[0x5A; 4096])?;
            Ok(file.sync_data()?)
        })
    }

    /// Removes the file; returns what the appends took.
    pub fn finish(self) -> Result<Latencies> {
        fs::remove_file(self.path)?;
        Ok(self.latencies)
    }
}

/// In milliseconds.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Resident memory of this process, in MiB: its own, mapped files, and the highest sum so far.
pub fn memory() -> Result<Value> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace()
            .nth(1)?
            .parse::<f64>()
            .ok()
            .map(|kib| kib / 1024.0)
    };
    Ok(json!({ "anonymous_mib": mib("RssAnon"), "mapped_mib": mib("RssFile"), "peak_mib": mib("VmHWM") }))
}

/// Calls `visit` with every file under `folder`.
fn each_file(folder: &Path, visit: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            each_file(&path, visit)?;
        } else {
            visit(&path)?;
        }
    }
    Ok(())
}

/// Bytes that the files under `folder` take on disk (holes do not count).
pub fn disk_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    each_file(folder, &mut |path| {
        // A file may vanish between listing and looking, when a compaction runs in the background.
        bytes += fs::metadata(path).map_or(0, |metadata| metadata.blocks() * 512);
        Ok(())
    })?;
    Ok(bytes)
}

/// Asks the kernel to drop the files under `folder` from its cache, as after a restart of the machine.
pub fn drop_from_page_cache(folder: &Path) -> Result<()> {
    each_file(folder, &mut |path| {
        let file = File::open(path)?;
        file.sync_all()?;
        Ok(rustix::fs::fadvise(&file, 0, None, Advice::DontNeed)?)
    })
}

/// How many of `marks` are found in the raw bytes of the files under `folder`.
pub fn marks_found(folder: &Path, marks: &[String]) -> Result<usize> {
    let search = AhoCorasick::new(marks)?;
    let mut found = vec![false; marks.len()];
    each_file(folder, &mut |path| {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(path) {
            file.read_to_end(&mut bytes)?;
        }
        for hit in search.find_iter(&bytes) {
            found[hit.pattern().as_usize()] = true;
        }
        Ok(())
    })?;
    Ok(found.into_iter().filter(|&hit| hit).count())
}
