//! One thread that writes for all stores of the process, some moments after it was asked to.
//!
//! It is begun with the first work, and again in a process that was forked, which has none of its parent's
//! threads. Work is held weakly: a store that was closed is let go of.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sutra_model::Result;

use crate::panics::guarded;

/// How long what is due waits for more to be written with it.
const INTERVAL: Duration = Duration::from_millis(500);

/// What is to be done; a panic in it ends nothing but itself.
pub(crate) trait Work: Send + Sync {
    /// Does it; true asks for another time.
    fn work(&self) -> Result<bool>;
}

#[derive(Default)]
struct Line {
    due: Mutex<Vec<Weak<dyn Work>>>,
    changed: Condvar,
}

static LINE: Mutex<Option<(u32, Arc<Line>)>> = Mutex::new(None);

/// Has the work done within a second.
pub(crate) fn ask(work: Weak<dyn Work>) {
    let line = line();
    line.lock().push(work);
    line.changed.notify_one();
}

fn line() -> Arc<Line> {
    let mut line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, line)) = &*line
        && *owner == process
    {
        return Arc::clone(line);
    }
    let begun = Arc::new(Line::default());
    std::thread::spawn({
        let begun = Arc::clone(&begun);
        move || begun.run()
    });
    *line = Some((process, Arc::clone(&begun)));
    begun
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Vec<Weak<dyn Work>>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            let mut due = self.lock();
            while due.is_empty() {
                due = self.changed.wait(due).unwrap_or_else(PoisonError::into_inner);
            }
            drop(due);
            // Let the work of the next moments be done with it.
            std::thread::sleep(INTERVAL);
            let due = std::mem::take(&mut *self.lock());
            for each in due {
                let Some(work) = each.upgrade() else { continue };
                if guarded(|| work.work()).unwrap_or(true) {
                    self.lock().push(each);
                }
            }
        }
    }
}
