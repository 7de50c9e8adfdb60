//! What is so many steps away, and a shortest way there, against one step after the other over a plain list of edges.

use std::collections::BTreeMap;

use crate::naive::{Naive, associations};
use proptest::prelude::*;
use sutra_graph::{Direction, Edge, Graph, ReachOptions, reach, shortest_path};
use sutra_model::{ConceptId, RelationId};

const NODES: u64 = 12;

fn options<'a>(
    steps_max: usize,
    direction: Direction,
    relations: Option<&'a [RelationId]>,
) -> ReachOptions<'a> {
    ReachOptions {
        steps_max,
        direction,
        relations,
        visit_limit: usize::MAX,
    }
}

fn is_walked(edge: &Edge, options: &ReachOptions<'_>) -> bool {
    let relation = edge.association.key.relation;
    let relations = options.relations;
    options.direction.holds(edge.inverse) && relations.is_none_or(|wanted| wanted.contains(&relation))
}

/// How many steps each concept is away, none for the starts themselves.
fn distances(graph: &Naive, starts: &[ConceptId], options: &ReachOptions<'_>) -> BTreeMap<ConceptId, usize> {
    let mut distances: BTreeMap<ConceptId, usize> = starts.iter().map(|start| (*start, 0)).collect();
    for steps in 1..=options.steps_max {
        let before: Vec<ConceptId> = distances
            .iter()
            .filter(|(_, away)| **away + 1 == steps)
            .map(|(node, _)| *node)
            .collect();
        for edge in before.into_iter().flat_map(|node| graph.edges(node)) {
            if is_walked(&edge, options) {
                distances.entry(edge.other_end()).or_insert(steps);
            }
        }
    }
    distances
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Out), Just(Direction::In), Just(Direction::Both)]
}

proptest! {
    #[test]
    fn what_is_reached_is_what_walks_reach(
        first in associations(NODES, 14), later in associations(NODES, 8), gone in 0_usize..14,
        starts in prop::collection::vec(1_u64..=NODES, 0..3), steps_max in 0_usize..5, direction in direction(),
        relations in prop::option::of(prop::collection::vec(0_u32..4, 0..3)), limit in 0_usize..14,
    ) {
        let taken: Vec<_> = first.iter().take(gone).map(|association| association.key).collect();
        let graph = Graph::new().with(&first).apart().with(&later).without(&taken);
        let mut left: BTreeMap<_, _> = first.iter().chain(&later).map(|each| (each.key, *each)).collect();
        taken.iter().for_each(|key| { left.remove(key); });
        let naive = Naive::new(&left.into_values().collect::<Vec<_>>());
        let relations: Option<Vec<RelationId>> = relations.map(|all| all.into_iter().map(RelationId).collect());
        let options = options(steps_max, direction, relations.as_deref());
        let starts: Vec<ConceptId> = starts.into_iter().map(ConceptId).collect();

        let mut expected: Vec<_> = distances(&naive, &starts, &options).into_iter().collect();
        expected.retain(|(_, away)| *away > 0);
        expected.sort_by_key(|(node, away)| (*away, *node));
        expected.truncate(limit);
        let reached = reach(&graph, &starts, limit, options);
        prop_assert_eq!((reached.found, reached.exhausted), (expected, false));

        for (from, to) in starts.first().into_iter().flat_map(|from| (1..=NODES).map(|to| (*from, ConceptId(to)))) {
            let away = distances(&naive, &[from], &options).get(&to).copied();
            let way = shortest_path(&graph, from, to, options);
            prop_assert!(!way.exhausted);
            prop_assert_eq!(way.found.as_ref().map(Vec::len), away);
            let mut at = from;
            for edge in way.found.into_iter().flatten() {
                prop_assert!(naive.edges(at).contains(&edge) && is_walked(&edge, &options));
                at = edge.other_end();
            }
            prop_assert!(away.is_none() || at == to);
        }
    }
}

#[test]
fn a_limit_of_edges_ends_a_search_and_it_says_so() {
    let chain: Vec<_> = (1..100)
        .map(|number| crate::naive::association(number, 0, number + 1, 0.9))
        .collect();
    let graph = Graph::new().with(&chain);
    let few = ReachOptions {
        visit_limit: 10,
        ..options(60, Direction::Out, None)
    };
    let reached = reach(&graph, &[ConceptId(1)], 99, few);
    assert_eq!((reached.found.len(), reached.exhausted), (10, true));
    assert!(shortest_path(&graph, ConceptId(1), ConceptId(50), few).exhausted);
    let near = shortest_path(&graph, ConceptId(1), ConceptId(9), few);
    assert_eq!(
        (near.found.map(|way| way.len()), near.exhausted),
        (Some(8), false)
    );
}
