//! The vector column: append-only, checksummed, memory-mapped.
//!
//! Vectors are read in bulk and never change, so they are not rows of the database. Each file holds a
//! fixed number of rows of one width and is created at its full length (sparse), so that one mapping
//! serves it for ever. A row is written once, beyond everything that a reader may look at; a full file
//! is sealed with the SHA-256 of its bytes. Rows that a crash may have lost, because the transaction that names them
//! did not sync them, stand in the database too, and are written again when the column is opened.
//!
//! A column belongs to a model, and has a generation: whoever moves rows makes a new one in a folder of its own.
//!
//! ```text
//! header, 4096 bytes   "SUTRAVEC", format u32, number u32, dimension u32, generation u32, 8 zeros, fingerprint (≤ 64 bytes), zeros
//! row                  concept u64, CRC-32C u32 of concept and values, 4 zeros, values f16 × dimension, zeros to 16 bytes
//! ```
//!
//! All numbers are little-endian.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::f16;
use memmap2::{Mmap, MmapOptions};
use sha2::{Digest, Sha256};
use sutra_model::{ConceptId, Error, Result};

use crate::checked::Checked;
use crate::disk::{Disk, SyncReason};
use crate::folder::{create_folder, sync_folder};
use crate::layout::COLUMN_FOLDER;
use crate::records::{EmbedderId, ModelRecord};
use crate::store::OpenOptions;

const MAGIC: &[u8; 8] = b"SUTRAVEC";
const COLUMN_FORMAT: u32 = 1;
/// Bytes of a file before its rows.
pub const HEADER_BYTES: usize = 4096;
pub(crate) const ROW_HEADER_BYTES: usize = 16;
/// So many bytes of rows are written at once.
const BUFFER_BYTES: usize = 1 << 20;

/// The readable part of a column. Cheap to clone; rows that existed when it was taken never change.
#[derive(Clone, Debug)]
pub struct ColumnView {
    folder: Arc<Path>,
    files: Arc<[Arc<Mmap>]>,
    dimension: usize,
    rows_per_file: u64,
    pub(crate) checked: Arc<Checked>,
}

impl ColumnView {
    /// Components of a vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The values of a concept's row, of unit length, checked each time that they are read.
    ///
    /// # Errors
    /// [`Error::Corrupt`], naming file and row, when the row is another concept's or its checksum does not hold.
    pub fn row(&self, row: u64, concept: ConceptId) -> Result<&[f16]> {
        self.sound_values(row, concept)
            .map(bytemuck::cast_slice)
            .ok_or_else(|| self.unsound(row, concept))
    }

    fn sound_values(&self, row: u64, concept: ConceptId) -> Option<&[u8]> {
        values_of(self.row_bytes(row)?, concept, self.dimension)
    }

    #[cold]
    fn unsound(&self, row: u64, concept: ConceptId) -> Error {
        Error::Corrupt {
            path: file_path(&self.folder, (row / self.rows_per_file) as u32 + 1),
            detail: format!(
                "row {} of it is not the vector of statement {}",
                row % self.rows_per_file,
                concept.0
            ),
        }
    }

    /// SHA-256 of a whole file; `None` when there is no such file.
    pub(crate) fn file_digest(&self, number: u32) -> Option<[u8; 32]> {
        let file = self.files.get((number as usize).checked_sub(1)?)?;
        Some(Sha256::digest(&file[..]).into())
    }

    /// `None` beyond the files that there are.
    pub(crate) fn row_bytes(&self, row: u64) -> Option<&[u8]> {
        let stride = stride(self.dimension);
        let start = HEADER_BYTES + (row % self.rows_per_file) as usize * stride;
        Some(&self.files.get((row / self.rows_per_file) as usize)?[start..start + stride])
    }
}

/// The writing end. One writer at a time; the store's commit lock sees to that.
#[derive(Debug)]
pub struct Column {
    folder: PathBuf,
    options: OpenOptions,
    generation: u32,
    open: Option<File>,
    view: ColumnView,
    /// Rows of acknowledged transactions.
    committed: u64,
    /// Rows appended, of which those from `committed` on may still be given up.
    written: u64,
    /// Rows written since the last sync.
    unsynced: u64,
    /// Rows that were appended and are not written yet, the last ones.
    buffer: Vec<u8>,
}

/// The folder of the column of a model.
pub fn column_folder(folder: &Path, model: u32, generation: u32) -> PathBuf {
    let folder = folder.join(COLUMN_FOLDER);
    match (model, generation) {
        (1, 0) => folder,
        _ => folder.join(format!("{model:03}-{generation:05}")),
    }
}

impl Column {
    /// Opens the column's files as far as acknowledged rows need them, and writes the `unsynced` ones (number, bytes)
    /// again.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a file that should be there is missing, short, or of another make.
    pub fn open(
        folder: PathBuf,
        options: OpenOptions,
        model: &ModelRecord,
        unsynced: &[(u64, Vec<u8>)],
    ) -> Result<Self> {
        let OpenOptions {
            read_only,
            rows_per_file,
            ..
        } = options;
        if !read_only {
            create_folder(&*options.disk, &folder)?;
        }
        check_unsynced(&folder, &options, model, unsynced)?;
        let mut files = Vec::new();
        let mut open = None;
        for number in 1..=model.rows.div_ceil(rows_per_file) as u32 {
            let path = file_path(&folder, number);
            let file = File::options()
                .read(true)
                .write(!read_only)
                .open(&path)
                .map_err(|source| missing_or(&path, source))?;
            check_header(&file, &path, number, model.generation, &options)?;
            let first = u64::from(number - 1) * rows_per_file;
            let rows = rows_within(unsynced, first..first + rows_per_file);
            let rows = rows.map(|(row, bytes)| (row_offset(&options, *row), bytes));
            let is_full = model.rows >= first + rows_per_file;
            files.push(Arc::new(if read_only {
                map_with(&file, &path, rows)?
            } else {
                rewrite(&file, &path, rows, is_full, &options)?;
                map(&file, &path)?
            }));
            open = Some(file).filter(|_| !read_only);
        }
        let view = ColumnView {
            folder: folder.as_path().into(),
            files: files.into(),
            dimension: options.embedder.dimension,
            rows_per_file,
            checked: Arc::new(Checked::with_slots(options.checked_vectors)),
        };
        Ok(Self {
            folder,
            options,
            generation: model.generation,
            open,
            view,
            committed: model.rows,
            written: model.rows,
            unsynced: unsynced.len() as u64,
            buffer: Vec::new(),
        })
    }

    /// Whose vectors they are.
    pub fn embedder(&self) -> &EmbedderId {
        &self.options.embedder
    }

    /// How it was opened.
    pub fn options(&self) -> &OpenOptions {
        &self.options
    }

    /// Where it is written.
    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.options.disk)
    }

    /// How often the column was rewritten.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// What may be read now.
    pub fn view(&self) -> ColumnView {
        self.view.clone()
    }

    /// Rows written so far, acknowledged or not.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Appends one vector, as [`stored`](crate::stored::stored) gives it, and gives its row. It is written with more, and durable after [`sync`](Self::sync).
    ///
    /// # Errors
    /// [`Error::DiskFull`] or [`Error::Io`] when it cannot be written.
    pub fn append(&mut self, concept: ConceptId, vector: &[u16]) -> Result<u64> {
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        let row = self.written;
        let number = (row / self.options.rows_per_file) as u32 + 1;
        if self.view.files.len() < number as usize {
            self.add_file(number)?;
        }
        let start = self.buffer.len();
        self.buffer
            .resize(start + stride(self.options.embedder.dimension), 0);
        let bytes = &mut self.buffer[start..];
        bytes[..8].copy_from_slice(&concept.0.to_le_bytes());
        let values = &mut bytes[ROW_HEADER_BYTES..ROW_HEADER_BYTES + 2 * vector.len()];
        values.copy_from_slice(bytemuck::cast_slice(vector));
        let crc = checksum(concept, values);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
        self.written += 1;
        self.unsynced += 1;
        Ok(row)
    }

    /// The row that was appended last, until it is written, as it will stand in its file.
    pub fn last_row(&self) -> &[u8] {
        let start = self.buffer.len() - stride(self.options.embedder.dimension);
        &self.buffer[start..]
    }

    /// Writes what was appended; a row can be read after that.
    ///
    /// # Errors
    /// [`Error::DiskFull`] or [`Error::Io`] when it cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        let rows = self.buffer.len() / stride(self.options.embedder.dimension);
        if rows == 0 {
            return Ok(());
        }
        let first = self.written - rows as u64;
        let file = self.open.as_ref().expect("rows are appended to an open file");
        let offset = row_offset(&self.options, first);
        let written = self.options.disk.write(file, &self.buffer, offset);
        written.map_err(|source| Error::io("cannot write", &self.folder, source))?;
        self.buffer.clear();
        Ok(())
    }

    /// Makes every appended row durable.
    ///
    /// # Errors
    /// [`Error::DiskFull`] or [`Error::Io`] when the disk refuses; none of the rows may then be relied on.
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        if let Some(file) = self.open.as_ref().filter(|_| self.unsynced > 0) {
            let synced = self.options.disk.sync(file, SyncReason::Vectors);
            synced.map_err(|source| Error::io("cannot sync", &self.folder, source))?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Rows written since the last sync.
    pub fn unsynced(&self) -> u64 {
        self.unsynced
    }

    /// The transaction that names the written rows was acknowledged.
    pub fn accept(&mut self) {
        self.committed = self.written;
    }

    /// The transaction failed: its rows will be overwritten.
    ///
    /// # Errors
    /// [`Error::Io`] when the file that holds the last acknowledged row cannot be opened again.
    pub fn give_up(&mut self) -> Result<()> {
        let model = ModelRecord {
            embedder: self.options.embedder.clone(),
            generation: self.generation,
            rows: self.committed,
        };
        *self = Self::open(self.folder.clone(), self.options.clone(), &model, &[])?;
        Ok(())
    }

    /// Numbers and SHA-256 of the files that became full between `committed` and `written`.
    pub fn newly_full(&self) -> Vec<(u32, [u8; 32])> {
        let full = |rows: u64| (rows / self.options.rows_per_file) as u32;
        (full(self.committed) + 1..=full(self.written))
            .filter_map(|number| Some((number, self.view.file_digest(number)?)))
            .collect()
    }

    fn add_file(&mut self, number: u32) -> Result<()> {
        self.flush()?;
        let disk = Arc::clone(&self.options.disk);
        if let Some(full) = &self.open {
            disk.sync(full, SyncReason::FullFile)
                .map_err(|source| Error::io("cannot sync", &self.folder, source))?;
        }
        let path = file_path(&self.folder, number);
        let fail = |source| Error::io("cannot create", &path, source);
        let file = disk.create(&path).map_err(fail)?;
        // What a commit that failed has left there goes first.
        disk.set_len(&file, 0).map_err(fail)?;
        disk.set_len(&file, file_bytes(&self.options)).map_err(fail)?;
        disk.write(&file, &header(number, self.generation, &self.options.embedder), 0)
            .map_err(fail)?;
        disk.sync(&file, SyncReason::FileHeader).map_err(fail)?;
        sync_folder(&*disk, &self.folder, SyncReason::FileName)?;
        let mut files = self.view.files.to_vec();
        files.push(Arc::new(map(&file, &path)?));
        self.view.files = files.into();
        self.open = Some(file);
        Ok(())
    }
}

/// The values in a row's bytes, where these are the concept's and have their checksum.
pub fn values_of(row: &[u8], concept: ConceptId, dimension: usize) -> Option<&[u8]> {
    let values = row.get(ROW_HEADER_BYTES..ROW_HEADER_BYTES + 2 * dimension)?;
    let sound = row[..8] == concept.0.to_le_bytes() && row[8..12] == checksum(concept, values).to_le_bytes();
    sound.then_some(values)
}

/// Bytes of a row.
pub fn stride(dimension: usize) -> usize {
    (ROW_HEADER_BYTES + 2 * dimension).next_multiple_of(16)
}

fn file_bytes(options: &OpenOptions) -> u64 {
    HEADER_BYTES as u64 + options.rows_per_file * stride(options.embedder.dimension) as u64
}

/// Where a row stands in its file.
fn row_offset(options: &OpenOptions, row: u64) -> u64 {
    let stride = stride(options.embedder.dimension) as u64;
    HEADER_BYTES as u64 + (row % options.rows_per_file) * stride
}

/// Rows that were kept in the database have to be rows of this column.
fn check_unsynced(
    folder: &Path,
    options: &OpenOptions,
    model: &ModelRecord,
    unsynced: &[(u64, Vec<u8>)],
) -> Result<()> {
    let stride = stride(options.embedder.dimension);
    let wrong = unsynced
        .iter()
        .find(|(row, bytes)| *row >= model.rows || bytes.len() != stride);
    match wrong {
        Some((row, bytes)) => Err(Error::Corrupt {
            path: folder.to_owned(),
            detail: format!(
                "row {row}, of {} bytes, was kept to be written to it, which has {} rows of {stride}",
                bytes.len(),
                model.rows
            ),
        }),
        None => Ok(()),
    }
}

/// Those of the rows, which stand by number, that are in a range.
fn rows_within(rows: &[(u64, Vec<u8>)], range: Range<u64>) -> impl Iterator<Item = &(u64, Vec<u8>)> {
    rows.iter().filter(move |(number, _)| range.contains(number))
}

/// Writes rows (offset, bytes) again that a crash may have lost. In a file that is full nothing else syncs them.
fn rewrite<'a>(
    file: &File,
    path: &Path,
    rows: impl Iterator<Item = (u64, &'a Vec<u8>)>,
    is_full: bool,
    options: &OpenOptions,
) -> Result<()> {
    let fail = |source| Error::io("cannot write", path, source);
    let mut rewritten = false;
    for (offset, bytes) in rows {
        options.disk.write(file, bytes, offset).map_err(fail)?;
        rewritten = true;
    }
    if rewritten && is_full {
        options.disk.sync(file, SyncReason::FullFile).map_err(fail)?;
    }
    Ok(())
}

/// Whether a file is one of a column, by its name.
pub fn is_column_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "vec")
}

/// Where a file of a column lies.
pub fn file_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}.vec"))
}

/// A file that acknowledged rows need and that is not there is damage, not an operating error.
fn missing_or(path: &Path, source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::NotFound {
        let detail = "it is missing, and holds vectors of acknowledged transactions".to_owned();
        return Error::Corrupt {
            path: path.to_owned(),
            detail,
        };
    }
    Error::io("cannot open", path, source)
}

fn checksum(concept: ConceptId, values: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&concept.0.to_le_bytes()), values)
}

/// The header of a file.
pub fn header(number: u32, generation: u32, embedder: &EmbedderId) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&COLUMN_FORMAT.to_le_bytes());
    bytes[12..16].copy_from_slice(&number.to_le_bytes());
    bytes[16..20].copy_from_slice(&(embedder.dimension as u32).to_le_bytes());
    bytes[20..24].copy_from_slice(&generation.to_le_bytes());
    let fingerprint = embedder.fingerprint.as_bytes();
    let length = fingerprint.len().min(64);
    bytes[32..32 + length].copy_from_slice(&fingerprint[..length]);
    bytes
}

fn check_header(file: &File, path: &Path, number: u32, generation: u32, options: &OpenOptions) -> Result<()> {
    let corrupt = |detail: String| Error::Corrupt {
        path: path.to_owned(),
        detail,
    };
    let length = file
        .metadata()
        .map_err(|source| Error::io("cannot read", path, source))?
        .len();
    let expected = file_bytes(options);
    if length != expected {
        return Err(corrupt(format!("it has {length} bytes, not {expected}")));
    }
    let mut found = vec![0; HEADER_BYTES];
    file.read_exact_at(&mut found, 0)
        .map_err(|source| Error::io("cannot read", path, source))?;
    if found != header(number, generation, &options.embedder) {
        return Err(corrupt(
            "its header is not the one that this store wrote".to_owned(),
        ));
    }
    Ok(())
}

fn map(file: &File, path: &Path) -> Result<Mmap> {
    // SAFETY: the file keeps its full length for as long as the store exists (the store holds the lock of the
    // folder), and rows that a reader may look at are never written again.
    unsafe { Mmap::map(file) }.map_err(|source| Error::io("cannot map", path, source))
}

/// The file with rows (offset, bytes) over it, in memory alone.
fn map_with<'a>(file: &File, path: &Path, rows: impl Iterator<Item = (u64, &'a Vec<u8>)>) -> Result<Mmap> {
    let fail = |source| Error::io("cannot map", path, source);
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return map(file, path);
    }
    // SAFETY: as in `map`; what is written to a private mapping changes no file.
    let mut copy = unsafe { MmapOptions::new().map_copy(file) }.map_err(fail)?;
    for (offset, bytes) in rows {
        copy[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
    }
    copy.make_read_only().map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::stored;

    fn options() -> OpenOptions {
        OpenOptions::new(EmbedderId {
            fingerprint: "ab".repeat(32),
            dimension: 3,
        })
    }

    fn open(folder: &Path, options: OpenOptions, rows: u64) -> Result<Column> {
        let model = ModelRecord {
            embedder: options.embedder.clone(),
            generation: 0,
            rows,
        };
        Column::open(folder.join("v"), options, &model, &[])
    }

    #[test]
    fn rows_come_back_with_unit_length_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let mut column = open(folder.path(), options(), 0).unwrap();
        assert_eq!(column.append(ConceptId(7), &stored(&[3.0, 0.0, 4.0])).unwrap(), 0);
        column.sync().unwrap();
        column.accept();
        drop(column);
        let column = open(folder.path(), options(), 1).unwrap();
        let view = column.view();
        let row = view.row(0, ConceptId(7)).unwrap().iter().map(|x| x.to_f32());
        let row: Vec<f32> = row.collect();
        assert!((row[0] - 0.6).abs() < 1e-3 && row[1] == 0.0 && (row[2] - 0.8).abs() < 1e-3);
        let error = view.row(0, ConceptId(8)).unwrap_err();
        assert_eq!(error.code(), "store_corrupt");
        assert!(error.to_string().contains("00000001.vec is damaged: row 0 "));
        assert!(view.row(OpenOptions::ROWS_PER_FILE, ConceptId(7)).is_err());
    }

    #[test]
    fn rows_that_were_given_up_are_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let mut column = open(folder.path(), options(), 0).unwrap();
        column.append(ConceptId(1), &stored(&[1.0, 0.0, 0.0])).unwrap();
        column.give_up().unwrap();
        assert_eq!(column.append(ConceptId(2), &stored(&[0.0, 1.0, 0.0])).unwrap(), 0);
        column.flush().unwrap();
        assert!(column.view().row(0, ConceptId(2)).is_ok());
    }

    #[test]
    fn a_column_of_another_embedder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut column = open(folder.path(), options(), 0).unwrap();
        column.append(ConceptId(1), &stored(&[1.0, 0.0, 0.0])).unwrap();
        let other = EmbedderId {
            fingerprint: "cd".repeat(32),
            dimension: 3,
        };
        assert_eq!(
            open(folder.path(), OpenOptions::new(other), 1)
                .unwrap_err()
                .code(),
            "store_corrupt"
        );
    }

    #[test]
    fn full_files_are_reported_once_with_their_digest() {
        let folder = tempfile::tempdir().unwrap();
        let mut column = open(folder.path(), options(), 0).unwrap();
        for id in 0..=OpenOptions::ROWS_PER_FILE {
            column.append(ConceptId(id), &stored(&[1.0, 0.0, 0.0])).unwrap();
        }
        column.flush().unwrap();
        assert_eq!(
            column
                .newly_full()
                .iter()
                .map(|(number, _)| *number)
                .collect::<Vec<_>>(),
            [1]
        );
        column.accept();
        assert!(column.newly_full().is_empty());
    }
}
