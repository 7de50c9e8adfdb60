//! Pages of a redb file as they lie on the disk, whatever became of those beside them.
//!
//! redb opens a file whole or not at all, and checks a page only where it is asked to check all. This reads the same
//! format (redb's `docs/design.md`, version 3), writes nothing, and hands out no page that lacks the checksum which the
//! page above it has for it. So what is read is what was written, and free pages are never looked at.

use std::cell::RefCell;
use std::fs::{File, TryLockError};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use sutra_model::{Error, Result};
use twox_hash::XxHash3_128;

use crate::layout::FORMAT;
use crate::owner::owner_of;

const MAGIC: &[u8; 9] = b"redb\x1A\x0A\xA9\x0D\x0A";
const PAGE_BYTES: u64 = 4096;
const PRIMARY: u8 = 1;
const NOT_CLOSED: u8 = 2;
const TWO_PHASES: u8 = 4;
const SLOTS_AT: [usize; 2] = [64, 192];
const SLOT_BYTES: usize = 128;
const FILE_VERSION: u8 = 3;
/// Pages of a region are counted with 20 bits.
const REGION_PAGES_MAX: u32 = 1 << 20;
/// Pages that are kept in memory.
const KEPT_PAGES: usize = 4096;

/// Where a tree begins: the page, and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    pub page: u64,
    pub checksum: u128,
}

impl Root {
    /// Bytes of a root with the number of its rows.
    pub const BYTES: usize = 32;

    /// Reads it; `None` where there are too few bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            page: u64_at(bytes, 0)?,
            checksum: u128_at(bytes, 8)?,
        })
    }
}

/// One of the two commits that a file knows of.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    commit: u64,
    /// Where its tree of tables begins; `None` where it has none.
    pub root: Option<Root>,
}

/// The commits of a file, that which counts first.
#[derive(Debug)]
pub struct Slots {
    /// Those that can be read, in the order in which opening would take them.
    pub slots: Vec<Slot>,
    /// Whether the last one may have been under way when its writer ended. Forgetting commits in two phases, and is not
    /// such a one.
    pub may_be_torn: bool,
    /// Whether the last one is not among them.
    pub last_is_lost: bool,
}

/// The file.
#[derive(Debug)]
pub struct PageFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    region_bytes: u64,
    region_header_bytes: u64,
    kept: RefCell<FxHashMap<u64, Rc<[u8]>>>,
}

impl PageFile {
    /// Opens a file for reading, and says what commits it has.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] while it is open for writing elsewhere, [`Error::UnsupportedFormat`], [`Error::Io`], and
    /// [`Error::Corrupt`] where its header does not say where anything lies.
    pub fn open(path: &Path) -> Result<(Self, Slots)> {
        let failed = |source| Error::io("cannot read", path, source);
        let file = File::open(path).map_err(failed)?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                return Err(Error::StoreLocked {
                    path: path.to_owned(),
                    owner: owner_of(path),
                });
            }
            // Where files cannot be locked nobody else has it locked.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let bytes = file.metadata().map_err(failed)?.len();
        let mut header = [0; SLOTS_AT[1] + SLOT_BYTES];
        if file.read_exact_at(&mut header, 0).is_err() || !header.starts_with(MAGIC) {
            return Err(lost(
                path,
                "its first page cannot be read, which says where all others lie",
            ));
        }
        let number =
            |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (header_pages, data_pages) = (number(16), number(20));
        let pages = 1..=REGION_PAGES_MAX;
        if u64::from(number(12)) != PAGE_BYTES
            || !pages.contains(&data_pages)
            || header_pages > REGION_PAGES_MAX
        {
            return Err(lost(path, "its header does not say how its pages lie"));
        }
        let region_header_bytes = u64::from(header_pages) * PAGE_BYTES;
        let file = Self {
            path: path.to_owned(),
            file,
            bytes,
            region_bytes: region_header_bytes + u64::from(data_pages) * PAGE_BYTES,
            region_header_bytes,
            kept: RefCell::default(),
        };
        let slots = slots(&header, path)?;
        Ok((file, slots))
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The page of a root, if it is what was written; rows of the tree have keys and values of these fixed widths.
    pub fn page(&self, root: Root, key: Option<usize>, value: Option<usize>) -> Option<Page> {
        let kept = self.kept.borrow().get(&root.page).map(Rc::clone);
        let known = kept.is_some();
        let page = kept
            .or_else(|| self.read(root.page))
            .and_then(|bytes| Page::new(bytes, key, value))
            .filter(|page| known || page.checksum() == root.checksum);
        if let Some(page) = &page
            && !known
            && page.bytes.len() as u64 == PAGE_BYTES
        {
            let mut kept = self.kept.borrow_mut();
            if kept.len() >= KEPT_PAGES {
                kept.clear();
            }
            kept.insert(root.page, Rc::clone(&page.bytes));
        }
        page
    }

    /// Where a page begins in the file, and how long it is; `None` where the file ends before.
    fn place(&self, page: u64) -> Option<(u64, u64)> {
        let order = page >> 59;
        let index = page & (0xF_FFFF >> order.min(20));
        let region = page >> 20 & 0xF_FFFF;
        let length = PAGE_BYTES.checked_shl(order as u32)?;
        let start = PAGE_BYTES + region * self.region_bytes + self.region_header_bytes + index * length;
        (start + length <= self.bytes).then_some((start, length))
    }

    /// Where a page begins in the file.
    #[cfg(test)]
    pub fn start(&self, root: Root) -> Option<u64> {
        self.place(root.page).map(|(start, _)| start)
    }

    /// The bytes of a page; `None` where the file has not all of them, or the disk does not give them.
    fn read(&self, page: u64) -> Option<Rc<[u8]>> {
        let (start, length) = self.place(page)?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.file.read_exact_at(&mut bytes, start).ok()?;
        Some(bytes.into())
    }
}

fn slots(header: &[u8], path: &Path) -> Result<Slots> {
    let flags = header[MAGIC.len()];
    let primary = usize::from(flags & PRIMARY != 0);
    let closed = flags & NOT_CLOSED == 0;
    let may_be_torn = !closed && flags & TWO_PHASES == 0;
    let read = [slot(header, SLOTS_AT[0]), slot(header, SLOTS_AT[1])];
    for bytes in SLOTS_AT {
        let found = header[bytes];
        if (1..FILE_VERSION).contains(&found) {
            return Err(Error::UnsupportedFormat {
                path: path.to_owned(),
                found: u32::from(found),
                supported: FORMAT,
            });
        }
    }
    let (first, second) = (read[primary], read[1 - primary]);
    // A commit in two phases counts as soon as the header names it, and never before.
    let swapped = match (first, second) {
        (Some(first), Some(second)) => second.commit > first.commit && (closed || may_be_torn),
        _ => false,
    };
    let slots: Vec<Slot> = match swapped {
        true => [second, first].into_iter().flatten().collect(),
        false => [first, second].into_iter().flatten().collect(),
    };
    if slots.is_empty() {
        return Err(lost(path, "its header names no state of it that can be read"));
    }
    Ok(Slots {
        slots,
        may_be_torn,
        last_is_lost: first.is_none() && !may_be_torn,
    })
}

/// A commit of the header; `None` where it is not what was written.
fn slot(header: &[u8], at: usize) -> Option<Slot> {
    let bytes = header.get(at..at + SLOT_BYTES)?;
    let (said, checksum) = bytes.split_at(SLOT_BYTES - 16);
    if said[0] != FILE_VERSION || u128_at(checksum, 0)? != XxHash3_128::oneshot(said) {
        return None;
    }
    let root = (said[1] != 0).then(|| Root::read(&said[8..])).flatten();
    Some(Slot {
        commit: u64_at(said, 104)?,
        root,
    })
}

/// A page that may hold anything.
#[derive(Clone, Debug)]
pub struct Page {
    bytes: Rc<[u8]>,
    /// Whether it names pages, not rows.
    pub is_branch: bool,
    /// How many rows, or one less than the pages that it names.
    pub count: usize,
    key: Option<usize>,
    value: Option<usize>,
    end: usize,
}

impl Page {
    fn new(bytes: Rc<[u8]>, key: Option<usize>, value: Option<usize>) -> Option<Self> {
        let is_branch = match bytes.first()? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let count = usize::from(u16::from_le_bytes([*bytes.get(2)?, *bytes.get(3)?]));
        let mut page = Self {
            bytes,
            is_branch,
            count,
            key,
            value,
            end: 0,
        };
        let last = count.checked_sub(1)?;
        page.end = match is_branch {
            true => page.key_end(last)?,
            false => page.value_end(last)?,
        };
        (page.end <= page.bytes.len()).then_some(page)
    }

    fn checksum(&self) -> u128 {
        XxHash3_128::oneshot(&self.bytes[..self.end])
    }

    /// The key of a row, or the greatest that the page of this number may have.
    pub fn key(&self, at: usize) -> Option<&[u8]> {
        let start = match at.checked_sub(1) {
            None => self.keys_at(),
            Some(before) => self.key_end(before)?,
        };
        self.bytes.get(start..self.key_end(at)?)
    }

    /// The value of a row.
    pub fn value(&self, at: usize) -> Option<&[u8]> {
        let start = match at.checked_sub(1) {
            None => self.key_end(self.count - 1)?,
            Some(before) => self.value_end(before)?,
        };
        self.bytes.get(start..self.value_end(at)?)
    }

    /// A page below, from 0 to `count`.
    pub fn child(&self, at: usize) -> Option<Root> {
        Some(Root {
            checksum: u128_at(&self.bytes, 8 + 16 * at)?,
            page: u64_at(&self.bytes, 8 + 16 * (self.count + 1) + 8 * at)?,
        })
    }

    fn ends_at(&self) -> usize {
        if self.is_branch {
            8 + 24 * (self.count + 1)
        } else {
            4
        }
    }

    fn keys_at(&self) -> usize {
        let ends = usize::from(self.key.is_none()) + usize::from(!self.is_branch && self.value.is_none());
        self.ends_at() + 4 * ends * self.count
    }

    fn key_end(&self, at: usize) -> Option<usize> {
        match self.key {
            Some(width) => Some(self.keys_at() + width * (at + 1)),
            None => self.end_at(self.ends_at() + 4 * at),
        }
    }

    fn value_end(&self, at: usize) -> Option<usize> {
        match self.value {
            Some(width) => Some(self.key_end(self.count - 1)? + width * (at + 1)),
            None => {
                let before = if self.key.is_none() { self.count } else { 0 };
                self.end_at(4 + 4 * (before + at))
            }
        }
    }

    fn end_at(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    }
}

/// Nothing can be taken out of a file.
pub fn lost(path: &Path, how: &str) -> Error {
    Error::Corrupt {
        path: path.to_owned(),
        detail: format!("nothing can be taken out of it: {how}"),
    }
}

pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

fn u128_at(bytes: &[u8], at: usize) -> Option<u128> {
    let bytes = bytes.get(at..at.checked_add(16)?)?;
    Some(u128::from_le_bytes(bytes.try_into().ok()?))
}
