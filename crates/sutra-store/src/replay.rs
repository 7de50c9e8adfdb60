//! What a transaction did, read back from what it left.

use sutra_model::{
    ConceptId, EntityType, Error, Evidence, RelationId, Result, Roles, SourceId, Support, TransactionId,
};

use crate::associations::{EdgeKey, association_key};
use crate::change::{Alteration, Change, NewConcept, StoredVector};
use crate::records::{
    ChangeRecord, ConceptRecord, EvidenceRecord, KindRecord, Placed, SupportRecord, VectorRecord,
};
use crate::snapshot::Snapshot;
use crate::texts;

impl Snapshot {
    /// A transaction, whole; `None` when there is none of this number.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when something that it names is not there.
    pub fn change(&self, transaction: TransactionId) -> Result<Option<Change>> {
        let Some(record) = self.change_record(transaction)? else {
            return Ok(None);
        };
        self.replay(transaction, &record).map(Some)
    }

    pub(crate) fn change_record(&self, transaction: TransactionId) -> Result<Option<ChangeRecord>> {
        let row = self.ok(self.changes.get(transaction.0))?;
        row.map(|row| self.decode(row.value(), "transaction")).transpose()
    }

    pub(crate) fn replay(&self, transaction: TransactionId, record: &ChangeRecord) -> Result<Change> {
        let mut change = Change {
            transaction,
            time: record.time,
            ..Change::default()
        };
        // Something of it was forgotten: what is left is told.
        let forgotten = record.salt.is_none();
        for id in record.sources.iter() {
            let source = self.source(SourceId(id))?;
            if source.is_none() && forgotten {
                continue;
            }
            let mut source = source.ok_or_else(|| self.lost("source", id))?;
            // One that was replaced within its own batch never was any other.
            source.retired = source.retired.filter(|retired| *retired == transaction);
            let text = self.source_bytes(&source)?;
            let text = texts::utf8(text, self.path(), id, 0)?;
            let markup = self.markup_of(source.id)?;
            if !markup.is_empty() {
                change.markup.push((source.id, markup));
            }
            change.sources.push((source, text));
        }
        for id in record.relations.iter() {
            let id = id as u32;
            let row = self.ok(self.relations.get(id))?;
            let row = row.ok_or_else(|| self.lost("relation", u64::from(id)))?;
            change
                .relations
                .push((RelationId(id), self.decode(row.value(), "relation")?));
        }
        for id in record.concepts.iter() {
            let concept = self.concept_record(ConceptId(id))?;
            if concept.is_none() && forgotten {
                continue;
            }
            let concept = concept.ok_or_else(|| self.lost("concept", id))?;
            change
                .concepts
                .push((ConceptId(id), as_learned(concept, transaction)));
        }
        for id in record.altered.iter() {
            let concept = self.concept_record(ConceptId(id))?;
            if concept.is_none() && forgotten {
                continue;
            }
            let concept = concept.ok_or_else(|| self.lost("concept", id))?;
            change
                .altered
                .push((ConceptId(id), alteration(&concept, transaction)));
        }
        for source in record.supports.iter() {
            self.replay_supports(source, &mut change)?;
        }
        for statement in record.evidence.iter() {
            self.replay_evidence(statement, &mut change)?;
        }
        for (model, statements) in &record.vectors {
            for statement in statements.iter() {
                let vector = self.stored_vector(*model, ConceptId(statement), transaction)?;
                if vector.is_none() && forgotten {
                    continue;
                }
                let lost = || self.lost("the vector of statement", statement);
                change.vectors.push(vector.ok_or_else(lost)?);
            }
        }
        for statement in record.unsaid.iter() {
            self.replay_unsaid(statement, &mut change)?;
        }
        change.retired = record.retired.iter().map(SourceId).collect();
        change.forgotten = record.forgotten_sources.iter().map(SourceId).collect();
        change.blanked.clone_from(&record.blanked);
        change.untitled.clone_from(&record.untitled);
        change.unlinked = record.unlinked.iter().map(ConceptId).collect();
        change.expired = record.expired;
        change.dropped.clone_from(&record.dropped);
        change.sort();
        Ok(change)
    }

    fn replay_supports(&self, source: u64, change: &mut Change) -> Result<()> {
        for placed in self.placed(source)? {
            let key = (placed.statement, source, placed.start);
            let row = self.ok(self.supports.get(key))?;
            let row = row.ok_or_else(|| self.lost("a support of statement", placed.statement))?;
            let support: SupportRecord = self.decode(row.value(), "support")?;
            if support.learned == change.transaction {
                let support = Support {
                    source: SourceId(source),
                    start: placed.start,
                    end: placed.start.saturating_add(support.length),
                };
                change
                    .supports
                    .push((support.source, support, ConceptId(placed.statement)));
            }
        }
        Ok(())
    }

    fn replay_evidence(&self, statement: u64, change: &mut Change) -> Result<()> {
        for edge in self.evidence_of(statement)? {
            let record = self.evidence_record(edge, statement)?;
            let told = record.tellings.iter();
            for telling in told.filter(|telling| telling.learned == change.transaction) {
                let evidence = Evidence {
                    statement: ConceptId(statement),
                    confidence: telling.confidence,
                    validity: telling.validity,
                };
                let key = association_key(edge);
                change
                    .evidence
                    .push((ConceptId(statement), key, evidence, telling.rules));
            }
        }
        Ok(())
    }

    fn replay_unsaid(&self, statement: u64, change: &mut Change) -> Result<()> {
        for edge in self.evidence_of(statement)? {
            let record = self.evidence_record(edge, statement)?;
            let ended = Some(change.transaction);
            if record.tellings.iter().any(|telling| telling.retired == ended) {
                change.unsaid.push((ConceptId(statement), association_key(edge)));
            }
        }
        Ok(())
    }

    /// A piece of evidence that has to be there.
    pub(crate) fn evidence_record(&self, edge: EdgeKey, statement: u64) -> Result<EvidenceRecord> {
        let (subject, relation, object) = edge;
        let row = self.ok(self.evidence.get((subject, relation, object, statement)))?;
        let row = row.ok_or_else(|| self.lost("evidence of statement", statement))?;
        self.decode(row.value(), "evidence")
    }

    /// The statements of a source, by start.
    pub(crate) fn placed(&self, source: u64) -> Result<Vec<Placed>> {
        match self.ok(self.source_statements.get(source))? {
            Some(row) => self.decode(row.value(), "statements of a source"),
            None => Ok(Vec::new()),
        }
    }

    /// The associations that a statement supports, or supported.
    pub(crate) fn evidence_of(&self, statement: u64) -> Result<Vec<EdgeKey>> {
        match self.ok(self.statement_evidence.get(statement))? {
            Some(row) => self.decode(row.value(), "evidence of a statement"),
            None => Ok(Vec::new()),
        }
    }

    /// The vector that a transaction gave a statement; none where it was given another since.
    fn stored_vector(
        &self,
        model: u32,
        statement: ConceptId,
        given: TransactionId,
    ) -> Result<Option<StoredVector>> {
        let Some(row) = self.ok(self.vectors.get((model, statement.0)))? else {
            return Ok(None);
        };
        let record: VectorRecord = self.decode(row.value(), "vector")?;
        if record.learned != given {
            return Ok(None);
        }
        let values = self.column().row(record.row, statement)?;
        Ok(Some(StoredVector {
            model,
            statement,
            values: values.iter().map(|value| value.to_bits()).collect(),
        }))
    }

    fn lost(&self, what: &str, id: u64) -> Error {
        self.corrupt(format!("{what} {id} is missing"))
    }
}

/// A concept as it was when the transaction learned it.
fn as_learned(concept: ConceptRecord, transaction: TransactionId) -> NewConcept {
    let then = Some(transaction);
    match concept.kind {
        KindRecord::Statement {
            sentence, passage, ..
        } => NewConcept::Statement(Roles {
            sentence: sentence == then,
            passage: passage == then,
        }),
        KindRecord::Entity {
            name,
            entity_type,
            typed,
        } => NewConcept::Entity(name, typed.map_or(entity_type, |_| EntityType::Thing)),
    }
}

/// What the transaction told about a concept that was known.
fn alteration(concept: &ConceptRecord, transaction: TransactionId) -> Alteration {
    let then = Some(transaction);
    match &concept.kind {
        KindRecord::Statement {
            sentence, passage, ..
        } => Alteration::Roles(Roles {
            sentence: *sentence == then,
            passage: *passage == then,
        }),
        KindRecord::Entity { entity_type, .. } => Alteration::Type(*entity_type),
    }
}
