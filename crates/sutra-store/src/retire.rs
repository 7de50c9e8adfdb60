//! Versions: another text under an address takes the place of the one before, in the same transaction.
//!
//! A source retires those of its address whose bytes it overlaps; the last of a text also what begins after it. A
//! statement that stands in a living source stays what it is, one that stands nowhere any more is retired with the
//! evidence that it gave and the associations that it was an end of. Of a statement that stands in the new sources
//! alone, evidence that they do not tell is retired too. What is retired leaves every index and stays in the store: it
//! can be asked as of an earlier transaction, and lives again when it is said again.
//!
//! The change names the sources and each piece of evidence; which statements and entities go with them follows from
//! the rows.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable;
use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{AssociationKey, Batch, ConceptId, ContentKey, Result, Source, SourceId, Support};

use crate::apply::{Writer, put};
use crate::associations::{EdgeKey, association_key, edge};
use crate::change::Change;
use crate::counts::less;
use crate::forget::Forgetting;
use crate::layout;
use crate::plan::Plan;
use crate::records::{ConceptRecord, EvidenceRecord, KindRecord, SupportRecord};
use crate::resolve::Told;
use crate::sources::sources_of;
use crate::updates::{PassageEntry, Updates, VectorEntry};

/// What a source takes the place of: bytes of its address.
fn extent(source: &sutra_model::SourceDraft) -> (u64, u64) {
    let end = source.offset.saturating_add(source.text.len() as u64);
    (source.offset, if source.last { u64::MAX } else { end })
}

fn overlap((start, end): (u64, u64), (other_start, other_end): (u64, u64)) -> bool {
    start < other_end && other_start < end
}

/// Per source of a batch whether it stands in the end: no later one of the batch takes its place.
pub(crate) fn standing(batch: &Batch, addresses: &[ContentKey], hashes: &[[u8; 32]]) -> Vec<bool> {
    let mut of_address: FxHashMap<ContentKey, Vec<usize>> = FxHashMap::default();
    for (index, address) in addresses.iter().enumerate() {
        of_address.entry(*address).or_default().push(index);
    }
    let mut standing = vec![true; batch.sources.len()];
    for indexes in of_address.values().filter(|indexes| indexes.len() > 1) {
        for index in indexes {
            let source = &batch.sources[*index];
            // One that comes again stands or falls with the last of its kind.
            let again = |other: &usize| {
                hashes[*other] == hashes[*index] && batch.sources[*other].offset == source.offset
            };
            let last = indexes.iter().rposition(again).unwrap_or(0);
            let bytes = (
                source.offset,
                source.offset.saturating_add(source.text.len() as u64),
            );
            standing[*index] = !indexes[last + 1..]
                .iter()
                .any(|later| overlap(extent(&batch.sources[*later]), bytes));
        }
    }
    standing
}

impl Writer<'_> {
    /// Adds what the sources of a batch take the place of, and the evidence that ends with it.
    pub(crate) fn resolve_retired(&mut self, plan: &Plan, told: &Told, change: &mut Change) -> Result<()> {
        change.retired.clone_from(&plan.retired);
        if change.retired.is_empty() {
            return Ok(());
        }
        let stands_anew: FxHashSet<u64> = change
            .supports
            .iter()
            .map(|(.., statement)| statement.0)
            .collect();
        let retired: FxHashSet<SourceId> = change.retired.iter().copied().collect();
        let mut touched = BTreeSet::new();
        for source in &change.retired {
            touched.extend(self.placed(source.0)?.iter().map(|placed| placed.statement));
        }
        let mut gone = BTreeSet::new();
        let mut unsaid: BTreeSet<(ConceptId, AssociationKey)> = BTreeSet::new();
        let mut edges: BTreeSet<EdgeKey> = BTreeSet::new();
        for statement in touched {
            let stays = self.stands_outside(statement, &retired)?;
            let is_gone = !stays && !stands_anew.contains(&statement);
            if is_gone {
                gone.insert(statement);
            }
            let given: Vec<EdgeKey> = self.given(statement, false)?.iter().copied().collect();
            for edge in given {
                edges.insert(edge);
                let piece = (ConceptId(statement), association_key(edge));
                if !stays && (is_gone || !told.contains(&piece)) {
                    unsaid.insert(piece);
                }
            }
        }
        self.end_with(&gone, &edges, &mut unsaid)?;
        self.unsay(unsaid, change)
    }

    /// Adds the evidence that ends because the sources that a change forgets leave statements to retired ones alone.
    pub(crate) fn resolve_left_to_retired(&mut self, change: &mut Change) -> Result<()> {
        let forgotten: FxHashSet<SourceId> = change.forgotten.iter().copied().collect();
        let (mut left, mut dropped) = (BTreeSet::new(), FxHashSet::default());
        for source in &change.forgotten {
            for placed in self.placed(source.0)? {
                let places = self.places_of(placed.statement)?;
                let mut outside = places
                    .iter()
                    .filter(|(place, _)| !forgotten.contains(&place.source))
                    .peekable();
                if outside.peek().is_none() {
                    dropped.insert(placed.statement);
                } else if outside.all(|(_, retired)| retired.is_some()) && self.lives(placed.statement)? {
                    left.insert(placed.statement);
                }
            }
        }
        self.end_evidence_of(&left, &dropped, change)
    }

    /// Adds to a change the live evidence of statements that live no more, and that of associations that they are ends
    /// of; but for evidence that goes with what is `dropped`.
    pub(crate) fn end_evidence_of(
        &mut self,
        statements: &BTreeSet<u64>,
        dropped: &FxHashSet<u64>,
        change: &mut Change,
    ) -> Result<()> {
        if statements.is_empty() {
            return Ok(());
        }
        let mut unsaid = BTreeSet::new();
        let mut edges = BTreeSet::new();
        for statement in statements {
            for edge in self.given(*statement, false)?.iter() {
                edges.insert(*edge);
                unsaid.insert((ConceptId(*statement), association_key(*edge)));
            }
        }
        self.end_with(statements, &edges, &mut unsaid)?;
        unsaid.retain(|(statement, key)| {
            let needed = [statement.0, key.subject.0, key.object.0];
            needed.iter().all(|id| !dropped.contains(id))
        });
        self.unsay(unsaid, change)
    }

    /// Adds what of this evidence lives to a change.
    fn unsay(&self, evidence: BTreeSet<(ConceptId, AssociationKey)>, change: &mut Change) -> Result<()> {
        for (statement, key) in evidence {
            let record = self.evidence_record(edge(key), statement.0)?;
            if record.is_some_and(|record| record.live().is_some()) {
                change.unsaid.push((statement, key));
            }
        }
        Ok(())
    }

    /// The living sources, by number, whose place the sources of a batch take: per source its number where it is known,
    /// whether it stands in the end, and the identity of its address.
    pub(crate) fn displaced(
        &self,
        batch: &Batch,
        source_ids: &[Option<u64>],
        stands: &[bool],
        addresses: &[ContentKey],
    ) -> Result<Vec<SourceId>> {
        let mut stored: FxHashMap<ContentKey, Vec<Source>> = FxHashMap::default();
        let mut displaced = BTreeSet::new();
        let mut standing = FxHashSet::default();
        for (index, draft) in batch.sources.iter().enumerate() {
            let known = source_ids[index].map(SourceId);
            if !stands[index] {
                displaced.extend(known);
                continue;
            }
            standing.extend(known);
            let (start, end) = extent(draft);
            let start = match known {
                // What stands took the place of others when it was learned; it may be the last by now.
                Some(_) => draft.offset.saturating_add(draft.text.len() as u64),
                None => start,
            };
            if start >= end || (known.is_some() && !draft.last) {
                continue;
            }
            let address = addresses[index];
            let living = match stored.entry(address) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let mut living = Vec::new();
                    for id in sources_of(&self.source_keys, self.path, address)? {
                        living.push(self.stored_source(id)?);
                    }
                    living.retain(|source| source.retired.is_none());
                    unknown.insert(living)
                }
            };
            for source in living.iter() {
                let place = (source.offset, source.offset.saturating_add(source.length));
                if overlap((start, end), place) {
                    displaced.insert(source.id);
                }
            }
        }
        Ok(displaced
            .into_iter()
            .filter(|id| !standing.contains(id))
            .collect())
    }

    /// Whether a statement lives, and will when these sources are retired.
    pub(crate) fn stays(&self, statement: u64, retired: &FxHashSet<SourceId>) -> Result<bool> {
        let lives = self.lives(statement)?;
        Ok(lives && (retired.is_empty() || self.stands_outside(statement, retired)?))
    }

    /// Whether a statement stands in a living source that is none of these.
    fn stands_outside(&self, statement: u64, retired: &FxHashSet<SourceId>) -> Result<bool> {
        let rows = self
            .supports
            .range((statement, 0, 0)..=(statement, u64::MAX, u64::MAX))
            .map_err(|error| layout::database_error(self.path, error))?;
        for row in rows {
            let (key, record) = row.map_err(|error| layout::database_error(self.path, error))?;
            let record: SupportRecord = layout::decode(record.value(), self.path, "support")?;
            if record.retired.is_none() && !retired.contains(&SourceId(key.value().1)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds all evidence of associations that statements, which are gone, were ends of. `edges` are those that
    /// statements of the same sources gave.
    fn end_with(
        &mut self,
        gone: &BTreeSet<u64>,
        edges: &BTreeSet<EdgeKey>,
        unsaid: &mut BTreeSet<(ConceptId, AssociationKey)>,
    ) -> Result<()> {
        let ends_gone = |edge: &EdgeKey| gone.contains(&edge.0) || gone.contains(&edge.2);
        let mut found: FxHashMap<u64, u32> = FxHashMap::default();
        for edge in edges.iter().filter(|edge| ends_gone(edge)) {
            let row = self.associations.get(*edge);
            let lives = row
                .map_err(|error| layout::database_error(self.path, error))?
                .is_some();
            for end in [edge.0, edge.2].into_iter().filter(|_| lives) {
                *found.entry(end).or_default() += 1;
            }
            let (subject, relation, object) = *edge;
            let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
            self.all_evidence(range, &ends_gone, unsaid)?;
        }
        // Others may say something of them too; they have to be looked for.
        let mut complete = true;
        for statement in gone {
            let counted = self.concept(*statement)?.associations;
            complete &= *found.get(statement).unwrap_or(&0) >= counted;
        }
        if !complete {
            let all = (0, 0, 0, 0)..=(u64::MAX, u32::MAX, u64::MAX, u64::MAX);
            self.all_evidence(all, &ends_gone, unsaid)?;
        }
        Ok(())
    }

    fn all_evidence(
        &self,
        range: std::ops::RangeInclusive<(u64, u32, u64, u64)>,
        wanted: &impl Fn(&EdgeKey) -> bool,
        found: &mut BTreeSet<(ConceptId, AssociationKey)>,
    ) -> Result<()> {
        let rows = self
            .evidence
            .range(range)
            .map_err(|error| layout::database_error(self.path, error))?;
        for row in rows {
            let (key, _) = row.map_err(|error| layout::database_error(self.path, error))?;
            let (subject, relation, object, statement) = key.value();
            let edge = (subject, relation, object);
            if wanted(&edge) {
                found.insert((ConceptId(statement), association_key(edge)));
            }
        }
        Ok(())
    }

    /// Whether a concept lives, as the group leaves it so far.
    pub(crate) fn lives(&self, id: u64) -> Result<bool> {
        if let Some(concept) = self.met.get(&id) {
            return Ok(concept.retired.is_none());
        }
        let row = self
            .concepts
            .get(id)
            .map_err(|error| layout::database_error(self.path, error))?;
        let record = row.map(|row| layout::decode::<ConceptRecord>(row.value(), self.path, "concept"));
        Ok(record.transpose()?.is_some_and(|record| record.retired.is_none()))
    }

    /// Retires the sources of a change with the places in them, and gives the statements that stood there.
    pub(crate) fn retire_sources(&mut self, change: &Change) -> Result<BTreeSet<u64>> {
        let mut displaced = BTreeSet::new();
        for id in &change.retired {
            let mut source = self.stored_source(*id)?;
            if source.retired.is_some() {
                return Err(self.corrupt(format!("source {} is retired twice", id.0)));
            }
            source.retired = Some(change.transaction);
            put(
                self.path,
                self.sources.insert(id.0, layout::encode(&source).as_slice()),
            )?;
            less(&mut self.totals.sources, 1, "sources", self.path)?;
            for placed in self.placed(id.0)? {
                let record = SupportRecord {
                    length: placed.length,
                    learned: source.learned,
                    retired: source.retired,
                };
                let key = (placed.statement, id.0, placed.start);
                put(
                    self.path,
                    self.supports.insert(key, layout::encode(&record).as_slice()),
                )?;
                displaced.insert(placed.statement);
            }
        }
        Ok(displaced)
    }

    /// Gives statements that lost places the first one that is left, and retires those that have none.
    pub(crate) fn retire_displaced(
        &mut self,
        displaced: BTreeSet<u64>,
        change: &Change,
        updates: &mut Updates,
    ) -> Result<()> {
        for id in displaced {
            match self.living_place(id)? {
                Some(first) => self.move_first(id, first, updates)?,
                None if self.lives(id)? => {
                    let passage = self.passage_of(id)?;
                    self.retire_statement(id, passage, updates)?;
                    self.concept(id)?.retired = Some(change.transaction);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn move_first(&mut self, id: u64, first: Support, updates: &mut Updates) -> Result<()> {
        let KindRecord::Statement { first: before, .. } = &self.concept(id)?.kind else {
            return Err(self.of_another_kind(id));
        };
        let before = *before;
        if before == first {
            return Ok(());
        }
        if self.language_of(before.source)? == self.language_of(first.source)? {
            if let KindRecord::Statement { first: known, .. } = &mut self.concept(id)?.kind {
                *known = first;
            }
            return Ok(());
        }
        let touched = self.touched(id, before)?;
        self.move_to(first, id, touched, updates)
    }

    /// What the index of words knows of a statement.
    fn passage_of(&mut self, id: u64) -> Result<Option<PassageEntry>> {
        let KindRecord::Statement { first, passage, .. } = &self.concept(id)?.kind else {
            return Err(self.of_another_kind(id));
        };
        match (*first, passage.is_some()) {
            (first, true) => Ok(self.touched(id, first)?.passage),
            _ => Ok(None),
        }
    }

    /// A statement that stands in no living source any more leaves every index; its passage is as that of words has it.
    /// The caller says since when.
    pub(crate) fn retire_statement(
        &mut self,
        id: u64,
        passage: Option<PassageEntry>,
        updates: &mut Updates,
    ) -> Result<()> {
        let KindRecord::Statement { passage: since, .. } = &self.concept(id)?.kind else {
            return Err(self.of_another_kind(id));
        };
        let is_passage = since.is_some();
        let path = self.path;
        less(&mut self.totals.statements, 1, "statements", path)?;
        less(&mut self.totals.passages, u64::from(is_passage), "passages", path)?;
        let has_vector = self.vector(self.model, id)?.is_some();
        less(&mut self.totals.vectors, u64::from(has_vector), "vectors", path)?;
        // A model that is prepared is to find it in the past, too.
        put(path, self.pending.remove((self.model, id)))?;
        updates.leave_vectors(ConceptId(id));
        passage
            .into_iter()
            .for_each(|passage| updates.leave_passage(passage));
        Ok(())
    }

    /// A statement that was retired stands in a living source again.
    pub(crate) fn revive(
        &mut self,
        id: ConceptId,
        place: Support,
        change: &Change,
        updates: &mut Updates,
    ) -> Result<()> {
        let concept = self.concept(id.0)?;
        concept.retired = None;
        let KindRecord::Statement {
            sentence,
            passage,
            first,
            ..
        } = &mut concept.kind
        else {
            return Err(self.of_another_kind(id.0));
        };
        *first = place;
        let (sentence, passage) = (sentence.is_some(), passage.is_some());
        self.totals.statements += 1;
        if passage {
            self.totals.passages += 1;
            let words = self.words_at(place, change)?;
            let entry = self.passage(id, place, &words, !sentence, change)?;
            updates.passages.push(entry);
        }
        for model in self.models.clone() {
            let vector = self.vector(model, id.0)?;
            match vector {
                Some(vector) if model == self.model => {
                    self.totals.vectors += 1;
                    updates.vectors.push(VectorEntry {
                        concept: id,
                        row: vector.row,
                        sentence,
                        passage,
                    });
                }
                Some(_) => {}
                None if self.has_vector(model, id.0)? => {}
                None => put(self.path, self.pending.insert((model, id.0), ()))?,
            }
        }
        Ok(())
    }

    /// Ends the evidence of a change that is said no more, and makes associations what the rest makes them.
    pub(crate) fn retire_evidence(&mut self, change: &Change, updates: &mut Updates) -> Result<Forgetting> {
        let mut forgetting = Forgetting::default();
        for (statement, key) in &change.unsaid {
            let (subject, relation, object) = edge(*key);
            let record = self.evidence_record(edge(*key), statement.0)?;
            let mut record: EvidenceRecord = record.unwrap_or_default();
            let telling = record
                .tellings
                .last_mut()
                .filter(|telling| telling.retired.is_none());
            let Some(telling) = telling else {
                // Whoever follows may lack what was forgotten since.
                if self.following.is_some() {
                    continue;
                }
                return Err(self.corrupt(format!("statement {} does not give its evidence", statement.0)));
            };
            telling.retired = Some(change.transaction);
            put(
                self.path,
                self.evidence.insert(
                    (subject, relation, object, statement.0),
                    layout::encode(&record).as_slice(),
                ),
            )?;
            less(&mut self.totals.evidence, 1, "pieces of evidence", self.path)?;
            forgetting.weakened.insert(edge(*key));
        }
        for key in std::mem::take(&mut forgetting.weakened) {
            self.weaken(key, &BTreeMap::new(), &mut forgetting, updates)?;
        }
        Ok(forgetting)
    }

    /// Retires the entities that have lost their last association.
    pub(crate) fn retire_lonely(
        &mut self,
        change: &Change,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        for entity in std::mem::take(&mut forgetting.lonely) {
            if self.concept(entity)?.associations == 0 {
                self.drop_lonely(entity, change.transaction, forgetting, updates)?;
            }
        }
        Ok(())
    }
}
