//! What an edge weighs, for spreading and for paths.

use sutra_model::{Association, RelationId};

/// What each step of a path costs beside its own weight: of two paths made of equally sure steps,
/// the shorter is the better one.
pub const STEP_DECAY: f64 = 0.9;

/// Costs are `-ln(weight)` in units of 2^-40. As integers they add up to the same sum in any order,
/// so that bounds are exact and ties are ties.
pub(crate) const COST_UNIT: f64 = (1_u64 << 40) as f64;

/// Relations whose weight is kept in a table; beyond it the caller is asked each time.
const TABLE_MAX: u32 = 4096;

/// The caller's weight of each relation, asked for once.
pub(crate) struct RelationWeights<'a> {
    ask: &'a dyn Fn(RelationId) -> f32,
    table: Vec<Option<f64>>,
}

impl<'a> RelationWeights<'a> {
    pub(crate) fn new(ask: &'a dyn Fn(RelationId) -> f32) -> Self {
        Self {
            ask,
            table: Vec::new(),
        }
    }

    /// Relation weight × confidence; 0 where that is not a positive, finite number.
    pub(crate) fn weight(&mut self, association: &Association) -> f64 {
        let weight = self.relation(association.key.relation) * f64::from(association.confidence);
        if weight.is_finite() && weight > 0.0 {
            weight
        } else {
            0.0
        }
    }

    /// The weight of a step of a path, in (0, 1], without [`STEP_DECAY`]; `None` if it cannot be taken.
    pub(crate) fn step(&mut self, association: &Association) -> Option<f64> {
        let weight = self.weight(association);
        (weight > 0.0).then_some(weight.min(1.0))
    }

    /// The cost of a step of a path, with [`STEP_DECAY`]; `None` if it cannot be taken.
    pub(crate) fn cost(&mut self, association: &Association) -> Option<u64> {
        self.step(association).map(|weight| cost(weight * STEP_DECAY))
    }

    fn relation(&mut self, relation: RelationId) -> f64 {
        if relation.0 >= TABLE_MAX {
            return f64::from((self.ask)(relation));
        }
        let index = relation.0 as usize;
        if index >= self.table.len() {
            self.table.resize(index + 1, None);
        }
        *self.table[index].get_or_insert_with(|| f64::from((self.ask)(relation)))
    }
}

/// The cost of a weight in (0, 1].
pub(crate) fn cost(weight: f64) -> u64 {
    (-weight.ln() * COST_UNIT).round() as u64
}
