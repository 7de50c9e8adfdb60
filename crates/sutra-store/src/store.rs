//! A store: one folder, one writer at a time, any number of snapshots.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, Durability, WriteTransaction};
use sutra_model::{Batch, Error, Result, TransactionId};

use crate::answers::{self, AnswerLimits, RecordedAnswer};
use crate::apply::Writer;
use crate::clock::now;
use crate::column::{Column, column_folder};
use crate::disk::{Disk, FileSystem};
use crate::folder::{create_folder, entries, sync_names};
use crate::kept::{INDEX_FOLDER, NextFile};
use crate::layout::{self, COLUMN_FOLDER, DATABASE_FILE, FORMAT};
use crate::opening;
use crate::pages::PageShare;
use crate::purge::remove_leftovers;
use crate::records::{EmbedderId, Totals};
use crate::room::{bytes_of, check_room};
use crate::select::Selection;
use crate::snapshot::Snapshot;
use crate::updates::{Forgotten, Receipt, Updates};
use crate::validate::validate;

/// A commit of so many statements also records which pages are free, for a second sync: after a crash the
/// file then opens without being walked. For small commits the sync would cost more than it saves.
const QUICK_REPAIR_STATEMENTS: usize = 50;
/// The vectors of a smaller commit stand in the database until those of a later one are synced, so that it needs one
/// sync; so many of them at most, which are read and written again when the store is opened.
pub(crate) const UNSYNCED_ROWS_MAX: u64 = 1024;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Whose vectors it holds. A new store takes this embedder; another one's store is refused.
    pub embedder: EmbedderId,
    /// Check the checksum of every page of `storage.dat` first. Reads the whole file.
    pub check_pages: bool,
    /// Bytes of `storage.dat` kept in memory, at most: less where this process has many stores open.
    pub cache_bytes: usize,
    /// Write nothing at all: neither make a store nor recover one on disk, nor keep answers.
    pub read_only: bool,
    /// Bring a store of an older format to this one. Without it such a store is refused, unless `read_only`.
    pub migrate: bool,
    /// How long recorded answers are kept.
    pub answers: AnswerLimits,
    /// When indexes are settled into files.
    pub settling: Settling,
    /// How broadly vectors are searched: a search for k scores (10 k + 100) × this / 100 rows at full precision.
    pub search_breadth: usize,
    /// Vectors whose checksum, once it was found right, is not computed again by searches; the last ones of so many.
    pub checked_vectors: usize,
    /// Vectors in a file of them; a store keeps to one number. Another than [`Self::ROWS_PER_FILE`] is for tests.
    pub rows_per_file: u64,
    /// Where everything is written.
    pub disk: Arc<dyn Disk>,
}

/// When indexes are settled into files; no commit waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settling {
    /// So many concepts are held fresh, at most, before they are settled; so are eight times as many ends of associations.
    pub fresh_max: usize,
    /// So many removed rows of settled parts make writing these anew worth while.
    pub removed_max: usize,
    /// After so many commits it is looked how many were removed.
    pub commits: u32,
    /// So few concepts are learned again when a store is opened rather than kept in files when it is closed.
    pub tail_max: usize,
}

impl Settling {
    /// What holds when nothing else is asked for.
    pub const DEFAULT: Self = Self {
        fresh_max: 50_000,
        removed_max: 1_000,
        commits: 5,
        tail_max: 1_000,
    };
}

impl OpenOptions {
    /// Bytes of `storage.dat` kept in memory, at most, when nothing else is asked for.
    pub const CACHE_BYTES: usize = 16 << 20;
    /// What [`search_breadth`](Self::search_breadth) is when nothing else is asked for.
    pub const SEARCH_BREADTH: usize = 100;
    /// Vectors in a file of them: 12 MiB at 384 components.
    pub const ROWS_PER_FILE: u64 = 16_384;

    /// To read and write, with the defaults of everything else.
    pub fn new(embedder: EmbedderId) -> Self {
        Self {
            embedder,
            check_pages: false,
            cache_bytes: Self::CACHE_BYTES,
            read_only: false,
            migrate: false,
            answers: AnswerLimits::DEFAULT,
            settling: Settling::DEFAULT,
            search_breadth: Self::SEARCH_BREADTH,
            checked_vectors: 0,
            rows_per_file: Self::ROWS_PER_FILE,
            disk: Arc::new(FileSystem),
        }
    }
}

/// The truth on disk.
#[derive(Debug)]
pub struct Store {
    pub(crate) path: PathBuf,
    options: OpenOptions,
    /// The number of the model whose vectors are learned and searched.
    pub(crate) model: u32,
    pub(crate) database: Arc<Database>,
    /// Held for as long as the database is open.
    _pages: PageShare,
    column: Mutex<Column>,
    /// Whether a write failed half-way: the database refuses its work from then on.
    failed: AtomicBool,
    /// Whether other files have taken the place of those that are open.
    pub(crate) replaced: AtomicBool,
    pub(crate) commits: AtomicU64,
    pub(crate) index_files: NextFile,
}

impl Store {
    /// Opens the store of a folder, making both if need be, and recovers what was acknowledged.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] when another process has it open, [`Error::EmbedderMismatch`],
    /// [`Error::UnsupportedFormat`], [`Error::Corrupt`], [`Error::Io`].
    pub fn open(folder: &Path, options: OpenOptions) -> Result<Self> {
        check_embedder(&options.embedder)?;
        if !options.read_only {
            create_folder(&*options.disk, folder)?;
        }
        let pages = PageShare::take(options.cache_bytes);
        let (database, header) = opening::open_database(folder, &options, pages.bytes())?;
        let path = folder.join(DATABASE_FILE);
        let is_new = header.is_new || !folder.join(COLUMN_FOLDER).is_dir();
        let unsynced = opening::unsynced_rows(&database, &path, header.model)?;
        let vectors = column_folder(folder, header.model, header.record.generation);
        let column = Column::open(vectors, options.clone(), &header.record, &unsynced)?;
        if !options.read_only {
            remove_leftovers(&*options.disk, folder, header.model, header.record.generation)?;
        }
        if is_new && !options.read_only {
            sync_names(&*options.disk, folder)?;
        }
        let store = Self {
            path,
            model: header.model,
            options,
            database: Arc::new(database),
            _pages: pages,
            column: Mutex::new(column),
            failed: AtomicBool::new(false),
            replaced: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            index_files: NextFile::default(),
        };
        if !store.read_only() {
            store.remove_strange_indexes()?;
        }
        Ok(store)
    }

    /// The embedder whose vectors a folder holds; `None` when the folder holds no store yet. A store that was not
    /// closed is recovered on disk, unless `read_only`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn embedder_of(folder: &Path, read_only: bool) -> Result<Option<EmbedderId>> {
        opening::embedder_of(folder, read_only)
    }

    /// Brings the store of a folder to this format, whole or not at all, and tells its format before; `None` where there
    /// is no store, or one of this format.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn migrate(folder: &Path, disk: Arc<dyn Disk>) -> Result<Option<u32>> {
        let before = opening::format_in(folder)?.filter(|format| *format < FORMAT);
        if let (Some(_), Some(embedder)) = (before, Self::embedder_of(folder, true)?) {
            let options = OpenOptions {
                migrate: true,
                disk,
                ..OpenOptions::new(embedder)
            };
            Self::open(folder, options)?;
        }
        Ok(before)
    }

    /// The embedder of this store.
    pub fn embedder(&self) -> &EmbedderId {
        &self.options.embedder
    }

    /// Whether a write failed half-way. Nothing can be written any more then, and not everything read, until the
    /// store is opened again.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// How it was opened.
    pub fn options(&self) -> &OpenOptions {
        &self.options
    }

    /// Whether it was opened for reading alone.
    pub fn read_only(&self) -> bool {
        self.options.read_only
    }

    /// Where everything is written.
    pub(crate) fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.options.disk)
    }

    /// The path of `storage.dat`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that the store occupies on disk; unwritten parts of sparse files do not count.
    pub fn bytes_on_disk(&self) -> Result<u64> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let folders = [COLUMN_FOLDER, INDEX_FOLDER].map(|name| bytes_below(&folder.join(name)));
        folders
            .into_iter()
            .try_fold(file_bytes(&self.path)?, |sum, bytes| Ok(sum + bytes?))
    }

    /// The state after the last acknowledged commit.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn snapshot(&self) -> Result<Snapshot> {
        let column = self.lock_column();
        Snapshot::take(
            Arc::clone(&self.database),
            column.view(),
            self.model,
            self.path.clone(),
        )
    }

    /// Makes several batches durable with one sync, each as a transaction of its own, in this order. When
    /// this returns `Ok`, those that have a receipt are on disk; a refused one has left no trace.
    ///
    /// # Errors
    /// [`Error::DiskFull`] before anything is written, or [`Error::ReadOnly`]. After any other outer error none of
    /// them is visible, and after a failed sync nobody can say what the disk
    /// has: commit the same batches again once the store is open again, which changes nothing that is there.
    pub fn commit(&self, batches: &[Batch]) -> Result<(Vec<Result<Receipt>>, Updates)> {
        self.commit_at(now(), batches)
    }

    /// The same at a time in microseconds since 1970-01-01 UTC: that of the first transaction, unless it is later than
    /// this already. The times of transactions rise.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn commit_at(&self, time: i64, batches: &[Batch]) -> Result<(Vec<Result<Receipt>>, Updates)> {
        let mut column = self.lock_to_write(batches.iter().map(bytes_of).sum())?;
        let outcome = self.noting_failure(self.commit_group(time, batches, &mut column));
        match &outcome {
            Ok(_) => column.accept(),
            // The first error is the one to tell; the next commit meets whatever keeps this from working.
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    /// Forgets what was selected, as one transaction, and says what went; `None` where there is none of it. From the
    /// bytes of the files it goes by [`purge`](Self::purge). With `dry_run` it only says what would go.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`], [`Error::ReadOnly`]; nothing is forgotten then.
    pub fn forget(
        &self,
        time: i64,
        selection: &Selection,
        dry_run: bool,
    ) -> Result<Option<(Forgotten, Updates)>> {
        let mut column = self.lock_to_write(0)?;
        let outcome = self.noting_failure(self.forget_selected(time, selection, dry_run, &mut column));
        match &outcome {
            Ok(_) => column.accept(),
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    fn forget_selected(
        &self,
        time: i64,
        selection: &Selection,
        dry_run: bool,
        column: &mut Column,
    ) -> Result<Option<(Forgotten, Updates)>> {
        let mut transaction = self.begin()?;
        transaction.set_quick_repair(true);
        let mut updates = Updates::default();
        let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
        let before = writer.totals;
        let Some(selected) = writer.forget(selection, time, &mut updates)? else {
            return Ok(None);
        };
        let sources = selected.change.sources_hit();
        let mut forgotten = Forgotten {
            transaction: TransactionId(writer.transaction),
            taken: Totals {
                sources: selected.change.forgotten.len() as u64,
                ..writer.totals.less_than(before)
            },
            answers: 0,
            redacted: (sources.len() - selected.change.forgotten.len()) as u64,
            staying: writer.staying,
        };
        let went = std::mem::take(&mut writer.went);
        if dry_run {
            drop(writer);
        } else {
            writer.finish(&transaction)?;
        }
        forgotten.answers = answers::erase(&transaction, &self.path, &sources, &selected.names)?;
        if !dry_run {
            self.write_receipt(&transaction, selected.change.time, selection, forgotten, &went)?;
            transaction
                .commit()
                .map_err(|error| layout::database_error(&self.path, error))?;
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Some((forgotten, updates)))
    }

    /// Keeps recorded answers, each under its id, and lets go of those beyond the limits.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`], [`Error::Corrupt`], [`Error::ReadOnly`]; none is kept then.
    pub fn put_answers(&self, answers: &BTreeMap<String, RecordedAnswer>) -> Result<()> {
        let bytes = answers.values().map(|answer| answer.record.len() as u64);
        let _one_writer = self.lock_to_write(bytes.sum())?;
        self.noting_failure(self.write_answers(answers))
    }

    fn write_answers(&self, answers: &BTreeMap<String, RecordedAnswer>) -> Result<()> {
        let mut transaction = self.begin()?;
        // Nobody waits for this commit: it can leave a file that opens without a walk.
        transaction.set_quick_repair(true);
        answers::put(&transaction, &self.path, answers, &self.options.answers)?;
        transaction
            .commit()
            .map_err(|error| layout::database_error(&self.path, error))
    }

    /// A recorded answer that has not expired. Waits for no writer.
    ///
    /// # Errors
    /// [`Error::AnswerErased`], [`Error::Io`], [`Error::Corrupt`].
    pub fn answer(&self, id: &str) -> Result<Option<Vec<u8>>> {
        answers::get(&self.database, &self.path, id, &self.options.answers)
    }

    /// Groups of batches that were synced since the store was opened.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// The column, for whoever is about to write so many bytes.
    pub(crate) fn lock_to_write(&self, bytes: u64) -> Result<MutexGuard<'_, Column>> {
        self.check_writable(bytes)?;
        let column = self.lock_column();
        // Other files may have taken the place of these meanwhile.
        match self.replaced.load(Ordering::SeqCst) {
            true => Err(Error::Closed),
            false => Ok(column),
        }
    }

    fn check_writable(&self, bytes: u64) -> Result<()> {
        if self.options.read_only {
            return Err(Error::ReadOnly(self.path.clone()));
        }
        if self.replaced.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        check_room(&self.path, bytes)
    }

    pub(crate) fn noting_failure<T>(&self, outcome: Result<T>) -> Result<T> {
        if let Err(Error::DiskFull { .. } | Error::Io { .. }) = outcome {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    fn commit_group(
        &self,
        time: i64,
        batches: &[Batch],
        column: &mut Column,
    ) -> Result<(Vec<Result<Receipt>>, Updates)> {
        let mut transaction = self.begin()?;
        let concepts: usize = batches.iter().map(|batch| batch.statements.len()).sum();
        let is_small = concepts < QUICK_REPAIR_STATEMENTS;
        transaction.set_quick_repair(!is_small);
        let mut updates = Updates::default();
        let mut receipts = Vec::with_capacity(batches.len());
        {
            let sync_later = is_small && column.unsynced() < UNSYNCED_ROWS_MAX;
            let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
            if sync_later {
                writer.sync_vectors_later();
            }
            for batch in batches {
                let applied = validate(batch, &self.options.embedder)
                    .and_then(|()| writer.learn(batch, time, &mut updates));
                match applied {
                    Err(error @ (Error::DiskFull { .. } | Error::Io { .. } | Error::Corrupt { .. })) => {
                        return Err(error);
                    }
                    receipt => receipts.push(receipt),
                }
            }
            if !writer.has_changes() {
                return Ok((receipts, updates));
            }
            writer.finish(&transaction)?;
        }
        transaction
            .commit()
            .map_err(|error| layout::database_error(&self.path, error))?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok((receipts, updates))
    }

    pub(crate) fn begin(&self) -> Result<WriteTransaction> {
        let mut transaction = self
            .database
            .begin_write()
            .map_err(|error| layout::database_error(&self.path, error))?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(|error| layout::database_error(&self.path, error))?;
        Ok(transaction)
    }

    pub(crate) fn lock_column(&self) -> MutexGuard<'_, Column> {
        // A panic while writing leaves rows beyond the committed ones that no transaction names.
        self.column.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of all files below a folder.
fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for path in entries(folder)? {
        bytes += match path.is_dir() {
            true => bytes_below(&path)?,
            false => file_bytes(&path)?,
        };
    }
    Ok(bytes)
}

/// Bytes that a file occupies; none where it went meanwhile.
fn file_bytes(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(path) {
        Ok(file) => Ok(file.blocks() * 512),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(source) => Err(Error::io("cannot look at", path, source)),
    }
}

/// What the file formats can hold.
pub(crate) fn check_embedder(embedder: &EmbedderId) -> Result<()> {
    let refuse = |what, value: String, allowed| Err(Error::InvalidValue { what, value, allowed });
    match (embedder.dimension, embedder.fingerprint.len()) {
        (0, _) | (4097.., _) => refuse("vector dimension", embedder.dimension.to_string(), "1 to 4096"),
        (_, 0) | (_, 65..) => refuse(
            "embedder fingerprint",
            embedder.fingerprint.clone(),
            "1 to 64 bytes of text",
        ),
        _ => Ok(()),
    }
}
