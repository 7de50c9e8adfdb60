//! The least cost from a node to a target within the steps that are left: the heuristic of path search.
//!
//! A layered Bellman-Ford recursion, `cost(v, n) = min over edges (v, u) of cost(v, u) + cost(u, n - 1)`.
//! The lower half of the layers is pushed outwards from the targets; in the upper half only nodes near
//! the sources matter, for a node that is `d` steps from every source is never asked about more than
//! `steps_max - d` steps; they pull from the layer below. So neither end explores more than half the way.

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::ConceptId;

use crate::adjacency::{Adjacency, Edge};
use crate::weights::{RelationWeights, STEP_DECAY, cost};

/// There is no way within these steps.
pub(crate) const UNREACHABLE: u64 = u64::MAX;

/// How many edges may still be looked at.
pub(crate) struct Budget(pub(crate) usize);

impl Budget {
    /// Takes the edges of a node, or says that they are too many.
    pub(crate) fn take(&mut self, degree: usize) -> bool {
        let enough = degree <= self.0;
        if enough {
            self.0 -= degree;
        }
        enough
    }
}

/// Costs by node and number of steps, up to a number of steps that the budget allowed.
pub(crate) struct Remaining {
    steps_max: usize,
    /// Layers that are known; beyond, the last one and the decay of the steps give a bound.
    complete: usize,
    rows: FxHashMap<ConceptId, usize>,
    /// `costs[row × (steps_max + 1) + steps]`: the least cost with at most so many steps.
    costs: Vec<u64>,
}

impl Remaining {
    pub(crate) fn new<G: Adjacency>(
        graph: &G,
        sources: &[ConceptId],
        targets: &[ConceptId],
        steps_max: usize,
        weights: &mut RelationWeights<'_>,
        budget: &mut Budget,
    ) -> Self {
        let mut remaining = Self {
            steps_max,
            complete: 0,
            rows: FxHashMap::default(),
            costs: Vec::new(),
        };
        for target in targets {
            remaining.lower(*target, 0, 0);
        }
        let pushed = steps_max.div_ceil(2);
        let mut changed = targets.to_vec();
        for steps in 1..=pushed {
            match remaining.push_layer(graph, steps, &changed, weights, budget) {
                Some(next) => changed = next,
                None => return remaining,
            }
        }
        let Some(near) = nodes_near(graph, sources, steps_max - pushed, budget) else {
            return remaining;
        };
        for steps in pushed + 1..=steps_max {
            if !remaining.pull_layer(graph, steps, &near[steps_max - steps], weights, budget) {
                break;
            }
        }
        remaining
    }

    /// A lower bound of the cost from a node to a target in at most `steps` steps.
    pub(crate) fn cost(&self, node: ConceptId, steps: usize) -> u64 {
        let known = self.at(node, steps.min(self.complete));
        if steps <= self.complete {
            return known;
        }
        known.min((self.complete as u64 + 1) * cost(STEP_DECAY))
    }

    fn at(&self, node: ConceptId, steps: usize) -> u64 {
        self.rows
            .get(&node)
            .map_or(UNREACHABLE, |row| self.costs[row * (self.steps_max + 1) + steps])
    }

    /// Lowers one cost; says whether it was higher.
    fn lower(&mut self, node: ConceptId, steps: usize, cost: u64) -> bool {
        let stride = self.steps_max + 1;
        let row = *self.rows.entry(node).or_insert_with(|| {
            self.costs.resize(self.costs.len() + stride, UNREACHABLE);
            self.costs.len() / stride - 1
        });
        let known = &mut self.costs[row * stride + steps];
        let lower = cost < *known;
        *known = cost.min(*known);
        lower
    }

    /// Begins a layer with the costs of the one below.
    fn begin_layer(&mut self, steps: usize) {
        for row in self.costs.chunks_exact_mut(self.steps_max + 1) {
            row[steps] = row[steps - 1];
        }
    }

    /// Fills a layer from the nodes that changed in the one below; gives those that changed in it.
    fn push_layer<G: Adjacency>(
        &mut self,
        graph: &G,
        steps: usize,
        below: &[ConceptId],
        weights: &mut RelationWeights<'_>,
        budget: &mut Budget,
    ) -> Option<Vec<ConceptId>> {
        if !budget.take(below.iter().map(|node| graph.degree(*node)).sum()) {
            return None;
        }
        self.begin_layer(steps);
        let mut changed = FxHashSet::default();
        for node in below {
            let onwards = self.at(*node, steps - 1);
            graph.visit_edges(*node, |edge| {
                if let Some(cost) = weights.cost(&edge.association)
                    && self.lower(edge.other_end(), steps, onwards + cost)
                {
                    changed.insert(edge.other_end());
                }
            });
        }
        self.complete = steps;
        Some(changed.into_iter().collect())
    }

    /// Fills a layer for some nodes, from the layer below at their neighbours.
    fn pull_layer<G: Adjacency>(
        &mut self,
        graph: &G,
        steps: usize,
        nodes: &[ConceptId],
        weights: &mut RelationWeights<'_>,
        budget: &mut Budget,
    ) -> bool {
        if !budget.take(nodes.iter().map(|node| graph.degree(*node)).sum()) {
            return false;
        }
        self.begin_layer(steps);
        for node in nodes {
            let mut least = UNREACHABLE;
            graph.visit_edges(*node, |edge: Edge| {
                let onwards = self.at(edge.other_end(), steps - 1);
                if onwards < least
                    && let Some(cost) = weights.cost(&edge.association)
                {
                    least = least.min(onwards + cost);
                }
            });
            self.lower(*node, steps, least);
        }
        self.complete = steps;
        true
    }
}

/// For each distance below `distances`, the nodes that are at most so many steps from a source.
fn nodes_near<G: Adjacency>(
    graph: &G,
    sources: &[ConceptId],
    distances: usize,
    budget: &mut Budget,
) -> Option<Vec<Vec<ConceptId>>> {
    let mut near: Vec<Vec<ConceptId>> = vec![sources.to_vec()];
    let mut seen: FxHashSet<ConceptId> = sources.iter().copied().collect();
    let mut expanded = 0;
    for distance in 1..distances {
        let mut within = near[distance - 1].clone();
        for node in &near[distance - 1][expanded..] {
            if !budget.take(graph.degree(*node)) {
                return None;
            }
            graph.visit_edges(*node, |edge| {
                if seen.insert(edge.other_end()) {
                    within.push(edge.other_end());
                }
            });
        }
        expanded = near[distance - 1].len();
        near.push(within);
    }
    Some(near)
}
