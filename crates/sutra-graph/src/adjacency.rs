//! The read trait that the algorithms run on.

use sutra_model::{Association, ConceptId};

/// Which of a node's edges are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Those of which it is the subject.
    Out,
    /// Those of which it is the object.
    In,
    /// All.
    Both,
}

impl Direction {
    /// Whether edges walked this way round belong to the direction.
    pub const fn holds(self, inverse: bool) -> bool {
        match self {
            Self::Out => !inverse,
            Self::In => inverse,
            Self::Both => true,
        }
    }
}

/// An association as seen from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The association.
    pub association: Association,
    /// Set when it is seen from its object.
    pub inverse: bool,
}

impl Edge {
    /// The concept at the far end.
    pub const fn other_end(&self) -> ConceptId {
        if self.inverse {
            self.association.key.subject
        } else {
            self.association.key.object
        }
    }
}

/// A graph that can be walked.
///
/// The order of edges is part of the contract: outgoing before incoming, then by relation, then by
/// the other end. Sums of floating-point numbers, and so the results, then depend on the content of
/// a graph alone, not on how it is held.
pub trait Adjacency {
    /// Calls `visitor` with every edge of a node, in both directions; with none for an unknown node.
    fn visit_edges(&self, node: ConceptId, visitor: impl FnMut(Edge));

    /// How many edges [`visit_edges`](Self::visit_edges) would visit.
    fn degree(&self, node: ConceptId) -> usize;
}
