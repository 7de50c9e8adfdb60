//! Recorded answers: kept in memory first, on disk within a second.
//!
//! A question never waits for the disk. An answer is found from the moment it is recorded; a crash may
//! lose the answers of the last second, never anything that was learned. They expire: see
//! [`AnswerLimits`](sutra_store::AnswerLimits).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sutra_model::{Error, Result, Source, SourceId};
use sutra_store::{RecordedAnswer, Store};

use crate::flusher::{self, Work};
use crate::panics::guarded;

/// How many answers wait for a disk that cannot be written before further ones are refused.
const PENDING_MAX: usize = 10_000;
/// How many bytes of them.
const PENDING_BYTES_MAX: usize = 64 << 20;
/// The longest record of one answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;

#[derive(Default)]
struct Pending {
    answers: BTreeMap<String, RecordedAnswer>,
    /// Those that are being written; they are found here until they are on disk.
    writing: Arc<BTreeMap<String, RecordedAnswer>>,
    /// Why the last attempt to write them failed.
    failure: Option<Error>,
    /// Whether they are to be written soon.
    asked: bool,
    closing: bool,
}

struct Shared {
    /// Held no longer than it takes to write: who closes the store must be the last to hold it.
    store: Weak<Store>,
    pending: Mutex<Pending>,
    /// Held while answers are written.
    flushing: Mutex<()>,
    written: Box<dyn Fn() + Send + Sync>,
}

pub(crate) struct Answers {
    store: Arc<Store>,
    shared: Arc<Shared>,
}

impl Answers {
    /// Calls `written` each time that answers went to disk.
    pub fn new(store: Arc<Store>, written: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                store: Arc::downgrade(&store),
                pending: Mutex::default(),
                flushing: Mutex::default(),
                written: Box::new(written),
            }),
            store,
        }
    }

    /// Keeps an answer; one of the same id is replaced.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`close`](Self::close); why answers cannot be written, once
    /// [`PENDING_MAX`] of them wait for it; [`Error::InvalidValue`] for one over [`ANSWER_BYTES_MAX`];
    /// [`Error::ReadOnly`].
    pub fn put(&self, id: String, answer: RecordedAnswer) -> Result<()> {
        if answer.record.len() > ANSWER_BYTES_MAX {
            let value = format!("{} bytes", answer.record.len());
            return Err(Error::InvalidValue {
                what: "recorded answer",
                value,
                allowed: "at most 16 MiB",
            });
        }
        if self.store.read_only() {
            return Err(Error::ReadOnly(self.store.path().to_owned()));
        }
        let mut pending = self.shared.lock();
        if pending.closing {
            return Err(Error::Closed);
        }
        if let Some(failure) = &pending.failure
            && pending.is_full()
        {
            return Err(failure.share());
        }
        pending.answers.insert(id, answer);
        if !std::mem::replace(&mut pending.asked, true) {
            let work: Weak<Shared> = Arc::downgrade(&self.shared);
            flusher::ask(work);
        }
        Ok(())
    }

    /// An answer that was kept. `find` gives a source, if it was not forgotten since.
    ///
    /// # Errors
    /// [`Error::AnswerErased`], [`Error::Io`], [`Error::Corrupt`].
    pub fn get(
        &self,
        id: &str,
        find: impl Fn(SourceId) -> Result<Option<Source>>,
    ) -> Result<Option<Vec<u8>>> {
        let pending = self.shared.lock();
        let found = pending.answers.get(id).or_else(|| pending.writing.get(id));
        let found = found.cloned();
        drop(pending);
        let Some(answer) = found else {
            return self.store.answer(id);
        };
        for source in &answer.sources {
            if !answer.may_cite(find(*source)?.as_ref()) {
                return Err(Error::AnswerErased(id.to_owned()));
            }
        }
        Ok(Some(answer.record))
    }

    /// Writes what is pending.
    ///
    /// # Errors
    /// Those of [`Store::put_answers`](sutra_store::Store::put_answers); the answers then stay pending.
    pub fn flush(&self) -> Result<()> {
        self.shared.write(&self.shared.flushing())
    }

    /// Writes what is pending and stops.
    pub fn close(&self) -> Result<()> {
        self.shared.lock().closing = true;
        self.shared.write(&self.shared.flushing())
    }

    /// Stops, and gives back what was not written.
    pub fn give_up(&self) -> BTreeMap<String, RecordedAnswer> {
        self.shared.lock().closing = true;
        let _flushing = self.shared.flushing();
        std::mem::take(&mut self.shared.lock().answers)
    }
}

impl Pending {
    fn is_full(&self) -> bool {
        let bytes = || {
            self.answers
                .values()
                .map(|answer| answer.record.len())
                .sum::<usize>()
        };
        self.answers.len() >= PENDING_MAX || bytes() >= PENDING_BYTES_MAX
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flushing(&self) -> MutexGuard<'_, ()> {
        self.flushing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is pending. Whoever asks or records meanwhile waits for no disk: what is written is taken out
    /// first.
    fn write(&self, _flushing: &MutexGuard<'_, ()>) -> Result<()> {
        let Some(store) = self.store.upgrade() else {
            return Ok(());
        };
        let writing = {
            let mut pending = self.lock();
            if pending.answers.is_empty() {
                return Ok(());
            }
            pending.writing = Arc::new(std::mem::take(&mut pending.answers));
            Arc::clone(&pending.writing)
        };
        // A panic, too, must leave them pending.
        let written = guarded(|| store.put_answers(&writing));
        let mut pending = self.lock();
        pending.writing = Arc::default();
        if written.is_err() {
            let mut kept = Arc::unwrap_or_clone(writing);
            // A newer answer of the same id came meanwhile.
            kept.append(&mut pending.answers);
            pending.answers = kept;
        }
        written
    }
}

impl Work for Shared {
    fn work(&self) -> Result<bool> {
        let flushing = self.flushing();
        if self.lock().closing {
            return Ok(false);
        }
        // What cannot be written stays pending and is tried again; `put` and `close` report it.
        let failure = guarded(|| self.write(&flushing)).err();
        if failure.is_none() {
            // Whoever is told has nothing to report to, and the answers are on disk.
            let _ = guarded(|| {
                (self.written)();
                Ok(())
            });
        }
        let mut pending = self.lock();
        pending.failure = failure;
        pending.asked = !pending.answers.is_empty();
        Ok(pending.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::store;

    #[test]
    fn a_panic_in_the_background_does_not_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let (tell, told) = std::sync::mpsc::channel();
        let answers = Answers::new(Arc::clone(&store), move || {
            tell.send(()).unwrap();
            panic!("as planned");
        });
        for id in ["one", "two"] {
            let answer = RecordedAnswer {
                record: vec![1],
                ..RecordedAnswer::default()
            };
            answers.put(id.into(), answer).unwrap();
            told.recv().unwrap();
            assert!(store.answer(id).unwrap().is_some());
        }
        answers.close().unwrap();
    }
}
