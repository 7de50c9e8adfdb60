//! Relation names and kinds, both ways.

use rustc_hash::FxHashMap;
use sutra_model::{AssociationKind, RelationId};

use crate::records::RelationRecord;

/// Relation names and kinds, both ways.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    by_id: FxHashMap<RelationId, RelationRecord>,
    by_name: FxHashMap<String, RelationId>,
}

impl Relations {
    /// Takes in a relation.
    pub fn insert(&mut self, id: RelationId, record: RelationRecord) {
        self.by_name.insert(record.name.clone(), id);
        self.by_id.insert(id, record);
    }

    /// The name and kind of a relation; `None` when there is none of this number.
    pub fn get(&self, id: RelationId) -> Option<&RelationRecord> {
        self.by_id.get(&id)
    }

    /// The name of a relation that an association has.
    ///
    /// # Panics
    /// When there is none of this number.
    pub fn name(&self, id: RelationId) -> &str {
        &self.by_id[&id].name
    }

    /// The kind of a relation that an association has.
    ///
    /// # Panics
    /// When there is none of this number.
    pub fn kind(&self, id: RelationId) -> AssociationKind {
        self.by_id[&id].kind
    }

    /// The id of a name, if any association was ever learned under it.
    pub fn id(&self, name: &str) -> Option<RelationId> {
        self.by_name.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}
