//! Immutable snapshots of all associations, kept up as transactions commit.
//!
//! A snapshot is a list of segments, oldest first, of which each says what changed since those before it (the
//! logarithmic method of J. Bentley and J. Saxe, 1980; a log-structured merge tree). Those of the last commits are merged
//! by commits, so that each is at least [`RATIO`] times the size of the next, up to a size; those that were set apart are
//! merged while the graph goes on: see [`settle`](Graph::settle). A new snapshot shares every segment that was not
//! merged. A reader looks into O(log n) segments.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{Association, AssociationKey, ConceptId, RelationId};

use crate::adjacency::{Adjacency, Direction, Edge};
use crate::best::{Best, Falling};
use crate::segment::{Change, HalfEdge, RowKey, Segment};

/// How many times larger than the next a segment is, at the least.
pub(crate) const RATIO: usize = 4;
/// Half-edges with which a segment is no longer merged by a commit.
const FRESH_MAX: usize = 1 << 17;

/// One immutable state of the graph. Cloning shares everything.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// What was settled, or is about to be, oldest first: no commit merges it.
    pub(crate) parts: Arc<[Arc<Segment>]>,
    /// What came since.
    pub(crate) fresh: Arc<[Arc<Segment>]>,
}

impl Graph {
    /// The graph without edges.
    pub fn new() -> Self {
        Self::default()
    }

    /// The snapshot in which `changed` holds too. An association replaces the one of the same key;
    /// of two with the same key the later one counts. `self` stays as it is.
    #[must_use]
    pub fn with(&self, changed: &[Association]) -> Self {
        let mut latest: FxHashMap<AssociationKey, &Association> = FxHashMap::default();
        latest.extend(changed.iter().map(|association| (association.key, association)));
        let marked: Vec<(Association, Change)> = latest
            .values()
            .map(|association| match self.get(association.key) {
                Some(_) => (**association, Change::Replaced),
                None => (**association, Change::Added),
            })
            .collect();
        self.changed(&marked)
    }

    /// The snapshot without the associations of these keys. `self` stays as it is.
    #[must_use]
    pub fn without(&self, keys: &[AssociationKey]) -> Self {
        let distinct: FxHashSet<AssociationKey> = keys.iter().copied().collect();
        let here = distinct.into_iter().filter_map(|key| self.get(key));
        let taken: Vec<(Association, Change)> = here.map(|known| (known, Change::Taken)).collect();
        self.changed(&taken)
    }

    fn changed(&self, changes: &[(Association, Change)]) -> Self {
        if changes.is_empty() {
            return self.clone();
        }
        let mut fresh = self.fresh.to_vec();
        let mut top = Segment::build(changes);
        while let Some(below) = fresh.last()
            && below.len() < RATIO * top.len()
            && below.len() < FRESH_MAX
        {
            top = Segment::merge(below, &top);
            fresh.pop();
        }
        if top.len() > 0 {
            fresh.push(Arc::new(top));
        }
        Self {
            parts: Arc::clone(&self.parts),
            fresh: fresh.into(),
        }
    }

    /// All segments, oldest first.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = &Arc<Segment>> {
        self.parts.iter().chain(self.fresh.iter())
    }

    /// How many associations the snapshot holds.
    pub fn edge_count(&self) -> usize {
        let more: i64 = self.segments().map(|segment| segment.more()).sum();
        usize::try_from(more).unwrap_or(0)
    }

    /// The association of this key.
    pub fn get(&self, key: AssociationKey) -> Option<Association> {
        let sought: RowKey = (false, key.relation, key.object);
        let newest = self.segments().rev().find_map(|segment| {
            let row = segment.row(key.subject);
            let position = row.binary_search_by_key(&sought, HalfEdge::key).ok()?;
            Some(&row[position])
        });
        let there = newest.filter(|half| half.is_there());
        there.map(|half| half.edge(key.subject).association)
    }

    /// Visits the edges of a node in one direction or both, of some relations or (`None`) of all, in the order
    /// of [`Adjacency`]. An edge from a node to itself is visited once for each direction asked for.
    pub fn visit(
        &self,
        node: ConceptId,
        direction: Direction,
        relations: Option<&[RelationId]>,
        mut visitor: impl FnMut(Edge),
    ) {
        let Some(relations) = relations else {
            let rows = self.segments().map(|segment| segment.row_in(node, direction));
            return visit_merged(node, rows, visitor);
        };
        let mut relations = relations.to_vec();
        relations.sort_unstable();
        relations.dedup();
        for inverse in [false, true] {
            for relation in relations.iter().filter(|_| direction.holds(inverse)) {
                self.visit_relation(node, inverse, *relation, &mut visitor);
            }
        }
    }

    /// The edges that [`visit`](Self::visit) visits.
    pub fn neighbours(
        &self,
        node: ConceptId,
        direction: Direction,
        relations: Option<&[RelationId]>,
    ) -> Vec<Edge> {
        let mut found = Vec::new();
        self.visit(node, direction, relations, |edge| found.push(edge));
        found
    }

    /// The concepts at the other end of a node's edges of one relation, by rising number, each once. Of more than
    /// `limit` those of the surest edges, of equally sure ones those of lowest number. Keeps no more than these,
    /// for each direction, at any time.
    pub fn expand(
        &self,
        node: ConceptId,
        relation: RelationId,
        direction: Direction,
        limit: usize,
    ) -> Vec<ConceptId> {
        let mut found = Vec::new();
        for inverse in [false, true] {
            if direction.holds(inverse) {
                let mut best = Best::new(limit);
                self.visit_relation(node, inverse, relation, |edge| {
                    let rank = (Falling(edge.association.confidence), edge.other_end());
                    best.offer(rank, rank);
                });
                found.extend(best.into_sorted());
            }
        }
        // Whoever is among the best of both directions is among the best of the one in which it is surer.
        found.sort_unstable();
        let mut seen = FxHashSet::default();
        let distinct = found.into_iter().map(|(_, id)| id).filter(|id| seen.insert(*id));
        let mut ids: Vec<ConceptId> = distinct.take(limit).collect();
        ids.sort_unstable();
        ids
    }

    /// How many edges of one relation a node has; in both directions, the sum of the two.
    pub fn degree_of(&self, node: ConceptId, relation: RelationId, direction: Direction) -> usize {
        let more: i64 = [false, true]
            .into_iter()
            .filter(|inverse| direction.holds(*inverse))
            .flat_map(|inverse| self.segments().map(move |segment| (segment, inverse)))
            .map(|(segment, inverse)| segment.more_over(node, (inverse, relation)))
            .sum();
        usize::try_from(more).unwrap_or(0)
    }

    /// How many edges a node has in a direction.
    pub(crate) fn degree_in(&self, node: ConceptId, direction: Direction) -> usize {
        let more: i64 = self
            .segments()
            .map(|segment| segment.more_in(node, direction))
            .sum();
        usize::try_from(more).unwrap_or(0)
    }

    fn visit_relation(
        &self,
        node: ConceptId,
        inverse: bool,
        relation: RelationId,
        visitor: impl FnMut(Edge),
    ) {
        let rows = self
            .segments()
            .map(|segment| segment.row_over(node, (inverse, relation)));
        visit_merged(node, rows, visitor);
    }
}

impl Adjacency for Graph {
    fn visit_edges(&self, node: ConceptId, visitor: impl FnMut(Edge)) {
        visit_merged(node, self.segments().map(|segment| segment.row(node)), visitor);
    }

    fn degree(&self, node: ConceptId) -> usize {
        let more: i64 = self.segments().map(|segment| segment.more_of(node)).sum();
        usize::try_from(more).unwrap_or(0)
    }
}

/// Visits rows of one node, given oldest first, as one row: in order, the newest of equal keys alone, and none that it
/// takes away.
fn visit_merged<'a>(
    node: ConceptId,
    rows: impl Iterator<Item = &'a [HalfEdge]>,
    mut visitor: impl FnMut(Edge),
) {
    let mut visit = |half: &HalfEdge| {
        if half.is_there() {
            visitor(half.edge(node));
        }
    };
    let mut rows = rows.filter(|row| !row.is_empty());
    let Some(first) = rows.next() else { return };
    let Some(second) = rows.next() else {
        first.iter().for_each(visit);
        return;
    };
    let mut heads: Vec<&[HalfEdge]> = [first, second].into_iter().chain(rows).collect();
    while heads.len() > 1 {
        let mut newest = 0;
        for index in 1..heads.len() {
            if heads[index][0].key() <= heads[newest][0].key() {
                newest = index;
            }
        }
        let half = heads[newest][0];
        visit(&half);
        for head in &mut heads[..=newest] {
            if head[0].key() == half.key() {
                *head = &head[1..];
            }
        }
        heads.retain(|head| !head.is_empty());
    }
    heads.iter().flat_map(|head| head.iter()).for_each(visit);
}
