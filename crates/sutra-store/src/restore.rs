//! Ending a store that followed another one at some transaction of it, without what came later.
//!
//! What later transactions forgot is forgotten here too, each in a transaction of its own: a kept copy of a change must
//! not bring back what is gone. Changes that have become thinner may leave statements without a place, and entities
//! without an association, for the sake of changes that now never come; these go first.
//!
//! The store gets a history of its own: what it learns from here on is not what the other one learned.

use std::collections::BTreeSet;

use redb::ReadableTable;
use rustc_hash::FxHashSet;
use sutra_model::{Result, TransactionId};

use crate::apply::Writer;
use crate::change::Change;
use crate::layout;
use crate::opening::random_bytes;
use crate::records::{ConceptRecord, EvidenceRecord, KindRecord, Totals};
use crate::store::Store;
use crate::updates::Updates;

impl Store {
    /// Applies changes as [`apply_changes`](Self::apply_changes) does, though changes that belong with them are not
    /// among them; forgets what the `later` ones of the same history forgot, as far as it is here; and begins a new
    /// history. One durable commit.
    ///
    /// # Errors
    /// Those of [`apply_changes`](Self::apply_changes).
    pub fn restore_changes<T: AsRef<[u8]>>(
        &self,
        changes: &[T],
        later: &[T],
    ) -> Result<(TransactionId, Updates)> {
        self.apply_ended(changes, Some(later))
    }
}

impl Writer<'_> {
    /// Drops what waited for changes that do not come, and forgets what the later ones forgot.
    pub(crate) fn end_following(&mut self, later: Vec<Change>, updates: &mut Updates) -> Result<()> {
        updates.rebuild = true;
        self.write_met()?;
        if self
            .following
            .as_ref()
            .is_some_and(|following| following.settled > self.transaction)
        {
            self.drop_waiting(updates)?;
        }
        self.following = None;
        for forgetting in later {
            let mut change = Change {
                transaction: TransactionId(self.transaction + 1),
                time: forgetting.time.max(self.time.saturating_add(1)),
                forgotten: forgetting.forgotten,
                blanked: forgetting.blanked,
                untitled: forgetting.untitled,
                unlinked: forgetting.unlinked,
                expired: forgetting
                    .expired
                    .map(|last| last.min(TransactionId(self.transaction))),
                dropped: forgetting.dropped,
                ..Change::default()
            };
            self.keep_known(&mut change)?;
            self.resolve_left_to_retired(&mut change)?;
            if change.forgets() {
                self.apply(&change, random_bytes(self.path)?, updates)?;
            }
        }
        Ok(())
    }

    /// Drops statements that stand nowhere and entities that nothing names, and counts what is left.
    fn drop_waiting(&mut self, updates: &mut Updates) -> Result<()> {
        let lonely = self.lonely_entities()?;
        let left = self.left_to_retired()?;
        let mut dropped = lonely.clone();
        if let Some(following) = &mut self.following {
            following.ended = true;
            following.told = std::mem::take(&mut following.waiting);
            following.told.extend(lonely);
            dropped.extend(&following.told);
        }
        let mut change = Change {
            transaction: TransactionId(self.transaction + 1),
            time: self.time.saturating_add(1),
            ..Change::default()
        };
        self.end_evidence_of(&left, &dropped, &mut change)?;
        self.totals = Totals::ENOUGH;
        self.write(&change, updates)?;
        self.write_met()?;
        self.totals = self.counted()?;
        self.record(&change, random_bytes(self.path)?)
    }

    /// Statements that live no more and give evidence: here what let them live never came.
    fn left_to_retired(&mut self) -> Result<BTreeSet<u64>> {
        let mut left = BTreeSet::new();
        self.each_concept(|id, concept| {
            if concept.retired.is_some() && matches!(concept.kind, KindRecord::Statement { .. }) {
                left.insert(id);
            }
        })?;
        Ok(left)
    }

    fn lonely_entities(&self) -> Result<FxHashSet<u64>> {
        let mut lonely = FxHashSet::default();
        self.each_concept(|id, concept| {
            let is_lonely = concept.associations == 0 && concept.retired_associations == 0;
            if is_lonely && matches!(concept.kind, KindRecord::Entity { .. }) {
                lonely.insert(id);
            }
        })?;
        Ok(lonely)
    }

    /// How much there is, counted from the rows.
    fn counted(&self) -> Result<Totals> {
        let fail = |error| layout::database_error(self.path, error);
        let mut totals = Totals {
            associations: redb::ReadableTableMetadata::len(&self.associations).map_err(fail)?,
            ..Totals::default()
        };
        for row in self.sources.iter().map_err(fail)? {
            let (id, _) = row.map_err(fail)?;
            let source = self.stored_source(sutra_model::SourceId(id.value()))?;
            totals.sources += u64::from(source.retired.is_none());
        }
        let mut living = FxHashSet::default();
        self.each_concept(|id, concept| {
            if concept.retired.is_some() {
                return;
            }
            living.insert(id);
            match concept.kind {
                KindRecord::Statement { passage, .. } => {
                    totals.statements += 1;
                    totals.passages += u64::from(passage.is_some());
                }
                KindRecord::Entity { .. } => totals.entities += 1,
            }
        })?;
        for row in self.evidence.iter().map_err(fail)? {
            let (_, record) = row.map_err(fail)?;
            let record: EvidenceRecord = layout::decode(record.value(), self.path, "evidence")?;
            totals.evidence += u64::from(record.live().is_some());
        }
        let of_model = (self.model, 0)..=(self.model, u64::MAX);
        for row in self.vectors.range(of_model).map_err(fail)? {
            let (key, _) = row.map_err(fail)?;
            totals.vectors += u64::from(living.contains(&key.value().1));
        }
        Ok(totals)
    }

    fn each_concept(&self, mut see: impl FnMut(u64, ConceptRecord)) -> Result<()> {
        let fail = |error| layout::database_error(self.path, error);
        for row in self.concepts.iter().map_err(fail)? {
            let (id, record) = row.map_err(fail)?;
            see(id.value(), layout::decode(record.value(), self.path, "concept")?);
        }
        Ok(())
    }
}
