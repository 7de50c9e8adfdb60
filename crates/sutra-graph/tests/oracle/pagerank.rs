//! Personalised PageRank against dense power iteration, within the bound that is proven for it.

use std::collections::BTreeMap;

use crate::naive::{Naive, association, associations};
use proptest::prelude::*;
use sutra_graph::{Adjacency, Graph, PageRankOptions, personalised_pagerank};
use sutra_model::{Association, ConceptId, RelationId};

const NODES: u64 = 8;

fn relation_weight(relation: RelationId) -> f32 {
    [1.0, 0.2, 0.0][relation.0 as usize % 3]
}

/// Where walks from `seeds` (probabilities by node) end: the definition, iterated until nothing is left.
fn dense(graph: &Naive, seeds: &BTreeMap<u64, f64>, damping: f64) -> BTreeMap<u64, f64> {
    let mut ended: BTreeMap<u64, f64> = BTreeMap::new();
    let mut walking = seeds.clone();
    while walking.values().sum::<f64>() > 1e-14 {
        let mut next: BTreeMap<u64, f64> = BTreeMap::new();
        for (node, mass) in walking {
            let edges = graph.edges(ConceptId(node));
            let weigh = |association: &Association| {
                f64::from(relation_weight(association.key.relation)) * f64::from(association.confidence)
            };
            let total: f64 = edges.iter().map(|edge| weigh(&edge.association)).sum();
            let stays = if total > 0.0 { 1.0 - damping } else { 1.0 };
            *ended.entry(node).or_default() += stays * mass;
            for edge in edges.iter().filter(|_| total > 0.0) {
                let share = damping * mass * weigh(&edge.association) / total;
                *next.entry(edge.other_end().0).or_default() += share;
            }
        }
        walking = next;
    }
    ended
}

fn by_node(ranking: &[(ConceptId, f32)]) -> BTreeMap<u64, f64> {
    ranking
        .iter()
        .map(|(id, score)| (id.0, f64::from(*score)))
        .collect()
}

proptest! {
    #[test]
    fn falls_short_of_power_iteration_by_no_more_than_the_bound(
        made in associations(NODES, 24),
        seeds in prop::collection::vec((1..=NODES + 2, 0.0_f32..5.0), 1..4),
        damping in 0.0_f64..0.95,
        tolerance in prop::sample::select(vec![1e-7, 1e-3, 1e-2, 0.1]),
    ) {
        let naive = Naive::new(&made);
        let options = PageRankOptions { damping, tolerance, relation_weight: &relation_weight, ..Default::default() };
        let pairs: Vec<(ConceptId, f32)> = seeds.iter().map(|(id, weight)| (ConceptId(*id), *weight)).collect();
        let found = by_node(&personalised_pagerank(&naive, &pairs, options));
        let total: f64 = seeds.iter().map(|(_, weight)| f64::from(*weight)).sum();
        prop_assume!(total > 0.0);
        let mut start: BTreeMap<u64, f64> = BTreeMap::new();
        for (id, weight) in &seeds {
            *start.entry(*id).or_default() += f64::from(*weight) / total;
        }
        let truth = dense(&naive, &start, damping);
        let alone: Vec<(f64, BTreeMap<u64, f64>)> = (1..=NODES)
            .map(|node| (naive.degree(ConceptId(node)) as f64, dense(&naive, &[(node, 1.0)].into(), damping)))
            .collect();
        for node in 1..=NODES + 2 {
            let shortfall = truth.get(&node).unwrap_or(&0.0) - found.get(&node).unwrap_or(&0.0);
            let sum: f64 = alone.iter().map(|(degree, ends)| degree * ends.get(&node).unwrap_or(&0.0)).sum();
            prop_assert!(shortfall >= -1e-6, "node {} is {} too high", node, -shortfall);
            prop_assert!(shortfall <= tolerance * sum + 1e-6, "node {} is {} too low", node, shortfall);
        }
    }

    #[test]
    fn is_the_same_however_the_graph_came_about(
        made in associations(NODES, 40), cut in 0..40_usize, seed in 1..=NODES
    ) {
        let cut = cut.min(made.len());
        let graph = Graph::new().with(&made[..cut]).with(&made[cut..]);
        let mut grown = Graph::new();
        for association in &made {
            grown = grown.with(&[*association]);
        }
        let seeds = [(ConceptId(seed), 1.0), (ConceptId(1), 0.3)];
        let expected = personalised_pagerank(&Naive::new(&made), &seeds, PageRankOptions::default());
        prop_assert_eq!(&personalised_pagerank(&graph, &seeds, PageRankOptions::default()), &expected);
        prop_assert_eq!(&personalised_pagerank(&grown, &seeds, PageRankOptions::default()), &expected);
    }

    #[test]
    fn a_limit_keeps_the_head_of_the_ranking(made in associations(NODES, 30), limit in 0..10_usize) {
        let graph = Graph::new().with(&made);
        let all = personalised_pagerank(&graph, &[(ConceptId(1), 1.0)], PageRankOptions::default());
        let options = PageRankOptions { limit, ..Default::default() };
        let head = personalised_pagerank(&graph, &[(ConceptId(1), 1.0)], options);
        prop_assert_eq!(&head[..], &all[..limit.min(all.len())]);
        let falls = |pair: &[(ConceptId, f32)]| (-pair[0].1, pair[0].0) < (-pair[1].1, pair[1].0);
        prop_assert!(all.windows(2).all(falls));
    }
}

#[test]
fn without_usable_seeds_nothing_is_found() {
    let graph = Graph::new().with(&[association(1, 0, 2, 0.9)]);
    for seeds in [
        &[][..],
        &[(ConceptId(1), 0.0)],
        &[(ConceptId(1), f32::NAN), (ConceptId(2), -1.0)],
    ] {
        assert_eq!(
            personalised_pagerank(&graph, seeds, PageRankOptions::default()),
            []
        );
    }
}

#[test]
fn what_starts_at_an_isolated_concept_stays_there() {
    let graph = Graph::new().with(&[association(1, 0, 2, 0.9)]);
    let seeds = [(ConceptId(9), 3.0), (ConceptId(1), 1.0)];
    let ranking = personalised_pagerank(&graph, &seeds, PageRankOptions::default());
    assert_eq!(ranking[0], (ConceptId(9), 0.75));
    assert_eq!(ranking.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [9, 1, 2]);
}

#[test]
fn without_pushes_only_the_seeds_are_known() {
    let graph = Graph::new().with(&[association(1, 0, 2, 0.9)]);
    let options = PageRankOptions {
        max_pushes: 0,
        ..Default::default()
    };
    assert_eq!(
        personalised_pagerank(&graph, &[(ConceptId(1), 7.0)], options),
        [(ConceptId(1), 0.5)]
    );
}
