//! Whether there is room for a commit, asked before anything of it is written.
//!
//! A database that meets a full disk in the middle of a commit refuses all that comes after it, reading too, until it
//! is opened again. A commit that is refused before it begins changes nothing.

use std::path::Path;

use rustix::fs::statvfs;
use sutra_model::{Batch, Error, Result};

/// What has to stay free beside what a commit writes: the pages of its indexes, and new files' headers.
const SPARE_BYTES: u64 = 8 << 20;
/// Bytes that a commit may write for each byte of a batch: pages are copied, and split where they overflow.
const BYTES_FOR_A_BYTE: u64 = 4;

/// Bytes of a row of an index or of an association, its key and its evidence.
const ROW_BYTES: u64 = 128;

/// About how many bytes a batch holds.
pub fn bytes_of(batch: &Batch) -> u64 {
    let texts: usize = batch.sources.iter().map(|source| source.text.len()).sum();
    let rows = batch.statements.len() + batch.entities.len() + batch.associations.len();
    (texts + 2 * batch.vectors.len()) as u64 + rows as u64 * ROW_BYTES
}

/// Checks that `bytes` of content can be written to the file system of `path`.
///
/// # Errors
/// [`Error::DiskFull`]. A file system that does not say how much is free has room.
pub fn check_room(path: &Path, bytes: u64) -> Result<()> {
    let Ok(system) = statvfs(path) else {
        return Ok(());
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    if free >= bytes.saturating_mul(BYTES_FOR_A_BYTE).saturating_add(SPARE_BYTES) {
        return Ok(());
    }
    Err(Error::DiskFull {
        operation: "cannot write",
        path: path.to_owned(),
    })
}

/// Checks that a file can be written anew beside what it is: that `needed` bytes are free, and some to spare.
///
/// # Errors
/// [`Error::NoSpace`]. A file system that does not say how much is free has room.
pub fn check_space(path: &Path, needed: u64) -> Result<()> {
    let Ok(system) = statvfs(path) else {
        return Ok(());
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let needed = needed.saturating_add(SPARE_BYTES);
    if free >= needed {
        return Ok(());
    }
    Err(Error::NoSpace {
        path: path.to_owned(),
        needed,
        free,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_disk_holds_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        check_room(folder.path(), 1).unwrap();
        let error = check_room(folder.path(), u64::MAX).unwrap_err();
        assert_eq!(error.code(), "disk_full");
        assert!(error.to_string().contains(folder.path().to_str().unwrap()));
    }
}
