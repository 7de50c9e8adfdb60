//! Writing associations with their evidence, and vectors.

use redb::ReadableTable;
use rustc_hash::FxHashSet;
use sutra_model::{Association, AssociationKey, ConceptId, Evidence, RelationId, Result};

use crate::apply::{Writer, put};
use crate::change::{Change, NewConcept, StoredVector};
use crate::counts::less;
use crate::layout;
use crate::records::{AssociationRecord, EvidenceRecord, KindRecord, Telling, VectorRecord};
use crate::updates::{Updates, VectorEntry};

/// Subject, relation and object of an association, as its row has them.
pub(crate) type EdgeKey = (u64, u32, u64);

pub(crate) fn edge(key: AssociationKey) -> EdgeKey {
    (key.subject.0, key.relation.0, key.object.0)
}

pub(crate) fn association_key((subject, relation, object): EdgeKey) -> AssociationKey {
    AssociationKey {
        subject: ConceptId(subject),
        relation: RelationId(relation),
        object: ConceptId(object),
    }
}

impl Writer<'_> {
    pub(crate) fn write_relations(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        for (id, record) in &change.relations {
            self.next_ids.relation = self.next_ids.relation.max(id.0 + 1);
            put(
                self.path,
                self.relations.insert(id.0, layout::encode(record).as_slice()),
            )?;
            self.relation_ids.insert(record.name.clone(), (*id, record.kind));
            self.kinds.insert(*id, record.kind);
            updates.relations.push((*id, record.clone()));
        }
        Ok(())
    }

    /// Writes what supports associations, and says how many of these are new.
    pub(crate) fn write_evidence(&mut self, change: &Change, updates: &mut Updates) -> Result<u64> {
        let mut new = 0;
        // In the order of the rows, so that pages are come to once; that of the tellings of one association stays.
        let mut sorted: Vec<_> = change.evidence.iter().collect();
        sorted.sort_by_key(|(_, key, _, _)| edge(*key));
        for (statement, key, evidence, rules) in sorted {
            let (subject, relation, object) = edge(*key);
            let is_new = self.concept(statement.0)?.learned == change.transaction;
            self.given(statement.0, is_new)?.insert(edge(*key));
            let mut record = match is_new {
                true => EvidenceRecord::default(),
                false => self.evidence_record(edge(*key), statement.0)?.unwrap_or_default(),
            };
            record.tellings.push(Telling {
                confidence: evidence.confidence,
                validity: evidence.validity,
                rules: *rules,
                learned: change.transaction,
                retired: None,
            });
            put(
                self.path,
                self.evidence.insert(
                    (subject, relation, object, statement.0),
                    layout::encode(&record).as_slice(),
                ),
            )?;
            self.totals.evidence += 1;
            let (record, is_new) = self.reinforced(*key, evidence)?;
            put(
                self.path,
                self.associations
                    .insert(edge(*key), layout::encode(&record).as_slice()),
            )?;
            if is_new {
                new += 1;
                self.totals.associations += 1;
                self.join_ends(edge(*key), updates)?;
            }
            updates.associations.push(Association {
                key: *key,
                kind: self.kind(key.relation)?,
                confidence: record.confidence,
                evidence_count: record.evidence_count,
            });
        }
        Ok(new)
    }

    /// Counts a new association at its ends; an entity that was retired lives again.
    fn join_ends(&mut self, edge: EdgeKey, updates: &mut Updates) -> Result<()> {
        let path = self.path;
        let ends = [edge.0, edge.2];
        let mut returns = true;
        for end in ends {
            let concept = self.concept(end)?;
            concept.associations += 1;
            returns &= concept.retired_associations > 0;
            if let (KindRecord::Entity { name, .. }, Some(_)) = (&concept.kind, concept.retired) {
                updates.entities.push((ConceptId(end), name.clone()));
                concept.retired = None;
                self.totals.entities += 1;
            }
        }
        // Its evidence stands here by now: more than one piece, or one that was told before.
        if returns && self.was_retired(edge)? {
            for end in ends {
                let counted = &mut self.concept(end)?.retired_associations;
                less(counted, 1, "retired associations of a concept", path)?;
            }
        }
        Ok(())
    }

    /// Whether an association, which lives by one telling now, has been told before.
    fn was_retired(&self, (subject, relation, object): EdgeKey) -> Result<bool> {
        let rows = self
            .evidence
            .range((subject, relation, object, 0)..=(subject, relation, object, u64::MAX))
            .map_err(|error| layout::database_error(self.path, error))?;
        let mut tellings = 0;
        for row in rows {
            let (_, record) = row.map_err(|error| layout::database_error(self.path, error))?;
            let record: EvidenceRecord = layout::decode(record.value(), self.path, "evidence")?;
            tellings += record.tellings.len();
        }
        Ok(tellings > 1)
    }

    pub(crate) fn evidence_record(&self, edge: EdgeKey, statement: u64) -> Result<Option<EvidenceRecord>> {
        let (subject, relation, object) = edge;
        let row = self
            .evidence
            .get((subject, relation, object, statement))
            .map_err(|error| layout::database_error(self.path, error))?;
        row.map(|row| layout::decode(row.value(), self.path, "evidence"))
            .transpose()
    }

    pub(crate) fn kind(&self, relation: RelationId) -> Result<sutra_model::AssociationKind> {
        let kind = self.kinds.get(&relation).copied();
        kind.ok_or_else(|| self.corrupt(format!("relation {} is missing", relation.0)))
    }

    /// How a statement supports an association at present, if it does.
    pub(crate) fn gives(&mut self, statement: u64, key: AssociationKey) -> Result<Option<Telling>> {
        if !self.given(statement, false)?.contains(&edge(key)) {
            return Ok(None);
        }
        let record = self.evidence_record(edge(key), statement)?;
        Ok(record.and_then(|record| record.live().copied()))
    }

    /// The associations that a statement supports, or supported, as the group leaves them so far: none from before that are stored,
    /// if it is new.
    pub(crate) fn given(&mut self, statement: u64, is_new: bool) -> Result<&mut FxHashSet<EdgeKey>> {
        if is_new {
            self.given.entry(statement).or_default();
        } else if !self.given.contains_key(&statement) {
            let row = self
                .statement_evidence
                .get(statement)
                .map_err(|error| layout::database_error(self.path, error))?;
            let edges: Vec<EdgeKey> = match row {
                Some(row) => layout::decode(row.value(), self.path, "evidence of a statement")?,
                None => Vec::new(),
            };
            self.given.insert(statement, edges.into_iter().collect());
        }
        Ok(self
            .given
            .get_mut(&statement)
            .expect("it was looked for just now"))
    }

    /// An association with one more piece of evidence, and whether it is new.
    fn reinforced(&self, key: AssociationKey, evidence: &Evidence) -> Result<(AssociationRecord, bool)> {
        let row = self
            .associations
            .get(edge(key))
            .map_err(|error| layout::database_error(self.path, error))?;
        let old = row
            .map(|row| layout::decode::<AssociationRecord>(row.value(), self.path, "association"))
            .transpose()?;
        let (confidence, count) = old.map_or((0.0, 0), |old| (old.confidence, old.evidence_count));
        let record = AssociationRecord {
            confidence: Association::reinforce(confidence, evidence.confidence),
            evidence_count: count + 1,
        };
        Ok((record, old.is_none()))
    }

    /// Writes vectors, and notes which of the statements that are learned have none yet.
    pub(crate) fn write_vectors(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        let mut given = FxHashSet::default();
        for vector in &change.vectors {
            let (model, id) = (vector.model, vector.statement);
            given.insert(id);
            let row = match self.kept_rows.get(&id.0) {
                Some(row) => *row,
                None => self.append(vector)?,
            };
            let record = VectorRecord {
                row,
                learned: change.transaction,
            };
            put(
                self.path,
                self.vectors
                    .insert((model, id.0), layout::encode(&record).as_slice()),
            )?;
            self.totals.vectors += 1;
            let concept = self.concept(id.0)?;
            let waited = concept.learned < change.transaction;
            if let KindRecord::Statement {
                sentence, passage, ..
            } = concept.kind
            {
                updates.vectors.push(VectorEntry {
                    concept: id,
                    row,
                    sentence: sentence.is_some(),
                    passage: passage.is_some(),
                });
            }
            if waited {
                put(self.path, self.pending.remove((model, id.0)))?;
            }
        }
        self.write_pending(change, &given)
    }

    /// Writes a vector to the column, and gives its row.
    fn append(&mut self, vector: &StoredVector) -> Result<u64> {
        let row = self.column.append(vector.statement, &vector.values)?;
        if self.sync_later {
            let bytes = self.column.last_row();
            put(self.path, self.unsynced.insert((vector.model, row), bytes))?;
        }
        Ok(row)
    }

    fn write_pending(&mut self, change: &Change, given: &FxHashSet<ConceptId>) -> Result<()> {
        for (id, new) in &change.concepts {
            if !matches!(new, NewConcept::Statement(_)) {
                continue;
            }
            for model in &self.models {
                if *model != self.model || !given.contains(id) {
                    put(self.path, self.pending.insert((*model, id.0), ()))?;
                }
            }
        }
        Ok(())
    }

    /// Whether a statement has a vector of a model, in use or prepared.
    pub(crate) fn has_vector(&self, model: u32, id: u64) -> Result<bool> {
        let prepared = layout::given(self.path, self.prepared.get((model, id)))?.is_some();
        Ok(prepared || self.vector(model, id)?.is_some())
    }

    pub(crate) fn vector(&self, model: u32, id: u64) -> Result<Option<VectorRecord>> {
        let row = self
            .vectors
            .get((model, id))
            .map_err(|error| layout::database_error(self.path, error))?;
        row.map(|row| layout::decode(row.value(), self.path, "vector"))
            .transpose()
    }
}
