//! The engine: what the outside opens, commits to, and takes views from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use sutra_model::{Batch, ConceptId, ContentKey, Error, Result, TransactionId};
use sutra_store::{
    ChangeEvent, EmbedderId, FileSystem, ForgettingReceipt, Forgotten, OpenOptions, Purged, Receipt,
    RecordedAnswer, SalvageOptions, SalvageReport, Selection, Store, VerifyReport, Went,
};

use crate::answers::Answers;
use crate::committer::Committer;
use crate::lease::Lease;
use crate::panics::guarded;
use crate::purge::Retired;
use crate::settler::Settler;
use crate::view::ReadView;

/// How long a store that failed is waited for while calls that still read it hold its folder.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// A store with all that works on it.
pub(crate) struct Open {
    committer: Arc<Committer>,
    answers: Answers,
    settler: Settler,
}

impl Open {
    fn new(folder: &Path, options: &OpenOptions) -> Result<Self> {
        let store = Arc::new(Store::open(folder, options.clone())?);
        let settler = Settler::new(options.settling);
        let committer = Arc::new(Committer::new(Arc::clone(&store), settler.clone())?);
        if !options.read_only {
            settler.work_for(&committer);
        }
        let moved_on = Arc::downgrade(&committer);
        let answers = Answers::new(store, move || {
            // A view that cannot be refreshed stays right; it only holds its pages a little longer.
            let _ = moved_on.upgrade().map(|committer| committer.refresh());
        });
        Ok(Self {
            committer,
            answers,
            settler,
        })
    }

    fn failed(&self) -> bool {
        self.committer.store().failed()
    }

    pub(crate) fn store(&self) -> &Store {
        self.committer.store()
    }

    /// Whether anybody has a view of it.
    pub(crate) fn is_read(&self) -> bool {
        self.committer.is_read()
    }

    /// Ends every lease on its views.
    pub(crate) fn end(&self) {
        self.settler.stop();
        self.committer.close();
    }
}

#[derive(Default)]
struct Life {
    closed: bool,
    /// Answers that a store which failed could not write any more.
    unwritten: BTreeMap<String, RecordedAnswer>,
}

/// One open store with its indexes. Every method may be called from any thread.
///
/// A write that fails half-way (the disk ran full under it) closes the database beneath a store for good. What was
/// acknowledged is safe: the next call opens the folder again, so that a failure ends once its cause does. Leases on
/// views of the store that failed end with it.
pub struct Engine {
    folder: PathBuf,
    /// With the embedder that the store has now.
    options: Mutex<OpenOptions>,
    /// The process that opened it. A child that was forked shares its files, and the lock on them, but
    /// must never write to them.
    process: u32,
    open: ArcSwapOption<Open>,
    /// Held by whoever opens or closes.
    life: Mutex<Life>,
    /// Shared by those who write, held alone by whoever has other files take the place of the store's.
    writing: RwLock<()>,
    /// Stores whose files are no longer those of the folder.
    retired: Retired,
}

impl Engine {
    /// Opens the store of a folder, making both if need be, and builds the indexes from it.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] when another process has it open (a fork of that process too), [`Error::EmbedderMismatch`],
    /// [`Error::UnsupportedFormat`], [`Error::Corrupt`], [`Error::Io`].
    pub fn open(folder: &Path, options: OpenOptions) -> Result<Self> {
        let open = Open::new(folder, &options)?;
        Ok(Self {
            folder: folder.to_owned(),
            options: Mutex::new(options),
            process: std::process::id(),
            open: ArcSwapOption::from_pointee(open),
            life: Mutex::default(),
            writing: RwLock::default(),
            retired: Retired::default(),
        })
    }

    /// The embedder of the store in a folder; `None` when there is no store yet. A store that was not closed is
    /// recovered on disk, unless `read_only`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn embedder_of(folder: &Path, read_only: bool) -> Result<Option<EmbedderId>> {
        Store::embedder_of(folder, read_only)
    }

    /// Brings the store of a folder to the format of this version, whole or not at all, and tells its format before;
    /// `None` where there is no store, or nothing to do.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn migrate(folder: &Path) -> Result<Option<u32>> {
        Store::migrate(folder, Arc::new(FileSystem))
    }

    /// Takes all that can be read out of the damaged store in a folder into a new one in another folder, which is new or
    /// empty; the damaged one stays as it is. See [`sutra_store::salvage`].
    ///
    /// # Errors
    /// [`Error::InvalidValue`] where the other folder holds anything; [`Error::Corrupt`] where nothing can be taken;
    /// [`Error::StoreLocked`], [`Error::UnsupportedFormat`], [`Error::DiskFull`], [`Error::Io`].
    pub fn salvage(folder: &Path, into: &Path, options: &SalvageOptions) -> Result<SalvageReport> {
        sutra_store::salvage(folder, into, options)
    }

    /// The state after the last acknowledged commit.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn view(&self) -> Result<Arc<ReadView>> {
        self.lease()?.view()
    }

    /// The same state, held only for as long as the engine is open.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn lease(&self) -> Result<Arc<Lease>> {
        Ok(self.opened()?.committer.lease())
    }

    /// Makes a batch durable and visible to the next view, or refuses it whole.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`], [`Error::EmbedderMismatch`] and [`Error::ReadOnly`] leave the store as it was. After
    /// [`Error::Io`] or [`Error::DiskFull`] the batch is there or it is not: commit it again once the cause is
    /// mended, which changes nothing that is there already.
    pub fn commit(&self, batch: Batch) -> Result<Receipt> {
        let _writes = self.writes();
        self.opened()?.committer.commit(batch)
    }

    /// Forgets what was selected, as one transaction, and says what went; `None` where there is none of it. No view that is taken from then on has any of it. With `dry_run` it only says what would go.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::ReadOnly`]; after [`Error::Io`] or [`Error::DiskFull`] they are forgotten or not.
    pub fn forget(&self, selection: &Selection, dry_run: bool) -> Result<Option<Forgotten>> {
        let _writes = self.writes();
        let open = self.opened()?;
        // Those that are on disk are erased there, and counted.
        open.answers.flush()?;
        open.committer.forget(selection, dry_run)
    }

    /// Gives statements that wait for one a vector each, durably, and says how many did; see [`Store::give_vectors`].
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a vector that is none of this store's; [`Error::Closed`], [`Error::ReadOnly`],
    /// [`Error::DiskFull`], [`Error::Io`].
    pub fn give_vectors(&self, read: TransactionId, vectors: &[(ConceptId, Vec<f32>)]) -> Result<u64> {
        let _writes = self.writes();
        self.opened()?.committer.give_vectors(read, vectors)
    }

    /// Retires the evidence that rules before those of a version derived, durably, and says how many pieces did; see
    /// [`Store::retire_outdated`].
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::ReadOnly`]; after [`Error::Io`] or [`Error::DiskFull`] it is retired or not.
    pub fn retire_outdated(&self, rules: u32) -> Result<u64> {
        let _writes = self.writes();
        self.opened()?.committer.retire_outdated(rules)
    }

    /// The transactions after one, in order, for another store to apply: the first `limit`, fewer where they are large.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a transaction that is not there yet, [`Error::Closed`], [`Error::Io`],
    /// [`Error::Corrupt`].
    pub fn changes_since(&self, since: TransactionId, limit: usize) -> Result<Vec<ChangeEvent>> {
        self.opened()?.committer.store().changes_since(since, limit)
    }

    /// Makes changes of another store, which follow on the last transaction of this one, durable and visible to the next
    /// view, all or none, and tells the last transaction then; see [`Store::apply_changes`].
    ///
    /// # Errors
    /// [`Error::InvalidChange`], [`Error::HistoryMismatch`], [`Error::EmbedderMismatch`], [`Error::ReadOnly`] and
    /// [`Error::Closed`] leave the store as it was; after [`Error::Io`] or [`Error::DiskFull`] they are applied or not.
    pub fn apply_changes(&self, changes: &[Vec<u8>]) -> Result<TransactionId> {
        let _writes = self.writes();
        let open = self.opened()?;
        // Those that are on disk are erased there with what they cite.
        open.answers.flush()?;
        open.committer.apply(changes)
    }

    /// Ends a store that followed another one: applies the last changes, without those that belong with them, forgets
    /// what the `later` ones forgot, and begins a new history; see [`Store::restore_changes`].
    ///
    /// # Errors
    /// Those of [`apply_changes`](Self::apply_changes).
    pub fn restore_changes(&self, changes: &[Vec<u8>], later: &[Vec<u8>]) -> Result<TransactionId> {
        self.opened()?.committer.restore(changes, later)
    }

    /// Keeps a recorded answer: found at once, durable within a second, and gone when its time is over. It is erased
    /// once a source that it cites is forgotten.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::ReadOnly`].
    pub fn put_answer(&self, id: String, answer: RecordedAnswer) -> Result<()> {
        loop {
            let open = self.opened()?;
            match open.answers.put(id.clone(), answer.clone()) {
                // Other files took the place of the store's.
                Err(Error::Closed) if !self.life().closed => {}
                put => return put,
            }
        }
    }

    /// A recorded answer.
    ///
    /// # Errors
    /// [`Error::AnswerErased`], [`Error::Closed`], [`Error::Io`], [`Error::Corrupt`].
    pub fn get_answer(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let open = self.opened()?;
        let find = |source| open.committer.lease().view()?.find(source);
        open.answers.get(id, find)
    }

    /// Writes the store's files anew, without anything that was forgotten, and goes on with these. Views of the old
    /// files may be read for another minute, then they end; with the last of them the old files are gone.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`], [`Error::ReadOnly`],
    /// [`Error::Closed`]; the store is then what it was.
    pub fn purge(&self) -> Result<Purged> {
        let _nobody_writes = self.writes_no_more();
        let open = self.opened()?;
        let purged = open.committer.store().purge()?;
        self.go_on(open)?;
        Ok(purged)
    }

    /// Opens the files that took the place of a store's, and goes on with them. Questions go on meanwhile. Should it fail,
    /// the next call opens the folder.
    pub(crate) fn go_on(&self, open: Arc<Open>) -> Result<()> {
        let next = Open::new(&self.folder, &self.options()).map(Arc::new);
        open.settler.stop();
        let mut life = self.life();
        life.unwritten.append(&mut open.answers.give_up());
        if let Ok(next) = &next {
            for (id, answer) in std::mem::take(&mut life.unwritten) {
                next.answers.put(id, answer)?;
            }
        }
        self.open.store(next.as_ref().ok().cloned());
        drop(life);
        self.retired.add(open)?;
        next.map(|_| ())
    }

    /// What is known of the transaction that forgot something, and when nothing of it was in the store's files any more;
    /// `None` where it forgot nothing.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Io`], [`Error::Corrupt`].
    pub fn receipt(&self, transaction: TransactionId) -> Result<Option<(ForgettingReceipt, Option<i64>)>> {
        let open = self.opened()?;
        let store = open.committer.store();
        let Some(receipt) = store.receipt(transaction)? else {
            return Ok(None);
        };
        let purged = store.purged()?.filter(|purged| purged.transaction >= transaction);
        let purged = purged.filter(|_| self.retired.is_empty());
        Ok(Some((receipt, purged.map(|purged| purged.time))))
    }

    /// The transactions after one that forgot something, each with when, in microseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// As [`receipt`](Self::receipt).
    pub fn receipts_after(&self, after: TransactionId) -> Result<Vec<(TransactionId, i64)>> {
        self.opened()?.committer.store().receipts_after(after)
    }

    /// The last transaction that was made at or before a time, in microseconds since 1970-01-01 UTC; 0 where there is
    /// none.
    ///
    /// # Errors
    /// As [`receipt`](Self::receipt).
    pub fn transaction_at(&self, time: i64) -> Result<TransactionId> {
        self.opened()?.committer.store().transaction_at(time)
    }

    /// Whether a receipt tells of something with this content key.
    ///
    /// # Errors
    /// As [`receipt`](Self::receipt).
    pub fn went(&self, receipt: &ForgettingReceipt, key: ContentKey) -> Result<bool> {
        self.opened()?.committer.store().went(receipt, key)
    }

    /// As what a text is among what a receipt tells of: see [`sutra_store::Store::went_as`].
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a text that is empty; as [`receipt`](Self::receipt), also when the store's secret is
    /// missing.
    pub fn went_as(&self, receipt: &ForgettingReceipt, text: &str, title: &str) -> Result<Went> {
        self.opened()?.committer.store().went_as(receipt, text, title)
    }

    /// The last time that the files were written anew.
    ///
    /// # Errors
    /// As [`receipt`](Self::receipt).
    pub fn purged(&self) -> Result<Option<Purged>> {
        self.opened()?.committer.store().purged()
    }

    /// Reads everything that is stored and checks every reference and every hash.
    ///
    /// # Errors
    /// Only when reading itself fails; faults are in the report.
    pub fn verify(&self) -> Result<VerifyReport> {
        self.view()?.verify()
    }

    /// Checks the files of vectors against their SHA-256, the chain of transactions, and all that the last 100
    /// transactions learned.
    ///
    /// # Errors
    /// Only when reading itself fails; faults are in the report.
    pub fn verify_quickly(&self) -> Result<VerifyReport> {
        self.view()?.verify_quickly()
    }

    /// Writes what is pending, ends every lease, and lets go of the folder as soon as the last view that is
    /// still held is dropped. Closing twice does nothing.
    ///
    /// # Errors
    /// [`Error::Io`] when answers that were pending cannot be written.
    pub fn close(&self) -> Result<()> {
        if self.process != std::process::id() {
            std::mem::forget(self.open.swap(None));
            return Ok(());
        }
        self.life().closed = true;
        self.retired.end(|_| true);
        let Some(open) = self.open.swap(None) else {
            return Ok(());
        };
        let written = open.answers.close();
        open.settler.stop();
        // What cannot be kept is built when the store is opened.
        let _ = guarded(|| open.settler.keep());
        open.committer.close();
        written
    }

    /// Waits until all that was learned is settled as far as it is to be.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn settle(&self) -> Result<()> {
        let open = self.opened()?;
        open.settler.begin();
        open.settler.finish();
        Ok(())
    }

    /// Whether something is being settled.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn is_settling(&self) -> Result<bool> {
        Ok(self.opened()?.settler.is_working())
    }

    fn options(&self) -> OpenOptions {
        self.options
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The store has the vectors of another embedder from now on.
    pub(crate) fn change_embedder(&self, embedder: EmbedderId) {
        self.options
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .embedder = embedder;
    }

    /// Held alone by whoever has other files take the place of the store's.
    pub(crate) fn writes_no_more(&self) -> RwLockWriteGuard<'_, ()> {
        self.writing.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held by whoever writes, so that nobody writes to files that others take the place of.
    pub(crate) fn writes(&self) -> RwLockReadGuard<'_, ()> {
        self.writing.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opened(&self) -> Result<Arc<Open>> {
        if self.process != std::process::id() {
            return Err(Error::StoreLocked {
                path: self.folder.clone(),
                owner: Some(self.process),
            });
        }
        // Whoever opens again waits for all who hold the store that failed, so it must not be held here.
        let sound = self.open.load_full().filter(|open| !open.failed());
        sound.map_or_else(|| self.open_again(), Ok)
    }

    /// Opens the folder of a store that failed, unless another thread has just done so.
    fn open_again(&self) -> Result<Arc<Open>> {
        let mut life = self.life();
        if life.closed {
            return Err(Error::Closed);
        }
        if let Some(open) = self.open.load_full().filter(|open| !open.failed()) {
            return Ok(open);
        }
        if let Some(failed) = self.open.swap(None) {
            life.unwritten.append(&mut failed.answers.give_up());
            failed.end();
        }
        let deadline = Instant::now() + PATIENCE;
        let open = loop {
            match Open::new(&self.folder, &self.options()) {
                Err(Error::StoreLocked { .. }) if Instant::now() < deadline => std::thread::sleep(PAUSE),
                opened => break Arc::new(opened?),
            }
        };
        for (id, record) in std::mem::take(&mut life.unwritten) {
            open.answers.put(id, record)?;
        }
        self.open.store(Some(Arc::clone(&open)));
        Ok(open)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Nobody is left to report to; `close` is there for those who want to know.
        let _ = self.close();
    }
}
