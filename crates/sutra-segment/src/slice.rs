//! An immutable array that somebody keeps for as long as it is looked at.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytemuck::Pod;

/// Bytes that stay where they are and as they are for as long as their owner lives: a mapped file, say.
pub trait Bytes: Send + Sync + 'static {
    /// All of them; the same ones each time.
    fn bytes(&self) -> &[u8];
}

impl Bytes for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }
}

/// An immutable array of plain numbers. Cloning it copies a pointer.
pub struct Slice<T> {
    start: *const T,
    length: usize,
    /// Who keeps what `start` points to.
    _owner: Option<Arc<dyn Send + Sync>>,
}

// SAFETY: what it points to is never changed and is kept by an owner that may be sent and shared; `T: Pod` in every
// constructor, so its elements may be, too.
unsafe impl<T> Send for Slice<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Slice<T> {}

/// What keeps an array that was made in memory.
struct Owned<T>(Vec<T>);

// SAFETY: plain numbers; see the bound of the only constructor.
unsafe impl<T> Send for Owned<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Owned<T> {}

impl<T: Pod> From<Vec<T>> for Slice<T> {
    fn from(elements: Vec<T>) -> Self {
        if elements.is_empty() {
            return Self::default();
        }
        let owner = Arc::new(Owned(elements));
        Self {
            start: owner.0.as_ptr(),
            length: owner.0.len(),
            _owner: Some(owner),
        }
    }
}

impl<T> Default for Slice<T> {
    fn default() -> Self {
        Self {
            start: std::ptr::NonNull::dangling().as_ptr(),
            length: 0,
            _owner: None,
        }
    }
}

impl<T: Pod> Slice<T> {
    /// A part of somebody's bytes as numbers; `None` where it lies beyond them, in the middle of a number, or not where
    /// such numbers may lie.
    pub fn within<B: Bytes>(owner: &Arc<B>, range: Range<usize>) -> Option<Self> {
        let elements: &[T] = bytemuck::try_cast_slice(owner.bytes().get(range)?).ok()?;
        Some(Self {
            start: elements.as_ptr(),
            length: elements.len(),
            _owner: Some(Arc::clone(owner) as Arc<dyn Send + Sync>),
        })
    }

    /// A part of it; nothing where it has no such part. In an array of a file that was damaged any range may be written.
    pub fn part(&self, range: Range<usize>) -> &[T] {
        self.get(range).unwrap_or_default()
    }
}

impl<T> Deref for Slice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `start` and `length` are those of a slice that the owner keeps in its place, unchanged; without an
        // owner the length is 0 and the pointer aligned.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl<T> Clone for Slice<T> {
    fn clone(&self) -> Self {
        Self {
            start: self.start,
            length: self.length,
            _owner: self._owner.clone(),
        }
    }
}

impl<T> fmt::Debug for Slice<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Slice of {}", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_its_owner_has_and_keeps_the_owner() {
        let owned = Slice::from(vec![1_u32, 2, 3]);
        let copy = owned.clone();
        drop(owned);
        assert_eq!(copy[..], [1, 2, 3]);
        assert_eq!(
            (copy.part(1..3), copy.part(2..4), copy.part(0..0)),
            (&[2, 3][..], &[][..], &[][..])
        );

        let bytes = Arc::new(bytemuck::cast_slice::<u64, u8>(&[7, 8, 9]).to_vec());
        let part = Slice::<u64>::within(&bytes, 8..24);
        let apart = Slice::<u8>::within(&bytes, 23..24).unwrap();
        drop(bytes);
        if let Some(part) = part {
            assert_eq!(part[..], [8, 9]);
        }
        assert_eq!(apart[..], [0]);
        assert!(Slice::<u16>::default().is_empty());
    }

    #[test]
    fn what_no_such_numbers_can_be_is_refused() {
        let bytes = Arc::new(vec![0_u8; 64]);
        for range in [0..65, 60..70, 0..7] {
            assert!(Slice::<u64>::within(&bytes, range).is_none());
        }
        let odd = Slice::<u32>::within(&bytes, 1..5).is_none();
        let even = Slice::<u32>::within(&bytes, 2..6).is_none();
        assert!(odd || even);
    }
}
