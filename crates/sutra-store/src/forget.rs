//! Forgetting: what only the forgotten said goes with it, and what others say too stays.
//!
//! A source goes with its text and the places of its statements. A statement that stands nowhere any more goes with its
//! vectors and the evidence that it gave, an association with its last evidence, an entity with its last association.
//! Of the transactions that had learned any of it the salt goes, so that their hashes tell nothing: see
//! [`ChangeRecord`](crate::records::ChangeRecord).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use redb::ReadableTable;
use sutra_model::{
    Association, AssociationKey, ConceptId, ContentKey, RelationId, Result, SourceId, Support, TransactionId,
    address_key, entity_key, passage_key, statement_key,
};

use crate::apply::{Writer, put};
use crate::associations::EdgeKey;
use crate::change::Change;
use crate::counts::less;
use crate::layout;
use crate::records::{
    AssociationRecord, ChangeRecord, EvidenceRecord, KindRecord, Placed, SupportRecord, VectorRecord,
};
use crate::updates::Updates;

/// What a forgetting transaction does, while it is found out.
#[derive(Default)]
struct Forgetting {
    /// Statements that lost a place, each with its content key, if it has one.
    touched: BTreeMap<u64, Option<ContentKey>>,
    /// Associations that lost evidence.
    weakened: BTreeSet<EdgeKey>,
    /// Entities that lost an association.
    lonely: BTreeSet<u64>,
    /// Transactions that had learned something of it.
    learned: BTreeSet<u64>,
}

impl Writer<'_> {
    /// Removes what a change forgets.
    pub(crate) fn write_forgotten(&mut self, change: &Change, updates: &mut Updates) -> Result<()> {
        if change.forgotten.is_empty() {
            return Ok(());
        }
        // What is removed below has to be there first.
        self.write_met()?;
        self.sync_later = false;
        let mut forgetting = Forgetting::default();
        for source in &change.forgotten {
            self.touch_statements(*source, &mut forgetting)?;
        }
        for source in &change.forgotten {
            self.drop_source(*source, &mut forgetting)?;
        }
        let gone = self.drop_statements(&mut forgetting)?;
        self.drop_dangling(&gone, &mut forgetting)?;
        for key in std::mem::take(&mut forgetting.weakened) {
            self.weaken(key, &gone, &mut forgetting, updates)?;
        }
        for entity in std::mem::take(&mut forgetting.lonely) {
            self.drop_lonely(entity, change.transaction, &mut forgetting)?;
        }
        for transaction in forgetting.learned {
            self.drop_salt(transaction)?;
        }
        updates.rebuild = true;
        Ok(())
    }

    /// Notes the statements of a source, with the keys that their words give as long as they are there.
    fn touch_statements(&mut self, source: SourceId, forgetting: &mut Forgetting) -> Result<()> {
        for placed in self.placed(source.0)? {
            if forgetting.touched.contains_key(&placed.statement) {
                continue;
            }
            let support = Support {
                source,
                start: placed.start,
                end: placed.start.saturating_add(placed.length),
            };
            let key = self.key_of(placed.statement, support)?;
            forgetting.touched.insert(placed.statement, key);
        }
        Ok(())
    }

    /// The content key of a statement that stands there; `None` where some of its words were blanked.
    fn key_of(&mut self, statement: u64, support: Support) -> Result<Option<ContentKey>> {
        let KindRecord::Statement {
            sentence, redacted, ..
        } = self.concept(statement)?.kind
        else {
            return Err(self.of_another_kind(statement));
        };
        if redacted {
            return Ok(None);
        }
        let words = self.words_at(support, &Change::default())?.into_owned();
        if sentence.is_some() {
            return Ok(Some(statement_key(&words)));
        }
        let nothing = Change::default();
        let source = self.source_of(support.source, &nothing)?;
        Ok(Some(passage_key(&source.title, &words)))
    }

    fn drop_source(&mut self, id: SourceId, forgetting: &mut Forgetting) -> Result<()> {
        for placed in self.placed(id.0)? {
            let key = (placed.statement, id.0, placed.start);
            let record = self
                .supports
                .remove(key)
                .map_err(|error| layout::database_error(self.path, error))?;
            if let Some(record) = record {
                let record: SupportRecord = layout::decode(record.value(), self.path, "support")?;
                forgetting.learned.insert(record.learned.0);
            }
        }
        let source = self.source_of(id, &Change::default())?.into_owned();
        let address = address_key(&source.address);
        put(self.path, self.source_statements.remove(id.0))?;
        put(
            self.path,
            self.source_keys.remove((&address.0, source.offset, id.0)),
        )?;
        put(self.path, self.sources.remove(id.0))?;
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

    /// The statements of a source.
    fn placed(&self, source: u64) -> Result<Vec<Placed>> {
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
    /// that it was an end of.
    fn drop_statements(&mut self, forgetting: &mut Forgetting) -> Result<BTreeMap<u64, u32>> {
        let mut gone = BTreeMap::new();
        for (id, key) in std::mem::take(&mut forgetting.touched) {
            if let Some(first) = self.first_support(id)? {
                if let KindRecord::Statement { first: known, .. } = &mut self.concept(id)?.kind {
                    *known = first;
                }
                continue;
            }
            let concept = self.concept(id)?;
            gone.insert(id, concept.associations + concept.retired_associations);
            self.drop_statement(id, key, forgetting)?;
        }
        Ok(gone)
    }

    /// The first place of a statement that is not retired, else the first.
    fn first_support(&self, id: u64) -> Result<Option<Support>> {
        let mut retired = None;
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
            if record.retired.is_none() {
                return Ok(Some(support));
            }
            retired = retired.or(Some(support));
        }
        Ok(retired)
    }

    fn drop_statement(
        &mut self,
        id: u64,
        key: Option<ContentKey>,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        let concept = self.concept(id)?.clone();
        let KindRecord::Statement { passage, .. } = concept.kind else {
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
        forgetting.learned.insert(concept.learned.0);
        for edge in self.evidence_of(id)? {
            self.drop_evidence(edge, id, forgetting)?;
        }
        put(self.path, self.statement_evidence.remove(id))?;
        self.given.remove(&id);
        self.drop_vectors(id, concept.retired.is_none(), forgetting)?;
        self.drop_concept(id, key)?;
        Ok(())
    }

    fn drop_concept(&mut self, id: u64, key: Option<ContentKey>) -> Result<()> {
        if let Some(key) = key {
            put(self.path, self.concept_keys.remove(&key.0))?;
        }
        self.met.remove(&id);
        put(self.path, self.concepts.remove(id))?;
        self.dropped.push(id);
        Ok(())
    }

    fn evidence_of(&self, statement: u64) -> Result<Vec<EdgeKey>> {
        let row = self
            .statement_evidence
            .get(statement)
            .map_err(|error| layout::database_error(self.path, error))?;
        row.map_or_else(
            || Ok(Vec::new()),
            |row| layout::decode(row.value(), self.path, "evidence of a statement"),
        )
    }

    fn drop_evidence(&mut self, edge: EdgeKey, statement: u64, forgetting: &mut Forgetting) -> Result<()> {
        let (subject, relation, object) = edge;
        let row = self
            .evidence
            .remove((subject, relation, object, statement))
            .map_err(|error| layout::database_error(self.path, error))?;
        let Some(row) = row else { return Ok(()) };
        let record: EvidenceRecord = layout::decode(row.value(), self.path, "evidence")?;
        drop(row);
        forgetting.learned.insert(record.learned.0);
        forgetting.weakened.insert(edge);
        less(
            &mut self.totals.evidence,
            u64::from(record.retired.is_none()),
            "pieces of evidence",
            self.path,
        )?;
        Ok(())
    }

    fn drop_vectors(&mut self, id: u64, lives: bool, forgetting: &mut Forgetting) -> Result<()> {
        for model in self.models.clone() {
            put(self.path, self.pending.remove((model, id)))?;
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

    /// Drops what others say of statements that are gone: a passage that contained one, one that came before it.
    fn drop_dangling(&mut self, gone: &BTreeMap<u64, u32>, forgetting: &mut Forgetting) -> Result<()> {
        let mut found: BTreeMap<u64, u32> = BTreeMap::new();
        let ends_gone = |edge: &EdgeKey| gone.contains_key(&edge.0) || gone.contains_key(&edge.2);
        let edges: Vec<EdgeKey> = forgetting.weakened.iter().copied().filter(ends_gone).collect();
        for edge in edges {
            for end in [edge.0, edge.2] {
                *found.entry(end).or_default() += 1;
            }
            let (subject, relation, object) = edge;
            let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
            self.drop_evidence_in(range, |_| true, forgetting)?;
        }
        // What they gave themselves was found. The others have to be looked for, unless that was all.
        if gone.iter().any(|(id, count)| found.get(id).unwrap_or(&0) < count) {
            self.drop_evidence_in(
                (0, 0, 0, 0)..=(u64::MAX, u32::MAX, u64::MAX, u64::MAX),
                ends_gone,
                forgetting,
            )?;
        }
        Ok(())
    }

    fn drop_evidence_in(
        &mut self,
        range: RangeInclusive<(u64, u32, u64, u64)>,
        dangles: impl Fn(&EdgeKey) -> bool,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        let mut dangling = Vec::new();
        let rows = self
            .evidence
            .range(range)
            .map_err(|error| layout::database_error(self.path, error))?;
        for row in rows {
            let (key, _) = row.map_err(|error| layout::database_error(self.path, error))?;
            let (subject, relation, object, statement) = key.value();
            if dangles(&(subject, relation, object)) {
                dangling.push(((subject, relation, object), statement));
            }
        }
        for (edge, statement) in dangling {
            self.drop_evidence(edge, statement, forgetting)?;
            self.given(statement, false)?.remove(&edge);
        }
        Ok(())
    }

    /// Makes an association what the evidence that is left makes it.
    fn weaken(
        &mut self,
        key: EdgeKey,
        gone: &BTreeMap<u64, u32>,
        forgetting: &mut Forgetting,
        updates: &mut Updates,
    ) -> Result<()> {
        let (subject, relation, object) = key;
        let lived = self
            .associations
            .get(key)
            .map_err(|error| layout::database_error(self.path, error))?
            .is_some();
        let (live, retired) = self.evidence_left(key)?;
        match live {
            Some(record) => {
                put(
                    self.path,
                    self.associations.insert(key, layout::encode(&record).as_slice()),
                )?;
                updates.associations.push(Association {
                    key: AssociationKey {
                        subject: ConceptId(subject),
                        relation: RelationId(relation),
                        object: ConceptId(object),
                    },
                    kind: self.kind(RelationId(relation))?,
                    confidence: record.confidence,
                    evidence_count: record.evidence_count,
                });
            }
            None => put(self.path, self.associations.remove(key))?,
        }
        if lived && live.is_none() {
            less(&mut self.totals.associations, 1, "associations", self.path)?;
        }
        for end in [subject, object]
            .into_iter()
            .filter(|end| !gone.contains_key(end))
        {
            let path = self.path;
            let concept = self.concept(end)?;
            let ended = u64::from(lived && live.is_none());
            less(
                &mut concept.associations,
                ended,
                "associations of a concept",
                path,
            )?;
            match (lived, live.is_some(), retired) {
                (true, false, true) => concept.retired_associations += 1,
                (false, false, false) => {
                    less(
                        &mut concept.retired_associations,
                        1,
                        "retired associations of a concept",
                        path,
                    )?;
                }
                _ => {}
            }
            if concept.associations == 0 && matches!(concept.kind, KindRecord::Entity { .. }) {
                forgetting.lonely.insert(end);
            }
        }
        Ok(())
    }

    /// An association as its live evidence makes it, if there is any, and whether there is retired evidence.
    fn evidence_left(&self, key: EdgeKey) -> Result<(Option<AssociationRecord>, bool)> {
        let (subject, relation, object) = key;
        let rows = self
            .evidence
            .range((subject, relation, object, 0)..=(subject, relation, object, u64::MAX))
            .map_err(|error| layout::database_error(self.path, error))?;
        let mut live: Option<AssociationRecord> = None;
        let mut retired = false;
        for row in rows {
            let (_, record) = row.map_err(|error| layout::database_error(self.path, error))?;
            let record: EvidenceRecord = layout::decode(record.value(), self.path, "evidence")?;
            if record.retired.is_some() {
                retired = true;
                continue;
            }
            let (confidence, count) = live.map_or((0.0, 0), |live| (live.confidence, live.evidence_count));
            live = Some(AssociationRecord {
                confidence: Association::reinforce(confidence, record.confidence),
                evidence_count: count + 1,
            });
        }
        Ok((live, retired))
    }

    /// An entity without a living association is retired, and one without any goes.
    fn drop_lonely(&mut self, id: u64, now: TransactionId, forgetting: &mut Forgetting) -> Result<()> {
        let concept = self.concept(id)?;
        let lives = concept.retired.is_none();
        let KindRecord::Entity { name, .. } = &concept.kind else {
            return Err(self.of_another_kind(id));
        };
        if concept.retired_associations > 0 {
            concept.retired = concept.retired.or(Some(now));
        } else {
            let key = entity_key(name);
            forgetting.learned.insert(concept.learned.0);
            self.drop_concept(id, Some(key))?;
        }
        less(&mut self.totals.entities, u64::from(lives), "entities", self.path)?;
        Ok(())
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

    /// The change that forgets these sources; `None` where none of them is known.
    pub(crate) fn resolve_forgotten(&self, sources: &[SourceId], time: i64) -> Result<Option<Change>> {
        let mut known = BTreeSet::new();
        for source in sources {
            let row = self
                .sources
                .get(source.0)
                .map_err(|error| layout::database_error(self.path, error))?;
            if row.is_some() {
                known.insert(*source);
            }
        }
        Ok((!known.is_empty()).then(|| Change {
            transaction: TransactionId(self.transaction + 1),
            time,
            forgotten: known.into_iter().collect(),
            ..Change::default()
        }))
    }
}
