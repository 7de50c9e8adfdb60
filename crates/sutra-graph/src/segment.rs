//! One immutable run of edges in compressed sparse rows.
//!
//! Every edge stands twice, in the row of its subject and in that of its object, so that one look-up
//! and one contiguous read give all edges of a node. A row is ordered by direction (out, in), relation,
//! other end. A segment never refers to another one; an edge that an older segment also holds is marked
//! when it is written (`replaces`), which keeps counts exact without looking at the older one again.

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{Association, AssociationKey, AssociationKind, ConceptId, RelationId};

use crate::adjacency::Edge;

/// An edge without the node in whose row it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HalfEdge {
    other: ConceptId,
    relation: RelationId,
    confidence: f32,
    evidence_count: u32,
    kind: AssociationKind,
    inverse: bool,
    /// Whether an older segment of the same snapshot holds this edge too.
    replaces: bool,
}

/// What orders the edges of a row.
pub(crate) type RowKey = (bool, RelationId, ConceptId);

impl HalfEdge {
    fn new(association: &Association, inverse: bool, replaces: bool) -> Self {
        let Association {
            key,
            kind,
            confidence,
            evidence_count,
        } = *association;
        let other = if inverse { key.subject } else { key.object };
        Self {
            other,
            relation: key.relation,
            confidence,
            evidence_count,
            kind,
            inverse,
            replaces,
        }
    }

    pub(crate) fn key(&self) -> RowKey {
        (self.inverse, self.relation, self.other)
    }

    pub(crate) fn edge(&self, node: ConceptId) -> Edge {
        let (subject, object) = if self.inverse {
            (self.other, node)
        } else {
            (node, self.other)
        };
        Edge {
            association: Association {
                key: AssociationKey {
                    subject,
                    relation: self.relation,
                    object,
                },
                kind: self.kind,
                confidence: self.confidence,
                evidence_count: self.evidence_count,
            },
            inverse: self.inverse,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: usize,
    /// Edges of the row that no older segment holds.
    fresh: u32,
}

/// Nodes by rising number, their rows, and the edges that these divide up.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    nodes: Vec<ConceptId>,
    rows: Vec<Row>,
    edges: Vec<HalfEdge>,
}

impl Segment {
    /// Builds a segment from associations with distinct keys, each with its `replaces` mark.
    pub(crate) fn build(associations: &[(Association, bool)]) -> Self {
        let mut halves: Vec<(ConceptId, HalfEdge)> = Vec::with_capacity(2 * associations.len());
        for (association, replaces) in associations {
            halves.push((
                association.key.subject,
                HalfEdge::new(association, false, *replaces),
            ));
            halves.push((
                association.key.object,
                HalfEdge::new(association, true, *replaces),
            ));
        }
        halves.sort_unstable_by_key(|(node, half)| (*node, half.key()));
        let mut segment = Self {
            nodes: Vec::new(),
            rows: Vec::new(),
            edges: Vec::with_capacity(halves.len()),
        };
        for row in halves.chunk_by(|left, right| left.0 == right.0) {
            segment.begin_row(row[0].0);
            row.iter().for_each(|(_, half)| segment.edges.push(*half));
            segment.end_row();
        }
        segment
    }

    /// Joins two segments; where both hold an edge, that of `newer` stays.
    pub(crate) fn merge(older: &Self, newer: &Self) -> Self {
        let edges = Vec::with_capacity(older.edges.len() + newer.edges.len());
        let mut merged = Self {
            nodes: Vec::with_capacity(older.nodes.len() + newer.nodes.len()),
            rows: Vec::with_capacity(older.rows.len() + newer.rows.len()),
            edges,
        };
        let (mut left, mut right) = (0, 0);
        while left < older.rows.len() || right < newer.rows.len() {
            let left_node = older.nodes.get(left).copied();
            let right_node = newer.nodes.get(right).copied();
            match (left_node, right_node) {
                (Some(node), Some(other)) if node == other => {
                    merged.begin_row(node);
                    merge_rows(older.row_edges(left), newer.row_edges(right), &mut merged.edges);
                    merged.end_row();
                    (left, right) = (left + 1, right + 1);
                }
                (Some(node), other) if other.is_none_or(|other| node < other) => {
                    merged.copy_row(older, left);
                    left += 1;
                }
                _ => {
                    merged.copy_row(newer, right);
                    right += 1;
                }
            }
        }
        merged.nodes.shrink_to_fit();
        merged.rows.shrink_to_fit();
        merged.edges.shrink_to_fit();
        merged
    }

    /// Whether it holds an edge of these nodes.
    pub(crate) fn has_any(&self, gone: &FxHashMap<ConceptId, FxHashSet<RowKey>>) -> bool {
        gone.iter()
            .any(|(node, keys)| self.row(*node).iter().any(|half| keys.contains(&half.key())))
    }

    /// The segment without these edges of these nodes.
    pub(crate) fn without(&self, gone: &FxHashMap<ConceptId, FxHashSet<RowKey>>) -> Self {
        let mut left = Self {
            nodes: Vec::with_capacity(self.nodes.len()),
            rows: Vec::with_capacity(self.rows.len()),
            edges: Vec::with_capacity(self.edges.len()),
        };
        for (index, node) in self.nodes.iter().enumerate() {
            let Some(keys) = gone.get(node) else {
                left.copy_row(self, index);
                continue;
            };
            let start = left.edges.len();
            let stay = self
                .row_edges(index)
                .iter()
                .filter(|half| !keys.contains(&half.key()));
            left.edges.extend(stay);
            if left.edges.len() > start {
                left.begin_row_at(*node, start);
                left.end_row();
            }
        }
        left
    }

    /// Half-edges held; the measure by which segments are merged.
    pub(crate) fn len(&self) -> usize {
        self.edges.len()
    }

    /// The row of a node; empty if it has none here.
    pub(crate) fn row(&self, node: ConceptId) -> &[HalfEdge] {
        self.find(node).map_or(&[], |index| self.row_edges(index))
    }

    /// Edges of a node that no older segment holds.
    pub(crate) fn fresh(&self, node: ConceptId) -> usize {
        self.find(node).map_or(0, |index| self.rows[index].fresh as usize)
    }

    /// The edges of a node's row that go one way over one relation.
    pub(crate) fn row_of(&self, node: ConceptId, sought: (bool, RelationId)) -> &[HalfEdge] {
        let row = self.row(node);
        let place = |half: &HalfEdge| (half.inverse, half.relation);
        let row = &row[row.partition_point(|half| place(half) < sought)..];
        &row[..row.partition_point(|half| place(half) == sought)]
    }

    /// How many of these no older segment holds. They are looked at one by one only where the row has others.
    pub(crate) fn fresh_of(&self, node: ConceptId, sought: (bool, RelationId)) -> usize {
        let edges = self.row_of(node, sought);
        if self.fresh(node) == self.row(node).len() {
            return edges.len();
        }
        edges.iter().filter(|half| !half.replaces).count()
    }

    /// Position of a node's row: at most `node - first` places from the start and at most `last - node` places
    /// from the end. Numbers are nearly dense in large segments, so these bounds lie close together there, and
    /// at the same place where there is no gap at all; between them, bisection.
    fn find(&self, node: ConceptId) -> Option<usize> {
        let (first, last) = (*self.nodes.first()?, *self.nodes.last()?);
        if node < first || node > last {
            return None;
        }
        let from_start = usize::try_from(node.0 - first.0).unwrap_or(usize::MAX);
        let from_end = usize::try_from(last.0 - node.0).unwrap_or(usize::MAX);
        let high = from_start.min(self.nodes.len() - 1);
        let low = (self.nodes.len() - 1).saturating_sub(from_end);
        let offset = self.nodes[low..=high].binary_search(&node).ok()?;
        Some(low + offset)
    }

    fn row_edges(&self, index: usize) -> &[HalfEdge] {
        let end = self.rows.get(index + 1).map_or(self.edges.len(), |row| row.start);
        &self.edges[self.rows[index].start..end]
    }

    fn begin_row(&mut self, node: ConceptId) {
        self.begin_row_at(node, self.edges.len());
    }

    fn begin_row_at(&mut self, node: ConceptId, start: usize) {
        self.nodes.push(node);
        self.rows.push(Row { start, fresh: 0 });
    }

    fn end_row(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.fresh = self.edges[row.start..]
                .iter()
                .filter(|half| !half.replaces)
                .count() as u32;
        }
    }

    fn copy_row(&mut self, from: &Self, index: usize) {
        self.nodes.push(from.nodes[index]);
        self.rows.push(Row {
            start: self.edges.len(),
            ..from.rows[index]
        });
        self.edges.extend_from_slice(from.row_edges(index));
    }
}

/// Merges two rows of one node. An edge that stands in both keeps the older one's mark: whether
/// something older still holds it was settled when that one was written.
fn merge_rows(older: &[HalfEdge], newer: &[HalfEdge], merged: &mut Vec<HalfEdge>) {
    let mut remaining = older;
    for half in newer {
        let before = remaining.partition_point(|other| other.key() < half.key());
        merged.extend_from_slice(&remaining[..before]);
        remaining = &remaining[before..];
        match remaining.split_first() {
            Some((same, rest)) if same.key() == half.key() => {
                merged.push(HalfEdge {
                    replaces: same.replaces,
                    ..*half
                });
                remaining = rest;
            }
            _ => merged.push(*half),
        }
    }
    merged.extend_from_slice(remaining);
}
