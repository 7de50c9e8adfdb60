//! What happens to a store once filled: it is killed, reopened, and made to forget.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::candidate::{Configuration, Result};
use crate::column::Store;
use crate::data::{FORGOTTEN_EVERY, batch, concept, mark};
use crate::measure::{disk_bytes, drop_from_page_cache, marks_found, milliseconds};
use crate::task::Task;

/// Concepts in each commit of the process that is killed.
const KILLED_BATCH: u64 = 50;
/// Forgotten texts that are looked for.
const MARKS: u64 = 200;

/// Commits without end, and says each committed id on standard output, until the parent kills this process.
pub fn write_until_killed(task: &Task) -> Result<Value> {
    let store = Store::open(&task.configuration, task.folder)?;
    let mut next = store.candidate.view()?.counts()?[0] + 1;
    let mut out = std::io::stdout().lock();
    loop {
        store.commit(&batch(task.seed, next..next + KILLED_BATCH))?;
        next += KILLED_BATCH;
        writeln!(out, "{}", next - 1)?;
        out.flush()?;
    }
}

/// Opens and reads one record on the clock, then checks that everything up to `acknowledged` is there and whole.
pub fn reopen(task: &Task, acknowledged: u64, cold: bool) -> Result<Value> {
    if cold {
        drop_from_page_cache(task.folder)?;
    }
    let start = Instant::now();
    let store = Store::open(&task.configuration, task.folder)?;
    let view = store.candidate.view()?;
    let found = view.record(task.concepts / 2, &mut |record| _ = black_box(record.len()))?;
    let opened = start.elapsed();
    let counts = view.counts()?;
    let count = counts[0];
    if !found || count < acknowledged {
        return Err(format!("{acknowledged} concepts were acknowledged, {count} are there").into());
    }
    let expected = [
        count,
        if task.configuration.hash_rows { count } else { 0 },
        3 * count,
        3 * count,
        count,
        if task.configuration.vector_rows { count } else { 0 },
    ];
    if counts != expected {
        return Err(format!("a transaction is half there: rows {counts:?}, expected {expected:?}").into());
    }
    for id in (1..count)
        .step_by(97)
        .chain(count.saturating_sub(5000).max(1)..=count)
    {
        let expected = concept(task.seed, id);
        let mut whole = false;
        view.record(id, &mut |record| whole = record == expected.record)?;
        if !whole || !store.has_vector(view.as_ref(), &expected)? {
            return Err(format!("concept {id} is not what was committed").into());
        }
    }
    drop(view);
    store.candidate.close()?;
    Ok(json!({ "open_ms": milliseconds(opened), "concepts": count }))
}

/// Forgets every tenth concept and looks for the texts in the raw files: before, after, compacted, rewritten.
pub fn forget(task: &Task) -> Result<Value> {
    let mut store = Store::open(&task.configuration, task.folder)?;
    let folder = Configuration::store_folder(task.folder);
    let forgotten: Vec<u64> = (1..=task.concepts)
        .filter(|id| id.is_multiple_of(FORGOTTEN_EVERY))
        .collect();
    let sampled = forgotten
        .iter()
        .step_by((forgotten.len() as u64 / MARKS).max(1) as usize);
    let marks: Vec<String> = sampled.map(|&id| mark(task.seed, id)).collect();
    let share = |folder: &Path| -> Result<Value> {
        Ok(json!(marks_found(folder, &marks)? as f64 / marks.len() as f64))
    };
    let mut figures = Map::new();
    figures.insert("found_before".into(), share(&folder)?);
    let start = Instant::now();
    for ids in forgotten.chunks(1000) {
        let concepts: Vec<_> = ids.iter().map(|&id| concept(task.seed, id)).collect();
        store.candidate.forget(&concepts)?;
    }
    figures.insert(
        "forget_per_second".into(),
        json!(forgotten.len() as f64 / start.elapsed().as_secs_f64()),
    );
    figures.insert("found_after".into(), share(&folder)?);
    let view = store.candidate.view()?;
    figures.insert(
        "compacts_beside_reader".into(),
        json!(store.candidate.compact().is_ok_and(|offered| offered)),
    );
    drop(view);
    let start = Instant::now();
    if store.candidate.compact()? {
        figures.insert("compact_ms".into(), json!(milliseconds(start.elapsed())));
        figures.insert("found_compacted".into(), share(&folder)?);
        figures.insert("store_bytes_compacted".into(), json!(disk_bytes(&folder)?));
    }
    let target = task.folder.join("rewritten");
    std::fs::create_dir_all(&target)?;
    let start = Instant::now();
    store.candidate.rewrite(&target)?;
    figures.insert("rewrite_ms".into(), json!(milliseconds(start.elapsed())));
    figures.insert("found_rewritten".into(), share(&target)?);
    figures.insert("store_bytes_rewritten".into(), json!(disk_bytes(&target)?));
    store.candidate.close()?;
    Ok(Value::Object(figures))
}
