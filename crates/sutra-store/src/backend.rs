//! The file of the database, written through the store's [`Disk`].

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{BackendError, DatabaseError, StorageBackend};

use crate::disk::{Disk, SyncReason};

/// Locks as redb's own backend does.
#[derive(Debug)]
pub struct DiskBackend {
    locking: FileBackend,
    file: File,
    disk: Arc<dyn Disk>,
}

impl DiskBackend {
    /// Over a file that was opened to read and write.
    ///
    /// # Errors
    /// When the file's handle cannot be doubled.
    pub fn new(file: File, disk: Arc<dyn Disk>) -> Result<Self, DatabaseError> {
        let own = file.try_clone().map_err(redb::StorageError::Io)?;
        Ok(Self {
            locking: FileBackend::new(file)?,
            file: own,
            disk,
        })
    }
}

impl StorageBackend for DiskBackend {
    fn len(&self) -> io::Result<u64> {
        self.locking.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(&self.file, out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.set_len(&self.file, len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync(&self.file, SyncReason::Database)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.write(&self.file, data, offset)
    }

    fn close(&self) -> io::Result<()> {
        self.locking.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locking.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locking.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locking.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locking.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locking.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locking.query_lock_range(start, end)
    }
}
