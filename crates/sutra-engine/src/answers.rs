//! Recorded answers: kept in memory first, on disk within a second.
//!
//! A question never waits for the disk. An answer is found from the moment it is recorded; a crash may
//! lose the answers of the last second, never anything that was learned.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use sutra_model::Result;
use sutra_store::Store;

const FLUSH_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Pending {
    answers: BTreeMap<String, Vec<u8>>,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Condvar,
}

pub(crate) struct Answers {
    store: Arc<Store>,
    shared: Arc<Shared>,
    flusher: Mutex<Option<JoinHandle<()>>>,
}

impl Answers {
    pub fn new(store: Arc<Store>) -> Self {
        let shared = Arc::new(Shared::default());
        let flusher = std::thread::spawn({
            let (store, shared) = (Arc::clone(&store), Arc::clone(&shared));
            move || flush_until_closed(&store, &shared)
        });
        Self {
            store,
            shared,
            flusher: Mutex::new(Some(flusher)),
        }
    }

    /// Keeps an answer; one of the same id is replaced.
    pub fn put(&self, id: String, record: Vec<u8>) {
        self.shared.lock().answers.insert(id, record);
        self.shared.changed.notify_one();
    }

    /// An answer that was kept.
    pub fn get(&self, id: &str) -> Result<Option<Vec<u8>>> {
        if let Some(record) = self.shared.lock().answers.get(id) {
            return Ok(Some(record.clone()));
        }
        self.store.snapshot()?.answer(id)
    }

    /// Writes what is pending and stops.
    pub fn close(&self) -> Result<()> {
        self.shared.lock().closing = true;
        self.shared.changed.notify_one();
        let flusher = self.flusher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(flusher) = flusher {
            let _ = flusher.join();
        }
        flush(&self.store, &self.shared)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn flush_until_closed(store: &Store, shared: &Shared) {
    loop {
        let mut pending = shared.lock();
        while pending.answers.is_empty() && !pending.closing {
            pending = shared
                .changed
                .wait(pending)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if pending.closing {
            return;
        }
        // Let the answers of the next moments share the sync.
        let (pending, _) = shared
            .changed
            .wait_timeout_while(pending, FLUSH_INTERVAL, |pending| !pending.closing)
            .unwrap_or_else(PoisonError::into_inner);
        drop(pending);
        // What cannot be written stays pending and is tried again; `close` reports it.
        let _ = flush(store, shared);
    }
}

fn flush(store: &Store, shared: &Shared) -> Result<()> {
    let batch: Vec<(String, Vec<u8>)> = shared
        .lock()
        .answers
        .iter()
        .map(|(id, record)| (id.clone(), record.clone()))
        .collect();
    if batch.is_empty() {
        return Ok(());
    }
    store.put_answers(&batch)?;
    let mut pending = shared.lock();
    for (id, written) in &batch {
        if pending.answers.get(id) == Some(written) {
            pending.answers.remove(id);
        }
    }
    Ok(())
}
