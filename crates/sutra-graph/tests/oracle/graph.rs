//! Snapshots against an ordered map, under random sequences of changes.

use std::collections::BTreeSet;

use crate::naive::{Naive, association};
use proptest::prelude::*;
use sutra_graph::{Adjacency, Direction, Edge, Graph, Part, TOGETHER};
use sutra_model::{Association, ConceptId, RelationId};
use sutra_segment::{Kept, Sections};

const NODES: [u64; 9] = [1, 2, 3, 4, 7, 8, 20, 21, u64::MAX];
const RELATIONS: u32 = 4;

fn change() -> impl Strategy<Value = Association> {
    let node = || prop::sample::select(NODES.to_vec());
    (node(), 0..RELATIONS, node(), 0.01_f32..0.99).prop_map(|(subject, relation, object, confidence)| {
        association(subject, relation, object, confidence)
    })
}

fn visited(graph: &impl Adjacency, node: ConceptId) -> Vec<Edge> {
    let mut edges = Vec::new();
    graph.visit_edges(node, |edge| edges.push(edge));
    edges
}

fn check(graph: &Graph, naive: &Naive) -> Result<(), TestCaseError> {
    prop_assert_eq!(graph.edge_count(), naive.0.len());
    for node in NODES.into_iter().chain([0, 5, 100]).map(ConceptId) {
        let edges = naive.edges(node);
        prop_assert_eq!(graph.degree(node), edges.len());
        prop_assert_eq!(&visited(graph, node), &edges);
        for direction in [Direction::Out, Direction::In, Direction::Both] {
            let held: Vec<Edge> = edges
                .iter()
                .copied()
                .filter(|edge| direction.holds(edge.inverse))
                .collect();
            prop_assert_eq!(&graph.neighbours(node, direction, None), &held);
            for relations in [
                vec![],
                vec![RelationId(2)],
                vec![RelationId(3), RelationId(0), RelationId(3)],
            ] {
                let filtered: Vec<Edge> = held
                    .iter()
                    .copied()
                    .filter(|edge| relations.contains(&edge.association.key.relation))
                    .collect();
                prop_assert_eq!(graph.neighbours(node, direction, Some(&relations)), filtered);
            }
            for relation in (0..=RELATIONS).map(RelationId) {
                let held = held
                    .iter()
                    .filter(|edge| edge.association.key.relation == relation);
                let held: Vec<&Edge> = held.collect();
                prop_assert_eq!(graph.degree_of(node, relation, direction), held.len());
                for limit in [0, 1, 3, usize::MAX] {
                    let expected = surest(&held, limit);
                    prop_assert_eq!(graph.expand(node, relation, direction, limit), expected);
                }
            }
        }
    }
    for key in naive.0.keys() {
        prop_assert_eq!(graph.get(*key), naive.0.get(key).copied());
    }
    prop_assert_eq!(graph.get(association(9, 0, 1, 0.5).key), None);
    Ok(())
}

/// The graph of the files of another.
fn in_files(graph: &Graph) -> Graph {
    let parts = graph.parts();
    let read = parts.iter().map(|part| {
        let file = part.laid_out(|layout| layout.to_bytes());
        let sections = Sections::open(file).unwrap();
        sections.check().unwrap();
        Part::open(&sections).unwrap()
    });
    Graph::of_parts(read.collect())
}

/// The other ends of the surest edges, by sorting all of them.
fn surest(edges: &[&Edge], limit: usize) -> Vec<ConceptId> {
    let mut edges = edges.to_vec();
    edges.sort_by(|a, b| {
        let (sure, surer) = (a.association.confidence, b.association.confidence);
        surer.total_cmp(&sure).then(a.other_end().cmp(&b.other_end()))
    });
    let mut seen = BTreeSet::new();
    for edge in edges {
        if seen.len() < limit {
            seen.insert(edge.other_end());
        }
    }
    Vec::from_iter(seen)
}

proptest! {
    /// Every snapshot ever taken is checked after the last change, so a change that reached back into
    /// one of them would show.
    #[test]
    fn every_snapshot_holds_what_was_learned_until_then_and_not_forgotten(
        steps in prop::collection::vec((prop::collection::vec(change(), 0..20), 0_usize..12, 0_u8..6), 1..12)
    ) {
        let mut settling = None;
        let mut snapshots = vec![(Graph::new(), Naive::default())];
        for (batch, forgotten, settle) in &steps {
            let (graph, naive) = &snapshots[snapshots.len() - 1];
            let (mut graph, mut naive) = (graph.clone(), naive.clone());
            match settle {
                0 => {
                    // What was made of an older state takes its place in this one.
                    graph = settling.take().map_or(graph.clone(), |made| graph.with_settled(&made));
                    graph = graph.apart();
                    let together = if forgotten % 2 == 0 { 0 } else { TOGETHER };
                    settling = graph.settle(together);
                    if together > 0 {
                        let settled = settling.as_ref().map_or(graph.clone(), |made| graph.with_settled(made));
                        prop_assert!(settled.parts().len() <= 1);
                        prop_assert_eq!(settled.unsettled(), 0);
                    }
                }
                1 => graph = settling.take().map_or(graph.clone(), |made| graph.with_settled(&made)),
                2 => {
                    settling = None;
                    graph = in_files(&graph.apart());
                }
                _ => {}
            }
            snapshots.push((graph.clone(), naive.clone()));
            // Some that are there, and the first of the batch, which may not be.
            let mut keys: Vec<_> = naive.0.keys().step_by(2).take(*forgotten).copied().collect();
            keys.extend(batch.iter().take(usize::from(*forgotten > 0)).map(|association| association.key));
            keys.iter().for_each(|key| { naive.0.remove(key); });
            let left = graph.without(&keys);
            snapshots.push((left.clone(), naive.clone()));
            naive.0.extend(batch.iter().map(|association| (association.key, *association)));
            snapshots.push((left.with(batch), naive));
        }
        for (graph, naive) in &snapshots {
            check(graph, naive)?;
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_file_says_something_wrong_or_nothing(
        batch in prop::collection::vec(change(), 1..40), damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..60),
    ) {
        let graph = Graph::new().with(&batch).apart();
        let damaged = graph.parts().into_iter().map(|part| {
            let mut file = part.laid_out(|layout| layout.to_bytes());
            let length = file.len();
            damage.iter().for_each(|(at, byte)| file[4096 + at % (length - 4096)] = *byte);
            Part::open(&Sections::open(file).unwrap()).unwrap()
        });
        let graph = Graph::of_parts(damaged.collect());
        for node in 0..12 {
            let _ = graph.neighbours(ConceptId(node), Direction::Both, None);
            let _ = graph.expand(ConceptId(node), RelationId(1), Direction::Both, 9);
            let _ = (graph.degree(ConceptId(node)), graph.edge_count());
        }
        let changed = graph.without(&[batch[0].key]).with(&batch).apart();
        let made = changed.settle(TOGETHER);
        let _ = made.map_or(changed.clone(), |made| changed.with_settled(&made)).edge_count();
    }
}

#[test]
fn an_association_learned_again_replaces_the_old_one() {
    let first = Graph::new().with(&[association(1, 0, 2, 0.4), association(1, 0, 3, 0.4)]);
    let second = first.with(&[association(1, 0, 2, 0.7)]);
    assert_eq!((first.edge_count(), second.edge_count()), (2, 2));
    assert_eq!(first.get(association(1, 0, 2, 0.0).key).unwrap().confidence, 0.4);
    assert_eq!(second.get(association(1, 0, 2, 0.0).key).unwrap().confidence, 0.7);
    assert_eq!(second.degree(ConceptId(1)), 2);
}

#[test]
fn of_two_with_one_key_in_a_batch_the_later_counts() {
    let graph = Graph::new().with(&[association(1, 0, 2, 0.4), association(1, 0, 2, 0.6)]);
    assert_eq!(graph.edge_count(), 1);
    assert_eq!(graph.get(association(1, 0, 2, 0.0).key).unwrap().confidence, 0.6);
}
