//! The change feed: transactions as bytes that another store applies.
//!
//! ```text
//! format (1 byte) | history (16 bytes) | body (postcard) | CRC-32C of all before (4 bytes, the lowest first)
//! ```
//!
//! The body is the embedder, the transaction's record and its [change](crate::change), vectors included: who follows
//! never embeds. What was forgotten meanwhile is missing in it. Such a change says up to which transaction a follower
//! has to go in the same step, so that no reader ever sees a state that was none: [following](crate::follow).
//!
//! Reads the store and writes nothing but what a follower applies, in one commit or not at all.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use redb::{ReadableDatabase, WriteTransaction};
use serde::{Deserialize, Serialize};
use sutra_model::{Error, Result, TransactionId};

use crate::answers;
use crate::apply::{Writer, put};
use crate::change::Change;
use crate::column::Column;
use crate::layout;
use crate::opening::random_bytes;
use crate::records::{ChangeRecord, EmbedderId};
use crate::snapshot::Snapshot;
use crate::store::{Store, UNSYNCED_ROWS_MAX};
use crate::updates::Updates;

/// The form of a change that this version writes and reads; whatever alters [`Body`] raises it.
const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 1 + size_of::<History>();
const CHECKSUM_BYTES: usize = size_of::<u32>();
/// Bytes after which [`Store::changes_since`] gives no more at once.
const PAGE_BYTES: usize = 16 << 20;
/// Changes of fewer bytes than this keep their vectors in the database until a later commit syncs them.
const SMALL_BYTES: usize = 64 << 10;
/// Changes after which what they met is written, so that memory stays bounded.
const FLUSH: usize = 256;

/// Which store it all began in.
type History = [u8; 16];

/// One transaction, for others to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEvent {
    /// Its number.
    pub transaction: TransactionId,
    /// When it was made, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Sources that it learned, those among them that were forgotten since.
    pub learned_sources: u64,
    /// Concepts that it learned, those among them that were forgotten since.
    pub learned_concepts: u64,
    /// Sources that it forgot.
    pub forgotten_sources: u64,
    /// Concepts that it forgot.
    pub forgotten_concepts: u64,
    /// The transaction up to which a follower has to apply changes in the same call: this one itself, or a later one
    /// where something of this was forgotten since.
    pub settled: TransactionId,
    /// Whether it took anything away that others had learned.
    pub forgets: bool,
    /// The change as [`Store::apply_changes`] takes it.
    pub data: Vec<u8>,
}

/// What a change says beside format and history.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub embedder: EmbedderId,
    pub model: u32,
    /// See [`ChangeEvent::settled`].
    pub settled: u64,
    pub record: ChangeRecord,
    pub change: Change,
}

impl ChangeEvent {
    /// Reads what [`data`](Self::data) says of itself.
    ///
    /// # Errors
    /// [`Error::InvalidChange`] when these are no bytes of a change, or of a form that this version does not read.
    pub fn decode(data: &[u8]) -> Result<Self> {
        let (_, body) = decode(data)?;
        Ok(Self::of(&body, data.to_vec()))
    }

    fn of(body: &Body, data: Vec<u8>) -> Self {
        let record = &body.record;
        Self {
            transaction: body.change.transaction,
            time: record.time,
            learned_sources: record.sources.len(),
            learned_concepts: record.concepts.len(),
            forgotten_sources: record.forgotten_sources.len(),
            forgotten_concepts: record.forgotten_concepts.len(),
            settled: TransactionId(body.settled),
            forgets: forgets(record),
            data,
        }
    }
}

fn encode(history: &History, body: &Body) -> Vec<u8> {
    let mut data = vec![FORMAT];
    data.extend_from_slice(history);
    let mut data = postcard::to_extend(body, data).expect("records of plain data always encode");
    let checksum = crc32c::crc32c(&data);
    data.extend_from_slice(&checksum.to_le_bytes());
    data
}

fn decode(data: &[u8]) -> Result<(History, Body)> {
    let refuse = |reason: String| Error::InvalidChange {
        transaction: 0,
        reason,
    };
    match data.first() {
        Some(&FORMAT) => {}
        Some(found) => {
            return Err(refuse(format!(
                "it has form {found}, this version reads form {FORMAT}; run the same version of Sutra on both sides"
            )));
        }
        None => return Err(refuse("it is empty; fetch it again".to_owned())),
    }
    let torn = || refuse("its bytes are damaged or not all there; fetch it again".to_owned());
    let (told, checksum) = data
        .split_last_chunk::<CHECKSUM_BYTES>()
        .filter(|(told, _)| told.len() > HEADER_BYTES)
        .ok_or_else(torn)?;
    if crc32c::crc32c(told) != u32::from_le_bytes(*checksum) {
        return Err(torn());
    }
    let history = told[1..HEADER_BYTES].try_into().map_err(|_| torn())?;
    match postcard::take_from_bytes(&told[HEADER_BYTES..]) {
        Ok((body, [])) => Ok((history, body)),
        _ => Err(torn()),
    }
}

/// Whether a transaction took anything away that others had learned. One that learned nothing ends what was
/// [restored](crate::restore): it took what waited for others.
fn forgets(record: &ChangeRecord) -> bool {
    let learns_nothing = record.sources.is_empty()
        && record.concepts.is_empty()
        && record.altered.is_empty()
        && record.supports.is_empty()
        && record.evidence.is_empty()
        && record.vectors.is_empty()
        && record.retired.is_empty();
    !record.forgotten_sources.is_empty()
        || !record.blanked.is_empty()
        || !record.untitled.is_empty()
        || !record.forgotten_concepts.is_empty()
        || record.expired.is_some()
        || learns_nothing
}

impl Store {
    /// The transactions after one, in order: the first `limit`, fewer where they are large; none after the last.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a transaction that is not there yet, [`Error::Io`], [`Error::Corrupt`].
    pub fn changes_since(&self, since: TransactionId, limit: usize) -> Result<Vec<ChangeEvent>> {
        let snapshot = self.snapshot()?;
        let last = snapshot.transaction().0;
        if since.0 > last {
            return Err(Error::InvalidValue {
                what: "since",
                value: since.0.to_string(),
                allowed: "the number of a transaction of this store, or 0",
            });
        }
        let history = self.history()?;
        let end = last.min(since.0.saturating_add(limit as u64));
        let mut events = Vec::new();
        let mut bytes = 0;
        let mut forgotten = None;
        for number in since.0 + 1..=end {
            let transaction = TransactionId(number);
            let record = record_of(&snapshot, transaction)?;
            let change = snapshot.replay(transaction, &record)?;
            let settled = match (record.salt, forgotten) {
                (Some(_), _) => number,
                (None, Some(last)) => number.max(last),
                (None, None) => {
                    let last = last_forgetting(&snapshot)?;
                    forgotten = Some(last);
                    number.max(last)
                }
            };
            let body = Body {
                embedder: self.embedder().clone(),
                model: self.model,
                settled,
                record,
                change,
            };
            let data = encode(&history, &body);
            bytes += data.len();
            events.push(ChangeEvent::of(&body, data));
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(events)
    }

    fn history(&self) -> Result<History> {
        let fail = |error| layout::database_error(&self.path, error);
        let read = self
            .database
            .begin_read()
            .map_err(|error| layout::database_error(&self.path, error))?;
        let meta = read
            .open_table(layout::META)
            .map_err(|error| layout::database_error(&self.path, error))?;
        let row = meta.get(layout::HISTORY).map_err(fail)?;
        row.and_then(|row| row.value().try_into().ok())
            .ok_or_else(|| Error::Corrupt {
                path: self.path.clone(),
                detail: "\"history\" is missing".to_owned(),
            })
    }

    /// Applies changes of another store, which follow on the last transaction of this one, in one durable commit, and
    /// tells the last transaction then. A new, empty store takes over the history that they belong to.
    ///
    /// Changes of which something was forgotten meanwhile have to come with all up to [`ChangeEvent::settled`]. After
    /// that the store holds exactly what the other one held after the same transaction.
    ///
    /// # Errors
    /// [`Error::InvalidChange`], [`Error::HistoryMismatch`], [`Error::EmbedderMismatch`], [`Error::ReadOnly`] and
    /// [`Error::DiskFull`] leave the store as it was. After [`Error::Io`] they are applied or not.
    pub fn apply_changes<T: AsRef<[u8]>>(&self, changes: &[T]) -> Result<(TransactionId, Updates)> {
        self.apply_ended(changes, None)
    }

    /// Applies changes; with `later` ones whatever comes after them is left out, but for what these forgot:
    /// [restoring](crate::restore).
    pub(crate) fn apply_ended<T: AsRef<[u8]>>(
        &self,
        changes: &[T],
        later: Option<&[T]>,
    ) -> Result<(TransactionId, Updates)> {
        let bytes = changes.iter().map(|change| change.as_ref().len()).sum();
        let mut column = self.lock_to_write(bytes as u64)?;
        let outcome = self.noting_failure(self.apply_group(changes, later, bytes, &mut column));
        match &outcome {
            Ok(_) => column.accept(),
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    fn apply_group<T: AsRef<[u8]>>(
        &self,
        changes: &[T],
        later: Option<&[T]>,
        bytes: usize,
        column: &mut Column,
    ) -> Result<(TransactionId, Updates)> {
        let own = self.history()?;
        let mut transaction = self.begin()?;
        let is_small = bytes < SMALL_BYTES;
        transaction.set_quick_repair(!is_small);
        let mut updates = Updates::default();
        let (mut forgotten, mut names) = (BTreeSet::new(), Vec::new());
        let mut adopted = own;
        let last = {
            let sync_later = is_small && column.unsynced() < UNSYNCED_ROWS_MAX;
            let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
            if sync_later {
                writer.sync_vectors_later();
            }
            for (index, data) in changes.iter().enumerate() {
                let (history, body) = decode(data.as_ref())?;
                let number = body.change.transaction.0;
                if history != adopted && writer.transaction > 0 {
                    return Err(Error::HistoryMismatch {
                        transaction: number,
                        reason: "it belongs to the history of another store".to_owned(),
                    });
                }
                adopted = history;
                self.check_model(&body)?;
                forgotten.append(&mut body.change.sources_hit());
                names.append(&mut writer.names_of(&body.change)?);
                writer.follow(body, &mut updates)?;
                if (index + 1).is_multiple_of(FLUSH) {
                    writer.write_met()?;
                }
            }
            if let Some(later) = later {
                let mut unlearned = Vec::with_capacity(later.len());
                for data in later {
                    let (history, body) = decode(data.as_ref())?;
                    if history != adopted {
                        return Err(Error::HistoryMismatch {
                            transaction: body.change.transaction.0,
                            reason: "it belongs to the history of another store".to_owned(),
                        });
                    }
                    unlearned.push(body.change);
                }
                writer.end_following(unlearned, &mut updates)?;
                adopted = random_bytes(&self.path)?;
            } else {
                writer.check_settled()?;
            }
            let last = TransactionId(writer.transaction);
            if later.is_none() && !writer.has_changes() {
                return Ok((last, updates));
            }
            writer.finish(&transaction)?;
            last
        };
        if adopted != own {
            self.adopt(&transaction, &adopted)?;
        }
        if !forgotten.is_empty() {
            answers::erase(&transaction, &self.path, &forgotten, &names)?;
        }
        transaction
            .commit()
            .map_err(|error| layout::database_error(&self.path, error))?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok((last, updates))
    }

    fn adopt(&self, transaction: &WriteTransaction, history: &History) -> Result<()> {
        let mut meta = transaction
            .open_table(layout::META)
            .map_err(|error| layout::database_error(&self.path, error))?;
        put(&self.path, meta.insert(layout::HISTORY, history.as_slice()))
    }

    /// Checks that vectors are of this store's model.
    fn check_model(&self, body: &Body) -> Result<()> {
        let (stored, offered) = (self.embedder(), &body.embedder);
        if stored != offered {
            return Err(Error::EmbedderMismatch {
                stored: stored.fingerprint.clone(),
                stored_dimension: stored.dimension,
                offered: offered.fingerprint.clone(),
                offered_dimension: offered.dimension,
            });
        }
        let fits = |vector: &crate::StoredVector| {
            vector.model == self.model && vector.values.len() == stored.dimension
        };
        if body.model != self.model || !body.change.vectors.iter().all(fits) {
            return Err(Error::InvalidChange {
                transaction: body.change.transaction.0,
                reason:
                    "it has vectors of a model that this store does not have; follow into a new, empty folder"
                        .to_owned(),
            });
        }
        Ok(())
    }
}

/// The last transaction that forgot something; 0 where none did.
fn last_forgetting(snapshot: &Snapshot) -> Result<u64> {
    for number in (1..=snapshot.transaction().0).rev() {
        if forgets(&record_of(snapshot, TransactionId(number))?) {
            return Ok(number);
        }
    }
    Ok(0)
}

fn record_of(snapshot: &Snapshot, transaction: TransactionId) -> Result<ChangeRecord> {
    let record = snapshot.change_record(transaction)?;
    record.ok_or_else(|| snapshot.corrupt(format!("transaction {} is missing", transaction.0)))
}
