//! Writing concepts and where statements stand.

use std::collections::BTreeMap;

use redb::ReadableTable;
use rustc_hash::FxHashMap;
use sutra_model::{
    ConceptId, ContentKey, EntityType, Error, Language, Result, Roles, Support, TransactionId, entity_key,
    passage_key, statement_key,
};

use crate::apply::{Writer, put};
use crate::associations::EdgeKey;
use crate::change::{Alteration, Change, NewConcept};
use crate::layout;
use crate::records::{ConceptRecord, KindRecord, Placed, SupportRecord};
use crate::updates::{PassageEntry, Updates, VectorEntry, document};

impl Writer<'_> {
    pub(crate) fn write_concepts(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        let mut first: FxHashMap<ConceptId, Support> = FxHashMap::default();
        for (_, support, statement) in &change.supports {
            first.entry(*statement).or_insert(*support);
        }
        for (id, new) in &change.concepts {
            match new {
                NewConcept::Statement(roles) => match first.get(id) {
                    Some(first) => self.create_statement(*id, *roles, *first, change, updates)?,
                    None if self.following.is_some() => self.create_waiting(*id, *roles, change)?,
                    None => {
                        return Err(self.corrupt(format!("statement {} is learned and stands nowhere", id.0)));
                    }
                },
                NewConcept::Entity(name, entity_type) => {
                    self.totals.entities += 1;
                    updates.entities.push((*id, name.clone()));
                    let kind = KindRecord::Entity {
                        name: name.clone(),
                        entity_type: *entity_type,
                        typed: None,
                    };
                    let key = self.keys.remove(&id.0).unwrap_or_else(|| entity_key(name));
                    self.create(*id, key, kind, change.transaction)?;
                }
            }
        }
        for (id, alteration) in &change.altered {
            match alteration {
                Alteration::Roles(gained) => self.gain_roles(*id, *gained, change, updates)?,
                Alteration::Type(told) => self.tell_type(*id, *told, change.transaction)?,
            }
        }
        self.write_supports(change, updates)
    }

    fn create_statement(
        &mut self,
        id: ConceptId,
        roles: Roles,
        first: Support,
        change: &Change,
        updates: &mut Updates,
    ) -> Result<()> {
        self.totals.statements += 1;
        if roles.passage {
            self.totals.passages += 1;
            let words = self.words_at(first, change)?;
            let entry = self.passage(id, first, &words, !roles.sentence, change)?;
            updates.passages.push(entry);
        }
        let key = match self.keys.remove(&id.0) {
            Some(key) => key,
            None if roles.sentence => statement_key(&self.words_at(first, change)?),
            None => {
                let source = self.source_of(first.source, change)?;
                passage_key(&source.title, &self.words_at(first, change)?)
            }
        };
        let since = |plays: bool| plays.then_some(change.transaction);
        let kind = KindRecord::Statement {
            sentence: since(roles.sentence),
            passage: since(roles.passage),
            first,
            redacted: false,
        };
        self.create(id, key, kind, change.transaction)
    }

    pub(crate) fn create(
        &mut self,
        id: ConceptId,
        key: ContentKey,
        kind: KindRecord,
        learned: TransactionId,
    ) -> Result<()> {
        self.next_ids.concept = self.next_ids.concept.max(id.0 + 1);
        self.met.insert(
            id.0,
            ConceptRecord {
                kind,
                learned,
                retired: None,
                associations: 0,
                retired_associations: 0,
            },
        );
        put(self.path, self.concept_keys.insert(&key.0, id.0))
    }

    /// A statement that was known plays further roles.
    fn gain_roles(
        &mut self,
        id: ConceptId,
        gained: Roles,
        change: &Change,
        updates: &mut Updates,
    ) -> Result<()> {
        let now = change.transaction;
        let concept = self.concept(id.0)?;
        let lives = concept.retired.is_none();
        let KindRecord::Statement {
            sentence,
            passage,
            first,
            ..
        } = &mut concept.kind
        else {
            return Err(self.of_another_kind(id.0));
        };
        *sentence = sentence.or(gained.sentence.then_some(now));
        *passage = passage.or(gained.passage.then_some(now));
        let (first, titled) = (*first, sentence.is_none());
        if !lives {
            return Ok(());
        }
        if gained.passage {
            self.totals.passages += 1;
            if !self.is_waiting(id.0) {
                let words = self.words_at(first, change)?;
                let entry = self.passage(id, first, &words, titled, change)?;
                updates.passages.push(entry);
            }
        }
        if let Some(vector) = self.vector(self.model, id.0)? {
            updates.vectors.push(VectorEntry {
                concept: id,
                row: vector.row,
                sentence: gained.sentence,
                passage: gained.passage,
            });
        }
        Ok(())
    }

    fn tell_type(&mut self, id: ConceptId, told: EntityType, now: TransactionId) -> Result<()> {
        let KindRecord::Entity {
            entity_type, typed, ..
        } = &mut self.concept(id.0)?.kind
        else {
            return Err(self.of_another_kind(id.0));
        };
        *entity_type = told;
        *typed = Some(now);
        Ok(())
    }

    fn write_supports(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        let mut placed: BTreeMap<u64, Vec<Placed>> = BTreeMap::new();
        for (source, support, statement) in &change.supports {
            if self.is_waiting(statement.0) {
                self.place(*statement, *support, change)?;
            } else if self.following.is_some() {
                self.compare_place(*statement, *support, change)?;
            }
            if self.concept(statement.0)?.retired.is_some() {
                self.revive(*statement, *support, change, updates)?;
            }
            let length = support.end - support.start;
            let record = SupportRecord {
                length,
                learned: change.transaction,
                retired: None,
            };
            let key = (statement.0, source.0, support.start);
            put(
                self.path,
                self.supports.insert(key, layout::encode(&record).as_slice()),
            )?;
            placed.entry(source.0).or_default().push(Placed {
                start: support.start,
                length,
                statement: statement.0,
            });
        }
        for (source, statements) in placed {
            let record = layout::encode(&statements);
            put(
                self.path,
                self.source_statements.insert(source, record.as_slice()),
            )?;
        }
        Ok(())
    }

    /// A concept as the group leaves it so far, to be changed.
    pub(crate) fn concept(&mut self, id: u64) -> Result<&mut ConceptRecord> {
        if !self.met.contains_key(&id) {
            let row = self
                .concepts
                .get(id)
                .map_err(|error| layout::database_error(self.path, error))?;
            let row = row.ok_or_else(|| self.corrupt(format!("concept {id} is missing")))?;
            let record = layout::decode(row.value(), self.path, "concept")?;
            drop(row);
            self.met.insert(id, record);
        }
        Ok(self.met.get_mut(&id).expect("it was met just now"))
    }

    /// Writes the concepts that were met and the evidence that statements gave.
    pub(crate) fn write_met(&mut self) -> Result<()> {
        let mut met: Vec<(u64, ConceptRecord)> = std::mem::take(&mut self.met).into_iter().collect();
        met.sort_unstable_by_key(|(id, _)| *id);
        for (id, record) in met {
            put(
                self.path,
                self.concepts.insert(id, layout::encode(&record).as_slice()),
            )?;
        }
        let mut given: Vec<_> = std::mem::take(&mut self.given).into_iter().collect();
        given.sort_unstable_by_key(|(statement, _)| *statement);
        for (statement, edges) in given {
            let mut edges: Vec<EdgeKey> = edges.into_iter().collect();
            edges.sort_unstable();
            put(
                self.path,
                self.statement_evidence
                    .insert(statement, layout::encode(&edges).as_slice()),
            )?;
        }
        Ok(())
    }

    pub(crate) fn of_another_kind(&self, id: u64) -> Error {
        self.corrupt(format!("concept {id} stands under the key of another kind"))
    }

    pub(crate) fn passage(
        &self,
        concept: ConceptId,
        first: Support,
        words: &str,
        titled: bool,
        change: &Change,
    ) -> Result<PassageEntry> {
        let source = self.source_of(first.source, change)?;
        let title = if titled { source.title.as_str() } else { "" };
        Ok(PassageEntry {
            concept,
            document: document(title, words),
            language: Language::of_attributes(&source.attributes),
        })
    }
}
