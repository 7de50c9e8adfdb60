//! Nearest vectors: one-bit codes scanned, the nearest re-ranked at full precision.
//!
//! A [`VectorIndex`] is a list of immutable parts, shared between snapshots, and a short tail that is not coded yet, with
//! its vectors. Adding rows makes a new snapshot and leaves every older one as it was: it copies what the tail points to
//! (at most 32 KiB) and, once in [`SEGMENT_ROWS`] rows, codes a part. A search reads the codes of all these. Where they
//! are many they are *settled*: rows near each other come together in lists, and are linked. A search then reads the lists
//! nearest to it alone, and goes on along links. It gives one ranked list of everything.
//!
//! This crate performs no I/O, takes no lock and starts no thread: full precision is read through [`FullPrecision`]
//! from where the caller keeps it, and whoever keeps it says whether it is sound. It never checks whether a concept
//! was given before; that is the caller's duty, see [`VectorIndex::with`].
//!
//! Codes and their estimate are those of RaBitQ (J. Gao, C. Long, *RaBitQ: Quantizing High-Dimensional Vectors with
//! a Theoretical Error Bound for Approximate Nearest Neighbor Search*, SIGMOD 2024) without its random rotation,
//! which gained nothing on sentence vectors of 384 dimensions nor on a synthetic mixture of 768.

mod cluster;
mod codes;
mod guide;
mod index;
mod kernel;
mod links;
mod part;
mod ranking;
mod settle;
mod tail;
mod walk;
mod writer;

pub use index::{DIMENSION_MAX, FullPrecision, SEGMENT_ROWS, VectorIndex, depth_for};
pub use kernel::dot;
pub use part::Part;
pub use settle::{How, Settlement};
