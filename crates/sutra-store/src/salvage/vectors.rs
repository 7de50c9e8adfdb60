//! Vectors of a damaged column, row by row.
//!
//! A row says whose it is and has a checksum, so nothing else of its file need be sound: neither its header nor its length.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use sutra_model::ConceptId;

use crate::column::{HEADER_BYTES, file_path, header, is_column_file, stride, values_of};
use crate::folder::entries;
use crate::layout::COLUMN_FOLDER;
use crate::records::{EmbedderId, ModelRecord};

/// The files of a column.
#[derive(Debug)]
pub struct Vectors {
    folder: PathBuf,
    dimension: usize,
    rows_per_file: u64,
    /// By number; `None` where it cannot be opened.
    files: RefCell<FxHashMap<u32, Option<File>>>,
    /// Rows that stand in the database, until those in the files are synced.
    unsynced: FxHashMap<u64, Vec<u8>>,
}

impl Vectors {
    pub fn new(
        folder: PathBuf,
        dimension: usize,
        rows_per_file: u64,
        unsynced: FxHashMap<u64, Vec<u8>>,
    ) -> Self {
        Self {
            folder,
            dimension,
            rows_per_file,
            files: RefCell::default(),
            unsynced,
        }
    }

    /// The components of a statement's vector, as half-precision bits; `None` where the row is not what was written.
    pub fn get(&self, row: u64, statement: ConceptId) -> Option<Vec<u16>> {
        let kept = self.unsynced.get(&row);
        let kept = kept.and_then(|bytes| values_of(bytes, statement, self.dimension).map(<[u8]>::to_vec));
        let values = kept.or_else(|| self.read(row, statement))?;
        let pairs = values.chunks_exact(2);
        Some(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
    }

    fn read(&self, row: u64, statement: ConceptId) -> Option<Vec<u8>> {
        let number = u32::try_from(row / self.rows_per_file).ok()?.checked_add(1)?;
        let mut files = self.files.borrow_mut();
        let file = files
            .entry(number)
            .or_insert_with(|| File::open(file_path(&self.folder, number)).ok());
        let mut bytes = vec![0; stride(self.dimension)];
        let at = HEADER_BYTES as u64 + row % self.rows_per_file * bytes.len() as u64;
        file.as_ref()?.read_exact_at(&mut bytes, at).ok()?;
        values_of(&bytes, statement, self.dimension).map(<[u8]>::to_vec)
    }
}

/// The model of a store, as its files of vectors tell it: that of the last generation, and of these that which is
/// expected, or which most tell. Its folder beside it.
pub fn model_of_files(folder: &Path, expected: Option<&EmbedderId>) -> Option<(ModelRecord, PathBuf)> {
    let columns = folder.join(COLUMN_FOLDER);
    let mut folders = entries(&columns).unwrap_or_default();
    folders.retain(|path| path.is_dir());
    folders.push(columns);
    let mut told: BTreeMap<(u32, PathBuf, String, usize), u64> = BTreeMap::new();
    for folder in folders {
        let mut files = entries(&folder).unwrap_or_default();
        files.retain(|path| is_column_file(path));
        for header in files.iter().filter_map(|path| {
            let mut bytes = [0; HEADER_BYTES];
            File::open(path).ok()?.read_exact_at(&mut bytes, 0).ok()?;
            Header::read(&bytes)
        }) {
            let model = (
                header.generation,
                folder.clone(),
                header.fingerprint,
                header.dimension,
            );
            *told.entry(model).or_default() += 1;
        }
    }
    let best = told
        .into_iter()
        .max_by_key(|((generation, _, fingerprint, dimension), files)| {
            let is_expected = expected.is_some_and(|expected| {
                expected.fingerprint == *fingerprint && expected.dimension == *dimension
            });
            (*generation, is_expected, *files)
        });
    best.map(|((generation, folder, fingerprint, dimension), _)| {
        let embedder = EmbedderId {
            fingerprint,
            dimension,
        };
        let record = ModelRecord {
            embedder,
            generation,
            rows: 0,
        };
        (record, folder)
    })
}

/// What the header of a file says.
#[derive(Debug)]
struct Header {
    fingerprint: String,
    dimension: usize,
    generation: u32,
}

impl Header {
    /// Reads it; `None` where it is none, or not what was written.
    fn read(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let fingerprint = bytes[32..96].split(|byte| *byte == 0).next()?;
        let embedder = EmbedderId {
            fingerprint: String::from_utf8(fingerprint.to_vec()).ok()?,
            dimension: number(16) as usize,
        };
        let generation = number(20);
        (bytes[..] == header(number(12), generation, &embedder)).then_some(Self {
            fingerprint: embedder.fingerprint,
            dimension: embedder.dimension,
            generation,
        })
    }
}
