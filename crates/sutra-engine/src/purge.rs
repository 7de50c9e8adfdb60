//! Purging: the engine moves to files without anything that was forgotten, while views of the old ones are still read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sutra_model::{Error, Result};

use crate::engine::Open;

/// How long views of the old files may be read on.
const GRACE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Stores whose files others have taken the place of, for as long as they are read.
#[derive(Clone, Default)]
pub(crate) struct Retired(Arc<Mutex<Vec<Arc<Open>>>>);

impl Retired {
    /// Ends a store as soon as nobody reads it, or when its grace is over.
    ///
    /// # Errors
    /// [`Error::Io`] when the system gives no thread; the store then ends at once.
    pub fn add(&self, open: Arc<Open>) -> Result<()> {
        self.lock().push(Arc::clone(&open));
        let deadline = Instant::now() + GRACE;
        let (retired, ending) = (self.clone(), Arc::downgrade(&open));
        drop(open);
        let wait = move || {
            let reads = || ending.upgrade().is_some_and(|open| open.is_read());
            while Instant::now() < deadline && reads() {
                std::thread::sleep(PAUSE);
            }
            if let Some(open) = ending.upgrade() {
                retired.end(|each| Arc::ptr_eq(each, &open));
            }
        };
        let spawned = std::thread::Builder::new()
            .name("sutra-purge".to_owned())
            .spawn(wait);
        spawned.map(|_| ()).map_err(|source| {
            self.end(|_| true);
            Error::io("cannot start a thread for", "purging".as_ref(), source)
        })
    }

    /// Whether none is left: all old files are gone from the disk.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Ends those of them, now.
    pub fn end(&self, which: impl Fn(&Arc<Open>) -> bool) {
        let mut kept = self.lock();
        let (ended, left) = std::mem::take(&mut *kept)
            .into_iter()
            .partition(|each| which(each));
        *kept = left;
        drop(kept);
        let ended: Vec<Arc<Open>> = ended;
        ended.iter().for_each(|open| open.end());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Open>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
