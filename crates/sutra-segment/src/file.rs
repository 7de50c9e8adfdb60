//! The layout of a file of arrays.
//!
//! ```text
//! first page, 4096 bytes   "SUTRAIDX", format u32, kind u32, number of arrays u32, CRC-32C u32 of the rest of the page,
//!                          for each array: offset u64, bytes u64, CRC-32C u32 of its bytes, 4 zeros; zeros
//! arrays                   one after the other, each at a multiple of 64 bytes, zeros between them
//! ```
//!
//! All numbers are little-endian. Whoever opens a file reads its first page; whether the arrays are what was written
//! is told by [`Sections::check`], which reads all of it.

use std::borrow::Cow;
use std::sync::Arc;

use bytemuck::Pod;

use crate::slice::{Bytes, Slice};

const MAGIC: &[u8; 8] = b"SUTRAIDX";
const FORMAT: u32 = 1;
/// Bytes of the first page.
pub const PAGE_BYTES: usize = 4096;
const ENTRIES_AT: usize = 24;
const ENTRY_BYTES: usize = 24;
const ALIGNMENT: usize = 64;
/// So many bytes are checked at once.
const PIECE_BYTES: usize = 1 << 20;
/// The most arrays in a file.
pub const ARRAYS_MAX: usize = (PAGE_BYTES - ENTRIES_AT) / ENTRY_BYTES;

/// What stands in a file, to be written from its start.
#[derive(Debug)]
pub struct Layout<'a> {
    kind: u32,
    arrays: Vec<&'a [u8]>,
}

impl<'a> Layout<'a> {
    /// A file of a kind, which says what its arrays are, yet without any.
    pub fn new(kind: u32) -> Self {
        Self {
            kind,
            arrays: Vec::new(),
        }
    }

    /// With one more array.
    ///
    /// # Panics
    /// With more than [`ARRAYS_MAX`].
    #[must_use]
    pub fn with<T: Pod>(mut self, array: &'a [T]) -> Self {
        assert!(
            self.arrays.len() < ARRAYS_MAX,
            "a file has at most {ARRAYS_MAX} arrays"
        );
        self.arrays.push(bytemuck::cast_slice(array));
        self
    }

    /// Bytes of the whole file.
    pub fn bytes(&self) -> u64 {
        let end = |at: usize, array: &&[u8]| at.next_multiple_of(ALIGNMENT) + array.len();
        self.arrays.iter().fold(PAGE_BYTES, end) as u64
    }

    /// The whole file, for one that is small.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = vec![0; self.bytes() as usize];
        for (at, piece) in self.pieces() {
            file[at as usize..at as usize + piece.len()].copy_from_slice(&piece);
        }
        file
    }

    /// What is to be written, each with its offset; what lies between is zeros.
    pub fn pieces(&self) -> Vec<(u64, Cow<'a, [u8]>)> {
        let mut page = vec![0; PAGE_BYTES];
        page[..8].copy_from_slice(MAGIC);
        page[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        page[12..16].copy_from_slice(&self.kind.to_le_bytes());
        page[16..20].copy_from_slice(&(self.arrays.len() as u32).to_le_bytes());
        let mut pieces = Vec::with_capacity(self.arrays.len() + 1);
        let mut at = PAGE_BYTES;
        for (number, array) in self.arrays.iter().enumerate() {
            at = at.next_multiple_of(ALIGNMENT);
            let entry = &mut page[ENTRIES_AT + number * ENTRY_BYTES..][..ENTRY_BYTES];
            entry[..8].copy_from_slice(&(at as u64).to_le_bytes());
            entry[8..16].copy_from_slice(&(array.len() as u64).to_le_bytes());
            entry[16..20].copy_from_slice(&crc32c::crc32c(array).to_le_bytes());
            pieces.push((at as u64, Cow::Borrowed(*array)));
            at += array.len();
        }
        let crc = crc32c::crc32c(&page[ENTRIES_AT..]);
        let crc = crc32c::crc32c_append(crc, &page[..20]);
        page[20..24].copy_from_slice(&crc.to_le_bytes());
        pieces.insert(0, (0, Cow::Owned(page)));
        pieces
    }
}

/// The arrays of a file.
pub struct Sections<B> {
    owner: Arc<B>,
    kind: u32,
    /// Offset, bytes and checksum of each.
    entries: Vec<(usize, usize, u32)>,
}

impl<B: Bytes> Sections<B> {
    /// Reads the first page.
    ///
    /// # Errors
    /// What is wrong with it, in words: it is cut off, of another make or format, or does not have its checksum.
    pub fn open(owner: B) -> Result<Self, String> {
        let bytes = owner.bytes();
        let page = bytes.get(..PAGE_BYTES).ok_or("it ends within its first page")?;
        if &page[..8] != MAGIC {
            return Err("it is no file of an index".to_owned());
        }
        let number = |at: usize| u32::from_le_bytes(page[at..at + 4].try_into().expect("four bytes"));
        if number(8) != FORMAT {
            return Err(format!(
                "it has format {}; this version reads {FORMAT}",
                number(8)
            ));
        }
        let crc = crc32c::crc32c(&page[ENTRIES_AT..]);
        if crc32c::crc32c_append(crc, &page[..20]) != number(20) {
            return Err("its first page does not have its checksum".to_owned());
        }
        let count = number(16) as usize;
        if count > ARRAYS_MAX {
            return Err(format!("it counts {count} arrays"));
        }
        let entry = |number: usize| {
            let entry = &page[ENTRIES_AT + number * ENTRY_BYTES..][..ENTRY_BYTES];
            let long = |at: usize| u64::from_le_bytes(entry[at..at + 8].try_into().expect("eight bytes"));
            let crc = u32::from_le_bytes(entry[16..20].try_into().expect("four bytes"));
            (long(0) as usize, long(8) as usize, crc)
        };
        let entries: Vec<_> = (0..count).map(entry).collect();
        let is_cut_off = |(start, length, _): &(usize, usize, u32)| {
            start.checked_add(*length).is_none_or(|end| end > bytes.len())
        };
        if entries.iter().any(is_cut_off) {
            return Err(format!(
                "it ends after {} bytes, before its last array does",
                bytes.len()
            ));
        }
        let kind = number(12);
        Ok(Self {
            owner: Arc::new(owner),
            kind,
            entries,
        })
    }

    /// What its arrays are.
    pub fn kind(&self) -> u32 {
        self.kind
    }

    /// An array; `None` where there is none of this number, or it is not one of such numbers.
    pub fn array<T: Pod>(&self, number: usize) -> Option<Slice<T>> {
        let (start, length, _) = *self.entries.get(number)?;
        match length {
            0 => Some(Slice::default()),
            _ => Slice::within(&self.owner, start..start + length),
        }
    }

    /// Reads everything and tells the first array that is not what was written.
    ///
    /// # Errors
    /// The number of that array.
    pub fn check(&self) -> Result<(), usize> {
        self.check_while(|| true)
    }

    /// The same for as long as somebody wants to know; what was not read by then is taken for sound.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_while(&self, is_wanted: impl Fn() -> bool) -> Result<(), usize> {
        let bytes = self.owner.bytes();
        for (number, (start, length, expected)) in self.entries.iter().enumerate() {
            let mut crc = 0;
            for piece in bytes[*start..start + length].chunks(PIECE_BYTES) {
                if !is_wanted() {
                    return Ok(());
                }
                crc = crc32c::crc32c_append(crc, piece);
            }
            if crc != *expected {
                return Err(number);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arrays_are_read_as_they_were_written(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            longs in prop::collection::vec(any::<u64>(), 0..300),
            floats in prop::collection::vec(any::<u32>(), 0..300),
            damage: (usize, u8),
            cut: usize,
        ) {
            let layout = Layout::new(3).with(&bytes).with(&longs).with(&floats);
            let mut file = layout.to_bytes();
            let sections = Sections::open(file.clone()).unwrap();
            prop_assert_eq!(sections.kind(), 3);
            prop_assert_eq!(&sections.array::<u8>(0).unwrap()[..], &bytes[..]);
            if let Some(read) = sections.array::<u64>(1) {
                prop_assert_eq!(&read[..], &longs[..]);
            }
            prop_assert!(sections.array::<u8>(3).is_none());
            prop_assert_eq!(sections.check(), Ok(()));

            let short = file[..cut % file.len()].to_vec();
            prop_assert!(Sections::open(short).is_err());
            let position = damage.0 % file.len();
            file[position] ^= damage.1.max(1);
            let inside = sections.entries.iter().any(|(start, length, _)| (*start..start + length).contains(&position));
            match Sections::open(file) {
                Ok(sections) => prop_assert_eq!(sections.check().is_err(), inside),
                Err(_) => prop_assert!(position < PAGE_BYTES),
            }
        }
    }
}
