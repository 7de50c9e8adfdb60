//! One immutable run of changes to edges, in compressed sparse rows.
//!
//! Every edge stands twice, in the row of its subject and in that of its object, so that one look-up
//! and one contiguous read give all edges of a node. A row is ordered by direction (out, in), relation,
//! other end. A segment never refers to another one: what it says of an edge is marked when it is written as new, as
//! in place of what older segments say, or as taken away, which keeps counts exact without looking at these again.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use sutra_model::{Association, AssociationKey, AssociationKind, ConceptId, RelationId};
use sutra_segment::{Bytes, Kept, Layout, Sections, Slice};

use crate::adjacency::{Direction, Edge};

/// What a segment says of an edge beside what older ones say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// There is one more.
    Added = 0,
    /// Another state of one that was there.
    Replaced = 1,
    /// It is there no more.
    Taken = 2,
}

impl Change {
    fn of(number: u8) -> Self {
        match number {
            1 => Self::Replaced,
            2 => Self::Taken,
            _ => Self::Added,
        }
    }

    /// How many edges more there are.
    fn more(self) -> i32 {
        match self {
            Self::Added => 1,
            Self::Replaced => 0,
            Self::Taken => -1,
        }
    }

    /// This change and then a newer one; `None` where nothing is left of both.
    fn then(self, newer: Self) -> Option<Self> {
        let is_there = newer != Self::Taken;
        match (self.more() + newer.more(), is_there) {
            (0, false) => None,
            (more, true) if more > 0 => Some(Self::Added),
            (_, true) => Some(Self::Replaced),
            (_, false) => Some(Self::Taken),
        }
    }
}

/// An edge without the node in whose row it stands.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct HalfEdge {
    other: u64,
    relation: u32,
    confidence: f32,
    evidence_count: u32,
    /// The number of its kind.
    kind: u8,
    inverse: u8,
    change: u8,
    zero: u8,
}

/// What orders the edges of a row.
pub(crate) type RowKey = (bool, RelationId, ConceptId);

impl HalfEdge {
    fn new(association: &Association, inverse: bool, change: Change) -> Self {
        let Association {
            key,
            kind,
            confidence,
            evidence_count,
        } = *association;
        let other = if inverse { key.subject } else { key.object };
        let kind = AssociationKind::ALL.iter().position(|each| *each == kind);
        Self {
            other: other.0,
            relation: key.relation.0,
            confidence,
            evidence_count,
            kind: kind.unwrap_or(0) as u8,
            inverse: u8::from(inverse),
            change: change as u8,
            zero: 0,
        }
    }

    pub(crate) fn key(&self) -> RowKey {
        (
            self.inverse != 0,
            RelationId(self.relation),
            ConceptId(self.other),
        )
    }

    fn change(&self) -> Change {
        Change::of(self.change)
    }

    /// Whether the edge is there, as far as its segment knows.
    pub(crate) fn is_there(&self) -> bool {
        self.change() != Change::Taken
    }

    pub(crate) fn edge(&self, node: ConceptId) -> Edge {
        let (inverse, relation, other) = self.key();
        let (subject, object) = if inverse { (other, node) } else { (node, other) };
        let kinds = AssociationKind::ALL;
        Edge {
            association: Association {
                key: AssociationKey {
                    subject,
                    relation,
                    object,
                },
                kind: kinds[usize::from(self.kind).min(kinds.len() - 1)],
                confidence: self.confidence,
                evidence_count: self.evidence_count,
            },
            inverse,
        }
    }
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Row {
    start: u64,
    /// How many edges more the node has by this row.
    more: i32,
    /// Whether all of it was added.
    all_added: u32,
}

/// Nodes by rising number, their rows, and the edges that these divide up.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    nodes: Slice<u64>,
    /// Where the nodes of each range of numbers begin: see [`ranges`].
    starts: Slice<u32>,
    rows: Slice<Row>,
    edges: Slice<HalfEdge>,
    /// How many edges more the graph has by it.
    more: i64,
}

/// A segment that is being written.
struct Writer {
    nodes: Vec<u64>,
    rows: Vec<Row>,
    edges: Vec<HalfEdge>,
}

impl Writer {
    fn with_room(rows: usize, edges: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(rows),
            rows: Vec::with_capacity(rows),
            edges: Vec::with_capacity(edges),
        }
    }

    /// Ends the row of a node, which begins at a place.
    fn row(&mut self, node: u64, start: usize) {
        if self.edges.len() == start {
            return;
        }
        let row = &self.edges[start..];
        self.nodes.push(node);
        self.rows.push(Row {
            start: start as u64,
            more: row.iter().map(|half| half.change().more()).sum(),
            all_added: u32::from(row.iter().all(|half| half.change() == Change::Added)),
        });
    }

    fn copy(&mut self, from: &Segment, index: usize) {
        self.nodes.push(from.nodes[index]);
        self.rows.push(Row {
            start: self.edges.len() as u64,
            ..from.rows[index]
        });
        self.edges.extend_from_slice(from.row_edges(index));
    }

    fn finish(mut self) -> Segment {
        self.nodes.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.edges.shrink_to_fit();
        let halves: i64 = self.rows.iter().map(|row| i64::from(row.more)).sum();
        Segment {
            starts: ranges(&self.nodes).into(),
            nodes: self.nodes.into(),
            rows: self.rows.into(),
            edges: self.edges.into(),
            more: halves / 2,
        }
    }
}

impl Segment {
    /// Builds a segment from associations with distinct keys, each with what is said of it.
    pub(crate) fn build(associations: &[(Association, Change)]) -> Self {
        let mut halves: Vec<(u64, HalfEdge)> = Vec::with_capacity(2 * associations.len());
        for (association, change) in associations {
            let key = association.key;
            halves.push((key.subject.0, HalfEdge::new(association, false, *change)));
            halves.push((key.object.0, HalfEdge::new(association, true, *change)));
        }
        halves.sort_unstable_by_key(|(node, half)| (*node, half.key()));
        let mut segment = Writer::with_room(0, halves.len());
        for row in halves.chunk_by(|left, right| left.0 == right.0) {
            let start = segment.edges.len();
            segment.edges.extend(row.iter().map(|(_, half)| *half));
            segment.row(row[0].0, start);
        }
        segment.finish()
    }

    /// Joins two segments; where both say something of an edge, what `newer` says stays.
    pub(crate) fn merge(older: &Self, newer: &Self) -> Self {
        let rows = older.rows.len() + newer.rows.len();
        let mut merged = Writer::with_room(rows, older.edges.len() + newer.edges.len());
        let (mut left, mut right) = (0, 0);
        while left < older.rows.len() || right < newer.rows.len() {
            let left_node = older.nodes.get(left).copied();
            let right_node = newer.nodes.get(right).copied();
            match (left_node, right_node) {
                (Some(node), Some(other)) if node == other => {
                    let start = merged.edges.len();
                    merge_rows(older.row_edges(left), newer.row_edges(right), &mut merged.edges);
                    merged.row(node, start);
                    (left, right) = (left + 1, right + 1);
                }
                (Some(node), other) if other.is_none_or(|other| node < other) => {
                    merged.copy(older, left);
                    left += 1;
                }
                _ => {
                    merged.copy(newer, right);
                    right += 1;
                }
            }
        }
        merged.finish()
    }

    /// Half-edges held; the measure by which segments are merged.
    pub(crate) fn len(&self) -> usize {
        self.edges.len()
    }

    /// How many edges more the graph has by it.
    pub(crate) fn more(&self) -> i64 {
        self.more
    }

    /// The row of a node; empty if it has none here.
    pub(crate) fn row(&self, node: ConceptId) -> &[HalfEdge] {
        self.find(node).map_or(&[], |index| self.row_edges(index))
    }

    /// How many edges more a node has by it.
    pub(crate) fn more_of(&self, node: ConceptId) -> i64 {
        self.find(node)
            .map_or(0, |index| i64::from(self.rows[index].more))
    }

    /// The edges of a node's row that go one way over one relation.
    pub(crate) fn row_over(&self, node: ConceptId, sought: (bool, RelationId)) -> &[HalfEdge] {
        part_over(self.row(node), sought)
    }

    /// The edges of a node's row in a direction.
    pub(crate) fn row_in(&self, node: ConceptId, direction: Direction) -> &[HalfEdge] {
        part_in(self.row(node), direction)
    }

    /// How many edges more that go one way over one relation a node has by it. They are looked at one by one only where
    /// something of the row is not new.
    pub(crate) fn more_over(&self, node: ConceptId, sought: (bool, RelationId)) -> i64 {
        self.more_of_part(node, |row| part_over(row, sought))
    }

    /// How many edges more in a direction a node has by it.
    pub(crate) fn more_in(&self, node: ConceptId, direction: Direction) -> i64 {
        self.more_of_part(node, |row| part_in(row, direction))
    }

    fn more_of_part(&self, node: ConceptId, part: impl Fn(&[HalfEdge]) -> &[HalfEdge]) -> i64 {
        let Some(index) = self.find(node) else {
            return 0;
        };
        let edges = part(self.row_edges(index));
        match self.rows[index].all_added {
            0 => edges.iter().map(|half| i64::from(half.change().more())).sum(),
            _ => edges.len() as i64,
        }
    }

    /// Position of a node's row: bisected among those of its range.
    fn find(&self, node: ConceptId) -> Option<usize> {
        let range = range_of(&self.nodes, node.0)?;
        let start = *self.starts.get(range)? as usize;
        let end = self
            .starts
            .get(range + 1)
            .map_or(self.nodes.len(), |start| *start as usize);
        let offset = self.nodes.get(start..end)?.binary_search(&node.0).ok()?;
        Some(start + offset)
    }

    fn row_edges(&self, index: usize) -> &[HalfEdge] {
        let next = self.rows.get(index + 1);
        let end = next.map_or(self.edges.len(), |row| row.start as usize);
        self.edges.part(self.rows[index].start as usize..end)
    }
}

/// A part of a graph that was set apart or settled. Cloning it copies a pointer.
#[derive(Clone, Debug)]
pub struct Part(pub(crate) Arc<Segment>);

impl Kept for Part {
    const KIND: u32 = u32::from_le_bytes(*b"edge");

    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R {
        let segment = &*self.0;
        let head = [segment.more];
        let layout = Layout::new(Self::KIND)
            .with(&head)
            .with(&segment.nodes)
            .with(&segment.rows)
            .with(&segment.edges)
            .with(&segment.starts);
        give(&layout)
    }

    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String> {
        let read = || {
            let head: Slice<i64> = sections.array(0)?;
            Some(Segment {
                nodes: sections.array(1)?,
                rows: sections.array(2)?,
                edges: sections.array(3)?,
                starts: sections.array(4)?,
                more: *head.first()?,
            })
        };
        let fits =
            |segment: &Segment| sections.kind() == Self::KIND && segment.nodes.len() == segment.rows.len();
        let segment = read().filter(fits);
        segment
            .map(|segment| Self(Arc::new(segment)))
            .ok_or_else(|| "its arrays are not those of a graph".to_owned())
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// In which range of numbers a node is: ranges are of one power of two, so large that there are about as many of them as
/// nodes, at the most, and begin with the number of the first node.
fn range_of(nodes: &[u64], node: u64) -> Option<usize> {
    let (first, last) = (*nodes.first()?, *nodes.last()?);
    if node < first || node > last {
        return None;
    }
    let width = (last - first) / nodes.len() as u64;
    let bits = u64::BITS - width.leading_zeros();
    usize::try_from((node - first).checked_shr(bits).unwrap_or(0)).ok()
}

/// The position of the first node of each range, or of a later one where it has none. Of what came from a damaged file
/// nodes need not rise: some are not found then.
fn ranges(nodes: &[u64]) -> Vec<u32> {
    let mut starts = Vec::new();
    for (position, node) in nodes.iter().enumerate() {
        let range = range_of(nodes, *node).unwrap_or_default();
        let position = u32::try_from(position).expect("a segment has under 2^32 nodes");
        starts.resize(starts.len().max(range + 1), position);
    }
    starts
}

fn part_in(row: &[HalfEdge], direction: Direction) -> &[HalfEdge] {
    let outgoing = || row.partition_point(|half| half.inverse == 0);
    match direction {
        Direction::Out => &row[..outgoing()],
        Direction::In => &row[outgoing()..],
        Direction::Both => row,
    }
}

fn part_over(row: &[HalfEdge], sought: (bool, RelationId)) -> &[HalfEdge] {
    let place = |half: &HalfEdge| (half.inverse != 0, RelationId(half.relation));
    let row = &row[row.partition_point(|half| place(half) < sought)..];
    &row[..row.partition_point(|half| place(half) == sought)]
}

/// Merges two rows of one node. Of an edge that stands in both, what the newer says stays, marked as what both together
/// say beside still older ones.
fn merge_rows(older: &[HalfEdge], newer: &[HalfEdge], merged: &mut Vec<HalfEdge>) {
    let mut remaining = older;
    for half in newer {
        let before = remaining.partition_point(|other| other.key() < half.key());
        merged.extend_from_slice(&remaining[..before]);
        remaining = &remaining[before..];
        match remaining.split_first() {
            Some((same, rest)) if same.key() == half.key() => {
                if let Some(change) = same.change().then(half.change()) {
                    merged.push(HalfEdge {
                        change: change as u8,
                        ..*half
                    });
                }
                remaining = rest;
            }
            _ => merged.push(*half),
        }
    }
    merged.extend_from_slice(remaining);
}
