//! The best paths against every simple path there is.

use crate::naive::{Naive, association, associations};
use proptest::prelude::*;
use sutra_graph::{Adjacency, Edge, Graph, Path, PathOptions, Paths, STEP_DECAY, best_paths};
use sutra_model::{Association, ConceptId, RelationId};

const NODES: u64 = 7;

fn relation_weight(relation: RelationId) -> f32 {
    [1.0, 0.5, 3.0, 0.0][relation.0 as usize % 4]
}

fn step_weight(association: &Association) -> f64 {
    let weight = f64::from(relation_weight(association.key.relation)) * f64::from(association.confidence);
    weight.min(1.0) * STEP_DECAY
}

/// All simple paths from the end of `walked` on, in no particular order.
fn enumerate(
    graph: &Naive,
    source: ConceptId,
    walked: &mut Vec<Edge>,
    targets: &[ConceptId],
    max_steps: usize,
    found: &mut Vec<(ConceptId, Vec<Edge>)>,
) {
    let end = walked.last().map_or(source, Edge::other_end);
    if !walked.is_empty() && targets.contains(&end) {
        found.push((source, walked.clone()));
    }
    if walked.len() == max_steps {
        return;
    }
    for edge in graph.edges(end) {
        let next = edge.other_end();
        let visited = next == source || walked.iter().any(|step| step.other_end() == next);
        if !visited && step_weight(&edge.association) > 0.0 {
            walked.push(edge);
            enumerate(graph, source, walked, targets, max_steps, found);
            walked.pop();
        }
    }
}

fn oracle(
    graph: &Naive,
    sources: &[ConceptId],
    targets: &[ConceptId],
    k: usize,
    max_steps: usize,
) -> Vec<Path> {
    let mut sources = sources.to_vec();
    sources.sort();
    sources.dedup();
    let mut found = Vec::new();
    for source in sources {
        enumerate(graph, source, &mut Vec::new(), targets, max_steps, &mut found);
    }
    found.sort_by_cached_key(|(source, steps)| {
        let unit = (1_u64 << 40) as f64;
        let cost: u64 = steps
            .iter()
            .map(|edge| (-step_weight(&edge.association).ln() * unit).round() as u64)
            .sum();
        let place = |edge: &Edge| (edge.other_end(), edge.association.key.relation, edge.inverse);
        (cost, *source, steps.iter().map(place).collect::<Vec<_>>())
    });
    found.truncate(k);
    found
        .into_iter()
        .map(|(source, steps)| Path {
            nodes: [source]
                .into_iter()
                .chain(steps.iter().map(Edge::other_end))
                .collect(),
            steps: steps
                .iter()
                .map(|edge| (edge.association, edge.inverse))
                .collect(),
            score: steps.iter().map(|edge| step_weight(&edge.association)).product(),
        })
        .collect()
}

fn ids(numbers: &[u64]) -> Vec<ConceptId> {
    numbers.iter().copied().map(ConceptId).collect()
}

fn search(graph: &impl Adjacency, sources: &[u64], targets: &[u64], k: usize, max_steps: usize) -> Vec<Path> {
    let options = PathOptions {
        k,
        max_steps,
        relation_weight: &relation_weight,
        visit_limit: usize::MAX,
    };
    let Paths { paths, exhausted } = best_paths(graph, &ids(sources), &ids(targets), options);
    assert!(!exhausted);
    paths
}

fn check_same(found: &[Path], expected: &[Path]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        prop_assert_eq!(&found.nodes, &expected.nodes);
        prop_assert_eq!(&found.steps, &expected.steps);
        prop_assert!((found.score - expected.score).abs() <= 1e-12);
    }
    Ok(())
}

proptest! {
    #[test]
    fn are_the_best_of_all_simple_paths(
        made in associations(NODES, 16),
        sources in prop::collection::vec(1..=NODES + 1, 0..3),
        targets in prop::collection::vec(1..=NODES + 1, 0..4),
        k in 0..12_usize,
        max_steps in 0..7_usize,
    ) {
        let naive = Naive::new(&made);
        let expected = oracle(&naive, &ids(&sources), &ids(&targets), k, max_steps);
        check_same(&search(&naive, &sources, &targets, k, max_steps), &expected)?;
        check_same(&search(&Graph::new().with(&made), &sources, &targets, k, max_steps), &expected)?;
    }

    /// A limit may shorten the list, never falsify it: unless it says so, the result is the best.
    #[test]
    fn are_paths_even_when_the_limit_is_hit(
        made in associations(NODES, 16), visit_limit in 0..300_usize, max_steps in 1..7_usize
    ) {
        let naive = Naive::new(&made);
        let (sources, targets) = (ids(&[1, 2]), ids(&[3, 4]));
        let options = PathOptions { k: 4, max_steps, relation_weight: &relation_weight, visit_limit };
        let found = best_paths(&naive, &sources, &targets, options);
        if found.exhausted {
            let all = oracle(&naive, &sources, &targets, usize::MAX, max_steps);
            prop_assert!(found.paths.iter().all(|path| all.iter().any(|other| other.steps == path.steps)));
            prop_assert!(found.paths.windows(2).all(|pair| pair[0].score >= pair[1].score - 1e-12));
        } else {
            check_same(&found.paths, &oracle(&naive, &sources, &targets, 4, max_steps))?;
        }
    }
}

#[test]
fn parallel_relations_are_different_paths() {
    let graph = Graph::new().with(&[
        association(1, 0, 2, 0.5),
        association(1, 1, 2, 0.9),
        association(2, 0, 1, 0.4),
    ]);
    let found = search(&graph, &[1], &[2], 5, 3);
    let steps: Vec<(u32, bool)> = found
        .iter()
        .map(|path| (path.steps[0].0.key.relation.0, path.steps[0].1))
        .collect();
    assert_eq!(steps, [(0, false), (1, false), (0, true)]);
    assert!((found[0].score - 0.5 * 0.9).abs() < 1e-12);
}

#[test]
fn a_source_that_is_a_target_gives_no_path_to_itself() {
    let graph = Graph::new().with(&[association(1, 0, 2, 0.5), association(2, 1, 1, 0.5)]);
    assert_eq!(search(&graph, &[1], &[1], 5, 4), []);
    assert_eq!(search(&graph, &[1], &[1, 2], 5, 4).len(), 2);
}

#[test]
fn a_longer_path_wins_where_its_steps_are_surer() {
    let graph = Graph::new().with(&[
        association(1, 0, 9, 0.3),
        association(1, 0, 2, 0.9),
        association(2, 0, 9, 0.9),
    ]);
    let found = search(&graph, &[1], &[9], 2, 2);
    assert_eq!(
        found.iter().map(|path| path.steps.len()).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(search(&graph, &[1], &[9], 2, 1).len(), 1);
}

#[test]
fn a_limit_that_is_hit_is_reported_with_what_was_found() {
    let mut made = vec![association(1, 0, 2, 0.9)];
    made.extend((10..60).map(|node| association(2, 0, node, 0.9)));
    made.push(association(10, 0, 70, 0.9));
    let options = PathOptions {
        visit_limit: 20,
        ..Default::default()
    };
    let found = best_paths(&Graph::new().with(&made), &ids(&[1]), &ids(&[2, 70]), options);
    assert!(found.exhausted);
    assert_eq!(found.paths.len(), 1);
}

/// The edges of the target alone are more than the bounds may cost, so the search has to do with those that
/// follow from the decay of a step.
#[test]
fn without_bounds_from_the_targets_the_best_path_is_still_the_first() {
    let mut made = vec![
        association(1, 0, 9, 0.83),
        association(1, 0, 2, 0.99),
        association(2, 0, 9, 0.99),
    ];
    made.extend((100..200).map(|node| association(9, 0, node, 0.9)));
    let options = PathOptions {
        k: 1,
        visit_limit: 100,
        ..Default::default()
    };
    let found = best_paths(&Graph::new().with(&made), &ids(&[1]), &ids(&[9]), options);
    assert!(!found.exhausted);
    assert_eq!(found.paths[0].nodes, ids(&[1, 2, 9]));
}
