//! Recorded answers: kept in memory first, on disk within a second.
//!
//! A question never waits for the disk. An answer is found from the moment it is recorded; a crash may
//! lose the answers of the last second, never anything that was learned.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use sutra_model::{Error, Result};
use sutra_store::Store;

use crate::panics::guarded;

/// How many answers wait for a disk that cannot be written before further ones are refused.
const PENDING_MAX: usize = 10_000;
/// The longest record of one answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;
const FLUSH_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Pending {
    answers: BTreeMap<String, Vec<u8>>,
    /// Why the last attempt to write them failed.
    failure: Option<Error>,
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
    /// Calls `written` each time that answers went to disk.
    pub fn new(store: Arc<Store>, written: impl Fn() + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let flusher = std::thread::spawn({
            let (store, shared) = (Arc::clone(&store), Arc::clone(&shared));
            move || flush_until_closed(&store, &shared, written)
        });
        Self {
            store,
            shared,
            flusher: Mutex::new(Some(flusher)),
        }
    }

    /// Keeps an answer; one of the same id is replaced.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`close`](Self::close); why answers cannot be written, once
    /// [`PENDING_MAX`] of them wait for it; [`Error::InvalidValue`] for one over [`ANSWER_BYTES_MAX`].
    pub fn put(&self, id: String, record: Vec<u8>) -> Result<()> {
        if record.len() > ANSWER_BYTES_MAX {
            let value = format!("{} bytes", record.len());
            return Err(Error::InvalidValue {
                what: "recorded answer",
                value,
                allowed: "at most 16 MiB",
            });
        }
        let mut pending = self.shared.lock();
        if pending.closing {
            return Err(Error::Closed);
        }
        if pending.answers.len() >= PENDING_MAX
            && let Some(failure) = &pending.failure
        {
            return Err(failure.share());
        }
        pending.answers.insert(id, record);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// An answer that was kept.
    pub fn get(&self, id: &str) -> Result<Option<Vec<u8>>> {
        if let Some(record) = self.shared.lock().answers.get(id) {
            return Ok(Some(record.clone()));
        }
        self.store.answer(id)
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

fn flush_until_closed(store: &Store, shared: &Shared, written: impl Fn()) {
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
        // What cannot be written stays pending and is tried again; `put` and `close` report it.
        let failure = guarded(|| flush(store, shared)).err();
        if failure.is_none() {
            // Whoever is told has nothing to report to, and the answers are on disk.
            let _ = guarded(|| {
                written();
                Ok(())
            });
        }
        shared.lock().failure = failure;
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

#[cfg(test)]
mod tests {
    use super::*;
    use sutra_store::{EmbedderId, OpenOptions};

    #[test]
    fn a_panic_in_the_background_does_not_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let embedder = EmbedderId {
            fingerprint: "a".into(),
            dimension: 4,
        };
        let options = OpenOptions {
            embedder,
            check_pages: false,
            cache_bytes: 1 << 20,
        };
        let store = Arc::new(Store::open(folder.path(), options).unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        let answers = Answers::new(Arc::clone(&store), move || {
            tell.send(()).unwrap();
            panic!("as planned");
        });
        for id in ["one", "two"] {
            answers.put(id.into(), vec![1]).unwrap();
            told.recv().unwrap();
            assert!(store.answer(id).unwrap().is_some());
        }
        answers.close().unwrap();
    }
}
