//! A file that is only read, under a database that has to write.
//!
//! A database that was not closed (its process was killed, its machine lost power) has to be recovered before it can
//! be read, and recovery writes. Over a read-only file these writes stay in memory: what is on disk is neither
//! changed nor touched, and is read through a shared lock, so that several readers and no writer may have it.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::{BackendError, StorageBackend};

const BLOCK: usize = 4096;

/// What was written since the file was opened.
#[derive(Debug)]
struct Written {
    length: u64,
    /// How much of the file still shows: what was once cut off reads as zeros if it grows again.
    shown: u64,
    /// Number of a block → its bytes, where they are not those of the file.
    blocks: BTreeMap<u64, Box<[u8; BLOCK]>>,
}

/// A file as it is on disk, with what was written since over it.
#[derive(Debug)]
pub struct Overlay {
    file: File,
    written: RwLock<Written>,
}

impl Overlay {
    /// Over a file that was opened for reading.
    ///
    /// # Errors
    /// When the file's length cannot be told.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let blocks = BTreeMap::new();
        Ok(Self {
            file,
            written: RwLock::new(Written {
                length,
                shown: length,
                blocks,
            }),
        })
    }

    fn reading(&self) -> RwLockReadGuard<'_, Written> {
        self.written.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Written> {
        self.written.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of the file as far as it shows; zeros beyond.
    fn read_file(&self, written: &Written, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let shown = written.shown.saturating_sub(offset).min(out.len() as u64) as usize;
        let (bytes, rest) = out.split_at_mut(shown);
        rest.fill(0);
        self.file.read_exact_at(bytes, offset)
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.reading().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.reading();
        let end = offset + out.len() as u64;
        if end > written.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read_file(&written, offset, out)?;
        let touched = offset / BLOCK as u64..end.div_ceil(BLOCK as u64);
        for (number, block) in written.blocks.range(touched) {
            let (from, to) = overlap(*number, offset, end);
            out[(from - offset) as usize..(to - offset) as usize].copy_from_slice(within(block, from, to));
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut written = self.writing();
        if length < written.length {
            written.shown = written.shown.min(length);
            written.blocks.split_off(&length.div_ceil(BLOCK as u64));
            if let Some(last) = written.blocks.get_mut(&(length / BLOCK as u64)) {
                last[(length % BLOCK as u64) as usize..].fill(0);
            }
        }
        written.length = length;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.writing();
        let end = offset + data.len() as u64;
        if end > written.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for number in offset / BLOCK as u64..end.div_ceil(BLOCK as u64) {
            let mut block = self.block(&written, number)?;
            let (from, to) = overlap(number, offset, end);
            let start = (from % BLOCK as u64) as usize;
            block[start..start + (to - from) as usize]
                .copy_from_slice(&data[(from - offset) as usize..(to - offset) as usize]);
            written.blocks.insert(number, block);
        }
        Ok(())
    }

    /// A database locks its whole file, for itself alone; here it shares it with other readers.
    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        let whole = matches!(start, Bound::Unbounded | Bound::Included(0)) && end == Bound::Unbounded;
        if !whole {
            return Err(BackendError::Unsupported);
        }
        match self.file.try_lock_shared() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Err(BackendError::Unsupported)
            }
            Err(TryLockError::Error(error)) => Err(BackendError::Io(error)),
        }
    }

    fn unlock_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock().map_err(BackendError::Io)
    }

    fn close(&self) -> io::Result<()> {
        self.file.unlock()
    }
}

impl Overlay {
    /// A block as it reads now, to be changed.
    fn block(&self, written: &Written, number: u64) -> io::Result<Box<[u8; BLOCK]>> {
        if let Some(block) = written.blocks.get(&number) {
            return Ok(block.clone());
        }
        let mut block = Box::new([0; BLOCK]);
        self.read_file(written, number * BLOCK as u64, &mut block[..])?;
        Ok(block)
    }
}

/// What a block and a range of the file have in common.
fn overlap(block: u64, start: u64, end: u64) -> (u64, u64) {
    (
        start.max(block * BLOCK as u64),
        end.min((block + 1) * BLOCK as u64),
    )
}

/// Bytes of a block, by their place in the file.
fn within(block: &[u8; BLOCK], from: u64, to: u64) -> &[u8] {
    let start = (from % BLOCK as u64) as usize;
    &block[start..start + (to - from) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    #[derive(Clone, Debug)]
    enum Change {
        Write(usize, Vec<u8>),
        Length(usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        let bytes = prop::collection::vec(any::<u8>(), 1..6000);
        prop_oneof![
            3 => (0..20_000_usize, bytes).prop_map(|(at, bytes)| Change::Write(at, bytes)),
            1 => (0..20_000_usize).prop_map(Change::Length),
        ]
    }

    #[test]
    fn nothing_can_be_read_at_the_start_of_a_block() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; BLOCK]).unwrap();
        let overlay = Overlay::new(File::open(file.path()).unwrap()).unwrap();
        overlay.write(0, &[8]).unwrap();
        overlay.read(BLOCK as u64, &mut []).unwrap();
        overlay.write(BLOCK as u64, &[]).unwrap();
    }

    #[test]
    fn what_was_cut_off_reads_as_zeros_however_often_the_length_changes() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; 3 * BLOCK]).unwrap();
        let overlay = Overlay::new(File::open(file.path()).unwrap()).unwrap();
        for length in [1, 2, 1, 3] {
            overlay.set_len(length * BLOCK as u64).unwrap();
        }
        let mut read = [1; 3 * BLOCK];
        overlay.read(0, &mut read).unwrap();
        assert_eq!(read[..BLOCK], [7; BLOCK]);
        assert_eq!(read[BLOCK..], [0; 2 * BLOCK]);
    }

    proptest! {
        #[test]
        fn it_reads_as_a_file_that_was_written_and_leaves_the_file(
            content in prop::collection::vec(any::<u8>(), 0..14_000),
            changes in prop::collection::vec(change(), 0..8),
            from in 0..20_000_usize,
        ) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&content).unwrap();
            let overlay = Overlay::new(File::open(file.path()).unwrap()).unwrap();
            let mut expected = content.clone();
            for change in changes {
                match change {
                    Change::Write(at, bytes) => {
                        let fits = at + bytes.len() <= expected.len();
                        prop_assert_eq!(overlay.write(at as u64, &bytes).is_ok(), fits);
                        if fits {
                            expected[at..at + bytes.len()].copy_from_slice(&bytes);
                        }
                    }
                    Change::Length(length) => {
                        overlay.set_len(length as u64).unwrap();
                        expected.resize(length, 0);
                    }
                }
            }
            prop_assert_eq!(overlay.len().unwrap(), expected.len() as u64);
            let from = from.min(expected.len());
            let mut read = vec![1; expected.len() - from];
            overlay.read(from as u64, &mut read).unwrap();
            prop_assert_eq!(&read[..], &expected[from..]);
            prop_assert!(overlay.read(from as u64, &mut vec![0; expected.len() - from + 1]).is_err());
            prop_assert_eq!(std::fs::read(file.path()).unwrap(), content);
        }
    }
}
