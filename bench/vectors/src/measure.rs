//! What is done with a library: built, searched, less a hundredth, and searched while rows come.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clock::thread_seconds;
use crate::data::{Data, recall};
use crate::subject::{Candidate, Result, Subject};

/// Times that all queries are asked with each effort.
const ROUNDS: usize = 3;
/// One row in so many is taken out.
const REMOVED: usize = 100;
/// What a search has to find where it is measured beside insertion and deletion.
const RECALL: f64 = 0.95;
/// How long rows come beside searches.
const BESIDE: Duration = Duration::from_secs(4);

/// What was found of all queries, and the processor's milliseconds for each, sorted.
fn ask(
    subject: &dyn Subject,
    data: &Data,
    effort: usize,
    rounds: usize,
) -> Result<(Vec<Vec<usize>>, Vec<f64>)> {
    let (mut found, mut times) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        found.clear();
        for query in &data.queries {
            let start = thread_seconds();
            found.push(subject.search(query, effort)?);
            times.push((thread_seconds() - start) * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok((found, times))
}

/// One of sorted times.
fn at(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// The nearest row of every query, and others evenly over all, a hundredth of them altogether.
fn to_remove(data: &Data, truth: &[Vec<usize>]) -> HashSet<usize> {
    let wanted = data.count / REMOVED;
    let nearest = truth.iter().map(|rows| rows[0]);
    let others = (0..data.count).step_by(REMOVED);
    let mut gone = HashSet::new();
    for row in nearest.chain(others) {
        if gone.len() < wanted {
            gone.insert(row);
        }
    }
    gone
}

/// Bytes of memory that this process has for itself.
fn own_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib: u64 = line
        .and_then(|line| line.trim().split(' ').next())
        .ok_or("this system does not say how much memory a process has for itself")?
        .parse()?;
    Ok(kib * 1024)
}

/// Everything about one library.
pub fn run(candidate: &Candidate, data: &Arc<Data>) -> Result<Value> {
    let truth = data.truth(0..data.count, |_| true);
    let memory = own_memory()?;
    let subject = (candidate.make)(Arc::clone(data))?;
    let start = thread_seconds();
    subject.add(0..data.count)?;
    subject.finish()?;
    let built = thread_seconds() - start;
    let grown = own_memory()?.saturating_sub(memory);
    let (bytes, kind) = subject.bytes().unwrap_or((grown, "memory"));
    eprintln!(
        "{}: {:.0} rows a second",
        candidate.name,
        data.count as f64 / built
    );

    let mut curve = Vec::new();
    let mut chosen = None;
    for &effort in subject.efforts() {
        let (found, times) = ask(&*subject, data, effort, ROUNDS)?;
        let recall = recall(&found, &truth);
        if recall >= RECALL && chosen.is_none() {
            chosen = Some(effort);
        }
        eprintln!(
            "  effort {effort}: recall {recall:.3}, p50 {:.3} ms",
            at(&times, 0.5)
        );
        curve.push(json!({"effort": effort, "recall": recall, "p50_ms": at(&times, 0.5), "p99_ms": at(&times, 0.99)}));
    }
    let effort = chosen.unwrap_or(*subject.efforts().last().ok_or("it has no efforts")?);
    let removal = remove(&*subject, data, &truth, effort)?;
    let beside = beside(&*subject, data, effort)?;
    Ok(json!({
        "name": candidate.name,
        "about": candidate.about,
        "rows_per_second": data.count as f64 / built,
        "bytes_a_row": bytes as f64 / data.count as f64,
        "bytes_of": kind,
        "curve": curve,
        "effort": effort,
        "removal": removal,
        "beside": beside,
    }))
}

/// Takes a hundredth out, searches, takes as many others in, and searches again.
fn remove(subject: &dyn Subject, data: &Data, truth: &[Vec<usize>], effort: usize) -> Result<Value> {
    let gone = to_remove(data, truth);
    let start = thread_seconds();
    subject.remove(&gone)?;
    let spent = thread_seconds() - start;
    let (found, times) = ask(subject, data, effort, 1)?;
    let left = data.truth(0..data.count, |row| !gone.contains(&row));
    let come_back = |found: &[Vec<usize>]| found.iter().flatten().filter(|row| gone.contains(row)).count();
    let more = data.count + gone.len();
    subject.add(data.count..more)?;
    let (found_later, _) = ask(subject, data, effort, 1)?;
    let left_later = data.truth(0..more, |row| !gone.contains(&row));
    Ok(json!({
        "rows": gone.len(),
        "us_a_row": spent * 1e6 / gone.len() as f64,
        "recall": recall(&found, &left),
        "p50_ms": at(&times, 0.5),
        "recall_refilled": recall(&found_later, &left_later),
        "came_back": come_back(&found) + come_back(&found_later),
    }))
}

/// Searches while another thread takes rows in as fast as it can.
fn beside(subject: &dyn Subject, data: &Data, effort: usize) -> Result<Value> {
    let spare = data.count + data.count / REMOVED..data.count + data.count / 5;
    let (alone, alone_wall) = watched(subject, data, effort, || false)?;
    let over = AtomicBool::new(false);
    let start = Instant::now();
    let stop = || start.elapsed() > BESIDE || over.load(Ordering::Relaxed);
    let (taken, seen) = std::thread::scope(|scope| -> Result<_> {
        let adder = scope.spawn(|| {
            let begun = thread_seconds();
            let taken = subject.add_beside(spare, &stop);
            (taken, thread_seconds() - begun)
        });
        let seen = watched(subject, data, effort, || !adder.is_finished());
        over.store(true, Ordering::Relaxed);
        let (taken, spent) = adder.join().map_err(|_| "the thread that adds rows panicked")?;
        Ok(((taken?, spent), seen?))
    })?;
    let (cpu, wall) = seen;
    Ok(json!({
        "queries": cpu.len(),
        "rows_per_second": taken.0 as f64 / taken.1,
        "alone_p50_ms": at(&alone, 0.5), "alone_p99_ms": at(&alone, 0.99), "alone_wall_p99_ms": at(&alone_wall, 0.99),
        "p50_ms": at(&cpu, 0.5), "p99_ms": at(&cpu, 0.99),
        "wall_p50_ms": at(&wall, 0.5), "wall_p99_ms": at(&wall, 0.99),
    }))
}

/// Asks all queries once, and goes on as long as `more` says; the processor's and the clock's milliseconds, sorted.
fn watched(
    subject: &dyn Subject,
    data: &Data,
    effort: usize,
    more: impl Fn() -> bool,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    loop {
        for query in &data.queries {
            if !cpu.is_empty() && cpu.len() >= data.queries.len() && !more() {
                break;
            }
            let (start, clock) = (thread_seconds(), Instant::now());
            subject.search(query, effort)?;
            cpu.push((thread_seconds() - start) * 1e3);
            wall.push(clock.elapsed().as_secs_f64() * 1e3);
        }
        if !more() {
            break;
        }
    }
    cpu.sort_by(f64::total_cmp);
    wall.sort_by(f64::total_cmp);
    Ok((cpu, wall))
}
