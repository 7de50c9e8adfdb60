//! Where a store stands: which transaction was the last one at a moment (the times of transactions rise, so it is found
//! by bisection), and how far an outside log was learned.

use std::path::Path;

use redb::{ReadableDatabase, ReadableTable};
use sutra_model::{Error, LogPosition, Result, TransactionId};

use crate::layout;
use crate::records::ChangeRecord;
use crate::store::Store;

/// The number of the first transaction that was not made before a time, one more than the last where all were.
pub(crate) fn first_not_before(
    changes: &impl ReadableTable<u64, &'static [u8]>,
    last: u64,
    time: i64,
    path: &Path,
) -> Result<u64> {
    let (mut first, mut end) = (1, last + 1);
    while first < end {
        let middle = first.midpoint(end);
        let row = layout::given(path, changes.get(middle))?;
        let row = row.ok_or_else(|| Error::Corrupt {
            path: path.to_owned(),
            detail: format!("transaction {middle} is missing"),
        })?;
        let record: ChangeRecord = layout::decode(row.value(), path, "transaction")?;
        match record.time < time {
            true => first = middle + 1,
            false => end = middle,
        }
    }
    Ok(first)
}

impl Store {
    /// How far an outside log was learned, as the last batch that said so told it; `None` where none did.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn log_position(&self) -> Result<Option<LogPosition>> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let meta = layout::given(&self.path, read.open_table(layout::META))?;
        let row = layout::given(&self.path, meta.get(layout::LOG_POSITION))?;
        row.map(|row| layout::decode(row.value(), &self.path, layout::LOG_POSITION))
            .transpose()
    }

    /// The last transaction that was made at or before a time, in microseconds since 1970-01-01 UTC; 0 where there is
    /// none.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn transaction_at(&self, time: i64) -> Result<TransactionId> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let changes = layout::given(&self.path, read.open_table(layout::CHANGES))?;
        let last = layout::given(&self.path, changes.last())?.map_or(0, |(number, _)| number.value());
        let first_after = first_not_before(&changes, last, time.saturating_add(1), &self.path)?;
        Ok(TransactionId(first_after - 1))
    }
}
