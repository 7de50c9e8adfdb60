//! Verification: everything is read, every reference followed, every hash recomputed.
//!
//! Finds faults, mends none, and goes on after each. Rot that a record does not show by itself (a letter of a
//! title, say) is found by the checksums of the pages, which are checked when a store is opened with
//! [`OpenOptions::check_pages`](crate::OpenOptions::check_pages).

use std::collections::BTreeMap;

use redb::{ReadableTable, ReadableTableMetadata};
use sha2::{Digest, Sha256};
use sutra_model::{
    Association, Concept, ConceptId, ConceptKind, Result, Source, SourceId, entity_key, source_key,
    statement_key,
};

use crate::layout::{AssociationRecord, EvidenceRecord, Totals, TransactionRecord};
use crate::snapshot::{Relations, Snapshot};

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

impl Snapshot {
    /// Reads the whole state and checks it.
    ///
    /// # Errors
    /// Only when reading itself fails; faults in what was read are in the report.
    pub fn verify(&self) -> Result<VerifyReport> {
        let mut report = VerifyReport::default();
        let relations = self.relations()?;
        self.verify_transactions(&mut report)?;
        self.verify_sources(&mut report)?;
        let passages = self.verify_concepts(&mut report)?;
        self.verify_associations(&relations, &mut report)?;
        self.verify_vectors(&mut report)?;
        self.verify_orphans(&mut report)?;
        let found = |what| report.checked.get(what).copied().unwrap_or(0);
        let counted = Totals {
            sources: found("sources"),
            statements: found("statements"),
            passages,
            entities: found("entities"),
            associations: found("associations"),
            evidence: found("evidence"),
            vectors: found("vectors"),
        };
        let recorded = self.totals();
        report.expect(counted == recorded, || {
            format!("the last transaction records {recorded:?}, there are {counted:?}")
        });
        Ok(report)
    }

    fn verify_transactions(&self, report: &mut VerifyReport) -> Result<()> {
        let mut expected = 1;
        for row in self.ok(self.transactions.iter())? {
            let (number, record) = self.ok(row)?;
            report.take(self.decode::<TransactionRecord>(record.value(), "transaction"));
            report.expect(number.value() == expected, || {
                format!("transaction {expected} is missing")
            });
            expected = number.value() + 1;
            report.count("transactions");
        }
        Ok(())
    }

    fn verify_sources(&self, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.sources.iter())? {
            let (id, record) = self.ok(row)?;
            let id = id.value();
            report.count("sources");
            let Some(source) = report.take(self.decode::<Source>(record.value(), "source")) else {
                continue;
            };
            let digest = self.with_text(SourceId(id), |text| Sha256::digest(text.as_bytes()).into());
            if let Some(digest) = report.take::<[u8; 32]>(digest) {
                report.expect(digest == source.sha256, || {
                    format!("the text of source {id} does not have its SHA-256")
                });
            }
            let key = source_key(&source.address, source.offset, &source.sha256);
            let found = self.source_by_key(key)?;
            report.expect(found == Some(id), || {
                format!("source {id} is not found by its key")
            });
        }
        Ok(())
    }

    fn verify_concepts(&self, report: &mut VerifyReport) -> Result<u64> {
        let mut passages = 0;
        for row in self.ok(self.concepts.iter())? {
            let (_, record) = self.ok(row)?;
            let Some(concept) = report.take(self.decode::<Concept>(record.value(), "concept")) else {
                continue;
            };
            let id = concept.id;
            let key = match &concept.kind {
                ConceptKind::Statement { roles, .. } => {
                    passages += u64::from(roles.passage);
                    report.count("statements");
                    self.verify_statement(&concept, report)?
                }
                ConceptKind::Entity { name, .. } => {
                    report.count("entities");
                    Some(entity_key(name))
                }
            };
            if let Some(key) = key {
                let found = self.by_key(key)?;
                report.expect(found == Some(id), || {
                    format!("concept {} is not found by its key", id.0)
                });
            }
        }
        Ok(passages)
    }

    fn verify_statement(
        &self,
        concept: &Concept,
        report: &mut VerifyReport,
    ) -> Result<Option<sutra_model::ContentKey>> {
        let ConceptKind::Statement { first, .. } = &concept.kind else {
            return Ok(None);
        };
        let id = concept.id.0;
        let supports = self.supports(concept.id, usize::MAX)?;
        report.expect(supports.contains(first), || {
            format!("statement {id} has lost its first support")
        });
        let mut keys = Vec::with_capacity(supports.len());
        for support in supports {
            match self.text(support) {
                Ok(text) => keys.push(statement_key(&text)),
                Err(error) => report.faults.push(format!("statement {id}: {error}")),
            }
            report.count("supports");
        }
        report.expect(keys.windows(2).all(|pair| pair[0] == pair[1]), || {
            format!("the supports of statement {id} differ")
        });
        Ok(keys.first().copied())
    }

    fn verify_associations(&self, relations: &Relations, report: &mut VerifyReport) -> Result<()> {
        let concepts = self.totals().statements + self.totals().entities;
        for row in self.ok(self.associations.iter())? {
            let (key, record) = self.ok(row)?;
            let (subject, relation, object) = key.value();
            report.count("associations");
            let Some(record) = report.take(self.decode::<AssociationRecord>(record.value(), "association"))
            else {
                continue;
            };
            let name = || format!("association ({subject}, {relation}, {object})");
            let ends = [subject, object]
                .into_iter()
                .all(|end| (1..=concepts).contains(&end));
            report.expect(ends, || format!("{} has an end that does not exist", name()));
            report.expect((1..=relations.len()).contains(&(relation as usize)), || {
                format!("{} has no relation", name())
            });
            let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
            let (mut confidence, mut count) = (0.0, 0);
            for row in self.ok(self.evidence.range(range))? {
                let (key, evidence) = self.ok(row)?;
                count += 1;
                report.count("evidence");
                let statement = ConceptId(key.value().3);
                let stands = report
                    .take(self.concept(statement))
                    .is_some_and(|concept| matches!(concept.kind, ConceptKind::Statement { .. }));
                report.expect(stands, || {
                    format!("evidence {} of {} is no statement", statement.0, name())
                });
                if let Some(evidence) =
                    report.take(self.decode::<EvidenceRecord>(evidence.value(), "evidence"))
                {
                    confidence = Association::reinforce(confidence, evidence.confidence);
                }
            }
            report.expect(count == record.evidence_count && count > 0, || {
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

    fn verify_vectors(&self, report: &mut VerifyReport) -> Result<()> {
        for row in self.ok(self.vectors.iter())? {
            let (id, row) = self.ok(row)?;
            let (id, row) = (ConceptId(id.value()), row.value());
            report.expect(self.column().row(row, id).is_ok(), || {
                format!("the vector of statement {} (row {row}) is damaged", id.0)
            });
            report.count("vectors");
        }
        for row in self.ok(self.sealed.iter())? {
            let (number, digest) = self.ok(row)?;
            let found = self.column().file_digest(number.value());
            report.expect(found.as_ref() == Some(digest.value()), || {
                format!("vector file {} does not have its SHA-256", number.value())
            });
            report.count("sealed files");
        }
        Ok(())
    }

    /// Rows that belong to nothing: the others were all reached from what they belong to.
    fn verify_orphans(&self, report: &mut VerifyReport) -> Result<()> {
        let reached = |what| report.checked.get(what).copied().unwrap_or(0);
        let pairs = [
            ("supports", self.ok(self.supports.len())?, reached("supports")),
            ("evidence", self.ok(self.evidence.len())?, reached("evidence")),
            ("source texts", self.ok(self.texts.len())?, reached("sources")),
            (
                "source keys",
                self.ok(self.source_keys.len())?,
                reached("sources"),
            ),
            (
                "concept keys",
                self.ok(self.concept_keys.len())?,
                reached("statements") + reached("entities"),
            ),
        ];
        for (what, stored, expected) in pairs {
            report.expect(stored == expected, || {
                format!("there are {stored} {what}, not {expected}")
            });
        }
        Ok(())
    }
}
