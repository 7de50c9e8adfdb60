//! Filling a new store: large and small batches, a reader beside the writer, reads, a scan, memory and bytes.

use std::collections::HashMap;
use std::hint::black_box;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::candidate::{Result, View};
use crate::column::Store;
use crate::data::{Random, Record, batch};
use crate::measure::{BareSync, Latencies, disk_bytes, memory, milliseconds};
use crate::task::Task;

/// Commits the concepts of `ids`, `size` at a time, with a bare append after every `every`-th commit.
fn write(task: &Task, store: &Store, ids: Range<u64>, size: u64, every: usize) -> Result<Value> {
    let mut bare = BareSync::new(task.folder)?;
    let mut commits = Latencies::default();
    let count = ids.end - ids.start;
    for (turn, first) in ids.clone().step_by(size as usize).enumerate() {
        let concepts = batch(task.seed, first..(first + size).min(ids.end));
        commits.time(|| store.commit(&concepts))?;
        if turn.is_multiple_of(every) {
            bare.append()?;
        }
    }
    let bare_us = bare.finish()?.percentile_us(50);
    Ok(json!({
        "concepts_per_second": count as f64 / commits.total_seconds(),
        "commit_p50_us": commits.percentile_us(50),
        "commit_p95_us": commits.percentile_us(95),
        "commit_p99_us": commits.percentile_us(99),
        "bare_p50_us": bare_us,
        "commit_over_bare": commits.percentile_us(50) / bare_us,
    }))
}

fn random_reads(
    view: &dyn View,
    seed: u64,
    limit: u64,
    goes_on: &dyn Fn(usize) -> bool,
) -> Result<Latencies> {
    let mut random = Random::new(seed, 0x7265_6164);
    let mut reads = Latencies::default();
    let mut turn = 0;
    while goes_on(turn) {
        let id = random.below(limit) + 1;
        let found = reads.time(|| view.record(id, &mut |record| _ = black_box(record[record.len() - 1])))?;
        if !found {
            return Err(format!("concept {id} is missing").into());
        }
        turn += 1;
    }
    Ok(reads)
}

/// Writes while another thread reads one snapshot taken before; that snapshot must not move.
fn write_beside_a_reader(task: &Task, store: &Store, ids: Range<u64>) -> Result<Value> {
    let view = store.candidate.view()?;
    let before = view.counts()?;
    let bytes = disk_bytes(task.folder)?;
    let done = AtomicBool::new(false);
    let (mut written, reads) = std::thread::scope(|scope| -> Result<(Value, Latencies)> {
        let view = &view;
        let writer = scope.spawn(|| {
            let written = write(task, store, ids.clone(), 1000, 1);
            done.store(true, Ordering::Release);
            written
        });
        let reads = random_reads(view.as_ref(), task.seed, task.concepts, &|_| {
            !done.load(Ordering::Acquire)
        });
        Ok((writer.join().expect("the writer does not panic")?, reads?))
    })?;
    if view.counts()? != before {
        return Err("a snapshot moved under a reader".into());
    }
    written["read_p50_us"] = json!(reads.percentile_us(50));
    written["read_p99_us"] = json!(reads.percentile_us(99));
    let grown = disk_bytes(task.folder)?.saturating_sub(bytes);
    written["bytes_grown_a_concept"] = json!(grown / (ids.end - ids.start));
    Ok(written)
}

fn scan(view: &dyn View) -> Result<Value> {
    let start = Instant::now();
    let mut seen = 0u64;
    view.scan(&mut |id, record| seen += u64::from(black_box(record[0]) as u64 + id > 0))?;
    let bytes_alone = start.elapsed();
    let start = Instant::now();
    let mut ids_by_hash = HashMap::with_capacity(seen as usize);
    view.scan(&mut |id, record| {
        let record: Record = postcard::from_bytes(record).expect("a stored record decodes");
        ids_by_hash.insert(record.hash, id);
    })?;
    assert_eq!(
        ids_by_hash.len() as u64,
        seen,
        "each concept has a hash of its own"
    );
    let decoded = start.elapsed();
    Ok(json!({ "scan_ms": milliseconds(bytes_alone), "scan_decode_map_ms": milliseconds(decoded) }))
}

/// Loads a new store, then measures small batches, a reader beside the writer, reads and a scan on the loaded store.
pub fn fill(task: &Task) -> Result<Value> {
    let store = Store::open(&task.configuration, task.folder)?;
    let loaded = task.concepts + 1;
    let fifties = loaded + task.concepts / 20;
    let ones = fifties + task.concepts / 200;
    let beside = ones + task.concepts / 10;
    let batch_1000 = write(task, &store, 1..loaded, 1000, 1)?;
    let batch_50 = write(task, &store, loaded..fifties, 50, 2)?;
    let batch_1 = write(task, &store, fifties..ones, 1, 5)?;
    let beside_reader = write_beside_a_reader(task, &store, ones..beside)?;
    let view = store.candidate.view()?;
    let reads = random_reads(view.as_ref(), task.seed, task.concepts, &|turn| turn < 20_000)?;
    let scan = scan(view.as_ref())?;
    let memory = memory()?;
    drop(view);
    store.candidate.close()?;
    Ok(json!({
        "batch_1000": batch_1000,
        "batch_50": batch_50,
        "batch_1": batch_1,
        "beside_reader": beside_reader,
        "read_p50_us": reads.percentile_us(50),
        "scan": scan,
        "memory": memory,
        "bytes_a_concept": disk_bytes(task.folder)? / (beside - 1),
    }))
}
