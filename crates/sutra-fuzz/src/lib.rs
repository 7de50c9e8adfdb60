//! What every reader of outside bytes has to stand: any bytes at all, without a panic of ours, without end.
//!
//! Each function takes bytes that a fuzzer made, hands them to a reader, and panics when it answers with anything but
//! what was read or an error that says so. The targets in `fuzz/` call them under libFuzzer, and this crate's own
//! tests call them with some hundreds of damaged inputs. Used by these alone.

mod changes;
mod damage;
mod sample;
mod texts;

pub use changes::{changes, sample_changes};
pub use damage::{column, database};
pub use sample::{Sample, sample};
pub use sutra_store::fuzzing::{read_records as records, sample_records};
pub use texts::{sample_texts, texts};
