//! The end of the past: what was retired long ago goes, as if it was forgotten.
//!
//! Sources that were retired are forgotten as others are. Evidence goes telling by telling; which statements gave some
//! is told by the transactions that retired it. States up to the last
//! transaction that is dropped can not be asked for any more.

use redb::ReadableTable;
use sutra_model::{ConceptId, Result, SourceId, TransactionId};

use crate::apply::{Writer, put};
use crate::associations::{association_key, edge};
use crate::change::{Change, Dropped};
use crate::forget::Forgetting;
use crate::layout;
use crate::records::ChangeRecord;

impl Writer<'_> {
    /// Selects what transactions up to this one retired, as far as it is still there.
    pub(crate) fn select_expired(&self, last: TransactionId, change: &mut Change) -> Result<()> {
        for number in self.kept_from + 1..=last.0 {
            let record = self.change_record(number)?;
            for statement in record.unsaid.iter() {
                self.select_tellings(statement, last, change)?;
            }
            for id in record.retired.iter() {
                let row = self.sources.get(id);
                let row = row.map_err(|error| layout::database_error(self.path, error))?;
                change.forgotten.extend(row.map(|_| SourceId(id)));
            }
        }
        for row in layout::given(self.path, self.sources.iter())? {
            let (id, _) = layout::given(self.path, row)?;
            let source = self.stored_source(SourceId(id.value()))?;
            // One that was replaced within its own batch is named by no list.
            if source
                .retired
                .is_some_and(|retired| retired <= last && retired == source.learned)
            {
                change.forgotten.push(source.id);
            }
        }
        change.forgotten.sort_unstable();
        change.forgotten.dedup();
        change.dropped.sort_unstable();
        change.dropped.dedup();
        let is_something = !change.forgotten.is_empty() || !change.dropped.is_empty();
        change.expired = is_something.then_some(last);
        Ok(())
    }

    fn select_tellings(&self, statement: u64, last: TransactionId, change: &mut Change) -> Result<()> {
        for edge in self.evidence_of(statement)? {
            let record = self.evidence_record(edge, statement)?.unwrap_or_default();
            let ended = record
                .tellings
                .iter()
                .filter(|telling| telling.retired.is_some_and(|retired| retired <= last));
            let key = association_key(edge);
            change
                .dropped
                .extend(ended.map(|telling| (ConceptId(statement), key, telling.learned)));
        }
        Ok(())
    }

    /// Drops tellings. Whoever follows may not have been told that they were retired.
    pub(crate) fn write_expired(
        &mut self,
        last: TransactionId,
        dropped: &[Dropped],
        forgetting: &mut Forgetting,
    ) -> Result<()> {
        for (statement, key, learned) in dropped {
            let edge = edge(*key);
            let Some(mut record) = self.evidence_record(edge, statement.0)? else {
                continue;
            };
            record.tellings.retain(|telling| {
                let stays = telling.learned != *learned;
                if !stays {
                    forgetting.told([Some(telling.learned), telling.retired]);
                }
                stays
            });
            if record.tellings.is_empty() {
                self.drop_evidence(edge, statement.0, forgetting)?;
                self.given(statement.0, false)?.remove(&edge);
                continue;
            }
            forgetting.weakened.insert(edge);
            let (subject, relation, object) = edge;
            put(
                self.path,
                self.evidence.insert(
                    (subject, relation, object, statement.0),
                    layout::encode(&record).as_slice(),
                ),
            )?;
        }
        self.kept_from = self.kept_from.max(last.0);
        Ok(())
    }

    fn change_record(&self, number: u64) -> Result<ChangeRecord> {
        let row = layout::given(self.path, self.changes.get(number))?;
        let row = row.ok_or_else(|| self.corrupt(format!("transaction {number} is missing")))?;
        layout::decode(row.value(), self.path, "transaction")
    }
}
