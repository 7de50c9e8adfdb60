//! Forgetting: what only the forgotten said goes with it, and what others say too stays.
//!
//! A source goes with its text and the places of its statements. Where parts of a text are [blanked](crate::redact),
//! statements of which nothing is left have lost that place, and others are redacted. A statement that stands nowhere
//! any more goes with its vectors and the evidence that it gave, an association with its last evidence, an entity with
//! its last association ([`weaken`](crate::weaken)). One that retired sources alone have left is [retired](crate::retire). What is to go is found out by [`select`](crate::select).
//!
//! Of the transactions that had learned any of it the salt goes, so that their hashes tell nothing: see
//! [`ChangeRecord`](crate::records::ChangeRecord).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable;
use sutra_model::{
    ConceptId, ContentKey, Language, Result, SourceId, Support, TransactionId, address_key, entity_key,
    passage_key, statement_key,
};

use crate::apply::{Writer, put};
use crate::associations::EdgeKey;
use crate::change::Change;
use crate::counts::less;
use crate::layout;
use crate::records::{ChangeRecord, EvidenceRecord, KindRecord, Placed, SupportRecord, VectorRecord};
use crate::updates::{self, PassageEntry, Updates};

/// What a forgetting transaction does, while it is found out.
#[derive(Default)]
pub(crate) struct Forgetting {
    /// Statements that lose a place, or some of their words.
    pub touched: BTreeMap<u64, Touched>,
    /// Those of them that lose some of their words.
    pub redacted: BTreeSet<u64>,
    /// Associations that lost evidence.
    pub weakened: BTreeSet<EdgeKey>,
    /// Entities that lost an association.
    pub lonely: BTreeSet<u64>,
    /// Transactions that had learned something of it.
    pub learned: BTreeSet<u64>,
}

/// A statement as it was before.
pub(crate) struct Touched {
    /// Its content key; `None` where some of its words were blanked already.
    pub key: Option<ContentKey>,
    /// What the index of words knows of it.
    pub passage: Option<PassageEntry>,
}

impl Forgetting {
    /// These transactions had learned something of it.
    pub(crate) fn told(&mut self, transactions: impl IntoIterator<Item = Option<TransactionId>>) {
        let told = transactions.into_iter().flatten();
        self.learned.extend(told.map(|transaction| transaction.0));
    }
}

impl Writer<'_> {
    /// Removes what a change forgets.
    pub(crate) fn write_forgotten(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        if !change.forgets() && !self.is_told_to_drop() {
            return Ok(());
        }
        // What is removed below has to be there first.
        self.write_met()?;
        self.sync_later = false;
        let mut forgetting = Forgetting::default();
        for source in &change.forgotten {
            self.touch_statements(*source, &mut forgetting)?;
        }
        self.touch_blanked(change, &mut forgetting)?;
        for source in &change.forgotten {
            self.drop_source(*source, &mut forgetting)?;
        }
        self.blank(change, &mut forgetting)?;
        let mut gone = self.drop_statements(&mut forgetting, updates)?;
        for entity in &change.unlinked {
            let concept = self.concept(entity.0)?;
            gone.insert(entity.0, concept.associations + concept.retired_associations);
        }
        self.drop_told_statements(&mut gone, &mut forgetting, updates)?;
        self.drop_dangling(&gone, &mut forgetting)?;
        if let Some(last) = change.expired {
            self.write_expired(last, &change.dropped, &mut forgetting)?;
        }
        for key in std::mem::take(&mut forgetting.weakened) {
            self.weaken(key, &gone, &mut forgetting, updates)?;
        }
        for entity in &change.unlinked {
            self.drop_entity(entity.0, &mut forgetting, updates)?;
        }
        for entity in std::mem::take(&mut forgetting.lonely) {
            self.drop_lonely(entity, change.transaction, &mut forgetting, updates)?;
        }
        self.drop_told_entities(&mut forgetting, updates)?;
        for transaction in forgetting.learned {
            self.drop_salt(transaction)?;
        }
        Ok(())
    }

    /// Notes the statements of a source, with what their words give as long as they are there.
    fn touch_statements(&mut self, source: SourceId, forgetting: &mut Forgetting) -> Result<()> {
        for placed in self.placed(source.0)? {
            self.touch(source, placed, forgetting)?;
        }
        Ok(())
    }

    /// Notes a statement of a source.
    pub(crate) fn touch(
        &mut self,
        source: SourceId,
        placed: Placed,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        if let Entry::Vacant(entry) = forgetting.touched.entry(placed.statement) {
            entry.insert(self.touched(placed.statement, placed.support(source))?);
        }
        Ok(())
    }

    /// A statement that stands there.
    pub(crate) fn touched(&mut self, statement: u64, support: Support) -> Result<Touched> {
        let KindRecord::Statement {
            sentence,
            passage,
            first,
            redacted,
        } = self.concept(statement)?.kind
        else {
            return Err(self.of_another_kind(statement));
        };
        let words = self.stored_words(support)?;
        let source = self.stored_source(support.source)?;
        let (key, title) = match sentence {
            Some(_) => (statement_key(&words), ""),
            None => (passage_key(&source.title, &words), source.title.as_str()),
        };
        let passage = match passage {
            Some(_) => Some(PassageEntry {
                concept: ConceptId(statement),
                document: updates::document(title, &words),
                language: self.language_of(first.source)?,
            }),
            None => None,
        };
        Ok(Touched {
            key: (!redacted).then_some(key),
            passage,
        })
    }

    pub(crate) fn language_of(&self, source: SourceId) -> Result<Language> {
        let source = self.stored_source(source)?;
        Ok(Language::of_attributes(&source.attributes))
    }

    fn drop_source(&mut self, id: SourceId, forgetting: &mut Forgetting) -> Result<()> {
        for placed in self.placed(id.0)? {
            self.drop_support(id, placed, forgetting)?;
        }
        let source = self.stored_source(id)?;
        let mut beginning = [0; 16];
        beginning.copy_from_slice(&source.sha256[..16]);
        self.went.push(ContentKey(beginning));
        let address = address_key(&source.address);
        put(self.path, self.source_statements.remove(id.0))?;
        put(
            self.path,
            self.source_keys.remove((&address.0, source.offset, id.0)),
        )?;
        put(self.path, self.sources.remove(id.0))?;
        put(self.path, self.markup.remove(id.0))?;
        let chunks = (id.0, 0)..=(id.0, u32::MAX);
        put(self.path, self.texts.retain_in(chunks, |_, _| false))?;
        forgetting.learned.insert(source.learned.0);
        less(
            &mut self.totals.sources,
            u64::from(source.retired.is_none()),
            "sources",
            self.path,
        )?;
        Ok(())
    }

    pub(crate) fn drop_support(
        &mut self,
        source: SourceId,
        placed: Placed,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        let key = (placed.statement, source.0, placed.start);
        let record = self
            .supports
            .remove(key)
            .map_err(|error| layout::database_error(self.path, error))?;
        if let Some(record) = record {
            let record: SupportRecord = layout::decode(record.value(), self.path, "support")?;
            forgetting.learned.insert(record.learned.0);
        }
        Ok(())
    }

    /// The statements of a source.
    pub(crate) fn placed(&self, source: u64) -> Result<Vec<Placed>> {
        let row = self
            .source_statements
            .get(source)
            .map_err(|error| layout::database_error(self.path, error))?;
        row.map_or_else(
            || Ok(Vec::new()),
            |row| layout::decode(row.value(), self.path, "statements of a source"),
        )
    }

    /// Drops the touched statements that stand nowhere any more, and gives them, each with the number of associations
    /// that it was an end of. The others are told their first place, and what is left of their words.
    fn drop_statements(
        &mut self,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<BTreeMap<u64, u32>> {
        let mut gone = BTreeMap::new();
        let mut redacted = Vec::new();
        for (id, mut touched) in std::mem::take(&mut forgetting.touched) {
            let lives = self.concept(id)?.retired.is_none();
            if !lives {
                // No index knows it.
                touched.passage = None;
            }
            let mut place = self.living_place(id)?;
            if place.is_none()
                && let Some((first, last)) = self.retired_place(id)?
            {
                if lives {
                    self.retire_statement(id, touched.passage.take(), updates)?;
                }
                self.concept(id)?.retired = Some(last);
                place = Some(first);
            }
            if let Some(first) = place {
                if forgetting.redacted.contains(&id) {
                    redacted.push((id, first, touched));
                } else {
                    self.staying += u64::from(lives);
                    self.move_to(first, id, touched, updates)?;
                }
                continue;
            }
            if self.is_kept(id) {
                self.wait(id, touched.key)?;
                continue;
            }
            let concept = self.concept(id)?;
            gone.insert(id, concept.associations + concept.retired_associations);
            self.drop_statement(id, touched.key, forgetting)?;
            if lives {
                updates.leave_vectors(ConceptId(id));
            }
            touched
                .passage
                .into_iter()
                .for_each(|passage| updates.leave_passage(passage));
        }
        for (id, first, touched) in redacted {
            self.redact(id, first, touched, forgetting, updates)?;
        }
        Ok(gone)
    }

    /// Makes this the first place of a statement. Its words are taken to be in the language of its first source.
    pub(crate) fn move_to(
        &mut self,
        first: Support,
        id: u64,
        touched: Touched,
        updates: &mut Updates,
    ) -> Result<()> {
        if let KindRecord::Statement { first: known, .. } = &mut self.concept(id)?.kind {
            *known = first;
        }
        let language = self.language_of(first.source)?;
        if let Some(passage) = touched.passage.filter(|passage| passage.language != language) {
            updates.leave_passage(passage.clone());
            updates.passages.push(PassageEntry { language, ..passage });
        }
        Ok(())
    }

    /// The first place of a statement in a living source.
    pub(crate) fn living_place(&self, id: u64) -> Result<Option<Support>> {
        let places = self.places_of(id)?;
        let living = places.into_iter().find(|(_, retired)| retired.is_none());
        Ok(living.map(|(place, _)| place))
    }

    /// Where a statement stood that stands nowhere any more, and until when: the first of the places that were retired
    /// last. Whoever never knew the places that are gone by now is told the same.
    fn retired_place(&self, id: u64) -> Result<Option<(Support, TransactionId)>> {
        let places = self.places_of(id)?;
        let retired = places
            .into_iter()
            .filter_map(|(place, retired)| Some((place, retired?)));
        Ok(retired.rev().max_by_key(|(_, retired)| *retired))
    }

    /// The places of a statement, each with the transaction that retired it.
    pub(crate) fn places_of(&self, id: u64) -> Result<Vec<(Support, Option<TransactionId>)>> {
        let mut places = Vec::new();
        let rows = self
            .supports
            .range((id, 0, 0)..=(id, u64::MAX, u64::MAX))
            .map_err(|error| layout::database_error(self.path, error))?;
        for row in rows {
            let (key, record) = row.map_err(|error| layout::database_error(self.path, error))?;
            let (_, source, start) = key.value();
            let record: SupportRecord = layout::decode(record.value(), self.path, "support")?;
            let support = Support {
                source: SourceId(source),
                start,
                end: start.saturating_add(record.length),
            };
            places.push((support, record.retired));
        }
        Ok(places)
    }

    pub(crate) fn drop_statement(
        &mut self,
        id: u64,
        key: Option<ContentKey>,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        let concept = self.concept(id)?.clone();
        let KindRecord::Statement {
            sentence, passage, ..
        } = concept.kind
        else {
            return Err(self.of_another_kind(id));
        };
        if concept.retired.is_none() {
            less(&mut self.totals.statements, 1, "statements", self.path)?;
            less(
                &mut self.totals.passages,
                u64::from(passage.is_some()),
                "passages",
                self.path,
            )?;
        }
        forgetting.told([Some(concept.learned), sentence, passage]);
        for edge in self.evidence_of(id)? {
            self.drop_evidence(edge, id, forgetting)?;
        }
        put(self.path, self.statement_evidence.remove(id))?;
        self.given.remove(&id);
        self.drop_vectors(id, concept.retired.is_none(), forgetting)?;
        self.drop_concept(id, key)?;
        Ok(())
    }

    pub(crate) fn drop_concept(&mut self, id: u64, key: Option<ContentKey>) -> Result<()> {
        if let Some(key) = key {
            put(self.path, self.concept_keys.remove(&key.0))?;
            self.went.push(key);
        }
        self.met.remove(&id);
        put(self.path, self.concepts.remove(id))?;
        self.dropped.push(id);
        Ok(())
    }

    /// Whether there is a concept, as the group leaves it so far.
    pub(crate) fn stands(&self, id: u64) -> Result<bool> {
        let row = self.concepts.get(id);
        let row = row.map_err(|error| layout::database_error(self.path, error))?;
        Ok(row.is_some() || self.met.contains_key(&id))
    }

    pub(crate) fn evidence_of(&self, statement: u64) -> Result<Vec<EdgeKey>> {
        let row = self
            .statement_evidence
            .get(statement)
            .map_err(|error| layout::database_error(self.path, error))?;
        row.map_or_else(
            || Ok(Vec::new()),
            |row| layout::decode(row.value(), self.path, "evidence of a statement"),
        )
    }

    pub(crate) fn drop_evidence(
        &mut self,
        edge: EdgeKey,
        statement: u64,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        let (subject, relation, object) = edge;
        let row = self
            .evidence
            .remove((subject, relation, object, statement))
            .map_err(|error| layout::database_error(self.path, error))?;
        let Some(row) = row else { return Ok(()) };
        let record: EvidenceRecord = layout::decode(row.value(), self.path, "evidence")?;
        drop(row);
        for telling in &record.tellings {
            forgetting.told([Some(telling.learned), telling.retired]);
        }
        forgetting.weakened.insert(edge);
        less(
            &mut self.totals.evidence,
            u64::from(record.live().is_some()),
            "pieces of evidence",
            self.path,
        )?;
        Ok(())
    }

    pub(crate) fn drop_vectors(&mut self, id: u64, lives: bool, forgetting: &mut Forgetting) -> Result<()> {
        for model in self.models.clone() {
            put(self.path, self.pending.remove((model, id)))?;
            put(self.path, self.prepared.remove((model, id)))?;
            let row = self
                .vectors
                .remove((model, id))
                .map_err(|error| layout::database_error(self.path, error))?;
            let Some(row) = row else { continue };
            let record: VectorRecord = layout::decode(row.value(), self.path, "vector")?;
            drop(row);
            forgetting.learned.insert(record.learned.0);
            less(
                &mut self.totals.vectors,
                u64::from(lives && model == self.model),
                "vectors",
                self.path,
            )?;
        }
        Ok(())
    }

    /// An entity without a living association is retired, and one without any goes.
    pub(crate) fn drop_lonely(
        &mut self,
        id: u64,
        now: TransactionId,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        let kept = self.is_kept(id);
        let concept = self.concept(id)?;
        let lives = concept.retired.is_none();
        let KindRecord::Entity { name, .. } = &concept.kind else {
            return Err(self.of_another_kind(id));
        };
        if concept.retired_associations == 0 {
            return if kept {
                Ok(())
            } else {
                self.drop_entity(id, forgetting, updates)
            };
        }
        if lives {
            updates.leave_entity(ConceptId(id), name);
            concept.retired = Some(now);
            less(&mut self.totals.entities, 1, "entities", self.path)?;
        }
        Ok(())
    }

    /// An entity goes, with whatever was known of it.
    pub(crate) fn drop_entity(
        &mut self,
        id: u64,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        let concept = self.concept(id)?.clone();
        let KindRecord::Entity { name, typed, .. } = concept.kind else {
            return Err(self.of_another_kind(id));
        };
        if concept.retired.is_none() {
            less(&mut self.totals.entities, 1, "entities", self.path)?;
            updates.leave_entity(ConceptId(id), &name);
        }
        forgetting.told([Some(concept.learned), typed]);
        self.drop_concept(id, Some(entity_key(&name)))
    }

    fn drop_salt(&mut self, transaction: u64) -> Result<()> {
        let row = self
            .changes
            .get(transaction)
            .map_err(|error| layout::database_error(self.path, error))?;
        let row = row.ok_or_else(|| self.corrupt(format!("transaction {transaction} is missing")))?;
        let mut record: ChangeRecord = layout::decode(row.value(), self.path, "transaction")?;
        drop(row);
        record.salt = None;
        put(
            self.path,
            self.changes
                .insert(transaction, layout::encode(&record).as_slice()),
        )
    }
}
