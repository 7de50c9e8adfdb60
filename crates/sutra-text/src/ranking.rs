//! The best of many: a bounded list by falling score, equal scores by rising id.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use sutra_model::ConceptId;

/// Keeps the best `limit` of all that is offered, in O(log limit) for each.
pub(crate) struct Ranking {
    limit: usize,
    /// The worst of them first.
    kept: BinaryHeap<Scored>,
}

struct Scored {
    id: ConceptId,
    score: f32,
}

impl Ord for Scored {
    /// What is worse is greater.
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scored {}

impl Ranking {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: BinaryHeap::new(),
        }
    }

    /// Nothing of a lower score can still be among the best.
    pub fn threshold(&self) -> f32 {
        match self.kept.peek() {
            _ if self.limit == 0 => f32::INFINITY,
            Some(worst) if self.kept.len() >= self.limit => worst.score,
            _ => f32::NEG_INFINITY,
        }
    }

    /// Whether something is among the best so far.
    pub fn admits(&self, id: ConceptId, score: f32) -> bool {
        match self.kept.peek() {
            Some(worst) if self.kept.len() >= self.limit => Scored { id, score } < *worst,
            _ => self.limit > 0,
        }
    }

    pub fn offer(&mut self, id: ConceptId, score: f32) {
        if !self.admits(id, score) {
            return;
        }
        if self.kept.len() >= self.limit {
            self.kept.pop();
        }
        self.kept.push(Scored { id, score });
    }

    pub fn into_sorted(self) -> Vec<(ConceptId, f32)> {
        let sorted = self.kept.into_sorted_vec().into_iter();
        sorted.map(|scored| (scored.id, scored.score)).collect()
    }
}
