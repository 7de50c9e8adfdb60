//! The truth: everything that was learned, on disk.
//!
//! Only this crate writes data files. It performs no search and no inference, never blocks a
//! reader, and never acknowledges what is not synced.
//!
//! A store is a folder:
//!
//! ```text
//! storage.dat           transactions, sources, texts, concepts, associations, evidence, answers (redb)
//! vectors/00000001.vec  append-only columns of half-precision vectors, memory-mapped
//! index/00000001.idx    parts of indexes, memory-mapped; derived from all the rest
//! ```
//!
//! **Fault model.** A process may die at any instant and a machine may lose power; a write that was
//! not synced may be lost, reordered or torn. Vector rows are synced before the transaction that
//! names them, or stand in it too, and a transaction becomes visible by one atomic page swap, so a reopened store holds
//! exactly the acknowledged transactions, and rows beyond the last one are overwritten. A sync that fails may have lost what
//! it was for, while memory still has it: a file that was not closed is read from the disk anew ([`Disk::let_go`]). Bytes that rot
//! afterwards are detected: pages by redb's checksums ([`OpenOptions::check_pages`]), vector rows by CRC-32C,
//! sealed vector files, sources and statements by SHA-256 ([`Snapshot::verify`]). What they left whole, [`salvage`] takes into a
//! new store.
//!
//! `tests/simulation.rs` holds the store to this over a [`Disk`] that does all of it, from thousands of seeds, and shows
//! that none of its syncs can be left out.

mod answers;
mod apply;
mod associations;
mod backend;
mod change;
mod checked;
mod clock;
mod column;
mod concepts;
mod counts;
mod disk;
mod embed;
mod expire;
mod feed;
mod folder;
mod follow;
mod forget;
mod format1;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod kept;
mod layout;
mod migrate;
mod moments;
mod opening;
mod outdated;
mod overlay;
mod owner;
mod pages;
mod parts;
mod plan;
mod prepare;
mod purge;
mod receipts;
mod records;
mod redact;
mod relations;
mod replay;
mod resolve;
mod restore;
mod retire;
mod room;
mod runs;
mod salvage;
mod scope;
mod select;
mod snapshot;
mod sources;
mod store;
mod stored;
mod switch;
mod tail;
mod texts;
mod updates;
mod validate;
mod verify;
mod weaken;

pub use answers::{AnswerLimits, RecordedAnswer};
pub use change::{Alteration, Blank, Change, NewConcept, StoredVector};
pub use clock::now;
pub use column::ColumnView;
pub use disk::{Disk, FileSystem, SyncReason};
pub use feed::ChangeEvent;
pub use kept::{KeptIndexes, KeptPart, MappedFile};
pub use prepare::Preparation;
pub use purge::Purged;
pub use receipts::{ForgettingReceipt, KeyedHash, TextKind, Went};
pub use records::{EmbedderId, RelationRecord, Totals};
pub use relations::Relations;
pub use salvage::{LostSources, SalvageOptions, SalvageReport, salvage};
pub use scope::{Filter, Said};
pub use select::Selection;
pub use snapshot::Snapshot;
pub use store::{OpenOptions, Settling, Store};
pub use tail::{Tail, TouchedConcept};
pub use updates::{Forgotten, Gone, PassageEntry, Receipt, Updates, VectorEntry};
pub use verify::VerifyReport;
