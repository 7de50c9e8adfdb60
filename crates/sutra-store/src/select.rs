//! What is to be forgotten: from what was asked to the sources, bytes and entities that go.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use sutra_model::{ConceptId, Result, SourceId, Support, TransactionId, occurrences};

use crate::apply::Writer;
use crate::change::{Blank, Change};
use crate::layout;
use crate::moments::first_not_before;
use crate::records::{ConceptRecord, KindRecord, Placed, SupportRecord};
use crate::redact::overlaps;

/// What a caller wants to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// Sources, with all that they alone said.
    Sources(Vec<SourceId>),
    /// All sources that were learned before a time in microseconds since 1970-01-01 UTC.
    Before(i64),
    /// A statement, wherever it is said; or an entity, with every statement and every title that names it.
    Concept(ConceptId),
    /// An entity alone, with what associations say of it; the words that name it stay.
    Node(ConceptId),
    /// What was retired before a time in microseconds since 1970-01-01 UTC.
    Retired(i64),
}

/// What a selection comes to.
#[derive(Default)]
pub(crate) struct Selected {
    pub change: Change,
    /// Names that no answer may mention any more.
    pub names: Vec<String>,
}

impl Writer<'_> {
    /// The change that forgets what was selected; `None` where there is none of it.
    pub(crate) fn resolve_forgotten(&mut self, selection: &Selection, time: i64) -> Result<Option<Selected>> {
        let mut selected = Selected::default();
        let change = &mut selected.change;
        change.transaction = TransactionId(self.transaction + 1);
        change.time = time;
        match selection {
            Selection::Sources(sources) => {
                let asked: BTreeSet<SourceId> = sources.iter().copied().collect();
                for source in asked {
                    let row = self
                        .sources
                        .get(source.0)
                        .map_err(|error| layout::database_error(self.path, error))?;
                    change.forgotten.extend(row.map(|_| source));
                }
            }
            Selection::Before(time) => change.forgotten = self.sources_before(*time)?,
            Selection::Retired(time) => {
                let first = first_not_before(&self.changes, self.transaction, *time, self.path)?;
                self.select_expired(TransactionId(first - 1), change)?;
            }
            Selection::Concept(id) => match self.kind_of(*id)? {
                Some(KindRecord::Statement { .. }) => {
                    let places = self.places(id.0)?;
                    change.blanked = self.closed(places.into_iter().map(blank).collect())?;
                }
                Some(KindRecord::Entity { name, .. }) => {
                    self.select_named(*id, &name, change)?;
                    selected.names.push(name);
                }
                None => {}
            },
            Selection::Node(id) => {
                if let Some(KindRecord::Entity { .. }) = self.kind_of(*id)? {
                    change.unlinked.push(*id);
                }
            }
        }
        self.resolve_left_to_retired(&mut selected.change)?;
        Ok(selected.change.forgets().then_some(selected))
    }

    fn kind_of(&self, id: ConceptId) -> Result<Option<KindRecord>> {
        let row = self
            .concepts
            .get(id.0)
            .map_err(|error| layout::database_error(self.path, error))?;
        let record = row.map(|row| layout::decode::<ConceptRecord>(row.value(), self.path, "concept"));
        Ok(record.transpose()?.map(|record| record.kind))
    }

    fn sources_before(&self, time: i64) -> Result<Vec<SourceId>> {
        let fail = |error| layout::database_error(self.path, error);
        let first = first_not_before(&self.changes, self.transaction, time, self.path)?;
        let mut before = Vec::new();
        for row in self.sources.iter().map_err(fail)? {
            let (id, _) = row.map_err(fail)?;
            let id = SourceId(id.value());
            let source = self.stored_source(id)?;
            if source.learned.0 < first {
                before.push(id);
            }
        }
        Ok(before)
    }

    /// The places of a statement.
    fn places(&self, statement: u64) -> Result<Vec<Support>> {
        let fail = |error| layout::database_error(self.path, error);
        let rows = self
            .supports
            .range((statement, 0, 0)..=(statement, u64::MAX, u64::MAX));
        let mut places = Vec::new();
        for row in rows.map_err(fail)? {
            let (key, record) = row.map_err(fail)?;
            let (_, source, start) = key.value();
            let record: SupportRecord = layout::decode(record.value(), self.path, "support")?;
            places.push(Support {
                source: SourceId(source),
                start,
                end: start.saturating_add(record.length),
            });
        }
        Ok(places)
    }

    /// All bytes that say the same as these, by source and start: whatever is blanked in one place of a statement is
    /// blanked in each, or its places would differ.
    fn closed(&self, seeds: Vec<Blank>) -> Result<Vec<Blank>> {
        let mut seen: FxHashSet<Blank> = FxHashSet::default();
        let mut placed: FxHashMap<SourceId, Vec<Placed>> = FxHashMap::default();
        let mut places: FxHashMap<u64, Vec<Support>> = FxHashMap::default();
        let mut work = seeds;
        while let Some(found) = work.pop() {
            if !seen.insert(found) {
                continue;
            }
            let placed = match placed.entry(found.source) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.placed(found.source.0)?),
            };
            for statement in placed.iter().filter(|placed| overlaps(**placed, &found)) {
                let everywhere = match places.entry(statement.statement) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(self.places(statement.statement)?),
                };
                let end = statement.start.saturating_add(statement.length);
                let from = found.start.max(statement.start) - statement.start;
                let to = found.end.min(end) - statement.start;
                work.extend(everywhere.iter().map(|place| Blank {
                    source: place.source,
                    start: place.start + from,
                    end: place.start + to,
                }));
            }
        }
        Ok(united(seen))
    }

    /// Selects whatever names an entity: sentences, words outside of them, titles, and entities whose names have its.
    fn select_named(&mut self, entity: ConceptId, name: &str, change: &mut Change) -> Result<()> {
        let fail = |error| layout::database_error(self.path, error);
        let mut seeds = Vec::new();
        let mut sources = Vec::new();
        for row in self.sources.iter().map_err(fail)? {
            sources.push(SourceId(row.map_err(fail)?.0.value()));
        }
        for id in sources {
            let source = self.stored_source(id)?;
            let text = self.stored_text(&source)?;
            let found = occurrences(&text, name);
            if !found.is_empty() {
                let sentences = self.sentences(id)?;
                for named in found {
                    seeds.extend(around(id, named.start as u64, named.end as u64, &sentences));
                }
            }
            let titled = occurrences(&source.title, name).into_iter();
            change.untitled.extend(titled.map(|named| Blank {
                source: id,
                start: named.start as u64,
                end: named.end as u64,
            }));
        }
        for sentence in self.sentences_on(entity)? {
            seeds.extend(self.places(sentence)?.into_iter().map(blank));
        }
        change.blanked = self.closed(seeds)?;
        change.unlinked = self.named_alike(entity, name)?;
        Ok(())
    }

    /// The sentences of a source.
    fn sentences(&mut self, source: SourceId) -> Result<Vec<Placed>> {
        let mut sentences = Vec::new();
        for placed in self.placed(source.0)? {
            if self.is_sentence(placed.statement)? {
                sentences.push(placed);
            }
        }
        Ok(sentences)
    }

    pub(crate) fn is_sentence(&mut self, statement: u64) -> Result<bool> {
        let kind = &self.concept(statement)?.kind;
        Ok(matches!(
            kind,
            KindRecord::Statement {
                sentence: Some(_),
                ..
            }
        ))
    }

    /// The sentences that say something of an entity, under whatever name.
    fn sentences_on(&mut self, entity: ConceptId) -> Result<BTreeSet<u64>> {
        let mut statements = BTreeSet::new();
        for row in self
            .evidence
            .iter()
            .map_err(|error| layout::database_error(self.path, error))?
        {
            let (key, _) = row.map_err(|error| layout::database_error(self.path, error))?;
            let (subject, _, object, statement) = key.value();
            if [subject, object].contains(&entity.0) {
                statements.insert(statement);
            }
        }
        let mut sentences = BTreeSet::new();
        for statement in statements {
            if self.is_sentence(statement)? {
                sentences.insert(statement);
            }
        }
        Ok(sentences)
    }

    /// An entity, and those whose names have its name in them.
    fn named_alike(&self, entity: ConceptId, name: &str) -> Result<Vec<ConceptId>> {
        let fail = |error| layout::database_error(self.path, error);
        let mut alike = Vec::new();
        for row in self.concepts.iter().map_err(fail)? {
            let (id, record) = row.map_err(fail)?;
            let id = ConceptId(id.value());
            let record: ConceptRecord = layout::decode(record.value(), self.path, "concept")?;
            if let KindRecord::Entity { name: other, .. } = record.kind
                && (id == entity || !occurrences(&other, name).is_empty())
            {
                alike.push(id);
            }
        }
        Ok(alike)
    }
}

fn blank(place: Support) -> Blank {
    Blank {
        source: place.source,
        start: place.start,
        end: place.end,
    }
}

/// The sentences around some bytes, else these bytes.
fn around(source: SourceId, start: u64, end: u64, sentences: &[Placed]) -> Vec<Blank> {
    let named = Blank { source, start, end };
    let around = sentences.iter().filter(|placed| overlaps(**placed, &named));
    let mut around: Vec<Blank> = around.map(|placed| blank(placed.support(source))).collect();
    around.push(named);
    around
}

/// The same bytes, each once: by source and start, apart.
fn united(blanks: impl IntoIterator<Item = Blank>) -> Vec<Blank> {
    let mut by_source: BTreeMap<SourceId, Vec<Blank>> = BTreeMap::new();
    for blank in blanks {
        by_source.entry(blank.source).or_default().push(blank);
    }
    let mut united: Vec<Blank> = Vec::new();
    for mut blanks in by_source.into_values() {
        blanks.sort_unstable();
        for blank in blanks {
            match united.last_mut() {
                Some(last) if last.source == blank.source && blank.start <= last.end => {
                    last.end = last.end.max(blank.end);
                }
                _ => united.push(blank),
            }
        }
    }
    united
}
