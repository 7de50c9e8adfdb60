//! A damaged store, as far as it can be read.
//!
//! Each row is looked up by its key, so that a page that is not what was written loses only what stands on it. What the
//! lists of a source or a statement say stands a second time in other rows, and is found there where a list is lost.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use redb::{Key, TableDefinition, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sutra_model::{Error, Result, Source};

use crate::associations::EdgeKey;
use crate::layout::{self, DATABASE_FILE, FORMAT};
use crate::receipts::ForgettingReceipt;
use crate::records::{
    ChangeRecord, ConceptRecord, EvidenceRecord, NextIds, Placed, RelationRecord, SupportRecord, VectorRecord,
};
use crate::salvage::pages::{PageFile, lost, u64_at};
use crate::salvage::tree::{Gap, Read, Table, Tables, Unreadable};
use crate::texts::CHUNK_BYTES;

/// What lists that are lost had, by whose they are, and whether that is all.
type Elsewhere<T> = (FxHashMap<u64, Vec<T>>, bool);

/// The rows of a damaged store.
#[derive(Debug)]
pub struct Truth {
    file: PageFile,
    tables: Tables,
    /// Whether it is the state before the last commit.
    pub older: bool,
    /// Whether a last commit is left out because it was never finished, as far as anybody can tell.
    pub left_out: bool,
    placed_elsewhere: OnceCell<Elsewhere<Placed>>,
    given_elsewhere: OnceCell<Elsewhere<EdgeKey>>,
}

impl Truth {
    /// Opens the state that counts; only with `older` the one before it, where that cannot be read.
    ///
    /// # Errors
    /// [`Error::StoreLocked`], [`Error::UnsupportedFormat`], [`Error::Io`], and [`Error::Corrupt`] where nothing can be
    /// taken out of the file.
    pub fn open(folder: &Path, older: bool) -> Result<Self> {
        let path = folder.join(DATABASE_FILE);
        let (file, slots) = PageFile::open(&path)?;
        let states = slots.slots.iter().map(|slot| Tables::read(&file, slot.root));
        let mut states: Vec<Option<Tables>> = states.collect();
        let (mut chosen, mut left_out) = (None, false);
        if slots.may_be_torn {
            // Opening it would take the last state of which every page is there.
            let whole = |state: &Option<Tables>| state.as_ref().is_some_and(|state| state.are_whole(&file));
            chosen = states.iter().position(whole).map(|at| (at, false));
            left_out = chosen.is_some_and(|(at, _)| at > 0);
        }
        if chosen.is_none() && !slots.last_is_lost && states[0].is_some() {
            chosen = Some((0, false));
        }
        if chosen.is_none() && older {
            chosen = states.iter().position(Option::is_some).map(|at| (at, true));
        }
        let before = states.iter().any(Option::is_some);
        let state = chosen.and_then(|(at, older)| Some((states[at].take()?, older)));
        let Some((tables, older)) = state else {
            return Err(lost(
                &path,
                match before {
                    true => {
                        "the state that its last commit left cannot be read; `sutra salvage --older` takes the one \
                         before, with all that this commit forgot"
                    }
                    false => "no state of it has a first page that can be read",
                },
            ));
        };
        let truth = Self {
            file,
            tables,
            older,
            left_out,
            placed_elsewhere: OnceCell::new(),
            given_elsewhere: OnceCell::new(),
        };
        match truth.meta::<u32>("format") {
            Ok(Some(FORMAT)) | Err(Unreadable) => Ok(truth),
            Ok(Some(found)) => Err(Error::UnsupportedFormat {
                path,
                found,
                supported: FORMAT,
            }),
            Ok(None) => Err(lost(&path, "it is not a store")),
        }
    }

    /// The path of `storage.dat`.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Where a table begins in the file.
    #[cfg(test)]
    pub fn start(&self, table: &str) -> Option<u64> {
        self.file.start(self.tables.root(table)?)
    }

    fn rows<K: Key + 'static, V: Value + 'static>(&self, table: TableDefinition<K, V>) -> Table<'_, K, V> {
        self.tables.table(&self.file, table)
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Read<T> {
        layout::decode(bytes, self.path(), "row").map_err(|_| Unreadable)
    }

    fn decoded<T: DeserializeOwned>(&self, row: Read<Option<Vec<u8>>>) -> Read<Option<T>> {
        row?.map(|bytes| self.decode(&bytes)).transpose()
    }

    fn meta<T: DeserializeOwned>(&self, key: &str) -> Read<Option<T>> {
        self.decoded(self.rows(layout::META).get(key))
    }

    /// The number of the model in use.
    pub fn model(&self) -> Read<Option<u32>> {
        self.meta(layout::MODEL)
    }

    /// A model.
    pub fn model_record(&self, model: u32) -> Read<Option<crate::records::ModelRecord>> {
        self.decoded(self.rows(layout::MODELS).get(model))
    }

    /// The number that the next source gets.
    pub fn next_source(&self) -> Read<Option<u64>> {
        let next: Read<Option<NextIds>> = self.meta(layout::NEXT_IDS);
        next.map(|next| next.map(|next| next.source))
    }

    /// The last source of which a text or a list of statements can be read.
    pub fn last_source_with_words(&self) -> u64 {
        let mut last = 0;
        self.rows(layout::SOURCE_STATEMENTS)
            .each(|source, _| last = last.max(source));
        self.rows(layout::TEXTS)
            .each(|(source, _), _| last = last.max(source));
        last
    }

    /// Visits every transaction's record, and tells which transactions may have one that cannot be read.
    pub fn changes(&self, mut see: impl FnMut(u64, ChangeRecord)) -> Vec<RangeInclusive<u64>> {
        self.each(layout::CHANGES, &mut see)
    }

    /// Visits every source, and tells which numbers may have one that cannot be read.
    pub fn sources(&self, mut see: impl FnMut(u64, Source)) -> Vec<RangeInclusive<u64>> {
        self.each(layout::SOURCES, &mut see)
    }

    /// Every receipt as its row, and which transactions may have one that cannot be read.
    pub fn receipts(&self) -> (Vec<(u64, ForgettingReceipt)>, Vec<RangeInclusive<u64>>) {
        let mut found = Vec::new();
        let lost = self.each(layout::RECEIPTS, &mut |number, receipt| {
            found.push((number, receipt))
        });
        (found, lost)
    }

    fn each<T: DeserializeOwned>(
        &self,
        table: TableDefinition<u64, &'static [u8]>,
        see: &mut dyn FnMut(u64, T),
    ) -> Vec<RangeInclusive<u64>> {
        let mut unfit = Vec::new();
        let gaps = self.rows(table).each(|key, row| match self.decode(row) {
            Ok(record) => see(key, record),
            Err(Unreadable) => unfit.push(key..=key),
        });
        unfit.extend(gaps.iter().map(numbers));
        unfit.sort_by_key(|range| *range.start());
        unfit
    }

    /// Every relation, and whether there may be more.
    pub fn relations(&self) -> (FxHashMap<u32, RelationRecord>, bool) {
        let mut relations = FxHashMap::default();
        let mut unfit = false;
        let gaps = self
            .rows(layout::RELATIONS)
            .each(|id, row| match self.decode(row) {
                Ok(record) => drop(relations.insert(id, record)),
                Err(Unreadable) => unfit = true,
            });
        (relations, unfit || !gaps.is_empty())
    }

    /// Rows of vectors that stand in the database, by number.
    pub fn unsynced(&self, model: u32) -> FxHashMap<u64, Vec<u8>> {
        let mut rows = FxHashMap::default();
        // Where a page of these is lost, the file of the row has it as a rule, or else the row's checksum tells.
        self.rows(layout::UNSYNCED).each(|(of, row), bytes| {
            if of == model {
                rows.insert(row, bytes.to_vec());
            }
        });
        rows
    }

    /// A source.
    pub fn source(&self, id: u64) -> Read<Option<Source>> {
        self.decoded(self.rows(layout::SOURCES).get(id))
    }

    /// A source's whole text; otherwise, why it is lost.
    pub fn text(&self, source: &Source) -> std::result::Result<String, &'static str> {
        let table = self.rows(layout::TEXTS);
        let mut bytes = Vec::new();
        for number in 0..source.length.div_ceil(CHUNK_BYTES) {
            let key = (
                source.id.0,
                u32::try_from(number).map_err(|_| "its text cannot be read")?,
            );
            match table.get(key) {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return Err("some of its text is missing"),
                Err(Unreadable) => return Err("some of its text cannot be read"),
            }
        }
        if Sha256::digest(&bytes)[..] != source.sha256 {
            return Err("its text does not have its SHA-256");
        }
        String::from_utf8(bytes).map_err(|_| "its text is no UTF-8")
    }

    /// What of a source's text is markup; nothing where that cannot be read.
    pub fn markup(&self, source: u64) -> Vec<(u64, u64)> {
        let found = self.decoded(self.rows(layout::MARKUP).get(source));
        found.ok().flatten().unwrap_or_default()
    }

    /// The statements of a source, and whether all of them are known.
    pub fn placed(&self, source: u64) -> (Vec<Placed>, bool) {
        match self.decoded(self.rows(layout::SOURCE_STATEMENTS).get(source)) {
            Ok(placed) => (placed.unwrap_or_default(), true),
            Err(Unreadable) => {
                let (found, all) = self.placed_elsewhere.get_or_init(|| self.find_placed());
                (found.get(&source).cloned().unwrap_or_default(), *all)
            }
        }
    }

    /// Statements of sources whose list is lost.
    fn find_placed(&self) -> Elsewhere<Placed> {
        let listless = self.listless(layout::SOURCE_STATEMENTS);
        let mut found: FxHashMap<u64, Vec<Placed>> = FxHashMap::default();
        let gaps = self
            .rows(layout::SUPPORTS)
            .each(|(statement, source, start), row| {
                let record: Read<SupportRecord> = self.decode(row);
                if let Ok(record) = record
                    && record.retired.is_none()
                    && listless.iter().any(|range| range.contains(&source))
                {
                    found.entry(source).or_default().push(Placed {
                        start,
                        length: record.length,
                        statement,
                    });
                }
            });
        found.values_mut().for_each(|placed| placed.sort_unstable());
        (found, gaps.is_empty())
    }

    /// A concept.
    pub fn concept(&self, id: u64) -> Read<Option<ConceptRecord>> {
        self.decoded(self.rows(layout::CONCEPTS).get(id))
    }

    /// The associations that a statement supports, and whether all of them are known.
    pub fn given(&self, statement: u64) -> (Vec<EdgeKey>, bool) {
        match self.decoded(self.rows(layout::STATEMENT_EVIDENCE).get(statement)) {
            Ok(given) => (given.unwrap_or_default(), true),
            Err(Unreadable) => {
                let (found, all) = self.given_elsewhere.get_or_init(|| self.find_given());
                (found.get(&statement).cloned().unwrap_or_default(), *all)
            }
        }
    }

    /// Associations of statements whose list is lost.
    fn find_given(&self) -> Elsewhere<EdgeKey> {
        let listless = self.listless(layout::STATEMENT_EVIDENCE);
        let mut found: FxHashMap<u64, Vec<EdgeKey>> = FxHashMap::default();
        let gaps = self
            .rows(layout::EVIDENCE)
            .each(|(subject, relation, object, statement), _| {
                if listless.iter().any(|range| range.contains(&statement)) {
                    found
                        .entry(statement)
                        .or_default()
                        .push((subject, relation, object));
                }
            });
        (found, gaps.is_empty())
    }

    fn listless(&self, table: TableDefinition<u64, &'static [u8]>) -> Vec<RangeInclusive<u64>> {
        self.rows(table).gaps().iter().map(numbers).collect()
    }

    /// A piece of evidence.
    pub fn evidence(
        &self,
        (subject, relation, object): EdgeKey,
        statement: u64,
    ) -> Read<Option<EvidenceRecord>> {
        let key = (subject, relation, object, statement);
        self.decoded(self.rows(layout::EVIDENCE).get(key))
    }

    /// The row of a statement's vector.
    pub fn vector(&self, model: u32, statement: u64) -> Read<Option<VectorRecord>> {
        self.decoded(self.rows(layout::VECTORS).get((model, statement)))
    }
}

/// The numbers that keys of a gap can be.
fn numbers((after, to): &Gap) -> RangeInclusive<u64> {
    let number = |key: &Option<Vec<u8>>| key.as_ref().and_then(|key| u64_at(key, 0));
    let first = number(after).map_or(0, |after| after.saturating_add(1));
    first..=number(to).unwrap_or(u64::MAX)
}

/// What the records of transactions tell.
#[derive(Debug, Default)]
pub struct History {
    /// When each was made.
    pub times: BTreeMap<u64, i64>,
    /// Sources that were forgotten.
    pub forgotten: FxHashSet<u64>,
    /// The last source that was learned.
    pub last_source: u64,
    /// Transactions whose record cannot be read.
    pub lost: Vec<RangeInclusive<u64>>,
}

impl History {
    pub fn read(truth: &Truth) -> Self {
        let mut history = Self::default();
        let lost = truth.changes(|number, record| {
            history.times.insert(number, record.time);
            history.forgotten.extend(record.forgotten_sources.iter());
            let last = record.sources.last().unwrap_or(0);
            history.last_source = history.last_source.max(last);
        });
        history.lost = lost;
        history
    }

    /// When a transaction was made, or about when.
    pub fn time(&self, transaction: u64) -> i64 {
        let before = self.times.range(..=transaction).next_back();
        let known = before.or_else(|| self.times.range(transaction..).next());
        known.map_or(0, |(number, time)| {
            let since = i128::from(transaction) - i128::from(*number);
            time.saturating_add(i64::try_from(since).unwrap_or(0))
        })
    }
}
