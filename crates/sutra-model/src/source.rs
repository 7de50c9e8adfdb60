//! Sources: where statements come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A source's number: dense, from 1, in order of learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceId(pub u64);

/// A transaction's number: from 1, without gaps. The unit of "as of".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TransactionId(pub u64);

/// One version of a document, or of one part of a large one. Its text is stored beside it, once, verbatim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// Where it came from: a path, a URL or a name given by the caller; `#…` names a record inside a file.
    pub address: String,
    /// The byte at which this part's text begins within that address; 0 for a whole document.
    pub offset: u64,
    /// What it calls itself; empty if it has no title.
    pub title: String,
    /// SHA-256 of its text, as it is now if something of it was blanked.
    pub sha256: [u8; 32],
    /// Length of its text in bytes.
    pub length: u64,
    /// The document's own time, in microseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
    /// Whatever else the adapter knew: author, language, record number…
    pub attributes: BTreeMap<String, String>,
    /// The transaction that learned it.
    pub learned: TransactionId,
    /// The transaction that retired it: another text was learned under its address.
    pub retired: Option<TransactionId>,
    /// The last transaction that blanked something of its text or title.
    pub redacted: Option<TransactionId>,
}
