//! The reading rules: text in; sentences, passages, names and typed relations out.
//!
//! Rules, not a model: compact word lists and tables of patterns that a person can read and correct. They are written
//! for English; of eight other languages sentences, names, dates and numbers are read by lexicons of their own, of any
//! further one by that of English, and relations of none. Everything here is a pure function of its arguments: no I/O, no clock, no state
//! but tables built once. No input makes it panic, and its time is linear in the length of the text.

mod entity;
mod knowledge;
mod language;
mod lexicon;
mod passage;
mod question;
mod reading;
mod relation;
mod sentence;
mod token;

pub use entity::Mention;
pub use knowledge::{Knowledge, leave_out};
pub use language::detect_language;
pub use passage::PassageSpan;
pub use question::{QuestionReading, relation_hint};
pub use reading::{Reader, Reading, title_name};
pub use relation::{Relation, relation_kind};
