//! The disk: every change to a file or folder of a store goes through it, and so does every sync.
//!
//! What a store relies on is little: what was synced stays, and what was not may be lost, in part or whole, in any order.
//! Another disk than [`FileSystem`] can be given to find out whether that is enough: one that loses, tears and fails.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

/// What a sync is for: what would be lost without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SyncReason {
    /// A commit of the database.
    Database,
    /// The vectors that a transaction is about to name.
    Vectors,
    /// Those of them that stand in a file that is full.
    FullFile,
    /// A new file of vectors: its length and header.
    FileHeader,
    /// The name of one.
    FileName,
    /// The names of a new store's file and folder, and of the folders above it.
    StoreName,
    /// A part of an index, or which files indexes are made of. Nothing is lost without it but the time to build them.
    Index,
}

impl SyncReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Database,
        Self::Vectors,
        Self::FullFile,
        Self::FileHeader,
        Self::FileName,
        Self::StoreName,
        Self::Index,
    ];
}

/// What changes files. Each method does what its like in [`std::fs`] does.
///
/// # Errors
/// Each method gives the error of the system.
pub trait Disk: Debug + Send + Sync {
    /// Makes a folder below one that exists; one that is there already is no error.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    /// Opens a file to read and write it, and makes it, empty, if it is not there.
    fn create(&self, path: &Path) -> io::Result<File> {
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
    }

    /// Gives a file another name in the same folder, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Takes a file out of its folder; one that is not there is no error.
    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Cuts a file off, or makes it longer by zeros.
    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    /// Reads as many bytes as `bytes` has, from an offset.
    fn read(&self, file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(bytes, offset)
    }

    /// Writes bytes at an offset.
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    /// Makes what was written to a file durable, its length included.
    fn sync(&self, file: &File, _reason: SyncReason) -> io::Result<()> {
        file.sync_data()
    }

    /// Lets go of what the system has of a file, up to `length` bytes or all of it, in memory and takes for written, so
    /// that what is read next is what the disk has. After a sync that failed these can differ, and no later sync mends it.
    fn let_go(&self, file: &File, length: Option<NonZeroU64>) -> io::Result<()> {
        // A file system that keeps nothing in memory refuses, and may.
        let _ = fadvise(file, 0, length, Advice::DontNeed);
        Ok(())
    }

    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &Path, _reason: SyncReason) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Disk for FileSystem {}
