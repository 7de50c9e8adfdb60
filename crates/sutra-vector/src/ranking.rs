//! The best of many: a bounded list by falling score, equal scores by rising id.

use std::cmp::Ordering;

use sutra_model::ConceptId;

/// A row and its score, estimated or exact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub score: f32,
    pub id: ConceptId,
    pub row: u64,
    /// Which part of those that are settled it stands in, and where; [`Place::NONE`] in any other.
    pub place: Place,
}

/// A place of a settled part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub part: u32,
    pub at: u32,
}

impl Place {
    /// That of a row which stands in no settled part.
    pub const NONE: Self = Self {
        part: u32::MAX,
        at: u32::MAX,
    };
}

/// Keeps the best `limit` of all that is offered, in O(1) amortised for each.
pub(crate) struct Ranking {
    limit: usize,
    /// Nothing below it can still be among the best; −∞ never is.
    threshold: f32,
    kept: Vec<Scored>,
}

impl Ranking {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            threshold: f32::MIN,
            kept: Vec::new(),
        }
    }

    /// Whether something of this score is worth offering.
    pub fn admits(&self, score: f32) -> bool {
        score >= self.threshold && self.limit > 0
    }

    /// How many it keeps.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether it has as many as it keeps.
    pub fn is_full(&self) -> bool {
        self.kept.len() >= self.limit
    }

    pub fn offer(&mut self, scored: Scored) {
        if !self.admits(scored.score) {
            return;
        }
        self.kept.push(scored);
        if self.kept.len() >= self.limit.saturating_mul(2).max(64) {
            self.prune();
        }
    }

    fn prune(&mut self) {
        if self.kept.len() > self.limit {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.limit - 1, order);
            self.threshold = last.score;
            self.kept.truncate(self.limit);
        }
    }

    /// The best by falling score.
    pub fn into_ranked(mut self) -> Vec<Scored> {
        self.kept.sort_unstable_by(order);
        self.kept.truncate(self.limit);
        self.kept
    }

    /// The best, in no order.
    pub fn into_unsorted(mut self) -> Vec<Scored> {
        self.prune();
        self.kept
    }

    /// The best, in their order.
    pub fn into_sorted(mut self) -> Vec<(ConceptId, f32)> {
        self.kept.sort_unstable_by(order);
        self.kept.truncate(self.limit);
        self.kept
            .into_iter()
            .map(|scored| (scored.id, scored.score))
            .collect()
    }
}

fn order(left: &Scored, right: &Scored) -> Ordering {
    right.score.total_cmp(&left.score).then(left.id.cmp(&right.id))
}
