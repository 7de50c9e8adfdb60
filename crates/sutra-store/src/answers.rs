//! Recorded answers: kept under their ids, for a time and up to a size.
//!
//! They are no part of what was learned: they expire, and the oldest make room for new ones. Two tables beside the
//! records say when each was recorded and which is the oldest.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use redb::{Database, ReadableDatabase, ReadableTable, Table, WriteTransaction};
use sutra_model::Result;

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

/// Counts answers of which it is not known when they were recorded as recorded now.
pub fn date_undated(transaction: &WriteTransaction, path: &Path) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    let mut answers = Answers::open(transaction, path)?;
    let mut undated = Vec::new();
    for row in answers.records.iter().map_err(fail)? {
        let (id, record) = row.map_err(fail)?;
        if answers.times.get(id.value()).map_err(fail)?.is_none() {
            undated.push((id.value().to_owned(), record.value().len() as u64));
        }
    }
    for (id, bytes) in undated {
        answers.date(&id, now(), bytes).map_err(fail)?;
    }
    answers.close(transaction)
}

/// Keeps answers, each under its id, and lets go of those that are beyond the limits.
pub fn put(
    transaction: &WriteTransaction,
    path: &Path,
    answers: &BTreeMap<String, Vec<u8>>,
    limits: &AnswerLimits,
) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    let now = now();
    let mut kept = Answers::open(transaction, path)?;
    for (id, record) in answers {
        kept.put(id, record, now).map_err(fail)?;
    }
    kept.expire(limits.oldest(now), limits.bytes).map_err(fail)?;
    kept.close(transaction)
}

/// A record that has not expired.
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
    let record = records.get(id).map_err(fail)?;
    Ok(record.map(|record| record.value().to_vec()))
}

/// The tables of recorded answers, open for writing.
struct Answers<'t> {
    path: &'t Path,
    records: Table<'t, &'static str, &'static [u8]>,
    times: Table<'t, &'static str, i64>,
    ages: Table<'t, (i64, &'static str), u64>,
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
            bytes,
        })
    }

    fn put(&mut self, id: &str, record: &[u8], now: i64) -> redb::Result<()> {
        self.remove(id)?;
        self.records.insert(id, record)?;
        self.date(id, now, record.len() as u64)
    }

    fn date(&mut self, id: &str, time: i64, bytes: u64) -> redb::Result<()> {
        self.times.insert(id, time)?;
        self.ages.insert((time, id), bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    fn remove(&mut self, id: &str) -> redb::Result<()> {
        let time = self.times.remove(id)?.map(|row| row.value());
        if let Some(time) = time {
            let bytes = self.ages.remove((time, id))?.map(|row| row.value());
            self.bytes = self.bytes.saturating_sub(bytes.unwrap_or(0));
            self.records.remove(id)?;
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
