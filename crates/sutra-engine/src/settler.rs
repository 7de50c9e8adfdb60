//! Settling: in the background what was learned of late becomes part of mapped files.
//!
//! One thread a store, of low priority, begun when there is something to do and ended when there is not. It sets what is
//! fresh apart, makes parts of it while learning and asking go on, and has these take the place of what they were made
//! of, in memory and, by their files, for the next opening. Neither a commit nor a question waits for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use half::f16;
use sutra_model::{ConceptId, Error, Result};
use sutra_store::{ColumnView, Settling, Snapshot, Store};
use sutra_vector::{FullPrecision, How};

use crate::committer::Committer;
use crate::indexes::Indexes;
use crate::kept::Files;
use crate::panics::guarded;
use crate::view::ReadView;

/// How much less than others the thread gets of the processor (`nice`).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Half-edges that weigh as much as a concept: the graph is settled too where few concepts get many associations.
const HALF_EDGES: usize = 8;

#[derive(Default)]
struct State {
    asked: bool,
    running: bool,
    closing: bool,
}

struct Shared {
    committer: Mutex<Weak<Committer>>,
    files: Files,
    settling: Settling,
    state: Mutex<State>,
    /// The thread has ended.
    ended: Condvar,
    cancelled: AtomicBool,
    commits: AtomicU32,
}

/// What settles the indexes of a store.
#[derive(Clone)]
pub(crate) struct Settler(Arc<Shared>);

impl Settler {
    pub fn new(settling: Settling) -> Self {
        Self(Arc::new(Shared {
            committer: Mutex::default(),
            files: Files::default(),
            settling,
            state: Mutex::default(),
            ended: Condvar::new(),
            cancelled: AtomicBool::new(false),
            commits: AtomicU32::new(0),
        }))
    }

    /// The indexes of a state, from their files as far as these are there.
    pub fn open(&self, store: &Store, snapshot: &Snapshot) -> Result<Indexes> {
        self.0.files.open(store, snapshot)
    }

    /// Works for a store from now on.
    pub fn work_for(&self, committer: &Arc<Committer>) {
        *lock(&self.0.committer) = Arc::downgrade(committer);
        if self.0.files.kept().0 > 0 {
            // They are checked.
            self.begin();
        } else if let Ok(view) = committer.lease().view() {
            self.consider(view.indexes());
        }
    }

    /// Begins to settle where indexes hold as much fresh as they may.
    pub fn consider(&self, indexes: &Indexes) {
        let commits = 1 + self.0.commits.fetch_add(1, Ordering::Relaxed);
        let looks = commits.is_multiple_of(self.0.settling.commits.max(1));
        if self.0.holds_much(indexes) || looks && self.0.lost_much(indexes) {
            self.begin();
        }
    }

    /// Begins to settle where there are files: what was forgotten since cannot be told to whoever opens the store next.
    pub fn forgot(&self) {
        if self.0.files.kept().0 > 0 {
            self.begin();
        }
    }

    /// Begins to settle, or goes on once more.
    pub fn begin(&self) {
        let mut state = lock(&self.0.state);
        state.asked = true;
        if state.closing || state.running {
            return;
        }
        let shared = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("sutra-settle".to_owned());
        // Without a thread everything stays fresh, which is slower and right.
        state.running = thread.spawn(move || shared.run()).is_ok();
    }

    /// Whether something is being settled.
    pub fn is_working(&self) -> bool {
        lock(&self.0.state).running
    }

    /// Waits until nothing is left to settle.
    pub fn finish(&self) {
        let mut state = lock(&self.0.state);
        while state.running {
            state = self.0.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends what is under way, without waiting for all of it, and begins nothing any more.
    pub fn stop(&self) {
        lock(&self.0.state).closing = true;
        self.0.cancelled.store(true, Ordering::Relaxed);
        self.finish();
    }

    /// After [`stop`](Self::stop): keeps what is fresh in files, as it is, where that is worth while.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`]; nothing is lost then.
    pub fn keep(&self) -> Result<()> {
        match lock(&self.0.committer).upgrade() {
            Some(committer) => self.0.keep(&committer),
            None => Ok(()),
        }
    }
}

impl Shared {
    /// Whether indexes hold as much fresh as they may.
    fn holds_much(&self, indexes: &Indexes) -> bool {
        let concepts = indexes.graph.unsettled() / HALF_EDGES;
        indexes.unsettled().max(concepts) >= self.settling.fresh_max
    }

    /// Whether more was removed from settled parts than may be.
    fn lost_much(&self, indexes: &Indexes) -> bool {
        indexes.removed() > self.settling.removed_max
    }

    fn is_due(&self, indexes: &Indexes) -> bool {
        self.holds_much(indexes) || self.lost_much(indexes)
    }

    fn run(&self) {
        lower_priority();
        loop {
            {
                let mut state = lock(&self.state);
                if !state.asked || state.closing {
                    state.running = false;
                    self.ended.notify_all();
                    return;
                }
                state.asked = false;
            }
            // What could not be settled stays fresh, and is tried again with what comes.
            let _ = guarded(|| self.check().and_then(|()| self.settle()));
        }
    }

    /// Once, first of all, what was mapped when the store was opened.
    fn check(&self) -> Result<()> {
        match lock(&self.committer).upgrade() {
            Some(committer) => {
                let is_wanted = || !self.cancelled.load(Ordering::Relaxed);
                self.files.check(&committer, is_wanted)
            }
            None => Ok(()),
        }
    }

    fn settle(&self) -> Result<()> {
        let Some(committer) = lock(&self.committer).upgrade() else {
            return Ok(());
        };
        let is_kept = |view: &ReadView| self.files.kept() == view.transaction();
        if committer
            .lease()
            .view()
            .is_ok_and(|view| is_kept(&view) && !self.is_due(view.indexes()))
        {
            return Ok(());
        }
        // A view that is held keeps the pages that are freed meanwhile from being used again.
        let (indexes, column, transaction) = {
            let view = committer.update(|indexes, column| indexes.apart(column))?;
            let column = view.snapshot().column().clone();
            (view.indexes().clone(), column, view.transaction())
        };
        let how = match self.is_due(&indexes) {
            true => How::Settled,
            false => How::Flat,
        };
        let vectors = Uncancelled {
            column: &column,
            cancelled: &self.cancelled,
        };
        let is_wanted = || !self.cancelled.load(Ordering::Relaxed);
        let settled = indexes.settle(how, self.settling.removed_max, &vectors, &is_wanted);
        if !is_wanted() {
            return Ok(());
        }
        committer.update(|indexes, _| indexes.with_settled(&settled))?;
        self.files
            .keep(&committer, &indexes.with_settled(&settled), transaction)
    }

    fn keep(&self, committer: &Committer) -> Result<()> {
        let view = committer.lease().view()?;
        let kept = self.files.kept();
        if committer.store().read_only() || kept == view.transaction() {
            return Ok(());
        }
        let is_little = self.files.unkept(view.indexes()) <= self.settling.tail_max;
        if is_little && (kept.0 == 0 || view.snapshot().tail(kept, view.relations())?.is_some()) {
            return Ok(());
        }
        let view = committer.update(|indexes, column| {
            let apart = indexes.apart(column);
            let vectors = Uncancelled {
                column,
                cancelled: &AtomicBool::new(false),
            };
            apart.with_settled(&apart.settle(How::Flat, usize::MAX, &vectors, &|| true))
        })?;
        self.files.keep(committer, view.indexes(), view.transaction())
    }
}

/// The stored vectors, until it is cancelled: what is made without them is thrown away.
struct Uncancelled<'a> {
    column: &'a ColumnView,
    cancelled: &'a AtomicBool,
}

impl FullPrecision for Uncancelled<'_> {
    fn row(&self, concept: ConceptId, row: u64) -> Result<&[f16]> {
        match self.cancelled.load(Ordering::Relaxed) {
            true => Err(Error::Closed),
            false => self.column.row(row, concept),
        }
    }
}

#[cfg(target_os = "linux")]
fn lower_priority() {
    // Whoever may not is served as all others are.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
