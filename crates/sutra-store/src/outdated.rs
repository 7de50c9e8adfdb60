//! What older rules derived: counted, and retired once newer ones have read its statements again.
//!
//! A [batch](sutra_model::Batch) that knows statements by their numbers takes the place of what older rules derived from
//! them. What newer rules do not derive any more nobody tells; once all statements are read again it is what is left of
//! the older ones.

use std::sync::atomic::Ordering;

use redb::ReadableTable;
use sutra_model::{ConceptId, ConceptKind, Result, Roles, SourceId, Support, TransactionId};

use crate::apply::Writer;
use crate::associations::association_key;
use crate::change::Change;
use crate::column::Column;
use crate::layout;
use crate::opening::random_bytes;
use crate::records::EvidenceRecord;
use crate::resolve::is_outdated;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::updates::Updates;

impl Store {
    /// Retires the evidence that rules before those of a version derived, as one transaction at a time as that of
    /// [`commit_at`](Self::commit_at), and says how many pieces did. What was given is no rule's, and stays.
    ///
    /// # Errors
    /// [`Error::DiskFull`](sutra_model::Error::DiskFull), [`Error::Io`](sutra_model::Error::Io),
    /// [`Error::Corrupt`](sutra_model::Error::Corrupt), [`Error::ReadOnly`](sutra_model::Error::ReadOnly); none is
    /// retired then.
    pub fn retire_outdated(&self, time: i64, rules: u32) -> Result<(u64, Updates)> {
        let mut column = self.lock_to_write(0)?;
        let outcome = self.noting_failure(self.write_outdated(time, rules, &mut column));
        match &outcome {
            Ok(_) => column.accept(),
            Err(_) => drop(column.give_up()),
        }
        outcome
    }

    fn write_outdated(&self, time: i64, rules: u32, column: &mut Column) -> Result<(u64, Updates)> {
        let mut transaction = self.begin()?;
        transaction.set_quick_repair(true);
        let mut updates = Updates::default();
        let mut writer = Writer::open(&transaction, column, self.model, &self.path)?;
        let change = writer.resolve_outdated(time, rules)?;
        let retired = change.unsaid.len() as u64;
        if retired == 0 {
            return Ok((0, updates));
        }
        writer.apply(&change, random_bytes(&self.path)?, &mut updates)?;
        writer.finish(&transaction)?;
        layout::given(&self.path, transaction.commit())?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok((retired, updates))
    }
}

impl Writer<'_> {
    fn resolve_outdated(&self, time: i64, rules: u32) -> Result<Change> {
        let mut change = Change {
            transaction: TransactionId(self.transaction + 1),
            time: time.max(self.time.saturating_add(1)),
            ..Change::default()
        };
        for row in layout::given(self.path, self.evidence.iter())? {
            let (key, record) = layout::given(self.path, row)?;
            let record: EvidenceRecord = layout::decode(record.value(), self.path, "evidence")?;
            if record.live().is_some_and(|telling| is_outdated(telling, rules)) {
                let (subject, relation, object, statement) = key.value();
                let association = association_key((subject, relation, object));
                change.unsaid.push((ConceptId(statement), association));
            }
        }
        change.sort();
        Ok(change)
    }
}

impl Snapshot {
    /// The statements that stand in a source, with their roles anywhere, by start.
    ///
    /// # Errors
    /// [`Error::Io`](sutra_model::Error::Io), [`Error::Corrupt`](sutra_model::Error::Corrupt).
    pub fn statements_in(&self, source: SourceId) -> Result<Vec<(ConceptId, Support, Roles)>> {
        let mut statements = Vec::new();
        for placed in self.placed(source.0)? {
            let id = ConceptId(placed.statement);
            if let ConceptKind::Statement { roles, .. } = self.concept(id)?.kind {
                statements.push((id, placed.support(source), roles));
            }
        }
        Ok(statements)
    }

    /// How many pieces of evidence rules before those of a version derived. Reads all evidence.
    ///
    /// # Errors
    /// [`Error::Io`](sutra_model::Error::Io), [`Error::Corrupt`](sutra_model::Error::Corrupt).
    pub fn outdated(&self, rules: u32) -> Result<u64> {
        let mut outdated = 0;
        for row in self.ok(self.evidence.iter())? {
            let record: EvidenceRecord = self.decode(self.ok(row)?.1.value(), "evidence")?;
            outdated += u64::from(record.live().is_some_and(|telling| is_outdated(telling, rules)));
        }
        Ok(outdated)
    }
}
