//! The texts of sources: verbatim bytes in chunks, so that a statement of a long one is read without the rest.

use redb::{ReadableTable, Table};
use sutra_model::{Error, Result};

use std::path::Path;

use crate::layout;

/// Bytes of a chunk; the last one of a text may have fewer.
pub const CHUNK_BYTES: u64 = 64 << 10;

/// Reads bytes `start..end` of a source's text; `None` when it has not all of them.
///
/// # Errors
/// [`Error::Io`], and [`Error::Corrupt`] when a chunk in the middle has another length than it should.
pub fn read(
    table: &impl ReadableTable<(u64, u32), &'static [u8]>,
    path: &Path,
    source: u64,
    start: u64,
    end: u64,
) -> Result<Option<Vec<u8>>> {
    let fail = |error| layout::database_error(path, error);
    let mut bytes = Vec::with_capacity((end.saturating_sub(start)) as usize);
    let mut number = start / CHUNK_BYTES;
    let mut at = start;
    while at < end {
        let Ok(key) = u32::try_from(number) else {
            return Ok(None);
        };
        let Some(chunk) = table.get((source, key)).map_err(fail)? else {
            return Ok(None);
        };
        let chunk = chunk.value();
        let from = (at - number * CHUNK_BYTES) as usize;
        let to = ((end - number * CHUNK_BYTES) as usize).min(chunk.len());
        let Some(part) = chunk.get(from..to).filter(|part| !part.is_empty()) else {
            return Ok(None);
        };
        bytes.extend_from_slice(part);
        at += part.len() as u64;
        number += 1;
        if at < end && at != number * CHUNK_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}

/// Writes a source's whole text.
///
/// # Errors
/// [`Error::DiskFull`], [`Error::Io`].
pub fn write(
    table: &mut Table<'_, (u64, u32), &'static [u8]>,
    path: &Path,
    source: u64,
    text: &[u8],
) -> Result<()> {
    for (number, chunk) in text.chunks(CHUNK_BYTES as usize).enumerate() {
        table
            .insert((source, number as u32), chunk)
            .map_err(|error| layout::database_error(path, error))?;
    }
    Ok(())
}

/// Bytes as the text that they have to be.
///
/// # Errors
/// [`Error::Corrupt`] when they are no UTF-8: a character was cut, or is damaged.
pub fn utf8(bytes: Vec<u8>, path: &Path, source: u64, start: u64) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| Error::Corrupt {
        path: path.to_owned(),
        detail: format!(
            "byte {} of the text of source {source} is no character",
            start + error.utf8_error().valid_up_to() as u64
        ),
    })
}
