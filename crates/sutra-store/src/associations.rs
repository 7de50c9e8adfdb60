//! Writing associations with their evidence, and vectors.

use redb::ReadableTable;
use sutra_model::{
    Association, AssociationDraft, AssociationKey, AssociationKind, Batch, Concept, ConceptId, ConceptKind,
    RelationId, Result,
};

use crate::apply::{Writer, put};
use crate::changes::{Changes, Receipt, VectorEntry};
use crate::layout::{self, AssociationRecord, EvidenceRecord, RelationRecord};
use crate::plan::Plan;

impl Writer<'_> {
    pub(crate) fn write_associations(
        &mut self,
        batch: &Batch,
        plan: &Plan,
        receipt: &mut Receipt,
        changes: &mut Changes,
    ) -> Result<()> {
        for index in &plan.associations {
            let draft = &batch.associations[*index];
            let id = |reference: u32| plan.known[reference as usize].unwrap_or(0);
            let (relation, kind) = self.relation(&batch.relations[draft.relation as usize], changes)?;
            let key = (id(draft.subject), relation.0, id(draft.object));
            let evidence_key = (key.0, key.1, key.2, id(draft.evidence));
            if self.has_evidence(evidence_key)? {
                continue;
            }
            let record = self.reinforced(key, draft, receipt)?;
            let evidence = EvidenceRecord {
                confidence: draft.confidence,
                validity: draft.validity,
            };
            put(
                self.path,
                self.evidence
                    .insert(evidence_key, layout::encode(&evidence).as_slice()),
            )?;
            put(
                self.path,
                self.associations.insert(key, layout::encode(&record).as_slice()),
            )?;
            self.totals.evidence += 1;
            changes.associations.push(Association {
                key: AssociationKey {
                    subject: ConceptId(key.0),
                    relation,
                    object: ConceptId(key.2),
                },
                kind,
                confidence: record.confidence,
                evidence_count: record.evidence_count,
            });
        }
        Ok(())
    }

    fn has_evidence(&self, key: (u64, u32, u64, u64)) -> Result<bool> {
        Ok(self
            .evidence
            .get(key)
            .map_err(|e| layout::database_error(self.path, e))?
            .is_some())
    }

    fn reinforced(
        &mut self,
        key: (u64, u32, u64),
        draft: &AssociationDraft,
        receipt: &mut Receipt,
    ) -> Result<AssociationRecord> {
        let row = self
            .associations
            .get(key)
            .map_err(|e| layout::database_error(self.path, e))?;
        let old = match row {
            Some(row) => layout::decode(row.value(), self.path, "association")?,
            None => {
                self.totals.associations += 1;
                receipt.new_associations += 1;
                AssociationRecord {
                    confidence: 0.0,
                    evidence_count: 0,
                }
            }
        };
        Ok(AssociationRecord {
            confidence: Association::reinforce(old.confidence, draft.confidence),
            evidence_count: old.evidence_count + 1,
        })
    }

    fn relation(
        &mut self,
        (name, kind): &(String, AssociationKind),
        changes: &mut Changes,
    ) -> Result<(RelationId, AssociationKind)> {
        if let Some(known) = self.relation_ids.get(name) {
            return Ok(*known);
        }
        let id = RelationId(self.relation_ids.len() as u32 + 1);
        let record = RelationRecord {
            name: name.clone(),
            kind: *kind,
        };
        put(
            self.path,
            self.relations.insert(id.0, layout::encode(&record).as_slice()),
        )?;
        self.relation_ids.insert(name.clone(), (id, *kind));
        changes.relations.push((id, record));
        Ok((id, *kind))
    }

    pub(crate) fn write_vectors(&mut self, batch: &Batch, plan: &Plan, changes: &mut Changes) -> Result<()> {
        for index in &plan.vectors {
            let reference = batch.vector_references[*index] as usize;
            let Some(id) = plan.known[reference] else { continue };
            let values = &batch.vectors[index * batch.dimension..(index + 1) * batch.dimension];
            let row = self.column.append(ConceptId(id), values)?;
            put(self.path, self.vectors.insert(id, row))?;
            self.totals.vectors += 1;
            let concept: Concept = {
                let stored = self
                    .concepts
                    .get(id)
                    .map_err(|e| layout::database_error(self.path, e))?;
                let stored = stored.ok_or_else(|| self.corrupt(format!("concept {id} is missing")))?;
                layout::decode(stored.value(), self.path, "concept")?
            };
            if let ConceptKind::Statement { roles, .. } = concept.kind {
                changes.vectors.push(VectorEntry {
                    concept: ConceptId(id),
                    row,
                    sentence: roles.sentence,
                    passage: roles.passage,
                });
            }
        }
        Ok(())
    }
}
