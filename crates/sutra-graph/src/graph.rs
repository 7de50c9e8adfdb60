//! Immutable snapshots of all associations, kept up as transactions commit.
//!
//! A snapshot is a short list of segments, oldest first, each at least [`RATIO`] times the size of
//! the next (the logarithmic method of Bentley and Saxe, 1980; a log-structured merge tree in memory).
//! A new snapshot shares every segment that was not merged. Adding edges costs O(log n) each,
//! amortised; a reader looks into O(log n) segments.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{Association, AssociationKey, ConceptId, RelationId};

use crate::adjacency::{Adjacency, Direction, Edge};
use crate::best::{Best, Falling};
use crate::segment::{HalfEdge, RowKey, Segment};

/// How many times larger than the next a segment is, at the least.
const RATIO: usize = 4;

/// One immutable state of the graph. Cloning shares everything.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    segments: Arc<[Arc<Segment>]>,
    edge_count: usize,
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
        if changed.is_empty() {
            return self.clone();
        }
        let mut latest: FxHashMap<AssociationKey, &Association> = FxHashMap::default();
        latest.extend(changed.iter().map(|association| (association.key, association)));
        let marked: Vec<(Association, bool)> = latest
            .values()
            .map(|association| (**association, self.get(association.key).is_some()))
            .collect();
        let added = marked.iter().filter(|(_, replaces)| !replaces).count();

        let mut segments = self.segments.to_vec();
        let mut top = Segment::build(&marked);
        while segments
            .last()
            .is_some_and(|below| below.len() < RATIO * top.len())
        {
            if let Some(below) = segments.pop() {
                top = Segment::merge(&below, &top);
            }
        }
        segments.push(Arc::new(top));
        Self {
            segments: segments.into(),
            edge_count: self.edge_count + added,
        }
    }

    /// The snapshot without the associations of these keys. `self` stays as it is.
    #[must_use]
    pub fn without(&self, keys: &[AssociationKey]) -> Self {
        let here: FxHashSet<AssociationKey> = keys
            .iter()
            .copied()
            .filter(|key| self.get(*key).is_some())
            .collect();
        if here.is_empty() {
            return self.clone();
        }
        let mut gone: FxHashMap<ConceptId, FxHashSet<RowKey>> = FxHashMap::default();
        for key in &here {
            gone.entry(key.subject)
                .or_default()
                .insert((false, key.relation, key.object));
            gone.entry(key.object)
                .or_default()
                .insert((true, key.relation, key.subject));
        }
        let segments = self.segments.iter().map(|segment| match segment.has_any(&gone) {
            true => Arc::new(segment.without(&gone)),
            false => Arc::clone(segment),
        });
        Self {
            segments: segments.filter(|segment| segment.len() > 0).collect(),
            edge_count: self.edge_count - here.len(),
        }
    }

    /// How many associations the snapshot holds.
    pub fn edge_count(&self) -> usize {
        self.edge_count
    }

    /// The association of this key.
    pub fn get(&self, key: AssociationKey) -> Option<Association> {
        let sought: RowKey = (false, key.relation, key.object);
        self.segments.iter().rev().find_map(|segment| {
            let row = segment.row(key.subject);
            let position = row.binary_search_by_key(&sought, HalfEdge::key).ok()?;
            Some(row[position].edge(key.subject).association)
        })
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
            self.visit_edges(node, |edge| {
                if direction.holds(edge.inverse) {
                    visitor(edge);
                }
            });
            return;
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
        [false, true]
            .into_iter()
            .filter(|inverse| direction.holds(*inverse))
            .flat_map(|inverse| self.segments.iter().map(move |segment| (segment, inverse)))
            .map(|(segment, inverse)| segment.fresh_of(node, (inverse, relation)))
            .sum()
    }

    fn visit_relation(
        &self,
        node: ConceptId,
        inverse: bool,
        relation: RelationId,
        visitor: impl FnMut(Edge),
    ) {
        let rows = self
            .segments
            .iter()
            .map(|segment| segment.row_of(node, (inverse, relation)));
        visit_merged(node, rows, visitor);
    }
}

impl Adjacency for Graph {
    fn visit_edges(&self, node: ConceptId, visitor: impl FnMut(Edge)) {
        visit_merged(
            node,
            self.segments.iter().map(|segment| segment.row(node)),
            visitor,
        );
    }

    fn degree(&self, node: ConceptId) -> usize {
        self.segments.iter().map(|segment| segment.fresh(node)).sum()
    }
}

/// Visits rows of one node, given oldest first, as one row: in order, the newest of equal keys alone.
fn visit_merged<'a>(
    node: ConceptId,
    rows: impl Iterator<Item = &'a [HalfEdge]>,
    mut visitor: impl FnMut(Edge),
) {
    let mut rows = rows.filter(|row| !row.is_empty());
    let Some(first) = rows.next() else { return };
    let Some(second) = rows.next() else {
        first.iter().for_each(|half| visitor(half.edge(node)));
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
        visitor(half.edge(node));
        for head in &mut heads[..=newest] {
            if head[0].key() == half.key() {
                *head = &head[1..];
            }
        }
        heads.retain(|head| !head.is_empty());
    }
    heads
        .iter()
        .flat_map(|head| head.iter())
        .for_each(|half| visitor(half.edge(node)));
}
