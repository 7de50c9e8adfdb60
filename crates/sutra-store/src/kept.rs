//! Files of indexes: derived, so that a store opens without building them, and never needed.
//!
//! ```text
//! index/kept               which files the indexes are made of, as of which transaction
//! index/00000001.idx       arrays of one part of an index (`sutra_segment`), written once, mapped
//! ```
//!
//! A file is written and synced before `kept` names it, and `kept` takes its place by a rename. It names the transaction
//! by its place in the chain, and the column that rows are numbered by, so that files of another state are never taken
//! for those of this one. Files that it does not name go.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use sutra_model::{Error, Result, TransactionId};
use sutra_segment::{Bytes, Layout, Sections};

use crate::disk::{Disk, SyncReason};
use crate::folder::{create_folder, entries, sync_folder};
use crate::layout;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// The folder of the files of indexes.
pub const INDEX_FOLDER: &str = "index";
const KEPT_FILE: &str = "kept";
const DRAFT_FILE: &str = "kept.new";
const FORMAT: u32 = 1;

/// Which files the indexes are made of, as of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptIndexes {
    /// The last transaction in them.
    pub transaction: TransactionId,
    /// The parts, in their order.
    pub parts: Vec<KeptPart>,
}

/// A part of an index in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPart {
    /// Which index.
    pub index: u32,
    /// The number of the file.
    pub file: u32,
    /// What was taken out of it since it was written.
    pub marks: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
struct KeptRecord {
    format: u32,
    transaction: TransactionId,
    /// The hash of the chain up to there.
    chain: [u8; 32],
    model: u32,
    generation: u32,
    parts: Vec<KeptPart>,
}

/// A file in memory.
pub struct MappedFile(Mmap);

impl Bytes for MappedFile {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The number that the next file gets; held by whoever writes or removes files.
#[derive(Debug, Default)]
pub(crate) struct NextFile(Mutex<Option<u32>>);

impl NextFile {
    fn lock(&self) -> MutexGuard<'_, Option<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// The files that the indexes of a state are made of, as of a transaction at or before it; `None` where there are
    /// none that belong to this store as it is.
    pub fn kept_indexes(&self, snapshot: &Snapshot) -> Option<KeptIndexes> {
        let record = read_record(&self.index_folder())?;
        let is_of_this = record.model == snapshot.model
            && record.generation == self.lock_column().generation()
            && snapshot.chain_at(record.transaction).ok()? == Some(record.chain);
        is_of_this.then_some(KeptIndexes {
            transaction: record.transaction,
            parts: record.parts,
        })
    }

    /// Maps a file of an index.
    ///
    /// # Errors
    /// What is wrong with it, in words: it is missing, cut off, or its first page is not what was written.
    pub fn map_index(&self, file: u32) -> Result<Sections<MappedFile>, String> {
        let path = file_path(&self.index_folder(), file);
        let file =
            File::open(&path).map_err(|error| format!("{} cannot be opened: {error}", path.display()))?;
        // SAFETY: a file of an index is never written again, and what is removed stays for whoever has mapped it.
        let map = unsafe { Mmap::map(&file) };
        let map = map.map_err(|error| format!("{} cannot be mapped: {error}", path.display()))?;
        Sections::open(MappedFile(map)).map_err(|detail| format!("{}: {detail}", path.display()))
    }

    /// Writes a part of an index to a file of its own, synced, and tells its number. No state names it yet.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`]; [`Error::Closed`] once other files took the place of the store's;
    /// [`Error::ReadOnly`].
    pub fn write_index(&self, layout: &Layout) -> Result<u32> {
        let mut next = self.lock_files()?;
        let (disk, folder) = (self.disk(), self.index_folder());
        create_folder(&*disk, &folder)?;
        let number = match *next {
            Some(number) => number,
            None => 1 + numbers(&folder)?.into_iter().max().unwrap_or(0),
        };
        *next = Some(number + 1);
        let path = file_path(&folder, number);
        let failed = |source| Error::io("cannot write", &path, source);
        let file = disk.create(&path).map_err(failed)?;
        disk.set_len(&file, 0).map_err(failed)?;
        disk.set_len(&file, layout.bytes()).map_err(failed)?;
        for (at, piece) in layout.pieces() {
            disk.write(&file, &piece, at).map_err(failed)?;
        }
        disk.sync(&file, SyncReason::Index).map_err(failed)?;
        Ok(number)
    }

    /// Names the files that the indexes are made of as of a transaction of a state, and removes all others.
    ///
    /// # Errors
    /// As [`write_index`](Self::write_index); [`Error::InvalidValue`] for a transaction that the state does not have.
    pub fn keep_indexes(&self, snapshot: &Snapshot, kept: &KeptIndexes) -> Result<()> {
        let generation = self.lock_column().generation();
        let _files = self.lock_files()?;
        let chain = snapshot.chain_at(kept.transaction)?.ok_or(Error::InvalidValue {
            what: "transaction of kept indexes",
            value: kept.transaction.0.to_string(),
            allowed: "one that the state has",
        })?;
        let record = layout::encode(&KeptRecord {
            format: FORMAT,
            transaction: kept.transaction,
            chain,
            model: snapshot.model,
            generation,
            parts: kept.parts.clone(),
        });
        let crc = crc32c::crc32c(&record).to_le_bytes();
        let (disk, folder) = (self.disk(), self.index_folder());
        create_folder(&*disk, &folder)?;
        let draft = folder.join(DRAFT_FILE);
        let failed = |source| Error::io("cannot write", &draft, source);
        let file = disk.create(&draft).map_err(failed)?;
        disk.set_len(&file, 0).map_err(failed)?;
        disk.write(&file, &[&crc[..], &record].concat(), 0)
            .map_err(failed)?;
        disk.sync(&file, SyncReason::Index).map_err(failed)?;
        disk.rename(&draft, &folder.join(KEPT_FILE)).map_err(failed)?;
        sync_folder(&*disk, &folder, SyncReason::Index)?;
        for number in numbers(&folder)? {
            if kept.parts.iter().all(|part| part.file != number) {
                let path = file_path(&folder, number);
                disk.remove(&path)
                    .map_err(|source| Error::io("cannot remove", &path, source))?;
            }
        }
        Ok(())
    }

    /// Names no files of indexes any more; they are removed when others are named.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Closed`], [`Error::ReadOnly`].
    pub fn forget_indexes(&self) -> Result<()> {
        let _files = self.lock_files()?;
        let path = self.index_folder().join(KEPT_FILE);
        let removed = self.disk().remove(&path);
        removed.map_err(|source| Error::io("cannot remove", &path, source))
    }

    /// Removes all files of indexes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn remove_indexes(&self) -> Result<()> {
        let _files = self.index_files.lock();
        remove_all(&*self.disk(), &self.index_folder())
    }

    /// Removes files of indexes that are not of this store as it is.
    pub(crate) fn remove_strange_indexes(&self) -> Result<()> {
        let folder = self.index_folder();
        if !folder.is_dir() || self.kept_indexes(&self.snapshot()?).is_some() {
            return Ok(());
        }
        self.remove_indexes()
    }

    /// The files, for whoever is about to write some.
    fn lock_files(&self) -> Result<MutexGuard<'_, Option<u32>>> {
        if self.read_only() {
            return Err(Error::ReadOnly(self.path.clone()));
        }
        let files = self.index_files.lock();
        match self.replaced.load(Ordering::SeqCst) {
            true => Err(Error::Closed),
            false => Ok(files),
        }
    }

    fn index_folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(INDEX_FOLDER)
    }
}

/// Removes the files of indexes in a folder, what names them first.
fn remove_all(disk: &dyn Disk, folder: &Path) -> Result<()> {
    let numbers = numbers(folder)?
        .into_iter()
        .map(|number| file_path(folder, number));
    let named = [KEPT_FILE, DRAFT_FILE].map(|name| folder.join(name));
    for path in named.into_iter().filter(|path| path.exists()).chain(numbers) {
        disk.remove(&path)
            .map_err(|source| Error::io("cannot remove", &path, source))?;
    }
    Ok(())
}

fn read_record(folder: &Path) -> Option<KeptRecord> {
    let bytes = std::fs::read(folder.join(KEPT_FILE)).ok()?;
    let (crc, record) = bytes.split_at_checked(4)?;
    if crc32c::crc32c(record).to_le_bytes() != crc {
        return None;
    }
    let record: KeptRecord = postcard::from_bytes(record).ok()?;
    Some(record).filter(|record| record.format == FORMAT)
}

fn file_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}.idx"))
}

/// The numbers of the files in a folder.
fn numbers(folder: &Path) -> Result<Vec<u32>> {
    let number = |path: PathBuf| {
        let is_ours = path.extension().is_some_and(|extension| extension == "idx");
        path.file_stem()?.to_str()?.parse().ok().filter(|_| is_ours)
    };
    Ok(entries(folder)?.into_iter().filter_map(number).collect())
}
