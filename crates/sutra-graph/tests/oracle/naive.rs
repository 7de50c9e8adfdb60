//! A graph kept in one ordered map, and graphs to try.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sutra_graph::{Adjacency, Edge};
use sutra_model::{Association, AssociationKey, AssociationKind, ConceptId, RelationId};

#[derive(Clone, Debug, Default)]
pub struct Naive(pub BTreeMap<AssociationKey, Association>);

impl Naive {
    pub fn new(associations: &[Association]) -> Self {
        Self(
            associations
                .iter()
                .map(|association| (association.key, *association))
                .collect(),
        )
    }

    pub fn edges(&self, node: ConceptId) -> Vec<Edge> {
        let seen = |inverse| {
            self.0
                .values()
                .map(move |association| Edge {
                    association: *association,
                    inverse,
                })
                .filter(move |edge| {
                    let AssociationKey { subject, object, .. } = edge.association.key;
                    node == if inverse { object } else { subject }
                })
        };
        let mut edges: Vec<Edge> = seen(false).chain(seen(true)).collect();
        edges.sort_by_key(|edge| (edge.inverse, edge.association.key.relation, edge.other_end()));
        edges
    }
}

impl Adjacency for Naive {
    fn visit_edges(&self, node: ConceptId, visitor: impl FnMut(Edge)) {
        self.edges(node).into_iter().for_each(visitor);
    }

    fn degree(&self, node: ConceptId) -> usize {
        self.edges(node).len()
    }
}

pub fn association(subject: u64, relation: u32, object: u64, confidence: f32) -> Association {
    Association {
        key: AssociationKey {
            subject: ConceptId(subject),
            relation: RelationId(relation),
            object: ConceptId(object),
        },
        kind: AssociationKind::ALL[relation as usize % AssociationKind::ALL.len()],
        confidence,
        evidence_count: 1,
    }
}

/// Up to `count` associations among few concepts, so that parallel and opposite ones are common, with
/// confidences from a short list, so that equal scores are common too.
pub fn associations(nodes: u64, count: usize) -> impl Strategy<Value = Vec<Association>> {
    let confidence = prop::sample::select(vec![0.3, 0.6, 0.9, 0.99_f32]);
    let one = (1..=nodes, 0..3_u32, 1..=nodes, confidence).prop_filter_map(
        "a concept is not tied to itself",
        |(subject, relation, object, confidence)| {
            (subject != object).then(|| association(subject, relation, object, confidence))
        },
    );
    prop::collection::vec(one, 0..=count)
}
