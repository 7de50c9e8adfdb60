//! Recorded answers: kept under their ids, for a time and up to a size.
//!
//! They are no part of what was learned: they expire, and the oldest make room for new ones. Tables beside the records
//! say when each was recorded, which is the oldest, and which cite a source: with that source they are erased, so that
//! nothing but their ids is left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use redb::{Database, ReadableDatabase, ReadableTable, Table, WriteTransaction};
use serde::{Deserialize, Serialize};
use sutra_model::{Error, Result, Source, SourceId, TransactionId, occurrences};

use crate::clock::now;
use crate::layout;

/// Expired answers that one write removes at most, so that it stays short.
const REMOVED_MAX: usize = 1000;

/// How long recorded answers are kept, and how many bytes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimits {
    /// An older one is gone.
    pub age: Duration,
    /// Bytes of all records together; beyond it the oldest go.
    pub bytes: u64,
}

impl AnswerLimits {
    /// A month, and half a gibibyte.
    pub const DEFAULT: Self = Self {
        age: Duration::from_secs(30 * 24 * 3600),
        bytes: 512 << 20,
    };

    /// The time, in microseconds since 1970, before which an answer has expired.
    fn oldest(&self, now: i64) -> i64 {
        now.saturating_sub(i64::try_from(self.age.as_micros()).unwrap_or(i64::MAX))
    }
}

/// An answer to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedAnswer {
    /// The state that it was read from.
    pub transaction: TransactionId,
    /// The sources that it cites.
    pub sources: Vec<SourceId>,
    /// The record itself.
    pub record: Vec<u8>,
}

impl RecordedAnswer {
    /// Whether a source that it cites still says what it said when the answer was read; `None` for one that is gone.
    pub fn may_cite(&self, source: Option<&Source>) -> bool {
        source.is_some_and(|source| source.redacted.is_none_or(|blanked| blanked <= self.transaction))
    }
}

/// An answer as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) enum Stored {
    /// With the sources that it cites; `None` where they are not known.
    Kept(Option<Vec<SourceId>>, Vec<u8>),
    /// Something that it cited was forgotten.
    Erased,
}

/// Brings answers of format 1 to this one: nobody knows which sources they cite, and of some not when they were
/// recorded, which counts as now.
pub fn migrate(transaction: &WriteTransaction, path: &Path) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    let mut answers = Answers::open(transaction, path)?;
    let mut earlier = Vec::new();
    for row in answers.records.iter().map_err(fail)? {
        let (id, record) = row.map_err(fail)?;
        earlier.push((id.value().to_owned(), record.value().to_vec()));
    }
    for (id, record) in earlier {
        let time = answers.times.get(id.as_str()).map_err(fail)?;
        let time = time.map_or_else(now, |time| time.value());
        answers
            .put(&id, &Stored::Kept(None, record), time)
            .map_err(fail)?;
    }
    answers.close(transaction)
}

/// Keeps answers, each under its id, and lets go of those that are beyond the limits. One that cites a source which was
/// forgotten meanwhile, or something of it, is erased.
pub fn put(
    transaction: &WriteTransaction,
    path: &Path,
    answers: &BTreeMap<String, RecordedAnswer>,
    limits: &AnswerLimits,
) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    let now = now();
    let sources = transaction
        .open_table(layout::SOURCES)
        .map_err(|error| layout::database_error(path, error))?;
    let mut kept = Answers::open(transaction, path)?;
    for (id, answer) in answers {
        let mut stored = Stored::Kept(Some(answer.sources.clone()), answer.record.clone());
        for source in &answer.sources {
            let row = sources.get(source.0).map_err(fail)?;
            let row = row.map(|row| layout::decode::<Source>(row.value(), path, "source"));
            if !answer.may_cite(row.transpose()?.as_ref()) {
                stored = Stored::Erased;
            }
        }
        kept.put(id, &stored, now).map_err(fail)?;
    }
    kept.expire(limits.oldest(now), limits.bytes).map_err(fail)?;
    kept.close(transaction)
}

/// Erases the answers that cite any of these sources, or may, or in which one of these names stands, and says how many these are.
pub fn erase(
    transaction: &WriteTransaction,
    path: &Path,
    sources: &BTreeSet<SourceId>,
    names: &[String],
) -> Result<u64> {
    let fail = |error| layout::database_error(path, error);
    let mut answers = Answers::open(transaction, path)?;
    let mut cited = BTreeSet::new();
    // Those of which it is not known what they cite count as citing source 0, which there is none of.
    for source in sources.iter().chain(&[UNKNOWN]) {
        let range = (source.0, "")..(source.0 + 1, "");
        for row in answers.sources.range(range).map_err(fail)? {
            let (key, ()) = row.map(|(key, _)| (key, ())).map_err(fail)?;
            cited.insert(key.value().1.to_owned());
        }
    }
    if !names.is_empty() {
        for row in answers.records.iter().map_err(fail)? {
            let (id, record) = row.map_err(fail)?;
            if let Stored::Kept(_, record) = layout::decode(record.value(), path, "answer")? {
                let record = String::from_utf8_lossy(&record);
                if names.iter().any(|name| !occurrences(&record, name).is_empty()) {
                    cited.insert(id.value().to_owned());
                }
            }
        }
    }
    let erased = cited.len() as u64;
    for id in cited {
        let time = answers.times.get(id.as_str()).map_err(fail)?;
        let time = time.map_or_else(now, |time| time.value());
        answers.put(&id, &Stored::Erased, time).map_err(fail)?;
    }
    answers.close(transaction)?;
    Ok(erased)
}

/// A record that has not expired.
///
/// # Errors
/// [`Error::AnswerErased`], [`Error::Io`], [`Error::Corrupt`].
pub fn get(database: &Database, path: &Path, id: &str, limits: &AnswerLimits) -> Result<Option<Vec<u8>>> {
    let fail = |error| layout::database_error(path, error);
    let read = database
        .begin_read()
        .map_err(|error| layout::database_error(path, error))?;
    let times = read
        .open_table(layout::ANSWER_TIMES)
        .map_err(|error| layout::database_error(path, error))?;
    let recorded = times.get(id).map_err(fail)?.map(|time| time.value());
    if recorded.is_none_or(|time| time < limits.oldest(now())) {
        return Ok(None);
    }
    let records = read
        .open_table(layout::ANSWERS)
        .map_err(|error| layout::database_error(path, error))?;
    let Some(row) = records.get(id).map_err(fail)? else {
        return Ok(None);
    };
    match layout::decode(row.value(), path, "answer")? {
        Stored::Kept(_, record) => Ok(Some(record)),
        Stored::Erased => Err(Error::AnswerErased(id.to_owned())),
    }
}

/// Stands for the sources of an answer of which they are not known.
const UNKNOWN: SourceId = SourceId(0);

fn cited(answer: &Stored) -> Vec<SourceId> {
    match answer {
        Stored::Kept(Some(sources), _) => sources.clone(),
        Stored::Kept(None, _) => vec![UNKNOWN],
        Stored::Erased => Vec::new(),
    }
}

/// The tables of recorded answers, open for writing.
struct Answers<'t> {
    path: &'t Path,
    records: Table<'t, &'static str, &'static [u8]>,
    times: Table<'t, &'static str, i64>,
    ages: Table<'t, (i64, &'static str), u64>,
    sources: Table<'t, (u64, &'static str), ()>,
    /// Bytes of all records.
    bytes: u64,
}

impl<'t> Answers<'t> {
    fn open(transaction: &'t WriteTransaction, path: &'t Path) -> Result<Self> {
        let fail = |error| layout::database_error(path, error);
        let meta = transaction.open_table(layout::META).map_err(fail)?;
        let bytes = match meta
            .get(layout::ANSWER_BYTES)
            .map_err(|error| layout::database_error(path, error))?
        {
            Some(row) => layout::decode(row.value(), path, layout::ANSWER_BYTES)?,
            None => 0,
        };
        Ok(Self {
            path,
            records: transaction.open_table(layout::ANSWERS).map_err(fail)?,
            times: transaction.open_table(layout::ANSWER_TIMES).map_err(fail)?,
            ages: transaction.open_table(layout::ANSWER_AGES).map_err(fail)?,
            sources: transaction.open_table(layout::ANSWER_SOURCES).map_err(fail)?,
            bytes,
        })
    }

    fn put(&mut self, id: &str, answer: &Stored, time: i64) -> redb::Result<()> {
        self.remove(id)?;
        let record = layout::encode(answer);
        let bytes = record.len() as u64;
        self.records.insert(id, record.as_slice())?;
        self.times.insert(id, time)?;
        self.ages.insert((time, id), bytes)?;
        self.bytes += bytes;
        for source in cited(answer) {
            self.sources.insert((source.0, id), ())?;
        }
        Ok(())
    }

    fn remove(&mut self, id: &str) -> redb::Result<()> {
        let time = self.times.remove(id)?.map(|row| row.value());
        if let Some(time) = time {
            let bytes = self.ages.remove((time, id))?.map(|row| row.value());
            self.bytes = self.bytes.saturating_sub(bytes.unwrap_or(0));
        }
        let answer = self.records.remove(id)?;
        // What is no answer was damaged; nothing is known to cite it.
        let answer = answer.and_then(|row| postcard::from_bytes::<Stored>(row.value()).ok());
        for source in answer.iter().flat_map(cited) {
            self.sources.remove((source.0, id))?;
        }
        Ok(())
    }

    /// Removes the oldest, as long as they are older than `oldest` or all are more than `bytes`.
    fn expire(&mut self, oldest: i64, bytes: u64) -> redb::Result<()> {
        for _ in 0..REMOVED_MAX {
            let Some((time, id)) = self.first()? else {
                break;
            };
            if time >= oldest && self.bytes <= bytes {
                break;
            }
            self.remove(&id)?;
        }
        Ok(())
    }

    /// The oldest answer: when it was recorded, and its id.
    fn first(&self) -> redb::Result<Option<(i64, String)>> {
        let first = self.ages.first()?;
        Ok(first.map(|(key, _)| {
            let (time, id) = key.value();
            (time, id.to_owned())
        }))
    }

    fn close(self, transaction: &WriteTransaction) -> Result<()> {
        let path = self.path;
        let mut meta = transaction
            .open_table(layout::META)
            .map_err(|error| layout::database_error(path, error))?;
        meta.insert(layout::ANSWER_BYTES, layout::encode(&self.bytes).as_slice())
            .map_err(|error| layout::database_error(path, error))?;
        Ok(())
    }
}
