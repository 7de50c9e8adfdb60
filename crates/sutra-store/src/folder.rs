//! Making a storage folder that survives a loss of power: a new file or folder is only as durable as the
//! entry for it in the folder above.

use std::fs::{self, File};
use std::path::Path;

use sutra_model::{Error, Result};

/// Creates a folder with whatever is missing above it, and makes those entries durable.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn create_folder(folder: &Path) -> Result<()> {
    let existing = folder.ancestors().find(|ancestor| ancestor.is_dir());
    let fail = |source| Error::io("cannot create", folder, source);
    fs::create_dir_all(folder).map_err(fail)?;
    for ancestor in folder.ancestors() {
        sync_folder(ancestor)?;
        if Some(ancestor) == existing {
            break;
        }
    }
    Ok(())
}

/// Makes the entries of a folder durable.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| Error::io("cannot sync", folder, source))
}

/// Whether a folder holds vector files; false when it does not exist.
///
/// # Errors
/// [`Error::Io`].
pub fn holds_vectors(folder: &Path) -> Result<bool> {
    let fail = |source| Error::Io {
        operation: "cannot list",
        path: folder.to_owned(),
        source,
    };
    if !folder.is_dir() {
        return Ok(false);
    }
    for entry in fs::read_dir(folder).map_err(fail)? {
        if entry
            .map_err(fail)?
            .path()
            .extension()
            .is_some_and(|extension| extension == "vec")
        {
            return Ok(true);
        }
    }
    Ok(false)
}
