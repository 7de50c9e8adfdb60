//! Verification: what is stored is read, every reference followed, every hash recomputed.
//!
//! Finds faults, mends none, and goes on after each. Rot that a record does not show by itself is found by the hash of
//! the transaction that learned it, as long as nothing of that transaction was forgotten, and by the checksums of the
//! pages, which are checked when a store is opened with
//! [`OpenOptions::check_pages`](crate::OpenOptions::check_pages).

use std::collections::BTreeMap;

use redb::{ReadableTable, ReadableTableMetadata};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use sutra_model::{
    Association, ConceptId, ContentKey, Result, Source, SourceId, Support, TransactionId, address_key,
    entity_key, passage_key, statement_key,
};

use crate::associations::EdgeKey;
use crate::records::{
    AssociationRecord, ChangeRecord, ConceptRecord, EvidenceRecord, KindRecord, SupportRecord, Totals,
    VectorRecord,
};
use crate::snapshot::Snapshot;

/// Transactions at the end of the chain whose words are read by [`Snapshot::verify_quickly`].
const TAIL: u64 = 100;

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Rows read, by what they are.
    pub checked: BTreeMap<&'static str, u64>,
    /// Every fault, in words, naming the record.
    pub faults: Vec<String>,
}

impl VerifyReport {
    fn count(&mut self, what: &'static str) {
        *self.checked.entry(what).or_default() += 1;
    }

    /// What could be read, or nothing and a fault.
    fn take<T>(&mut self, read: Result<T>) -> Option<T> {
        read.map_err(|error| self.faults.push(error.to_string())).ok()
    }

    fn expect(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }
}

/// What concepts are ends of, counted from the associations.
type Degrees = FxHashMap<u64, u32>;

impl Snapshot {
    /// Checks the files of vectors against their SHA-256, the chain of transactions, and all that the last
    /// transactions learned.
    ///
    /// # Errors
    /// Only when reading itself fails; faults in what was read are in the report.
    pub fn verify_quickly(&self) -> Result<VerifyReport> {
        let mut report = VerifyReport::default();
        let tail = self.transaction().0.saturating_sub(TAIL);
        self.verify_changes(tail, &mut report)?;
        self.verify_sealed(&mut report)?;
        Ok(report)
    }

    /// Reads the whole state and checks it.
    ///
    /// # Errors
    /// Only when reading itself fails; faults in what was read are in the report.
    pub fn verify(&self) -> Result<VerifyReport> {
        let mut report = VerifyReport::default();
        self.verify_changes(0, &mut report)?;
        let mut counted = Totals::default();
        self.verify_sources(&mut counted, &mut report)?;
        let degrees = self.verify_associations(&mut counted, &mut report)?;
        self.verify_concepts(&degrees, &mut counted, &mut report)?;
        self.verify_vectors(&mut counted, &mut report)?;
        self.verify_prepared(&mut report)?;
        self.verify_sealed(&mut report)?;
        self.verify_orphans(&mut report)?;
        let recorded = self.totals();
        report.expect(counted == recorded, || {
            format!("the last transaction records {recorded:?}, there are {counted:?}")
        });
        Ok(report)
    }

    /// Checks the chain, and the words of the transactions after one.
    fn verify_changes(&self, after: u64, report: &mut VerifyReport) -> Result<()> {
        let (mut expected, mut time, mut chain) = (1, i64::MIN, [0; 32]);
        for row in self.ok(self.changes.iter())? {
            let (number, record) = self.ok(row)?;
            let number = number.value();
            report.expect(number == expected, || {
                format!("transaction {expected} is missing")
            });
            expected = number + 1;
            report.count("transactions");
            let record = self.decode::<ChangeRecord>(record.value(), "transaction");
            let Some(record) = report.take(record) else {
                continue;
            };
            report.expect(record.time > time, || {
                format!("transaction {number} is not later than the one before")
            });
            time = record.time;
            let linked = record.chain == record.link(number, &chain);
            report.expect(linked, || {
                format!("the chain of transactions is broken at {number}")
            });
            chain = record.chain;
            // A record that is not what was written may name any number of rows.
            if !linked {
                continue;
            }
            if let Some(salt) = record.salt.filter(|_| number > after) {
                let change = self.replay(TransactionId(number), &record);
                let body = report.take(change).map(|change| change.hash(&salt));
                report.expect(body.is_none_or(|body| body == record.body), || {
                    format!("what transaction {number} learned does not have its SHA-256")
                });
            }
        }
        Ok(())
    }

    /// What of a text is markup has to lie in it.
    fn verify_markup(&self, source: &Source, report: &mut VerifyReport) {
        let id = source.id.0;
        if let Some(markup) = report.take(self.markup_of(source.id)) {
            let mut last = 0;
            let is_within = markup.iter().all(|(start, end)| {
                let is_next = last <= *start && start < end && *end <= source.length;
                last = *end;
                is_next
            });
            report.expect(is_within, || {
                format!("the markup of source {id} does not lie in its text")
            });
            if !markup.is_empty() {
                report.count("markup");
            }
        }
    }

    fn verify_sources(&self, counted: &mut Totals, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.sources.iter())? {
            let (id, record) = self.ok(row)?;
            let id = id.value();
            report.count("sources");
            let Some(source) = report.take(self.decode::<Source>(record.value(), "source")) else {
                continue;
            };
            counted.sources += u64::from(source.retired.is_none());
            self.verify_markup(&source, report);
            if let Some(text) = report.take(self.source_bytes(&source)) {
                report.expect(Sha256::digest(&text)[..] == source.sha256, || {
                    format!("the text of source {id} does not have its SHA-256")
                });
            }
            let address = address_key(&source.address);
            let key = (&address.0, source.offset, id);
            let found = self.ok(self.source_keys.get(key))?;
            report.expect(
                found.is_some_and(|sha256| *sha256.value() == source.sha256),
                || format!("source {id} is not found by its key"),
            );
            for placed in report.take(self.placed(id)).unwrap_or_default() {
                let support = self.ok(self.supports.get((placed.statement, id, placed.start)))?;
                report.expect(support.is_some(), || {
                    format!(
                        "statement {} does not know that it stands in source {id}",
                        placed.statement
                    )
                });
                report.count("placed");
            }
        }
        Ok(())
    }

    fn verify_concepts(
        &self,
        degrees: &Degrees,
        counted: &mut Totals,
        report: &mut VerifyReport,
    ) -> Result<()> {
        for row in self.ok(self.concepts.iter())? {
            let (id, record) = self.ok(row)?;
            let id = id.value();
            let Some(concept) = report.take(self.decode::<ConceptRecord>(record.value(), "concept")) else {
                continue;
            };
            let lives = u64::from(concept.retired.is_none());
            let degree = degrees.get(&id).copied().unwrap_or(0);
            report.expect(concept.associations == degree, || {
                format!(
                    "concept {id} counts {} associations, there are {degree}",
                    concept.associations
                )
            });
            let key = match &concept.kind {
                KindRecord::Statement {
                    passage, redacted, ..
                } => {
                    report.count("statements");
                    counted.statements += lives;
                    counted.passages += if passage.is_some() { lives } else { 0 };
                    let key = self.verify_statement(id, &concept, report)?;
                    let evidence = report.take(self.evidence_of(id)).unwrap_or_default();
                    *report.checked.entry("given").or_default() += evidence.len() as u64;
                    key.filter(|_| !redacted)
                }
                KindRecord::Entity { name, .. } => {
                    report.count("entities");
                    counted.entities += lives;
                    Some(entity_key(name))
                }
            };
            if let Some(key) = key {
                report.count("concept keys");
                let found = self.by_key(key)?;
                report.expect(found == Some(ConceptId(id)), || {
                    format!("concept {id} is not found by its key")
                });
            }
        }
        Ok(())
    }

    /// Checks where a statement stands, and gives the key that its words have there.
    fn verify_statement(
        &self,
        id: u64,
        concept: &ConceptRecord,
        report: &mut VerifyReport,
    ) -> Result<Option<ContentKey>> {
        let KindRecord::Statement { sentence, first, .. } = &concept.kind else {
            return Ok(None);
        };
        let (mut found_first, mut lives, mut keys) = (false, false, Vec::new());
        for row in self.ok(self.supports.range((id, 0, 0)..=(id, u64::MAX, u64::MAX)))? {
            let (key, record) = self.ok(row)?;
            let (_, source, start) = key.value();
            report.count("supports");
            let Some(record) = report.take(self.decode::<SupportRecord>(record.value(), "support")) else {
                continue;
            };
            let support = Support {
                source: SourceId(source),
                start,
                end: start.saturating_add(record.length),
            };
            lives |= record.retired.is_none();
            found_first |= support == *first && (record.retired.is_none() || concept.retired.is_some());
            let key = self.key_at(support, sentence.is_none());
            match key {
                Ok(key) => keys.push(key),
                Err(error) => report.faults.push(format!("statement {id}: {error}")),
            }
        }
        report.expect(found_first, || {
            format!("statement {id} has lost its first support")
        });
        report.expect(lives == concept.retired.is_none(), || {
            format!("statement {id} lives without support, or is retired with some")
        });
        report.expect(keys.windows(2).all(|pair| pair[0] == pair[1]), || {
            format!("the supports of statement {id} differ")
        });
        Ok(keys.first().copied())
    }

    fn key_at(&self, support: Support, titled: bool) -> Result<ContentKey> {
        let text = self.text(support)?;
        match titled {
            true => Ok(passage_key(&self.title(support.source)?, &text)),
            false => Ok(statement_key(&text)),
        }
    }

    fn verify_associations(&self, counted: &mut Totals, report: &mut VerifyReport) -> Result<Degrees> {
        let relations = self.relations()?;
        let mut degrees = Degrees::default();
        let mut stands: FxHashMap<u64, bool> = FxHashMap::default();
        let mut live: Option<(EdgeKey, f32, u32)> = None;
        for row in self.ok(self.evidence.iter())? {
            let (key, record) = self.ok(row)?;
            let (subject, relation, object, statement) = key.value();
            let edge = (subject, relation, object);
            report.count("evidence");
            if live.is_some_and(|(last, ..)| last != edge) {
                self.verify_association(live.take(), &mut degrees, counted, report)?;
            }
            let name = || format!("association ({subject}, {relation}, {object})");
            report.expect(relations.get(sutra_model::RelationId(relation)).is_some(), || {
                format!("{} has no relation", name())
            });
            for end in [subject, object, statement] {
                let stands = *stands.entry(end).or_insert_with(|| {
                    let concept = report.take(self.concept_record(ConceptId(end)));
                    concept.flatten().is_some()
                });
                report.expect(stands, || {
                    format!("{} needs concept {end}, which does not exist", name())
                });
            }
            let Some(record) = report.take(self.decode::<EvidenceRecord>(record.value(), "evidence")) else {
                continue;
            };
            if let Some(telling) = record.live() {
                counted.evidence += 1;
                let (_, confidence, count) = live.unwrap_or((edge, 0.0, 0));
                let confidence = Association::reinforce(confidence, telling.confidence);
                live = Some((edge, confidence, count + 1));
            }
        }
        self.verify_association(live, &mut degrees, counted, report)?;
        Ok(degrees)
    }

    /// Checks an association against what its live evidence gives: confidence and number.
    fn verify_association(
        &self,
        live: Option<(EdgeKey, f32, u32)>,
        degrees: &mut Degrees,
        counted: &mut Totals,
        report: &mut VerifyReport,
    ) -> Result<()> {
        let Some((key, confidence, count)) = live else {
            return Ok(());
        };
        counted.associations += 1;
        report.count("associations");
        for end in [key.0, key.2] {
            *degrees.entry(end).or_default() += 1;
        }
        let name = || format!("association {key:?}");
        let row = self.ok(self.associations.get(key))?;
        report.expect(row.is_some(), || {
            format!("{} is missing, its evidence is there", name())
        });
        let record = row.map(|row| self.decode::<AssociationRecord>(row.value(), "association"));
        if let Some(record) = record.and_then(|record| report.take(record)) {
            report.expect(record.evidence_count == count, || {
                format!(
                    "{} counts {} pieces of evidence, there are {count}",
                    name(),
                    record.evidence_count
                )
            });
            report.expect((confidence - record.confidence).abs() < 1e-3, || {
                format!(
                    "{} has confidence {}, its evidence gives {confidence}",
                    name(),
                    record.confidence
                )
            });
        }
        Ok(())
    }

    fn verify_vectors(&self, counted: &mut Totals, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.vectors.range((self.model, 0)..=(self.model, u64::MAX)))? {
            let (key, record) = self.ok(row)?;
            let id = key.value().1;
            report.count("vectors");
            let Some(record) = report.take(self.decode::<VectorRecord>(record.value(), "vector")) else {
                continue;
            };
            report.expect(self.column().row(record.row, ConceptId(id)).is_ok(), || {
                format!("the vector of statement {id} (row {}) is damaged", record.row)
            });
            let concept = report.take(self.concept_record(ConceptId(id))).flatten();
            report.expect(concept.is_some(), || {
                format!("vector {id} belongs to no statement")
            });
            counted.vectors += u64::from(concept.is_some_and(|concept| concept.retired.is_none()));
        }
        Ok(())
    }

    /// A vector that is prepared has to be a statement's that is there, and one that waits for none.
    fn verify_prepared(&self, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.prepared.iter())? {
            let (model, statement) = self.ok(row)?.0.value();
            let concept = report.take(self.concept_record(ConceptId(statement))).flatten();
            let waits = self.ok(self.pending.get((model, statement)))?.is_some();
            report.expect(concept.is_some() && !waits && model != self.model, || {
                format!("the vector of model {model} that was prepared for statement {statement} is nobody's")
            });
        }
        Ok(())
    }

    fn verify_sealed(&self, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.sealed.iter())? {
            let (key, digest) = self.ok(row)?;
            let (model, _, number) = key.value();
            if model == self.model {
                let found = self.column().file_digest(number);
                report.expect(found.as_ref() == Some(digest.value()), || {
                    format!("vector file {number} does not have its SHA-256")
                });
                report.count("sealed files");
            }
        }
        Ok(())
    }

    /// Rows that belong to nothing: the others were all reached from what they belong to.
    fn verify_orphans(&self, report: &mut VerifyReport) -> Result<()> {
        let reached = |what| report.checked.get(what).copied().unwrap_or(0);
        let without_vector = self.ok(self.pending.range((self.model, 0)..=(self.model, u64::MAX)))?;
        let pairs = [
            ("supports", self.ok(self.supports.len())?, reached("placed")),
            ("pieces of evidence", reached("evidence"), reached("given")),
            (
                "associations",
                self.ok(self.associations.len())?,
                reached("associations"),
            ),
            (
                "source keys",
                self.ok(self.source_keys.len())?,
                reached("sources"),
            ),
            (
                "texts with markup",
                self.ok(self.markup.len())?,
                reached("markup"),
            ),
            (
                "concept keys",
                self.ok(self.concept_keys.len())?,
                reached("concept keys"),
            ),
            (
                "statements without a vector",
                without_vector.count() as u64,
                self.totals().statements.saturating_sub(self.totals().vectors),
            ),
        ];
        for (what, stored, expected) in pairs {
            report.expect(stored == expected, || {
                format!("there are {stored} {what}, not {expected}")
            });
        }
        for inner in ["placed", "given", "markup", "concept keys"] {
            report.checked.remove(inner);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sutra_model::{AssociationDraft, AssociationKind, Batch, EntityDraft, EntityType, Validity};
    use sutra_model::{Roles, SourceDraft, SourceId, StatementDraft};

    use super::*;
    use crate::layout;
    use crate::records::EmbedderId;
    use crate::store::{OpenOptions, Store};

    /// A store of one sentence and what it mentions.
    fn store(folder: &Path) -> Store {
        let embedder = EmbedderId {
            fingerprint: "a".into(),
            dimension: 4,
        };
        let store = Store::open(folder, OpenOptions::new(embedder)).unwrap();
        let text = "The Aln rises at Alham.";
        let batch = Batch {
            sources: vec![SourceDraft {
                address: "a.txt".into(),
                text: text.into(),
                ..SourceDraft::default()
            }],
            statements: vec![StatementDraft {
                source: 0,
                start: 0,
                end: text.len() as u64,
                roles: Roles {
                    sentence: true,
                    passage: false,
                },
            }],
            entities: vec![EntityDraft {
                name: "Aln".into(),
                entity_type: EntityType::Place,
            }],
            relations: vec![("mentions".into(), AssociationKind::Semantic)],
            associations: vec![AssociationDraft {
                subject: 0,
                relation: 0,
                object: 1,
                evidence: 0,
                confidence: 0.5,
                validity: Validity::default(),
                rules: 0,
            }],
            ..Batch::default()
        };
        store.commit(&[batch]).unwrap().0.remove(0).unwrap();
        store
    }

    /// Damages the record of the first transaction.
    fn damage(store: &Store, how: impl FnOnce(&mut ChangeRecord)) {
        let mut record = store
            .snapshot()
            .unwrap()
            .change_record(TransactionId(1))
            .unwrap()
            .unwrap();
        how(&mut record);
        let transaction = store.begin().unwrap();
        let bytes = layout::encode(&record);
        let mut changes = transaction.open_table(layout::CHANGES).unwrap();
        changes.insert(1, bytes.as_slice()).unwrap();
        drop(changes);
        transaction.commit().unwrap();
    }

    #[test]
    fn a_record_that_names_more_rows_than_there_can_be_is_told_of_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        // One run: all numbers that there are.
        let all = layout::encode(&vec![(0_u64, u64::MAX)]);
        damage(&store, |record| {
            record.supports = layout::decode(&all, folder.path(), "numbers").unwrap();
            record.forgotten_sources = record.supports.clone();
        });
        let report = store.snapshot().unwrap().verify().unwrap();
        assert_eq!(report.faults, ["the chain of transactions is broken at 1"]);
    }

    #[test]
    fn a_count_that_was_damaged_stops_forgetting_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        damage(&store, |record| record.totals.associations = 0);
        let error = store
            .forget(0, &crate::Selection::Sources(vec![SourceId(1)]), false)
            .unwrap_err();
        assert_eq!(error.code(), "store_corrupt");
        assert!(error.to_string().contains("it counts 0 associations"), "{error}");
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.transaction(), TransactionId(1));
        assert!(snapshot.source(SourceId(1)).unwrap().is_some());
    }
}
