//! What of an index is kept in files.

use crate::file::{Layout, Sections};
use crate::slice::Bytes;

/// A part of an index that a file can hold. Once made it never changes, but for marks of what was taken out of it.
pub trait Kept: Clone {
    /// What kind of file holds it.
    const KIND: u32;

    /// Gives what its file holds, without marks, to somebody.
    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R;

    /// The part of a file, without marks. What is in the arrays is believed: see [`Sections::check`].
    ///
    /// # Errors
    /// What is wrong with the file, in words.
    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String>;

    /// Whether both are the same part, however marked.
    fn is_same(&self, other: &Self) -> bool;

    /// What was taken out of it since it was made; empty where that is nothing.
    fn marks(&self) -> &[u64] {
        &[]
    }

    /// The part less what marks say, which were [those](Self::marks) of the same part.
    #[must_use]
    fn marked(self, _marks: &[u64]) -> Self {
        self
    }
}
