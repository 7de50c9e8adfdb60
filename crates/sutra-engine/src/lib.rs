//! The engine: one store, the indexes derived from it, and the views that questions read.
//!
//! It performs no inference, reads no natural language, and writes no data file: `sutra-store` does
//! that. A view is immutable, so a question sees one state from its first search to its last path, and
//! nothing that is learned meanwhile waits for it.

mod answers;
mod committer;
mod engine;
mod filed;
mod flusher;
mod indexes;
mod kept;
mod lease;
mod many;
mod panics;
mod preparing;
mod purge;
#[cfg(test)]
mod samples;
mod settler;
mod view;
mod walks;

pub use engine::Engine;
pub use lease::Lease;
pub use many::Walk;
pub use panics::guarded;
pub use sutra_graph::{Direction, Edge, Found, Path, Paths};
pub use sutra_store::{
    AnswerLimits, ChangeEvent, EmbedderId, Filter, ForgettingReceipt, Forgotten, KeyedHash, LostSources,
    OpenOptions, Preparation, Purged, Receipt, RecordedAnswer, Relations, SalvageOptions, SalvageReport,
    Selection, Settling, TextKind, Totals, VerifyReport, Went, now,
};
pub use sutra_text::{stop_words, word_cuts};
pub use view::{PageRankQuery, PathQuery, ReadView, Unit};
pub use walks::WalkQuery;
