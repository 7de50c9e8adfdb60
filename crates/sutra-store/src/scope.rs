//! What some sources say, by themselves: the statements that stand in them, and what these support.

use std::collections::BTreeMap;

use redb::ReadableTable;
use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{
    Association, AssociationKey, AssociationKind, ConceptId, Error, Evidence, Result, Source, SourceId,
    Support, TransactionId,
};

use crate::associations::{EdgeKey, association_key, edge};
use crate::records::{EvidenceRecord, KindRecord, SupportRecord, Telling};
use crate::relations::Relations;
use crate::snapshot::Snapshot;
use crate::updates::{self, PassageEntry, Updates, VectorEntry};

/// Which sources are meant, and which of what they say. Whatever is not told admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of these.
    pub sources: Option<Vec<SourceId>>,
    /// All of these attributes, with these values.
    pub attributes: BTreeMap<String, String>,
    /// Whose own time is not before this, in microseconds since 1970-01-01 UTC; one without a time is none.
    pub since: Option<i64>,
    /// Whose own time is before this.
    pub until: Option<i64>,
    /// Learned by this transaction or one before it, and not retired by then; without it, not retired at all.
    pub as_of: Option<TransactionId>,
    /// Evidence of what holds at this time, as far as it says when.
    pub holds_at: Option<i64>,
    /// Associations of one of these kinds.
    pub kinds: Option<Vec<AssociationKind>>,
}

impl Filter {
    fn admits(&self, source: &Source) -> bool {
        let one_of = |sources: &Vec<SourceId>| sources.contains(&source.id);
        let stands = match self.as_of {
            Some(last) => source.learned <= last && source.retired.is_none_or(|retired| retired > last),
            None => source.retired.is_none(),
        };
        stands
            && self.sources.as_ref().is_none_or(one_of)
            && self
                .attributes
                .iter()
                .all(|(name, value)| source.attributes.get(name) == Some(value))
            && self
                .since
                .is_none_or(|since| source.time.is_some_and(|time| time >= since))
            && self
                .until
                .is_none_or(|until| source.time.is_some_and(|time| time < until))
    }
}

/// What the sources of a filter say.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The sources.
    pub sources: FxHashSet<SourceId>,
    /// Statements, each with the first place where it stands in one of them.
    pub statements: FxHashMap<ConceptId, Support>,
    /// Entities that they say something of.
    pub entities: FxHashSet<ConceptId>,
    /// Associations, as their evidence alone makes them.
    pub associations: Vec<Association>,
    /// What no index knows, because it was retired since.
    pub retired: Updates,
}

impl Said {
    /// Whether they say a statement, or something of an entity.
    pub fn has(&self, id: ConceptId) -> bool {
        self.statements.contains_key(&id) || self.entities.contains(&id)
    }
}

impl Filter {
    /// The telling of a piece of evidence that is meant, if one is.
    fn telling<'r>(&self, record: &'r EvidenceRecord) -> Option<&'r Telling> {
        let telling = match self.as_of {
            Some(last) => record.at(last),
            None => record.live(),
        };
        let holds = |telling: &&Telling| {
            self.holds_at.is_none_or(|time| {
                telling.validity.from.is_none_or(|from| from <= time)
                    && telling.validity.to.is_none_or(|to| time < to)
            })
        };
        telling.filter(holds)
    }
}

impl Snapshot {
    /// What the sources that a filter admits say. Reads all that they say, and every source.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a transaction that is not there yet, or so long ago that what was retired since is
    /// not kept any more; [`Error::Io`], [`Error::Corrupt`].
    pub fn said(&self, filter: &Filter, relations: &Relations) -> Result<Said> {
        self.check_kept(filter.as_of)?;
        let mut said = Said::default();
        for source in self.admitted(filter)? {
            said.sources.insert(source);
            for placed in self.placed(source.0)? {
                let place = placed.support(source);
                let first = said
                    .statements
                    .entry(ConceptId(placed.statement))
                    .or_insert(place);
                *first = (*first).min(place);
            }
        }
        let mut statements: Vec<ConceptId> = said.statements.keys().copied().collect();
        statements.sort_unstable();
        let mut entities: FxHashMap<ConceptId, bool> = FxHashMap::default();
        let mut found: FxHashMap<EdgeKey, Association> = FxHashMap::default();
        for statement in statements {
            for edge in self.evidence_of(statement.0)? {
                let record = self.evidence_record(edge, statement.0)?;
                let Some(telling) = filter.telling(&record) else {
                    continue;
                };
                let key = association_key(edge);
                let mut stands = true;
                for end in [key.subject, key.object] {
                    stands &= said.statements.contains_key(&end) || self.is_entity(end, &mut entities)?;
                }
                if !stands {
                    continue;
                }
                let kind = relations.get(key.relation).map(|record| record.kind);
                let kind =
                    kind.ok_or_else(|| self.corrupt(format!("relation {} is missing", key.relation.0)))?;
                if filter.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&kind)) {
                    continue;
                }
                let association = found.entry(edge).or_insert(Association {
                    key,
                    kind,
                    confidence: 0.0,
                    evidence_count: 0,
                });
                association.confidence = Association::reinforce(association.confidence, telling.confidence);
                association.evidence_count += 1;
            }
        }
        said.associations = found.into_values().collect();
        for association in &said.associations {
            for end in [association.key.subject, association.key.object] {
                if !said.statements.contains_key(&end) {
                    said.entities.insert(end);
                }
            }
        }
        if filter.as_of.is_some() {
            self.add_retired(&mut said)?;
        }
        Ok(said)
    }

    fn check_kept(&self, as_of: Option<TransactionId>) -> Result<()> {
        let Some(as_of) = as_of else { return Ok(()) };
        let refuse = |allowed: &'static str| {
            let value = as_of.0.to_string();
            Err(Error::InvalidValue {
                what: "as_of",
                value,
                allowed,
            })
        };
        if as_of > self.transaction() {
            return refuse("a transaction that was made");
        }
        if as_of < self.kept_from() && as_of.0 > 0 {
            return refuse(
                "a transaction of which what it knew is still kept (SUTRA_HISTORY_RETENTION says for how long)",
            );
        }
        Ok(())
    }

    /// Notes which statements and entities of these live no more.
    fn add_retired(&self, said: &mut Said) -> Result<()> {
        let mut retired = Updates::default();
        for (id, place) in &said.statements {
            let record = self.concept_record(*id)?.ok_or(Error::UnknownConcept(id.0))?;
            let (
                Some(_),
                KindRecord::Statement {
                    sentence, passage, ..
                },
            ) = (record.retired, &record.kind)
            else {
                continue;
            };
            let (sentence, passage) = (sentence.is_some(), passage.is_some());
            if passage {
                let source = self.source(place.source)?;
                let source =
                    source.ok_or_else(|| self.corrupt(format!("source {} is missing", place.source.0)))?;
                let title = if sentence { "" } else { &source.title };
                retired.passages.push(PassageEntry {
                    concept: *id,
                    document: updates::document(title, &self.text(*place)?),
                    language: sutra_model::Language::of_attributes(&source.attributes),
                });
            }
            if let Some(row) = self.vector_row(*id)? {
                retired.vectors.push(VectorEntry {
                    concept: *id,
                    row,
                    sentence,
                    passage,
                });
            }
        }
        for id in &said.entities {
            let record = self.concept_record(*id)?.ok_or(Error::UnknownConcept(id.0))?;
            if let (Some(_), KindRecord::Entity { name, .. }) = (record.retired, record.kind) {
                retired.entities.push((*id, name));
            }
        }
        retired.passages.sort_unstable_by_key(|passage| passage.concept);
        retired.vectors.sort_unstable_by_key(|vector| vector.concept);
        retired.entities.sort_unstable();
        said.retired = retired;
        Ok(())
    }

    /// The sources that a filter admits.
    fn admitted(&self, filter: &Filter) -> Result<Vec<SourceId>> {
        let mut admitted = Vec::new();
        let mut take = |source: Source| {
            if filter.admits(&source) {
                admitted.push(source.id);
            }
        };
        match &filter.sources {
            Some(sources) => {
                for id in sources {
                    self.source(*id)?.into_iter().for_each(&mut take);
                }
            }
            None => {
                for row in self.ok(self.sources.iter())? {
                    let (_, source) = self.ok(row)?;
                    take(self.decode(source.value(), "source")?);
                }
            }
        }
        Ok(admitted)
    }

    /// What of a narrowed state supports an association, the first `limit` by rising statement.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn evidence_within(
        &self,
        key: AssociationKey,
        limit: usize,
        filter: &Filter,
        said: &Said,
    ) -> Result<Vec<Evidence>> {
        let (subject, relation, object) = edge(key);
        let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
        let mut found = Vec::new();
        for row in self.ok(self.evidence.range(range))? {
            let (key, record) = self.ok(row)?;
            let statement = ConceptId(key.value().3);
            let record: EvidenceRecord = self.decode(record.value(), "evidence")?;
            if let Some(telling) = filter.telling(&record)
                && said.statements.contains_key(&statement)
                && found.len() < limit
            {
                found.push(Evidence {
                    statement,
                    confidence: telling.confidence,
                    validity: telling.validity,
                });
            }
        }
        Ok(found)
    }

    /// The places of a narrowed state where a statement stands, the first `limit` by source and start.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn supports_within(&self, id: ConceptId, limit: usize, said: &Said) -> Result<Vec<Support>> {
        let mut found = Vec::new();
        for row in self.ok(self.supports.range((id.0, 0, 0)..=(id.0, u64::MAX, u64::MAX)))? {
            let (key, record) = self.ok(row)?;
            let (_, source, start) = key.value();
            let record: SupportRecord = self.decode(record.value(), "support")?;
            let source = SourceId(source);
            if said.sources.contains(&source) && found.len() < limit {
                found.push(Support {
                    source,
                    start,
                    end: start.saturating_add(record.length),
                });
            }
        }
        Ok(found)
    }

    fn is_entity(&self, id: ConceptId, known: &mut FxHashMap<ConceptId, bool>) -> Result<bool> {
        if let Some(is_entity) = known.get(&id) {
            return Ok(*is_entity);
        }
        let record = self.concept_record(id)?.ok_or(Error::UnknownConcept(id.0))?;
        let is_entity = matches!(record.kind, KindRecord::Entity { .. });
        known.insert(id, is_entity);
        Ok(is_entity)
    }
}
