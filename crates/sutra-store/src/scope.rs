//! What some sources say, by themselves: the statements that stand in them, and what these support.

use std::collections::BTreeMap;

use redb::ReadableTable;
use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{
    Association, AssociationKey, ConceptId, Error, RelationId, Result, Source, SourceId, TransactionId,
};

use crate::associations::EdgeKey;
use crate::records::{EvidenceRecord, KindRecord, SupportRecord};
use crate::relations::Relations;
use crate::snapshot::Snapshot;

/// Which sources are meant, and which of what they say. Whatever is not told admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of these.
    pub sources: Option<Vec<SourceId>>,
    /// All of these attributes, with these values.
    pub attributes: BTreeMap<String, String>,
    /// Whose own time is not before this, in microseconds since 1970-01-01 UTC; one without a time is none.
    pub since: Option<i64>,
    /// Whose own time is before this.
    pub until: Option<i64>,
    /// Learned by this transaction or one before it.
    pub as_of: Option<TransactionId>,
    /// Evidence of what holds at this time, as far as it says when.
    pub holds_at: Option<i64>,
}

impl Filter {
    fn admits(&self, source: &Source) -> bool {
        let one_of = |sources: &Vec<SourceId>| sources.contains(&source.id);
        let before = |transaction: TransactionId| source.learned <= transaction;
        self.sources.as_ref().is_none_or(one_of)
            && self.as_of.is_none_or(before)
            && self
                .attributes
                .iter()
                .all(|(name, value)| source.attributes.get(name) == Some(value))
            && self
                .since
                .is_none_or(|since| source.time.is_some_and(|time| time >= since))
            && self
                .until
                .is_none_or(|until| source.time.is_some_and(|time| time < until))
    }
}

/// What the sources of a filter say.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Statements, and the entities that they say something of.
    pub concepts: FxHashSet<ConceptId>,
    /// Associations, as their evidence alone makes them.
    pub associations: Vec<Association>,
}

impl Snapshot {
    /// What the sources that a filter admits say. Reads all that they say, and every source.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn said(&self, filter: &Filter, relations: &Relations) -> Result<Said> {
        let mut said = Said::default();
        for source in self.admitted(filter)? {
            self.statements_of(source, filter.as_of, &mut said.concepts)?;
        }
        let mut statements: Vec<ConceptId> = said.concepts.iter().copied().collect();
        statements.sort_unstable();
        let mut entities: FxHashMap<ConceptId, bool> = FxHashMap::default();
        let mut found: FxHashMap<EdgeKey, Association> = FxHashMap::default();
        for statement in statements {
            for edge in self.evidence_of(statement.0)? {
                let Some(confidence) = self.confidence_of(edge, statement, filter)? else {
                    continue;
                };
                let (subject, relation, object) = edge;
                let mut stands = true;
                for end in [ConceptId(subject), ConceptId(object)] {
                    stands &= said.concepts.contains(&end) || self.is_entity(end, &mut entities)?;
                }
                if !stands {
                    continue;
                }
                let kind = relations.get(RelationId(relation)).map(|record| record.kind);
                let kind = kind.ok_or_else(|| self.corrupt(format!("relation {relation} is missing")))?;
                let association = found.entry(edge).or_insert(Association {
                    key: AssociationKey {
                        subject: ConceptId(subject),
                        relation: RelationId(relation),
                        object: ConceptId(object),
                    },
                    kind,
                    confidence: 0.0,
                    evidence_count: 0,
                });
                association.confidence = Association::reinforce(association.confidence, confidence);
                association.evidence_count += 1;
            }
        }
        said.associations = found.into_values().collect();
        for association in &said.associations {
            said.concepts.insert(association.key.subject);
            said.concepts.insert(association.key.object);
        }
        Ok(said)
    }

    /// The living sources that a filter admits.
    fn admitted(&self, filter: &Filter) -> Result<Vec<SourceId>> {
        let mut admitted = Vec::new();
        let mut take = |source: Source| {
            if source.retired.is_none() && filter.admits(&source) {
                admitted.push(source.id);
            }
        };
        match &filter.sources {
            Some(sources) => {
                for id in sources {
                    self.source(*id)?.into_iter().for_each(&mut take);
                }
            }
            None => {
                for row in self.ok(self.sources.iter())? {
                    let (_, source) = self.ok(row)?;
                    take(self.decode(source.value(), "source")?);
                }
            }
        }
        Ok(admitted)
    }

    /// Adds the statements that stand in a source, and had been learned there by a transaction.
    fn statements_of(
        &self,
        source: SourceId,
        as_of: Option<TransactionId>,
        statements: &mut FxHashSet<ConceptId>,
    ) -> Result<()> {
        for placed in self.placed(source.0)? {
            if let Some(last) = as_of {
                let key = (placed.statement, source.0, placed.start);
                let row = self.ok(self.supports.get(key))?;
                let row = row.ok_or_else(|| {
                    self.corrupt(format!("statement {} has lost a place", placed.statement))
                })?;
                let support: SupportRecord = self.decode(row.value(), "support")?;
                if support.learned > last {
                    continue;
                }
            }
            statements.insert(ConceptId(placed.statement));
        }
        Ok(())
    }

    /// The confidence of a piece of evidence, where the filter admits it.
    fn confidence_of(
        &self,
        (subject, relation, object): EdgeKey,
        statement: ConceptId,
        filter: &Filter,
    ) -> Result<Option<f32>> {
        let row = self.ok(self.evidence.get((subject, relation, object, statement.0)))?;
        let row =
            row.ok_or_else(|| self.corrupt(format!("evidence of statement {} is missing", statement.0)))?;
        let evidence: EvidenceRecord = self.decode(row.value(), "evidence")?;
        let known = filter.as_of.is_none_or(|last| evidence.learned <= last);
        let holds = filter.holds_at.is_none_or(|time| {
            evidence.validity.from.is_none_or(|from| from <= time)
                && evidence.validity.to.is_none_or(|to| time < to)
        });
        Ok((evidence.retired.is_none() && known && holds).then_some(evidence.confidence))
    }

    fn is_entity(&self, id: ConceptId, known: &mut FxHashMap<ConceptId, bool>) -> Result<bool> {
        if let Some(is_entity) = known.get(&id) {
            return Ok(*is_entity);
        }
        let record = self.concept_record(id)?.ok_or(Error::UnknownConcept(id.0))?;
        let is_entity = matches!(record.kind, KindRecord::Entity { .. });
        known.insert(id, is_entity);
        Ok(is_entity)
    }
}
