//! Group commit: concurrent writers share a sync.
//!
//! Every writer queues its batch and then waits for the turn to write. Whoever gets the turn commits all
//! that is queued, its own and that of everyone who queued behind the last sync, publishes one view,
//! and hands out the receipts. Nobody is told of success before the sync.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use sutra_model::{Batch, ConceptId, Error, Result, TransactionId};
use sutra_store::{ColumnView, Forgotten, Receipt, Selection, Store, Updates, now};

use crate::indexes::{Indexes, Kept};
use crate::lease::{Lease, Leases};
use crate::panics::guarded;
use crate::settler::Settler;
use crate::view::ReadView;

type Slot = Arc<Mutex<Option<Result<Receipt>>>>;

pub(crate) struct Committer {
    store: Arc<Store>,
    current: ArcSwap<Lease>,
    leases: Leases,
    queue: Mutex<Vec<(Batch, Slot)>>,
    /// Held while a group is written. `true` when the last view could not be published: the indexes are
    /// then built anew.
    turn: Mutex<bool>,
    settler: Settler,
}

impl Committer {
    pub fn new(store: Arc<Store>, settler: Settler) -> Result<Self> {
        let leases = Leases::default();
        let snapshot = store.snapshot()?;
        let indexes = settler.open(&store, &snapshot)?;
        let view = ReadView::new(snapshot, Some(indexes), Arc::clone(&store))?;
        let current = ArcSwap::new(leases.grant(view));
        Ok(Self {
            store,
            current,
            leases,
            queue: Mutex::default(),
            turn: Mutex::new(false),
            settler,
        })
    }

    /// The truth that is committed to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The state after the last acknowledged commit.
    pub fn lease(&self) -> Arc<Lease> {
        self.current.load_full()
    }

    /// Publishes the same indexes over the newest state of the truth. A view holds back the pages that were
    /// freed since it was taken: whoever writes without learning has to move it on.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`]; the view then stays as it is.
    pub fn refresh(&self) -> Result<()> {
        let stale = lock(&self.turn);
        if *stale {
            return Ok(());
        }
        let indexes = self.lease().view()?.indexes().clone();
        let view = ReadView::new(self.store.snapshot()?, Some(indexes), Arc::clone(&self.store))?;
        self.current.store(self.leases.grant(view));
        Ok(())
    }

    /// Publishes indexes of the same content in another form, and gives the view with them.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`], [`Error::Closed`]; the view then stays as it is.
    pub fn update(&self, change: impl FnOnce(&Indexes, &ColumnView) -> Indexes) -> Result<Arc<ReadView>> {
        let stale = lock(&self.turn);
        let old = self.lease().view()?;
        if *stale {
            // The next commit builds the indexes anew.
            return Err(Error::Closed);
        }
        let snapshot = self.store.snapshot()?;
        let indexes = change(old.indexes(), snapshot.column());
        let view = ReadView::new(snapshot, Some(indexes), Arc::clone(&self.store))?;
        let lease = self.leases.grant(view);
        self.current.store(Arc::clone(&lease));
        lease.view()
    }

    /// Builds some indexes anew from the truth, publishes them with those that are taken over, and gives the view. Who
    /// learns waits for it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`], [`Error::Closed`]; the view then stays as it is.
    pub fn rebuild(&self, kept: impl FnOnce(&Indexes) -> Kept) -> Result<Arc<ReadView>> {
        let _turn = lock(&self.turn);
        let old = self.lease().view()?;
        let snapshot = self.store.snapshot()?;
        let indexes = Indexes::of(&snapshot, kept(old.indexes()))?;
        let view = ReadView::new(snapshot, Some(indexes), Arc::clone(&self.store))?;
        let lease = self.leases.grant(view);
        self.current.store(Arc::clone(&lease));
        lease.view()
    }

    /// Whether anybody reads from it.
    pub fn is_read(&self) -> bool {
        self.leases.in_use(&self.lease())
    }

    /// Waits for the group that is being written, and ends the leases on every view.
    pub fn close(&self) {
        let _turn = lock(&self.turn);
        self.leases.end();
    }

    /// Makes a batch durable and visible.
    pub fn commit(&self, batch: Batch) -> Result<Receipt> {
        let slot = Slot::default();
        lock(&self.queue).push((batch, Arc::clone(&slot)));
        let mut stale = lock(&self.turn);
        if let Some(result) = lock(&slot).take() {
            return result;
        }
        let (batches, slots): (Vec<_>, Vec<_>) = std::mem::take(&mut *lock(&self.queue)).into_iter().unzip();
        // A panic is everybody's error, not only of the writer that happened to have the turn.
        let results = guarded(|| Ok(self.commit_group(&batches, &mut stale)))
            .unwrap_or_else(|error| everyone(batches.len(), &error));
        for (slot, result) in slots.iter().zip(results) {
            *lock(slot) = Some(result);
        }
        let result = lock(&slot).take();
        result.expect("whoever takes a batch along answers for it")
    }

    /// Forgets what was selected in every view that is taken from now on, and says what went; `None` where there is none
    /// of it. With `dry_run` it only says so.
    pub fn forget(&self, selection: &Selection, dry_run: bool) -> Result<Option<Forgotten>> {
        let mut stale = lock(&self.turn);
        let Some((forgotten, updates)) = self.store.forget(now(), selection, dry_run)? else {
            return Ok(None);
        };
        if dry_run {
            return Ok(Some(forgotten));
        }
        let was_stale = std::mem::replace(&mut *stale, true);
        self.publish(&updates, was_stale)?;
        *stale = false;
        // What was forgotten cannot be told to whoever opens the store next.
        self.settler.forgot();
        Ok(Some(forgotten))
    }

    /// Gives statements that wait for one a vector each, and says how many did.
    pub fn give_vectors(&self, read: TransactionId, vectors: &[(ConceptId, Vec<f32>)]) -> Result<u64> {
        self.published(|store| store.give_vectors(now(), read, vectors))
    }

    /// Retires the evidence that rules before those of a version derived, and says how many pieces did.
    pub fn retire_outdated(&self, rules: u32) -> Result<u64> {
        self.published(|store| store.retire_outdated(now(), rules))
    }

    /// Makes changes of another store durable and visible, all or none, and tells the last transaction then.
    pub fn apply(&self, changes: &[Vec<u8>]) -> Result<TransactionId> {
        self.published(|store| store.apply_changes(changes))
    }

    /// Makes changes of another store durable and visible, all or none, without what came later but for what that
    /// forgot, and tells the last transaction then.
    pub fn restore(&self, changes: &[Vec<u8>], later: &[Vec<u8>]) -> Result<TransactionId> {
        self.published(|store| store.restore_changes(changes, later))
    }

    fn published<T>(&self, apply: impl FnOnce(&Store) -> Result<(T, Updates)>) -> Result<T> {
        let mut stale = lock(&self.turn);
        let (done, updates) = apply(&self.store)?;
        let was_stale = std::mem::replace(&mut *stale, true);
        self.publish(&updates, was_stale)?;
        *stale = false;
        Ok(done)
    }

    fn commit_group(&self, batches: &[Batch], stale: &mut bool) -> Vec<Result<Receipt>> {
        match self.store.commit(batches) {
            Ok((receipts, updates)) => {
                // Set first: should publishing panic, the next commit builds the indexes anew.
                let was_stale = std::mem::replace(stale, true);
                match self.publish(&updates, was_stale) {
                    Ok(()) => {
                        *stale = false;
                        receipts
                    }
                    Err(error) => everyone(batches.len(), &error),
                }
            }
            Err(error) => everyone(batches.len(), &error),
        }
    }

    fn publish(&self, updates: &Updates, stale: bool) -> Result<()> {
        let snapshot = self.store.snapshot()?;
        let old = self.lease().view()?;
        if !stale && snapshot.transaction() == old.transaction() {
            return Ok(());
        }
        let follow = !stale && !updates.rebuild;
        let indexes: Option<Indexes> = follow.then(|| old.indexes().with(updates, snapshot.column()));
        let view = ReadView::new(snapshot, indexes, Arc::clone(&self.store))?;
        let indexes = view.indexes().clone();
        self.current.store(self.leases.grant(view));
        // After that: the settler looks at what is current.
        self.settler.consider(&indexes);
        Ok(())
    }
}

/// A failure of the group is a failure of each batch in it.
fn everyone(count: usize, error: &Error) -> Vec<Result<Receipt>> {
    (0..count).map(|_| Err(error.share())).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::samples::{sentence, store};

    #[test]
    fn writers_that_wait_for_the_same_turn_share_a_sync() {
        const WRITERS: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let committer =
            Committer::new(Arc::clone(&store), Settler::new(sutra_store::Settling::DEFAULT)).unwrap();
        committer.commit(sentence(0)).unwrap();
        assert_eq!(store.commits(), 1);
        let mut transactions: Vec<u64> = std::thread::scope(|scope| {
            let turn = lock(&committer.turn);
            let write = |number| committer.commit(sentence(number)).unwrap().transaction.0;
            let writers: Vec<_> = (1..=WRITERS)
                .map(|number| scope.spawn(move || write(number)))
                .collect();
            while lock(&committer.queue).len() < WRITERS {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(turn);
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        transactions.sort_unstable();
        assert_eq!(transactions, (2..=WRITERS as u64 + 1).collect::<Vec<_>>());
        assert_eq!(store.commits(), 2);
    }
}
