//! The best of many: a bounded list by falling score, equal scores by rising id.

use std::cmp::Ordering;

use sutra_model::ConceptId;

/// Keeps the best `limit` of all that is offered, in O(1) amortised for each.
pub(crate) struct Ranking {
    limit: usize,
    /// Nothing below it can still be among the best.
    threshold: f32,
    kept: Vec<(ConceptId, f32)>,
}

impl Ranking {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            threshold: f32::NEG_INFINITY,
            kept: Vec::new(),
        }
    }

    /// Whether something of this score is worth offering.
    pub fn admits(&self, score: f32) -> bool {
        score >= self.threshold && self.limit > 0
    }

    pub fn offer(&mut self, id: ConceptId, score: f32) {
        if !self.admits(score) {
            return;
        }
        self.kept.push((id, score));
        if self.kept.len() >= self.limit.saturating_mul(2).max(64) {
            self.prune();
        }
    }

    fn prune(&mut self) {
        if self.kept.len() > self.limit {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.limit - 1, order);
            self.threshold = last.1;
            self.kept.truncate(self.limit);
        }
    }

    pub fn into_sorted(mut self) -> Vec<(ConceptId, f32)> {
        self.kept.sort_unstable_by(order);
        self.kept.truncate(self.limit);
        self.kept
    }
}

fn order(left: &(ConceptId, f32), right: &(ConceptId, f32)) -> Ordering {
    right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
}
