//! What is left of associations whose evidence, or whose ends, were forgotten.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use redb::ReadableTable;
use sutra_model::{Association, RelationId, Result};

use crate::apply::{Writer, put};
use crate::associations::{EdgeKey, association_key};
use crate::counts::less;
use crate::forget::Forgetting;
use crate::layout;
use crate::records::{AssociationRecord, EvidenceRecord, KindRecord};
use crate::updates::Updates;

impl Writer<'_> {
    /// Drops what others say of statements that are gone: a passage that contained one, one that came before it.
    pub(crate) fn drop_dangling(
        &mut self,
        gone: &BTreeMap<u64, u32>,
        forgetting: &mut Forgetting,
    ) -> Result<()> {
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
    pub(crate) fn weaken(
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
                    key: association_key(key),
                    kind: self.kind(RelationId(relation))?,
                    confidence: record.confidence,
                    evidence_count: record.evidence_count,
                });
            }
            None => put(self.path, self.associations.remove(key))?,
        }
        if lived && live.is_none() {
            less(&mut self.totals.associations, 1, "associations", self.path)?;
            updates.leave_association(association_key(key));
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
            let Some(telling) = record.live() else {
                retired = true;
                continue;
            };
            let (confidence, count) = live.map_or((0.0, 0), |live| (live.confidence, live.evidence_count));
            live = Some(AssociationRecord {
                confidence: Association::reinforce(confidence, telling.confidence),
                evidence_count: count + 1,
            });
        }
        Ok((live, retired))
    }
}
