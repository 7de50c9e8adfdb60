//! Writing sources and concepts.

use sutra_model::{
    Batch, Concept, ConceptId, ConceptKind, ContentKey, EntityType, LANGUAGE_ATTRIBUTE, Language, Result,
    Roles, Source, SourceId, Support, TransactionId,
};

use redb::ReadableTable;

use crate::apply::{Writer, get, put};
use crate::changes::{Changes, PassageEntry, Receipt, VectorEntry, document};
use crate::layout;
use crate::plan::Plan;

impl Writer<'_> {
    pub(crate) fn write_sources(
        &mut self,
        batch: &Batch,
        plan: &mut Plan,
        receipt: &mut Receipt,
    ) -> Result<()> {
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

    pub(crate) fn write_concepts(
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
                    changes.passages.push(PassageEntry {
                        concept: ConceptId(id),
                        document: document(&draft.title, text),
                        language: draft
                            .attributes
                            .get(LANGUAGE_ATTRIBUTE)
                            .map_or_else(Language::default, |tag| Language::of_tag(tag)),
                    });
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
            changes.passages.push(self.stored_passage(ConceptId(id), first)?);
        }
        Ok(id)
    }

    fn stored_passage(&self, concept: ConceptId, first: Support) -> Result<PassageEntry> {
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
        Ok(PassageEntry {
            concept,
            document: document(&source.title, text),
            language: Language::of_attributes(&source.attributes),
        })
    }
}
