//! Salvage: what a damaged store still has goes into a new one.
//!
//! The damaged folder is only read, and only what was written there: every page by the checksum that the page above has
//! for it, every text by its SHA-256, every vector by its CRC. Free pages are never looked at, and only what lives is
//! taken, so that nothing comes back that was forgotten. A source is taken whole or not at all; what of its statements,
//! associations and vectors cannot be read is left out, and never derived again: what was forgotten of a source would
//! come back with it.
//!
//! Sources are learned again in the order of old, in transactions of the same numbers and times. A transaction of which
//! nothing is left is one that learns nothing. The new store has a history of its own, and gives out numbers of its own
//! to sources and concepts; where nothing is missing they are the same.

mod batch;
mod pages;
mod report;
mod tree;
mod truth;
mod vectors;

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use rustc_hash::FxHashMap;
use sutra_model::{ConceptId, Error, Result, Roles, TransactionId};

use crate::apply::{Writer, put};
use crate::change::{Change, NewConcept};
use crate::clock::now;
use crate::column::{Column, column_folder};
use crate::folder::entries;
use crate::layout;
use crate::opening::{FIRST_MODEL, random_bytes};
use crate::purge::Purged;
use crate::receipts::KEY_FILE;
use crate::records::{EmbedderId, ModelRecord};
use crate::salvage::batch::{Taken, Taking};
use crate::salvage::report::Losses;
pub use crate::salvage::report::{LostSources, SalvageReport};
use crate::salvage::truth::{History, Truth};
use crate::salvage::vectors::{Vectors, model_of_files};
use crate::store::{OpenOptions, Store};
use crate::updates::Updates;
use crate::validate::validate;

/// Bytes of texts and statements after which what was learned is made durable.
const GROUP_BYTES: u64 = 16 << 20;
/// Transactions after which it is.
const GROUP: u64 = 4096;
/// Bytes that count for a statement.
const STATEMENT_BYTES: u64 = 1 << 10;

/// How a store is salvaged.
#[derive(Clone, Debug, Default)]
pub struct SalvageOptions {
    /// Take the state before the last commit, where that which it left cannot be read. All comes back that this commit
    /// forgot.
    pub older: bool,
    /// Whose vectors the new store is for, where the damaged one does not tell.
    pub embedder: Option<EmbedderId>,
    /// Vectors in a file of them; [`OpenOptions::ROWS_PER_FILE`] where `None`.
    pub rows_per_file: Option<u64>,
}

/// Takes all that can be read out of the damaged store in `folder` into a new one in `into`, a new or an empty folder.
///
/// # Errors
/// [`Error::InvalidValue`] where `into` holds anything; [`Error::Corrupt`] where nothing can be taken;
/// [`Error::StoreLocked`], [`Error::UnsupportedFormat`], [`Error::DiskFull`], [`Error::Io`]. What `into` holds then is no
/// store to be used.
pub fn salvage(folder: &Path, into: &Path, options: &SalvageOptions) -> Result<SalvageReport> {
    if !entries(into)?.is_empty() {
        return Err(Error::InvalidValue {
            what: "folder of the new store",
            value: into.display().to_string(),
            allowed: "a new or an empty folder",
        });
    }
    let truth = Truth::open(folder, options.older)?;
    let mut losses = Losses::default();
    if truth.left_out {
        losses.fault(
            "the last commit is left out: pages of it are missing, as where it was never finished".to_owned(),
        );
    }
    let (model, record, columns) = model_of(&truth, folder, options, &mut losses)?;
    let rows_per_file = options.rows_per_file.unwrap_or(OpenOptions::ROWS_PER_FILE);
    let dimension = record.embedder.dimension;
    let vectors = Vectors::new(columns, dimension, rows_per_file, truth.unsynced(model));
    let (relations, some_are_lost) = truth.relations();
    if some_are_lost {
        losses.fault("names of relations cannot be read: their associations are lost".to_owned());
    }
    let history = History::read(&truth);
    for lost in &history.lost {
        losses.fault(format!(
            "the records of transactions {} cannot be read",
            said(lost)
        ));
    }
    let (sources, last_learned) = living_sources(&truth, &history, &mut losses);
    let (receipts, lost) = truth.receipts();
    for lost in lost {
        losses.fault(format!("receipts of transactions {} cannot be read", said(&lost)));
    }
    let known = [last_learned, history.times.keys().last().copied().unwrap_or(0)];
    let receipt = receipts.last().map_or(0, |(number, _)| *number);
    let last = known.into_iter().chain([receipt]).max().unwrap_or(0);
    let store = Store::open(
        into,
        OpenOptions {
            rows_per_file,
            ..OpenOptions::new(record.embedder)
        },
    )?;
    let mut taking = Taking {
        truth: &truth,
        vectors: &vectors,
        model,
        dimension,
        relations: &relations,
        numbers: FxHashMap::default(),
        waiting: FxHashMap::default(),
        losses,
    };
    let mut next = 1;
    while next <= last {
        next = store.learn_again(next..=last, &sources, &history, &mut taking)?;
    }
    let losses = taking.losses;
    store.keep_receipts(folder, into, &receipts, last)?;
    let mut report = SalvageReport {
        transaction: last,
        taken: store.snapshot()?.totals(),
        receipts: receipts.len() as u64,
        older: truth.older,
        ..SalvageReport::default()
    };
    losses.told(&mut report);
    Ok(report)
}

/// The model in use, and where its vectors lie.
fn model_of(
    truth: &Truth,
    folder: &Path,
    options: &SalvageOptions,
    losses: &mut Losses,
) -> Result<(u32, ModelRecord, std::path::PathBuf)> {
    let model = truth.model().ok().flatten().unwrap_or(FIRST_MODEL);
    if let Ok(Some(record)) = truth.model_record(model) {
        let columns = column_folder(folder, model, record.generation);
        return Ok((model, record, columns));
    }
    if let Some((record, columns)) = model_of_files(folder, options.embedder.as_ref()) {
        losses.fault("which embedder it is for was read from its files of vectors".to_owned());
        return Ok((model, record, columns));
    }
    let Some(embedder) = options.embedder.clone() else {
        return Err(pages::lost(
            truth.path(),
            "it does not tell whose vectors it holds",
        ));
    };
    losses.fault(format!(
        "which embedder it is for cannot be read: the new store is for {}",
        embedder.fingerprint
    ));
    let record = ModelRecord {
        embedder,
        generation: 0,
        rows: 0,
    };
    let columns = column_folder(folder, model, 0);
    Ok((model, record, columns))
}

/// The sources that live, by the transactions that learned them, and the last of these.
fn living_sources(truth: &Truth, history: &History, losses: &mut Losses) -> (BTreeMap<u64, Vec<u64>>, u64) {
    let mut sources: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let (mut last, mut last_learned) = (history.last_source, 0);
    let gaps = truth.sources(|id, source| {
        last = last.max(id);
        last_learned = last_learned.max(source.learned.0);
        if source.retired.is_none() {
            sources.entry(source.learned.0).or_default().push(id);
        }
    });
    let is_open = gaps.iter().any(|gap| *gap.end() == u64::MAX);
    match truth.next_source() {
        Ok(Some(next)) => last = next.saturating_sub(1),
        _ if is_open => {
            last = last.max(truth.last_source_with_words());
            losses.fault(format!(
                "how many sources there were cannot be read: those after {last} are lost, if there were any"
            ));
        }
        _ => {}
    }
    for gap in gaps {
        let ids = *gap.start().max(&1)..=*gap.end().min(&last);
        for id in ids.filter(|id| !history.forgotten.contains(id)) {
            losses.source(id, None, "its row cannot be read");
        }
    }
    (sources, last_learned)
}

/// A range of numbers in words.
fn said(range: &RangeInclusive<u64>) -> String {
    let first = range.start().max(&1);
    match range.end() {
        &u64::MAX => format!("from {first} on"),
        last if last == first => format!("{first}"),
        last => format!("{first} to {last}"),
    }
}

impl Store {
    /// Learns what is left of the first of the transactions, as many as go into one commit, and says which is next.
    fn learn_again(
        &self,
        transactions: RangeInclusive<u64>,
        sources: &BTreeMap<u64, Vec<u64>>,
        history: &History,
        taking: &mut Taking<'_>,
    ) -> Result<u64> {
        let mut column = self.lock_to_write(GROUP_BYTES)?;
        let outcome = self.write_again(transactions, sources, history, taking, &mut column);
        match &outcome {
            Ok(_) => column.accept(),
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    fn write_again(
        &self,
        transactions: RangeInclusive<u64>,
        sources: &BTreeMap<u64, Vec<u64>>,
        history: &History,
        taking: &mut Taking<'_>,
        column: &mut Column,
    ) -> Result<u64> {
        let mut transaction = self.begin()?;
        transaction.set_quick_repair(true);
        let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
        let first = *transactions.start();
        let (mut next, mut bytes) = (first, 0);
        for number in transactions {
            if bytes >= GROUP_BYTES || number - first >= GROUP {
                break;
            }
            let time = history.time(number);
            let ids = sources.get(&number).map_or(&[][..], Vec::as_slice);
            let taken = match ids {
                [] => Taken::default(),
                ids => taking.batch(ids),
            };
            bytes += taken
                .batch
                .sources
                .iter()
                .map(|source| source.text.len() as u64)
                .sum::<u64>();
            bytes += taken.batch.statements.len() as u64 * STATEMENT_BYTES;
            if !writer.learn_taken(taken, time, self.embedder(), taking)? {
                writer.learn_nothing(time)?;
            }
            next = number + 1;
        }
        writer.finish(&transaction)?;
        layout::given(&self.path, transaction.commit())?;
        Ok(next)
    }

    /// Keeps the receipts of what was forgotten, with the secret that they are checked with. The new files never had any
    /// of it.
    fn keep_receipts(
        &self,
        folder: &Path,
        into: &Path,
        receipts: &[(u64, crate::receipts::ForgettingReceipt)],
        last: u64,
    ) -> Result<()> {
        if receipts.is_empty() {
            return Ok(());
        }
        let (from, to) = (folder.join(KEY_FILE), into.join(KEY_FILE));
        if from.exists() {
            fs::copy(&from, &to).map_err(|source| Error::io("cannot copy", &from, source))?;
            let copy = fs::File::open(&to).and_then(|copy| copy.sync_all());
            copy.map_err(|source| Error::io("cannot sync", &to, source))?;
        }
        let write = self.begin()?;
        {
            let mut table = layout::given(&self.path, write.open_table(layout::RECEIPTS))?;
            for (number, receipt) in receipts {
                put(
                    &self.path,
                    table.insert(*number, layout::encode(receipt).as_slice()),
                )?;
            }
            let purged = Purged {
                transaction: TransactionId(last),
                time: now(),
            };
            let mut meta = layout::given(&self.path, write.open_table(layout::META))?;
            put(
                &self.path,
                meta.insert(layout::PURGED, layout::encode(&purged).as_slice()),
            )?;
        }
        layout::given(&self.path, write.commit())
    }
}

impl Writer<'_> {
    /// Learns what was taken, and says whether that was anything. What the store refuses is left out.
    fn learn_taken(
        &mut self,
        mut taken: Taken,
        time: i64,
        embedder: &EmbedderId,
        taking: &mut Taking<'_>,
    ) -> Result<bool> {
        if taken.sources.is_empty() {
            return Ok(false);
        }
        let refused = match self.learn_exactly(&taken, time, embedder) {
            Err(Error::InvalidBatch { reason, .. }) => reason,
            Ok(learned) => {
                for piece in &taken.evidence {
                    taking.losses.evidence.remove(piece);
                }
                return Ok(taking.noted(&taken, learned));
            }
            Err(error) => return Err(error),
        };
        taking.losses.fault(format!(
            "what the statements of source {} say is refused: {refused}",
            taken.sources[0]
        ));
        taking.losses.evidence.extend(taken.evidence.drain(..));
        taken.batch.associations.clear();
        match self.learn_exactly(&taken, time, embedder) {
            Err(Error::InvalidBatch { .. }) => {
                for id in taken.sources {
                    taking.losses.source(id, None, "the store refuses it");
                }
                Ok(false)
            }
            learned => Ok(taking.noted(&taken, learned?)),
        }
    }

    /// Learns a batch with all roles of its statements, and the very bits of its vectors; gives the numbers of what it
    /// refers to, `None` where it changes nothing.
    fn learn_exactly(&mut self, taken: &Taken, time: i64, embedder: &EmbedderId) -> Result<Option<Vec<u64>>> {
        let batch = &taken.batch;
        validate(batch, embedder)?;
        let mut plan = self.plan(batch)?;
        let time = time.max(self.time.saturating_add(1));
        let Some(mut change) = self.resolve(batch, &mut plan, time)? else {
            return Ok(None);
        };
        let number = |reference: u32| ConceptId(plan.known[reference as usize].unwrap_or(0));
        let values: FxHashMap<ConceptId, &Vec<u16>> = batch
            .vector_references
            .iter()
            .zip(&taken.vectors)
            .map(|(reference, values)| (number(*reference), values))
            .collect();
        let mut roles: FxHashMap<ConceptId, Roles> = FxHashMap::default();
        for (reference, of) in (0..).zip(&taken.roles) {
            let known = roles.entry(number(reference)).or_default();
            *known = known.union(*of);
        }
        for (id, concept) in &mut change.concepts {
            if let (NewConcept::Statement(played), Some(of)) = (concept, roles.get(id)) {
                *played = played.union(*of);
            }
        }
        for vector in &mut change.vectors {
            if let Some(values) = values.get(&vector.statement) {
                vector.values.clone_from(values);
            }
        }
        self.apply(&change, random_bytes(self.path)?, &mut Updates::default())?;
        Ok(Some(plan.known.iter().map(|id| id.unwrap_or(0)).collect()))
    }

    /// A transaction that changes nothing.
    fn learn_nothing(&mut self, time: i64) -> Result<()> {
        let change = Change {
            transaction: TransactionId(self.transaction + 1),
            time: time.max(self.time.saturating_add(1)),
            ..Change::default()
        };
        self.apply(&change, random_bytes(self.path)?, &mut Updates::default())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use sutra_model::{
        AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, SourceDraft, SourceId,
        StatementDraft, Validity,
    };

    use super::*;
    use crate::layout::DATABASE_FILE;
    use crate::select::Selection;

    fn options() -> OpenOptions {
        OpenOptions::new(EmbedderId {
            fingerprint: "a".into(),
            dimension: 2,
        })
    }

    /// A source of so many sentences that their vectors stand in their file alone.
    fn batch(number: u64) -> Batch {
        let mut batch = Batch {
            relations: vec![("mentions".into(), AssociationKind::Semantic)],
            dimension: 2,
            ..Batch::default()
        };
        let mut text = String::new();
        for line in 0..60 {
            let start = text.len() as u64;
            text += &format!("Station {line} of line {number} is open.");
            batch.statements.push(StatementDraft {
                source: 0,
                start,
                end: text.len() as u64,
                roles: Roles {
                    sentence: true,
                    passage: false,
                },
            });
            batch.entities.push(EntityDraft {
                name: format!("Station {line}"),
                entity_type: EntityType::Place,
            });
            batch.associations.push(AssociationDraft {
                subject: line,
                relation: 0,
                object: 60 + line,
                evidence: line,
                confidence: 0.7,
                validity: Validity::default(),
                rules: 7,
            });
            batch.vector_references.push(line);
            batch.vectors.extend([1.0, line as f32]);
        }
        batch.sources.push(SourceDraft {
            address: format!("{number}.txt"),
            text,
            ..SourceDraft::default()
        });
        batch
    }

    /// What is taken where the page is lost with which a table begins.
    fn without(folder: &Path, table: &str) -> SalvageReport {
        let start = Truth::open(folder, false).unwrap().start(table).unwrap();
        let path = folder.join(DATABASE_FILE);
        let file = fs::File::options().read(true).write(true).open(path).unwrap();
        let mut kept = [0; 4096];
        file.read_exact_at(&mut kept, start).unwrap();
        file.write_all_at(&[0xA5; 4096], start).unwrap();
        let into = tempfile::tempdir().unwrap();
        let report = salvage(folder, into.path(), &SalvageOptions::default()).unwrap();
        let store = Store::open(into.path(), options()).unwrap();
        assert_eq!(
            store.snapshot().unwrap().verify().unwrap().faults,
            [""; 0],
            "{table}"
        );
        file.write_all_at(&kept, start).unwrap();
        report
    }

    #[test]
    fn each_table_takes_with_it_what_nothing_else_tells() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), options()).unwrap();
        store.commit(&[batch(1), batch(2), batch(3)]).unwrap();
        store
            .forget(9, &Selection::Sources(vec![SourceId(2)]), false)
            .unwrap();
        let all = store.snapshot().unwrap().totals();
        drop(store);
        let same = [
            "source_statements",
            "statement_evidence",
            "source_keys",
            "concept_keys",
            "associations",
            "supports",
        ];
        for table in same {
            let report = without(folder.path(), table);
            assert!(report.is_whole(), "{table}: {report:?}");
            assert_eq!((report.taken, report.receipts), (all, 1), "{table}");
        }
        let lost = |table: &str| {
            let report = without(folder.path(), table);
            assert!(!report.is_whole(), "{table}");
            let counts = [report.statements_lost, report.evidence_lost, report.vectors_lost];
            let sources: Vec<_> = report
                .sources_lost
                .iter()
                .map(|lost| (lost.first, lost.last))
                .collect();
            (sources, counts, report.faults.len())
        };
        assert_eq!(lost("sources"), (vec![(1, 1), (3, 3)], [0, 0, 0], 0));
        assert_eq!(lost("texts"), (vec![(1, 1), (3, 3)], [0, 0, 0], 0));
        assert_eq!(lost("concepts"), (vec![], [120, 0, 0], 0));
        assert_eq!(lost("evidence"), (vec![], [0, 120, 0], 0));
        assert_eq!(lost("vectors"), (vec![], [0, 0, 120], 0));
        assert_eq!(lost("relations"), (vec![], [0, 120, 0], 1));
        for table in ["changes", "models", "receipts"] {
            assert_eq!(lost(table), (vec![], [0, 0, 0], 1), "{table}");
        }
        // The numbers of sources end where the last one is known.
        let report = without(folder.path(), "meta");
        assert!(report.is_whole() && report.taken == all, "{report:?}");
    }
}
