//! The k best loop-free paths between two sets of concepts.
//!
//! Best-first search over partial paths (A*; Hart, Nilsson, Raphael, 1968). The bound of a partial path is
//! its own cost plus the least cost from its end to a target in the steps that are left
//! ([`remaining`](crate::remaining)), which may revisit nodes and so is never too high. A path is complete
//! when it is taken from the heap; none that is still in the heap can be better.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use rustc_hash::FxHashSet;
use sutra_model::{Association, ConceptId, RelationId};

use crate::adjacency::{Adjacency, Edge};
use crate::remaining::{Budget, Remaining, UNREACHABLE};
use crate::weights::{RelationWeights, STEP_DECAY, cost};

/// What to look for.
#[derive(Clone, Copy)]
pub struct PathOptions<'a> {
    /// How many paths.
    pub k: usize,
    /// The most steps of one path; at most [`PathOptions::STEPS_LIMIT`] are looked at.
    pub max_steps: usize,
    /// The weight of a relation; a step of relation weight × confidence ≤ 0 is not taken.
    pub relation_weight: &'a dyn Fn(RelationId) -> f32,
    /// The most edges to look at, counted each time. Half of them may go into the bounds.
    pub visit_limit: usize,
}

impl PathOptions<'_> {
    /// Paths longer than this explain nothing, and their bounds cost memory.
    pub const STEPS_LIMIT: usize = 16;
}

impl Default for PathOptions<'_> {
    fn default() -> Self {
        Self {
            k: 5,
            max_steps: 6,
            relation_weight: &|_| 1.0,
            visit_limit: 1_000_000,
        }
    }
}

/// A loop-free path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The concepts, from a source to a target.
    pub nodes: Vec<ConceptId>,
    /// The associations between them; `true` where one is walked from object to subject.
    pub steps: Vec<(Association, bool)>,
    /// The product of the steps' weights, in (0, [`STEP_DECAY`]].
    pub score: f64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// The paths, best first.
    pub paths: Vec<Path>,
    /// Set when the visit limit ended the search: other paths may be as good or better.
    pub exhausted: bool,
}

/// The `k` best paths from any source to any target, of one step or more.
///
/// A step weighs min(1, relation weight × confidence) × [`STEP_DECAY`], whichever way the edge is walked; a path
/// scores the product. Paths visit no concept twice; other sources and targets may stand in their middle; two
/// relations between the same concepts give two paths. Equal scores (to about 12 digits) are ordered by
/// source, then step by step by the next concept, the relation, and forwards before inverse.
pub fn best_paths(
    graph: &impl Adjacency,
    sources: &[ConceptId],
    targets: &[ConceptId],
    options: PathOptions<'_>,
) -> Paths {
    let steps_max = options.max_steps.min(PathOptions::STEPS_LIMIT);
    let distinct = |ids: &[ConceptId]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (sources, targets) = (distinct(sources), distinct(targets));
    let mut weights = RelationWeights::new(options.relation_weight);
    let mut bounds_budget = Budget(options.visit_limit / 2);
    let remaining = Remaining::new(
        graph,
        &sources,
        &targets,
        steps_max,
        &mut weights,
        &mut bounds_budget,
    );
    let spent = options.visit_limit / 2 - bounds_budget.0;
    Search {
        graph,
        targets: targets.into_iter().collect(),
        steps_max,
        k: options.k,
        weights,
        remaining,
        budget: Budget(options.visit_limit - spent),
        heap: BinaryHeap::new(),
        known: BinaryHeap::new(),
    }
    .run(&sources)
}

/// A partial path that was taken from the heap.
struct Prefix {
    source: ConceptId,
    steps: Vec<Edge>,
}

impl Prefix {
    fn end(&self) -> ConceptId {
        self.steps.last().map_or(self.source, Edge::other_end)
    }

    fn holds(&self, node: ConceptId) -> bool {
        self.source == node || self.steps.iter().any(|edge| edge.other_end() == node)
    }
}

/// A partial path in the heap: a prefix and one step more, or (`None`) a prefix to go on from.
struct Candidate {
    bound: u64,
    cost: u64,
    prefix: Rc<Prefix>,
    step: Option<Edge>,
}

impl Candidate {
    fn steps(&self) -> impl Iterator<Item = &Edge> {
        self.prefix.steps.iter().chain(&self.step)
    }
}

impl Ord for Candidate {
    /// The better is the greater: first by bound, then by the order in which equal paths are given. A path
    /// comes before those that it is the beginning of, so the order of unfinished paths is that of all
    /// their completions.
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |edge: &Edge| (edge.other_end(), edge.association.key.relation, edge.inverse);
        other
            .bound
            .cmp(&self.bound)
            .then_with(|| other.prefix.source.cmp(&self.prefix.source))
            .then_with(|| other.steps().map(place).cmp(self.steps().map(place)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

struct Search<'a, G> {
    graph: &'a G,
    targets: FxHashSet<ConceptId>,
    steps_max: usize,
    k: usize,
    weights: RelationWeights<'a>,
    remaining: Remaining,
    budget: Budget,
    heap: BinaryHeap<Candidate>,
    /// The costs of the `k` cheapest paths that are in the heap or found, the dearest on top.
    known: BinaryHeap<u64>,
}

impl<G: Adjacency> Search<'_, G> {
    fn run(mut self, sources: &[ConceptId]) -> Paths {
        for source in sources {
            let bound = self.remaining.cost(*source, self.steps_max);
            if bound != UNREACHABLE {
                let prefix = Rc::new(Prefix {
                    source: *source,
                    steps: Vec::new(),
                });
                self.heap.push(Candidate {
                    bound,
                    cost: 0,
                    prefix,
                    step: None,
                });
            }
        }
        let mut paths = Vec::new();
        let mut exhausted = false;
        while paths.len() < self.k {
            let Some(candidate) = self.heap.pop() else { break };
            if self.arrives(&candidate) {
                paths.push(self.path(&candidate));
                self.go_on(candidate);
            } else if !exhausted {
                exhausted = !self.expand(candidate);
            }
        }
        Paths { paths, exhausted }
    }

    /// Whether a candidate has just reached a target.
    fn arrives(&self, candidate: &Candidate) -> bool {
        candidate
            .step
            .is_some_and(|step| self.targets.contains(&step.other_end()))
    }

    /// Puts a path that was found back as the beginning of paths to other targets.
    fn go_on(&mut self, found: Candidate) {
        let steps: Vec<Edge> = found.steps().copied().collect();
        if steps.len() < self.steps_max {
            let prefix = Rc::new(Prefix {
                source: found.prefix.source,
                steps,
            });
            self.offer(Candidate {
                bound: found.cost + cost(STEP_DECAY),
                cost: found.cost,
                prefix,
                step: None,
            });
        }
    }

    /// Puts every continuation of a candidate into the heap, unless the budget is used up.
    fn expand(&mut self, candidate: Candidate) -> bool {
        let prefix = match candidate.step {
            None => candidate.prefix,
            Some(_) => Rc::new(Prefix {
                source: candidate.prefix.source,
                steps: candidate.steps().copied().collect(),
            }),
        };
        let (graph, end) = (self.graph, prefix.end());
        if !self.budget.take(graph.degree(end)) {
            return false;
        }
        let Some(steps_left) = self.steps_max.checked_sub(prefix.steps.len() + 1) else {
            return true;
        };
        graph.visit_edges(end, |edge| {
            let next = edge.other_end();
            let onwards = self.remaining.cost(next, steps_left);
            if onwards == UNREACHABLE || prefix.holds(next) {
                return;
            }
            let Some(step_cost) = self.weights.cost(&edge.association) else {
                return;
            };
            let cost = candidate.cost + step_cost;
            let prefix = Rc::clone(&prefix);
            let bound = cost + onwards;
            if self.offer(Candidate {
                bound,
                cost,
                prefix,
                step: Some(edge),
            }) && self.targets.contains(&next)
            {
                self.know(cost);
            }
        });
        true
    }

    /// Puts a candidate into the heap if it can still be among the best.
    fn offer(&mut self, candidate: Candidate) -> bool {
        let dearest = if self.known.len() < self.k {
            None
        } else {
            self.known.peek()
        };
        let useful = dearest.is_none_or(|dearest| candidate.bound <= *dearest);
        if useful {
            self.heap.push(candidate);
        }
        useful
    }

    fn know(&mut self, cost: u64) {
        self.known.push(cost);
        if self.known.len() > self.k {
            self.known.pop();
        }
    }

    fn path(&mut self, candidate: &Candidate) -> Path {
        let mut nodes = vec![candidate.prefix.source];
        let mut steps = Vec::new();
        let mut score = 1.0;
        for edge in candidate.steps() {
            nodes.push(edge.other_end());
            steps.push((edge.association, edge.inverse));
            score *= self.weights.step(&edge.association).unwrap_or(0.0) * STEP_DECAY;
        }
        Path { nodes, steps, score }
    }
}
