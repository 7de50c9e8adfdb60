//! Applying a batch to an open write transaction.
//!
//! A batch is [planned](crate::plan) first and written second, so that a refusal leaves the transaction
//! untouched and its neighbours in the same group go on. Nothing here decides what is learned.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::{ReadableTable, Table, WriteTransaction};
use rustc_hash::FxHashMap;
use sutra_model::{
    Association, AssociationDraft, AssociationKey, AssociationKind, Batch, Concept, ConceptId, ConceptKind,
    ContentKey, EntityType, Error, RelationId, Result, Roles, Source, SourceId, Support, TransactionId,
};

use crate::column::Column;
use crate::layout::{self, AssociationRecord, EvidenceRecord, RelationRecord, Totals, TransactionRecord};
use crate::plan::Plan;

/// What a commit did, for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction that holds it; the last one when nothing was new.
    pub transaction: TransactionId,
    /// For each concept reference of the batch its id, or 0 when it was not stored because nothing
    /// that was new supports it.
    pub concepts: Vec<u64>,
    /// For each source of the batch its id.
    pub sources: Vec<SourceId>,
    /// Sources that were not known before.
    pub new_sources: u64,
    /// Concepts that were not known before.
    pub new_concepts: u64,
    /// Associations that were not known before.
    pub new_associations: u64,
}

/// A vector that the indexes do not know yet in one of these roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorEntry {
    /// The statement.
    pub concept: ConceptId,
    /// Its row in the column.
    pub row: u64,
    /// Add it to the index of sentences.
    pub sentence: bool,
    /// Add it to the index of passages.
    pub passage: bool,
}

/// What the indexes have to take in after a commit.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Statements that became passages, with their document: title, line break, text.
    pub passages: Vec<(ConceptId, String)>,
    /// New entities with their names.
    pub entities: Vec<(ConceptId, String)>,
    /// New vectors.
    pub vectors: Vec<VectorEntry>,
    /// Associations that are new or have changed, in their new state.
    pub associations: Vec<Association>,
    /// Relation names that are new, in order of their ids.
    pub relations: Vec<(RelationId, RelationRecord)>,
}

type Keys<'t> = Table<'t, &'static [u8; 16], u64>;

/// The write side of one group: every table, open, and the running totals.
pub struct Writer<'t> {
    pub(crate) path: &'t Path,
    column: &'t mut Column,
    transactions: Table<'t, u64, &'static [u8]>,
    sources: Table<'t, u64, &'static [u8]>,
    pub(crate) source_keys: Keys<'t>,
    texts: Table<'t, u64, &'static str>,
    concepts: Table<'t, u64, &'static [u8]>,
    pub(crate) concept_keys: Keys<'t>,
    supports: Table<'t, (u64, u64, u64), u64>,
    relations: Table<'t, u32, &'static [u8]>,
    associations: Table<'t, (u64, u32, u64), &'static [u8]>,
    evidence: Table<'t, (u64, u32, u64, u64), &'static [u8]>,
    pub(crate) vectors: Table<'t, u64, u64>,
    pub(crate) relation_ids: FxHashMap<String, (RelationId, AssociationKind)>,
    /// The last transaction before this group.
    first: u64,
    transaction: u64,
    totals: Totals,
}

impl<'t> Writer<'t> {
    /// Opens every table of a write transaction.
    pub fn open(transaction: &'t WriteTransaction, column: &'t mut Column, path: &'t Path) -> Result<Self> {
        let fail = |error| layout::database_error(path, error);
        let transactions = transaction.open_table(layout::TRANSACTIONS).map_err(fail)?;
        let (number, totals) = match transactions.last().map_err(|e| layout::database_error(path, e))? {
            Some((number, record)) => {
                let record: TransactionRecord = layout::decode(record.value(), path, "transaction")?;
                (number.value(), record.totals)
            }
            None => (0, Totals::default()),
        };
        let relations = transaction.open_table(layout::RELATIONS).map_err(fail)?;
        let mut relation_ids = FxHashMap::default();
        for row in relations.iter().map_err(|e| layout::database_error(path, e))? {
            let (id, record) = row.map_err(|e| layout::database_error(path, e))?;
            let record: RelationRecord = layout::decode(record.value(), path, "relation")?;
            relation_ids.insert(record.name, (RelationId(id.value()), record.kind));
        }
        Ok(Self {
            path,
            column,
            transactions,
            sources: transaction.open_table(layout::SOURCES).map_err(fail)?,
            source_keys: transaction.open_table(layout::SOURCE_KEYS).map_err(fail)?,
            texts: transaction.open_table(layout::TEXTS).map_err(fail)?,
            concepts: transaction.open_table(layout::CONCEPTS).map_err(fail)?,
            concept_keys: transaction.open_table(layout::CONCEPT_KEYS).map_err(fail)?,
            supports: transaction.open_table(layout::SUPPORTS).map_err(fail)?,
            relations,
            associations: transaction.open_table(layout::ASSOCIATIONS).map_err(fail)?,
            evidence: transaction.open_table(layout::EVIDENCE).map_err(fail)?,
            vectors: transaction.open_table(layout::VECTORS).map_err(fail)?,
            relation_ids,
            first: number,
            transaction: number,
            totals,
        })
    }

    /// Applies one batch, which [`validate`](crate::validate::validate) has passed.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] before anything of it was written; any other error leaves the whole group
    /// unfit to be committed.
    pub fn apply(&mut self, batch: &Batch, changes: &mut Changes) -> Result<Receipt> {
        let mut plan = self.plan(batch)?;
        let mut receipt = Receipt {
            transaction: TransactionId(self.transaction),
            concepts: Vec::new(),
            sources: Vec::new(),
            new_sources: 0,
            new_concepts: 0,
            new_associations: 0,
        };
        if plan.source_ids.iter().any(Option::is_none) || !plan.vectors.is_empty() {
            self.transaction += 1;
            receipt.transaction = TransactionId(self.transaction);
            self.write_sources(batch, &mut plan, &mut receipt)?;
            self.write_concepts(batch, &mut plan, &mut receipt, changes)?;
            self.write_associations(batch, &plan, &mut receipt, changes)?;
            self.write_vectors(batch, &plan, changes)?;
            self.write_transaction()?;
        }
        receipt.sources = plan
            .source_ids
            .iter()
            .map(|id| SourceId(id.unwrap_or(0)))
            .collect();
        receipt.concepts = plan.known.iter().map(|id| id.unwrap_or(0)).collect();
        Ok(receipt)
    }

    /// Whether anything was applied; without it there is nothing to commit.
    pub fn has_changes(&self) -> bool {
        self.transaction > self.first
    }

    /// Records what the whole group needs besides its batches: how far the vector column goes, and
    /// which of its files are sealed now.
    pub fn finish(self, transaction: &'t WriteTransaction) -> Result<()> {
        let path = self.path;
        self.column.sync()?;
        let rows = self.column.written();
        let full = self.column.newly_full();
        let mut meta = transaction
            .open_table(layout::META)
            .map_err(|e| layout::database_error(path, e))?;
        put(path, meta.insert("vector_rows", layout::encode(&rows).as_slice()))?;
        let mut sealed = transaction
            .open_table(layout::SEALED)
            .map_err(|e| layout::database_error(path, e))?;
        for (number, digest) in full {
            put(path, sealed.insert(number, &digest))?;
        }
        Ok(())
    }

    fn write_sources(&mut self, batch: &Batch, plan: &mut Plan, receipt: &mut Receipt) -> Result<()> {
        for (index, draft) in batch.sources.iter().enumerate() {
            if plan.source_ids[index].is_some() {
                continue;
            }
            if let Some(id) = get(self.path, &self.source_keys, &plan.source_keys[index].0)? {
                plan.source_ids[index] = Some(id);
                continue;
            }
            self.totals.sources += 1;
            let id = self.totals.sources;
            let source = Source {
                id: SourceId(id),
                address: draft.address.clone(),
                offset: draft.offset,
                title: draft.title.clone(),
                sha256: plan.source_hashes[index],
                length: draft.text.len() as u64,
                time: draft.time,
                attributes: draft.attributes.clone(),
                learned: TransactionId(self.transaction),
            };
            put(
                self.path,
                self.sources.insert(id, layout::encode(&source).as_slice()),
            )?;
            put(self.path, self.source_keys.insert(&plan.source_keys[index].0, id))?;
            put(self.path, self.texts.insert(id, draft.text.as_str()))?;
            plan.source_ids[index] = Some(id);
            receipt.new_sources += 1;
        }
        Ok(())
    }

    fn write_concepts(
        &mut self,
        batch: &Batch,
        plan: &mut Plan,
        receipt: &mut Receipt,
        changes: &mut Changes,
    ) -> Result<()> {
        for index in 0..plan.keys.len() {
            // A repeated text is one concept: the first of the batch made it, the others find it here.
            let id = match plan.known[index] {
                Some(id) => Some(id),
                None => get(self.path, &self.concept_keys, &plan.keys[index].0)?,
            };
            plan.known[index] = id;
            if !plan.live[index] {
                continue;
            }
            let statement = batch.statements.get(index);
            let kind = match statement {
                Some(draft) => ConceptKind::Statement {
                    roles: draft.roles,
                    first: Support {
                        source: SourceId(plan.source_ids[draft.source as usize].unwrap_or(0)),
                        start: draft.start,
                        end: draft.end,
                    },
                },
                None => {
                    let draft = &batch.entities[index - batch.statements.len()];
                    ConceptKind::Entity {
                        name: draft.name.clone(),
                        entity_type: draft.entity_type,
                    }
                }
            };
            let id = match id {
                Some(id) => self.meet(id, kind.clone(), changes)?,
                None => {
                    receipt.new_concepts += 1;
                    self.create(
                        batch,
                        statement.map(|s| s.source),
                        plan.keys[index],
                        kind.clone(),
                        changes,
                    )?
                }
            };
            plan.known[index] = Some(id);
            if let ConceptKind::Statement { first, .. } = kind {
                put(
                    self.path,
                    self.supports.insert((id, first.source.0, first.start), first.end),
                )?;
            }
        }
        // What a dead reference names may have been made by a live one further on.
        for index in 0..plan.keys.len() {
            if plan.known[index].is_none() {
                plan.known[index] = get(self.path, &self.concept_keys, &plan.keys[index].0)?;
            }
        }
        Ok(())
    }

    fn create(
        &mut self,
        batch: &Batch,
        source: Option<u32>,
        key: ContentKey,
        kind: ConceptKind,
        changes: &mut Changes,
    ) -> Result<u64> {
        let id = self.totals.statements + self.totals.entities + 1;
        match &kind {
            ConceptKind::Statement { roles, first } => {
                self.totals.statements += 1;
                if roles.passage {
                    self.totals.passages += 1;
                    let draft = &batch.sources[source.unwrap_or(0) as usize];
                    let text = &draft.text[first.start as usize..first.end as usize];
                    changes
                        .passages
                        .push((ConceptId(id), document(&draft.title, text)));
                }
            }
            ConceptKind::Entity { name, .. } => {
                self.totals.entities += 1;
                changes.entities.push((ConceptId(id), name.clone()));
            }
        }
        let concept = Concept {
            id: ConceptId(id),
            kind,
            learned: TransactionId(self.transaction),
        };
        put(
            self.path,
            self.concepts.insert(id, layout::encode(&concept).as_slice()),
        )?;
        put(self.path, self.concept_keys.insert(&key.0, id))?;
        Ok(id)
    }

    /// A concept is met again: it may play a further role, or tell its type.
    fn meet(&mut self, id: u64, met: ConceptKind, changes: &mut Changes) -> Result<u64> {
        let mut concept: Concept = {
            let row = self
                .concepts
                .get(id)
                .map_err(|e| layout::database_error(self.path, e))?;
            let row = row.ok_or_else(|| self.corrupt(format!("concept {id} is missing")))?;
            layout::decode(row.value(), self.path, "concept")?
        };
        let mut became_passage = None;
        match (&mut concept.kind, met) {
            (ConceptKind::Statement { roles, first }, ConceptKind::Statement { roles: met, .. }) => {
                let union = roles.union(met);
                if union == *roles {
                    return Ok(id);
                }
                if union.passage && !roles.passage {
                    self.totals.passages += 1;
                    became_passage = Some(*first);
                }
                let gained = Roles {
                    sentence: union.sentence && !roles.sentence,
                    passage: union.passage && !roles.passage,
                };
                *roles = union;
                if let Some(row) = get(self.path, &self.vectors, id)? {
                    changes.vectors.push(VectorEntry {
                        concept: ConceptId(id),
                        row,
                        sentence: gained.sentence,
                        passage: gained.passage,
                    });
                }
            }
            (ConceptKind::Entity { entity_type, .. }, ConceptKind::Entity { entity_type: met, .. }) => {
                if *entity_type != EntityType::Thing || met == EntityType::Thing {
                    return Ok(id);
                }
                *entity_type = met;
            }
            _ => return Err(self.corrupt(format!("concept {id} stands under the key of another kind"))),
        }
        put(
            self.path,
            self.concepts.insert(id, layout::encode(&concept).as_slice()),
        )?;
        if let Some(first) = became_passage {
            changes
                .passages
                .push((ConceptId(id), self.stored_document(first)?));
        }
        Ok(id)
    }

    fn stored_document(&self, first: Support) -> Result<String> {
        let fail = |error| layout::database_error(self.path, error);
        let missing = || self.corrupt(format!("source {} is missing", first.source.0));
        let source = self
            .sources
            .get(first.source.0)
            .map_err(fail)?
            .ok_or_else(missing)?;
        let source: Source = layout::decode(source.value(), self.path, "source")?;
        let text = self
            .texts
            .get(first.source.0)
            .map_err(fail)?
            .ok_or_else(missing)?;
        let text = text
            .value()
            .get(first.start as usize..first.end as usize)
            .ok_or_else(missing)?;
        Ok(document(&source.title, text))
    }

    fn write_associations(
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

    fn write_vectors(&mut self, batch: &Batch, plan: &Plan, changes: &mut Changes) -> Result<()> {
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

    fn write_transaction(&mut self) -> Result<()> {
        let record = TransactionRecord {
            time: now(),
            totals: self.totals,
        };
        put(
            self.path,
            self.transactions
                .insert(self.transaction, layout::encode(&record).as_slice()),
        )
    }

    fn corrupt(&self, detail: String) -> Error {
        Error::Corrupt {
            path: self.path.to_owned(),
            detail,
        }
    }
}

/// What the words index reads of a passage.
pub fn document(title: &str, text: &str) -> String {
    if title.is_empty() {
        text.to_owned()
    } else {
        format!("{title}\n{text}")
    }
}

pub(crate) fn get<K: redb::Key + 'static>(
    path: &Path,
    table: &Table<'_, K, u64>,
    key: K::SelfType<'_>,
) -> Result<Option<u64>> {
    Ok(table
        .get(key)
        .map_err(|e| layout::database_error(path, e))?
        .map(|value| value.value()))
}

fn put<T>(path: &Path, inserted: std::result::Result<T, redb::StorageError>) -> Result<()> {
    inserted
        .map(|_| ())
        .map_err(|error| layout::database_error(path, error))
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_micros() as i64)
}
