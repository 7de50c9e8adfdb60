//! The engine: what the outside opens, commits to, and takes views from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use sutra_model::{Batch, Error, Result};
use sutra_store::{EmbedderId, OpenOptions, Receipt, Store, VerifyReport};

use crate::answers::Answers;
use crate::committer::Committer;
use crate::lease::Lease;
use crate::view::ReadView;

/// How an engine is opened.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Whose vectors the store holds. A new store takes this embedder; another one's store is refused.
    pub embedder: EmbedderId,
    /// Check the checksum of every page of `storage.dat` first. Reads the whole file.
    pub check_pages: bool,
    /// Bytes of `storage.dat` kept in memory.
    pub cache_bytes: usize,
}

impl EngineOptions {
    /// Bytes of `storage.dat` kept in memory when nothing else is asked for.
    pub const CACHE_BYTES: usize = 128 << 20;
}

struct Open {
    committer: Arc<Committer>,
    answers: Answers,
    folder: PathBuf,
    /// The process that opened it. A child that was forked shares its files, and the lock on them, but
    /// must never write to them.
    process: u32,
}

/// One open store with its indexes. Every method may be called from any thread.
pub struct Engine {
    open: ArcSwapOption<Open>,
}

impl Engine {
    /// Opens the store of a folder, making both if need be, and builds the indexes from it.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] when another process has it open (a fork of that process too), [`Error::EmbedderMismatch`],
    /// [`Error::UnsupportedFormat`], [`Error::Corrupt`], [`Error::Io`].
    pub fn open(folder: &Path, options: EngineOptions) -> Result<Self> {
        let EngineOptions {
            embedder,
            check_pages,
            cache_bytes,
        } = options;
        let store = Arc::new(Store::open(
            folder,
            OpenOptions {
                embedder,
                check_pages,
                cache_bytes,
            },
        )?);
        let committer = Arc::new(Committer::new(Arc::clone(&store))?);
        let moved_on = Arc::downgrade(&committer);
        let answers = Answers::new(store, move || {
            // A view that cannot be refreshed stays right; it only holds its pages a little longer.
            let _ = moved_on.upgrade().map(|committer| committer.refresh());
        });
        let (folder, process) = (folder.to_owned(), std::process::id());
        let open = Open {
            committer,
            answers,
            folder,
            process,
        };
        Ok(Self {
            open: ArcSwapOption::from_pointee(open),
        })
    }

    /// The embedder of the store in a folder; `None` when there is no store yet.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn embedder_of(folder: &Path) -> Result<Option<EmbedderId>> {
        Store::embedder_of(folder)
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
    /// [`Error::InvalidBatch`] and [`Error::EmbedderMismatch`] leave the store as it was. After
    /// [`Error::Io`] or [`Error::DiskFull`] nobody knows what the disk has: open the store again and commit the
    /// same batch again, which changes nothing that is there already.
    pub fn commit(&self, batch: Batch) -> Result<Receipt> {
        self.opened()?.committer.commit(batch)
    }

    /// Keeps a recorded answer: found at once, durable within a second.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn put_answer(&self, id: String, record: Vec<u8>) -> Result<()> {
        self.opened()?.answers.put(id, record)
    }

    /// A recorded answer.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Io`], [`Error::Corrupt`].
    pub fn get_answer(&self, id: &str) -> Result<Option<Vec<u8>>> {
        self.opened()?.answers.get(id)
    }

    /// Reads everything that is stored and checks every reference and every hash.
    ///
    /// # Errors
    /// Only when reading itself fails; faults are in the report.
    pub fn verify(&self) -> Result<VerifyReport> {
        self.view()?.verify()
    }

    /// Writes what is pending, ends every lease, and lets go of the folder as soon as the last view that is
    /// still held is dropped. Closing twice does nothing.
    ///
    /// # Errors
    /// [`Error::Io`] when answers that were pending cannot be written.
    pub fn close(&self) -> Result<()> {
        match self.open.swap(None) {
            Some(open) if open.process != std::process::id() => {
                std::mem::forget(open);
                Ok(())
            }
            Some(open) => {
                let written = open.answers.close();
                open.committer.close();
                written
            }
            None => Ok(()),
        }
    }

    fn opened(&self) -> Result<Arc<Open>> {
        let open = self.open.load_full().ok_or(Error::Closed)?;
        if open.process != std::process::id() {
            return Err(Error::StoreLocked(open.folder.clone()));
        }
        Ok(open)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Nobody is left to report to; `close` is there for those who want to know.
        let _ = self.close();
    }
}
