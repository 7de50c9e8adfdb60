//! From a batch to a change: what is new gets its number, what is known is found.
//!
//! Reads the store, writes nothing. A batch is [planned](crate::plan) first; what is decided there is only spelled out
//! here.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{
    AssociationKey, AssociationKind, Batch, ConceptId, ContentKey, EntityType, Evidence, RelationId, Result,
    Roles, Source, SourceDraft, SourceId, Support, TransactionId,
};

use crate::apply::Writer;
use crate::change::{Alteration, Change, NewConcept, StoredVector};
use crate::plan::Plan;
use crate::records::{KindRecord, RelationRecord, Telling};
use crate::stored::stored;

/// The evidence that a batch tells, by statement.
pub(crate) type Told = FxHashSet<(ConceptId, AssociationKey)>;

impl Writer<'_> {
    /// The change that a batch is, and in `plan` the numbers of its sources and concepts; `None` where it changes
    /// nothing.
    pub(crate) fn resolve(&mut self, batch: &Batch, plan: &mut Plan, time: i64) -> Result<Option<Change>> {
        let tells_more = |(source, known): (&SourceDraft, &Option<u64>)| known.is_none() || source.last;
        let mut sources = batch.sources.iter().zip(&plan.source_ids);
        if !sources.any(tells_more) && plan.vectors.is_empty() && batch.known.is_empty() {
            return Ok(None);
        }
        let mut change = Change {
            transaction: TransactionId(self.transaction + 1),
            time,
            ..Change::default()
        };
        self.resolve_sources(batch, plan, &mut change);
        self.resolve_concepts(batch, plan, &mut change)?;
        let told = self.resolve_associations(batch, plan, &mut change)?;
        for index in &plan.vectors {
            let reference = batch.vector_references[*index] as usize;
            let Some(id) = plan.known[reference] else { continue };
            let values = &batch.vectors[index * batch.dimension..(index + 1) * batch.dimension];
            change.vectors.push(StoredVector {
                model: self.model,
                statement: ConceptId(id),
                values: stored(values),
            });
        }
        self.resolve_retired(plan, &told, &mut change)?;
        change.sort();
        Ok(Some(change).filter(|change| !change.is_empty()))
    }

    fn resolve_sources(&self, batch: &Batch, plan: &mut Plan, change: &mut Change) {
        let mut next = self.next_ids.source;
        let mut met: FxHashMap<(ContentKey, u64, [u8; 32]), u64> = FxHashMap::default();
        for (index, draft) in batch.sources.iter().enumerate() {
            if plan.source_ids[index].is_some() {
                continue;
            }
            let sha256 = plan.source_hashes[index];
            // A source that the batch has twice is learned once.
            let id = *met
                .entry((plan.addresses[index], draft.offset, sha256))
                .or_insert(next);
            plan.source_ids[index] = Some(id);
            if id < next {
                continue;
            }
            next += 1;
            let source = Source {
                id: SourceId(id),
                address: draft.address.clone(),
                offset: draft.offset,
                title: draft.title.clone(),
                sha256,
                length: draft.text.len() as u64,
                time: draft.time,
                attributes: draft.attributes.clone(),
                learned: change.transaction,
                retired: (!plan.standing[index]).then_some(change.transaction),
                redacted: None,
            };
            if !draft.markup.is_empty() {
                change.markup.push((source.id, draft.markup.clone()));
            }
            change.sources.push((source, draft.text.clone()));
        }
    }

    fn resolve_concepts(&mut self, batch: &Batch, plan: &mut Plan, change: &mut Change) -> Result<()> {
        // Numbers of concepts that the batch makes, and where they stand in the change.
        let mut made: FxHashMap<ContentKey, (u64, usize)> = FxHashMap::default();
        let mut altered: BTreeMap<ConceptId, Alteration> = BTreeMap::new();
        let mut supports = FxHashSet::default();
        for index in (0..plan.keys.len()).filter(|index| plan.live[*index]) {
            let draft = batch.statements.get(index);
            let met = match draft {
                Some(draft) => NewConcept::Statement(draft.roles),
                None => {
                    let entity = &batch.entities[index - batch.statements.len()];
                    NewConcept::Entity(entity.name.clone(), entity.entity_type)
                }
            };
            let id = match (plan.known[index], made.get(&plan.keys[index])) {
                (Some(id), _) => {
                    self.alter(id, &met, &mut altered)?;
                    id
                }
                (None, Some((id, position))) => {
                    unite(&mut change.concepts[*position].1, &met);
                    *id
                }
                (None, None) => {
                    let id = self.next_ids.concept + made.len() as u64;
                    made.insert(plan.keys[index], (id, change.concepts.len()));
                    self.keys.insert(id, plan.keys[index]);
                    change.concepts.push((ConceptId(id), met));
                    id
                }
            };
            if let Some(draft) = draft {
                let support = Support {
                    source: SourceId(plan.source_ids[draft.source as usize].unwrap_or(0)),
                    start: draft.start,
                    end: draft.end,
                };
                if supports.insert((id, support.source, support.start)) {
                    change.supports.push((support.source, support, ConceptId(id)));
                }
            }
        }
        change.altered.extend(altered);
        for (known, key) in plan.known.iter_mut().zip(&plan.keys) {
            *known = known.or_else(|| made.get(key).map(|(id, _)| *id));
        }
        Ok(())
    }

    /// Notes what becomes known about a concept that was learned before: a further role, or its type.
    fn alter(
        &mut self,
        id: u64,
        met: &NewConcept,
        altered: &mut BTreeMap<ConceptId, Alteration>,
    ) -> Result<()> {
        let told = match (&self.concept(id)?.kind, met) {
            (
                KindRecord::Statement {
                    sentence, passage, ..
                },
                NewConcept::Statement(met),
            ) => {
                let gained = Roles {
                    sentence: met.sentence && sentence.is_none(),
                    passage: met.passage && passage.is_none(),
                };
                (gained != Roles::default()).then_some(Alteration::Roles(gained))
            }
            (KindRecord::Entity { entity_type, .. }, NewConcept::Entity(_, met)) => {
                let told = *entity_type == EntityType::Thing && *met != EntityType::Thing;
                told.then_some(Alteration::Type(*met))
            }
            _ => return Err(self.of_another_kind(id)),
        };
        match (told, altered.get_mut(&ConceptId(id))) {
            (Some(Alteration::Roles(gained)), Some(Alteration::Roles(roles))) => {
                *roles = roles.union(gained);
            }
            (Some(told), None) => {
                altered.insert(ConceptId(id), told);
            }
            // Its type was told before.
            _ => {}
        }
        Ok(())
    }

    /// Notes the evidence that is new, and gives all that was told.
    fn resolve_associations(&mut self, batch: &Batch, plan: &Plan, change: &mut Change) -> Result<Told> {
        let mut relations: FxHashMap<&str, RelationId> = FxHashMap::default();
        let mut given = Told::default();
        for index in &plan.associations {
            let draft = &batch.associations[*index];
            let id = |reference: u32| ConceptId(plan.known[reference as usize].unwrap_or(0));
            let (name, kind) = &batch.relations[draft.relation as usize];
            let relation = match relations.get(name.as_str()) {
                Some(relation) => *relation,
                None => {
                    let relation = self.relation_id(name, *kind, change);
                    relations.insert(name, relation);
                    relation
                }
            };
            let key = AssociationKey {
                subject: id(draft.subject),
                relation,
                object: id(draft.object),
            };
            let evidence = Evidence {
                statement: id(draft.evidence),
                confidence: draft.confidence,
                validity: draft.validity,
            };
            // A statement is one piece of evidence, however often it is told.
            if !given.insert((evidence.statement, key)) {
                continue;
            }
            let is_new = evidence.statement.0 >= self.next_ids.concept;
            let before = match is_new {
                true => None,
                false => self.gives(evidence.statement.0, key)?,
            };
            let by_number = draft.evidence as usize >= plan.keys.len();
            if let Some(before) = before {
                if !(by_number && is_outdated(&before, draft.rules)) {
                    continue;
                }
                change.unsaid.push((evidence.statement, key));
            }
            change
                .evidence
                .push((evidence.statement, key, evidence, draft.rules));
        }
        Ok(given)
    }

    fn relation_id(&self, name: &str, kind: AssociationKind, change: &mut Change) -> RelationId {
        if let Some((known, _)) = self.relation_ids.get(name) {
            return *known;
        }
        let id = RelationId(self.next_ids.relation + change.relations.len() as u32);
        let name = name.to_owned();
        change.relations.push((id, RelationRecord { name, kind }));
        id
    }
}

/// Whether rules derived a telling that come before those of this version. What was given is no rule's.
pub(crate) fn is_outdated(telling: &Telling, rules: u32) -> bool {
    (1..rules).contains(&telling.rules)
}

/// A concept that one batch tells of twice plays the roles, and is of the type, that any of them says.
fn unite(known: &mut NewConcept, met: &NewConcept) {
    match (known, met) {
        (NewConcept::Statement(roles), NewConcept::Statement(met)) => *roles = roles.union(*met),
        (NewConcept::Entity(_, entity_type), NewConcept::Entity(_, met))
            if *entity_type == EntityType::Thing =>
        {
            *entity_type = *met;
        }
        _ => {}
    }
}
