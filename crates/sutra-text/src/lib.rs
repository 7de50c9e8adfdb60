//! Words: BM25 over an immutable snapshot.
//!
//! A [`WordIndex`] is a list of immutable segments, shared between snapshots. Adding documents makes a new
//! snapshot and leaves every older one as it was; small segments are merged geometrically, so a row is copied
//! O(log n) times in all. Statistics (documents, document frequencies, mean length) are those of the whole list,
//! and sums run in the order of the question's terms, so that a score does not depend on how documents are spread
//! over segments, to the last bit.
//!
//! This crate performs no I/O, takes no lock, starts no thread and holds no text: only terms, counts and words.
//! It never checks whether a document was given before; that is the caller's duty, see [`WordIndex::with`].

mod analyse;
mod build;
mod index;
mod language;
mod merge;
mod ranking;
mod segment;
mod vocabulary;
mod words;

pub use analyse::{STOP_WORDS, TERM_BYTES_MAX, analyse, analyse_in};
pub use index::{B, Document, K1, WordIndex};
pub use language::stop_words;
pub use words::cuts as word_cuts;
