//! Arrays that an index searches, in memory or in a mapped file, and the layout of the files that hold them.
//!
//! An index part that was built in memory and one that lies in a file are the same to whoever searches them: both are
//! [`Slice`]s of plain numbers. A file ([`file`]) holds several arrays as they stand in memory, so that opening one maps
//! it and reads its first page alone. This crate performs no I/O: others write what it lays out, and map what it reads.

pub mod file;
mod kept;
mod marks;
mod slice;

pub use file::{Layout, Sections};
pub use kept::Kept;
pub use marks::Marks;
pub use slice::{Bytes, Slice};

#[cfg(not(target_endian = "little"))]
compile_error!("files hold numbers as little-endian processors have them in memory");
