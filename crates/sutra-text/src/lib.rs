//! Words: BM25 over an immutable snapshot.
//!
//! A [`WordIndex`] is a list of immutable parts, shared between snapshots. Adding documents makes a new snapshot and
//! leaves every older one as it was; small parts are merged geometrically, so a document is copied O(log n) times in
//! all, and those that were set apart are *settled*: merged into few large ones while the index goes on. These lie in
//! memory or in mapped files, and only mark what is taken out of them. Statistics (documents, document frequencies, mean
//! length) are those of the whole list, and sums run in the order of the question's terms, so that a score does not
//! depend on how documents are spread over parts, to the last bit.
//!
//! This crate performs no I/O, takes no lock, starts no thread and holds no text: only terms, counts and words.
//! It never checks whether a document was given before; that is the caller's duty, see [`WordIndex::with`].

mod analyse;
mod build;
mod index;
mod language;
mod merge;
mod part;
mod ranking;
mod search;
mod segment;
mod settle;
mod spellings;
mod vocabulary;
mod words;

pub use analyse::{STOP_WORDS, TERM_BYTES_MAX, analyse, analyse_in};
pub use index::{B, Document, K1, WordIndex};
pub use language::stop_words;
pub use part::Part;
pub use settle::{Copies, Parts, Settlement, State};
pub use spellings::Spellings;
pub use words::cuts as word_cuts;
