//! Applying another store's changes: the record comes with them, and so does what forgetting takes.
//!
//! A change that is told after something of it was forgotten is thinner than it was. What a later forgetting then
//! takes along does not follow from the rows any more (a statement may have lost the place that would have kept it), so
//! it is taken from the record: exactly the concepts that went there go here. A statement that is left without a place
//! meanwhile waits for the one that comes later. Once all changes are applied up to the last one that forgot something
//! of them, nothing waits, and the store is what the other one was after the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable;
use rustc_hash::FxHashSet;
use sutra_model::{
    ConceptId, ContentKey, Error, Result, Roles, SourceId, Support, passage_key, statement_key,
};

use crate::apply::{Writer, put};
use crate::change::Change;
use crate::feed::Body;
use crate::forget::Forgetting;
use crate::layout;
use crate::records::{ConceptRecord, KindRecord, Totals};
use crate::updates::Updates;

/// Where a statement stands whose place comes with a later change.
const NOWHERE: Support = Support {
    source: SourceId(0),
    start: 0,
    end: 0,
};

/// What another store's changes tell beside their rows.
#[derive(Default)]
pub(crate) struct Following {
    /// Concepts that the change drops, and nothing else does.
    pub told: FxHashSet<u64>,
    /// Statements that stand nowhere until a later change of the group.
    pub waiting: FxHashSet<u64>,
    /// The transaction up to which the group has to go.
    pub settled: u64,
    /// Whether no more changes come, so that nothing stays for their sake.
    pub ended: bool,
}

impl Writer<'_> {
    /// Writes a change of another store, which follows on the last transaction.
    ///
    /// # Errors
    /// [`Error::InvalidChange`], [`Error::HistoryMismatch`]; any error leaves the whole group unfit to be committed.
    pub(crate) fn follow(&mut self, body: Body, updates: &mut Updates) -> Result<()> {
        let Body {
            settled,
            record,
            mut change,
            ..
        } = body;
        let number = change.transaction.0;
        let refuse = |reason: String| {
            Err(Error::InvalidChange {
                transaction: number,
                reason,
            })
        };
        if number != self.transaction + 1 {
            let next = self.transaction + 1;
            return refuse(format!(
                "the next one is transaction {next}; apply changes in order from there"
            ));
        }
        if record.link(number, &self.chain) != record.chain {
            return Err(Error::HistoryMismatch {
                transaction: number,
                reason: "the chains of transactions before it differ".to_owned(),
            });
        }
        let is_thin = record.salt.is_none();
        if record.time != change.time || record.salt.is_some_and(|salt| change.hash(&salt) != record.body) {
            return refuse("its body is not the one that was recorded; fetch it again".to_owned());
        }
        let following = self.following.get_or_insert_default();
        let known = self.next_ids.concept;
        following.told = record
            .forgotten_concepts
            .iter()
            .take_while(|id| *id < known)
            .collect();
        if is_thin {
            following.settled = following.settled.max(settled);
        }
        // Between a change that has become thinner and the last that forgot something of it the totals are not those of
        // what is here.
        let is_exact = following.settled < number;
        if !is_exact {
            self.totals = Totals::ENOUGH;
        }
        updates.rebuild |= is_thin;
        self.keep_known(&mut change)?;
        self.write(&change, updates)?;
        if is_exact && self.totals != record.totals {
            return Err(Error::HistoryMismatch {
                transaction: number,
                reason: format!("it leaves {:?} there, {:?} here", record.totals, self.totals),
            });
        }
        self.totals = record.totals;
        let next = &mut self.next_ids;
        next.source = next.source.max(after(record.sources.last()));
        next.concept = next.concept.max(after(record.concepts.last()));
        next.relation = next.relation.max(after(record.relations.last()) as u32);
        self.dropped.clear();
        self.chain = record.chain;
        let record = layout::encode(&record);
        put(self.path, self.changes.insert(number, record.as_slice()))
    }

    /// Checks that the changes that were applied leave a state that the other store had.
    ///
    /// # Errors
    /// [`Error::InvalidChange`] when changes that belong with them are missing.
    pub(crate) fn check_settled(&self) -> Result<()> {
        let Some(following) = &self.following else {
            return Ok(());
        };
        let settled = following.settled;
        if settled > self.transaction || !following.waiting.is_empty() {
            return Err(Error::InvalidChange {
                transaction: self.transaction,
                reason: format!(
                    "something of these changes was forgotten since; apply them in one call with all up to transaction \
                     {settled}"
                ),
            });
        }
        Ok(())
    }

    /// The names of entities that a change forgets with the words that name them.
    pub(crate) fn names_of(&mut self, change: &Change) -> Result<Vec<String>> {
        let mut names = Vec::new();
        if change.blanked.is_empty() && change.untitled.is_empty() {
            return Ok(names);
        }
        for entity in &change.unlinked {
            if self.stands(entity.0)?
                && let KindRecord::Entity { name, .. } = &self.concept(entity.0)?.kind
            {
                names.push(name.clone());
            }
        }
        Ok(names)
    }

    /// Leaves out what is to be forgotten and never came.
    pub(crate) fn keep_known(&self, change: &mut Change) -> Result<()> {
        let mut unknown = BTreeSet::new();
        for source in change.sources_hit() {
            let row = self
                .sources
                .get(source.0)
                .map_err(|error| layout::database_error(self.path, error))?;
            if row.is_none() {
                unknown.insert(source);
            }
        }
        let mut retired = Vec::with_capacity(change.retired.len());
        for source in &change.retired {
            let row = self.sources.get(source.0);
            let row = row.map_err(|error| layout::database_error(self.path, error))?;
            retired.extend(row.map(|_| *source));
        }
        change.retired = retired;
        change.forgotten.retain(|source| !unknown.contains(source));
        for blanks in [&mut change.blanked, &mut change.untitled] {
            blanks.retain(|blank| !unknown.contains(&blank.source));
        }
        let mut known = Vec::with_capacity(change.unlinked.len());
        for entity in &change.unlinked {
            if self.stands(entity.0)? {
                known.push(*entity);
            }
        }
        change.unlinked = known;
        Ok(())
    }

    /// Whether the change tells which concepts it drops.
    pub(crate) fn is_told_to_drop(&self) -> bool {
        self.following
            .as_ref()
            .is_some_and(|following| !following.told.is_empty())
    }

    /// Whether a concept stays although nothing here holds it: where the change was made, something did.
    pub(crate) fn is_kept(&self, id: u64) -> bool {
        self.following
            .as_ref()
            .is_some_and(|following| !following.ended && !following.told.contains(&id))
    }

    /// Whether a statement stands nowhere yet.
    pub(crate) fn is_waiting(&self, id: u64) -> bool {
        self.following
            .as_ref()
            .is_some_and(|following| following.waiting.contains(&id))
    }

    /// A statement that lost its last place here waits for one that comes later; so does its content key.
    pub(crate) fn wait(&mut self, id: u64, key: Option<ContentKey>) -> Result<()> {
        if let Some(key) = key {
            put(self.path, self.concept_keys.remove(&key.0))?;
        }
        if let KindRecord::Statement { first, .. } = &mut self.concept(id)?.kind {
            *first = NOWHERE;
        }
        if let Some(following) = &mut self.following {
            following.waiting.insert(id);
        }
        Ok(())
    }

    /// A statement whose first place was forgotten since; the one that is left comes later.
    pub(crate) fn create_waiting(&mut self, id: ConceptId, roles: Roles, change: &Change) -> Result<()> {
        self.totals.statements += 1;
        self.totals.passages += u64::from(roles.passage);
        self.next_ids.concept = self.next_ids.concept.max(id.0 + 1);
        let since = |plays: bool| plays.then_some(change.transaction);
        let kind = KindRecord::Statement {
            sentence: since(roles.sentence),
            passage: since(roles.passage),
            first: NOWHERE,
            redacted: false,
        };
        let record = ConceptRecord {
            kind,
            learned: change.transaction,
            retired: None,
            associations: 0,
            retired_associations: 0,
        };
        self.met.insert(id.0, record);
        self.wait(id.0, None)
    }

    /// A statement that waited stands somewhere.
    pub(crate) fn place(&mut self, id: ConceptId, support: Support, change: &Change) -> Result<()> {
        let KindRecord::Statement { sentence, first, .. } = &mut self.concept(id.0)?.kind else {
            return Err(self.of_another_kind(id.0));
        };
        *first = support;
        let titled = sentence.is_none();
        let key = self.key_at(support, titled, change)?;
        put(self.path, self.concept_keys.insert(&key.0, id.0))?;
        if let Some(following) = &mut self.following {
            following.waiting.remove(&id.0);
        }
        Ok(())
    }

    /// A statement gets a further place. Where other words stand there some were blanked since, so that it is not found
    /// by its words any more.
    pub(crate) fn compare_place(&mut self, id: ConceptId, place: Support, change: &Change) -> Result<()> {
        let KindRecord::Statement {
            sentence,
            first,
            redacted: false,
            ..
        } = &self.concept(id.0)?.kind
        else {
            return Ok(());
        };
        let (first, titled) = (*first, sentence.is_none());
        let key = self.key_at(first, titled, change)?;
        if key == self.key_at(place, titled, change)? {
            return Ok(());
        }
        put(self.path, self.concept_keys.remove(&key.0))?;
        if let KindRecord::Statement { redacted, .. } = &mut self.concept(id.0)?.kind {
            *redacted = true;
        }
        Ok(())
    }

    /// The content key that a statement has by its words there.
    fn key_at(&self, place: Support, titled: bool, change: &Change) -> Result<ContentKey> {
        let words = self.words_at(place, change)?;
        if !titled {
            return Ok(statement_key(&words));
        }
        let source = self.source_of(place.source, change)?;
        Ok(passage_key(&source.title, &words))
    }

    /// The concepts that the change tells it drops and that are still here, by rising number.
    fn told_and_left(&self) -> Result<Vec<u64>> {
        let mut left = Vec::new();
        for id in self.following.iter().flat_map(|following| &following.told) {
            let is_left = self.met.contains_key(id)
                || self
                    .concepts
                    .get(*id)
                    .map_err(|error| layout::database_error(self.path, error))?
                    .is_some();
            if is_left {
                left.push(*id);
            }
        }
        left.sort_unstable();
        Ok(left)
    }

    /// Drops statements that the change tells it drops, whose last places never came, and adds them to those that are
    /// gone.
    pub(crate) fn drop_told_statements(
        &mut self,
        gone: &mut BTreeMap<u64, u32>,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        for id in self.told_and_left()? {
            let concept = self.concept(id)?;
            if !matches!(concept.kind, KindRecord::Statement { .. }) {
                continue;
            }
            updates.rebuild = true;
            gone.insert(id, concept.associations + concept.retired_associations);
            // Its key went when it lost its place.
            self.drop_statement(id, None, forgetting)?;
            if let Some(following) = &mut self.following {
                following.waiting.remove(&id);
            }
        }
        Ok(())
    }

    /// Drops entities that the change tells it drops, whose last associations never came.
    pub(crate) fn drop_told_entities(
        &mut self,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        for id in self.told_and_left()? {
            if matches!(self.concept(id)?.kind, KindRecord::Entity { .. }) {
                self.drop_entity(id, forgetting, updates)?;
            }
        }
        Ok(())
    }
}

/// The number after the last that was given out.
fn after(last: Option<u64>) -> u64 {
    last.map_or(0, |last| last.saturating_add(1))
}
