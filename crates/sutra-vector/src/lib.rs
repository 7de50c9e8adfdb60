//! Nearest vectors: one-bit codes scanned, the nearest re-ranked at full precision.
//!
//! A [`VectorIndex`] is a list of immutable segments, shared between snapshots, and a short tail that is not encoded
//! yet, with its vectors. Adding rows makes a new snapshot and leaves every older one as it was: it copies what the
//! tail points to (at most 32 KiB) and, once in [`SEGMENT_ROWS`] rows, encodes a segment; nothing is ever encoded again. A search goes over all
//! segments and the tail, and gives one ranked list.
//!
//! This crate performs no I/O, takes no lock and starts no thread: full precision is read through [`FullPrecision`]
//! from where the caller keeps it, and whoever keeps it says whether it is sound. It never checks whether a concept
//! was given before; that is the caller's duty, see [`VectorIndex::with`].
//!
//! Codes and their estimate are those of RaBitQ (J. Gao, C. Long, *RaBitQ: Quantizing High-Dimensional Vectors with
//! a Theoretical Error Bound for Approximate Nearest Neighbor Search*, SIGMOD 2024) without its random rotation,
//! which gained nothing on sentence vectors of 384 dimensions nor on a synthetic mixture of 768.

mod index;
mod kernel;
mod query;
mod ranking;
mod segment;
mod tail;

pub use index::{DIMENSION_MAX, FullPrecision, VectorIndex, depth_for};
pub use kernel::dot;
pub use segment::SEGMENT_ROWS;
