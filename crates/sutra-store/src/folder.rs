//! Making a storage folder that survives a loss of power: a new file or folder is only as durable as its name
//! in the folder above.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sutra_model::{Error, Result};

use crate::column::is_column_file;
use crate::disk::{Disk, SyncReason};

/// Creates a folder with whatever is missing above it; their names are durable after [`sync_names`].
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn create_folder(disk: &dyn Disk, folder: &Path) -> Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.is_dir())
        .collect();
    for each in missing.into_iter().rev() {
        disk.create_folder(each)
            .map_err(|source| Error::io("cannot create", each, source))?;
    }
    Ok(())
}

/// Makes the names in a new store's folder durable, and those of the folders that lead to it: whoever made them may have
/// been killed before he could. A folder above that must not be looked at, or whose file system is only read or cannot
/// do it, was made by somebody else, and so were those above it.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn sync_names(disk: &dyn Disk, folder: &Path) -> Result<()> {
    for ancestor in folder.ancestors() {
        match sync_folder(disk, ancestor, SyncReason::StoreName) {
            Err(Error::Io { source, .. }) if ancestor != folder && is_of_others(source.kind()) => {
                break;
            }
            synced => synced?,
        }
    }
    Ok(())
}

fn is_of_others(refusal: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    matches!(
        refusal,
        InvalidInput | PermissionDenied | ReadOnlyFilesystem | Unsupported
    )
}

/// Makes the names in a folder durable.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn sync_folder(disk: &dyn Disk, folder: &Path, reason: SyncReason) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    disk.sync_folder(folder, reason)
        .map_err(|source| Error::io("cannot sync", folder, source))
}

/// What is in a folder; nothing when it does not exist.
///
/// # Errors
/// [`Error::Io`].
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| Error::Io {
        operation: "cannot list",
        path: folder.to_owned(),
        source,
    };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}

/// Whether a folder, or one in it, holds vector files.
///
/// # Errors
/// [`Error::Io`].
pub fn holds_vectors(folder: &Path) -> Result<bool> {
    for path in entries(folder)? {
        if is_column_file(&path) || holds_vectors(&path)? {
            return Ok(true);
        }
    }
    Ok(false)
}
