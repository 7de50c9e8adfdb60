//! Personalised PageRank by forward push.
//!
//! Andersen, Chung, Lang, "Local Graph Partitioning using PageRank Vectors" (2006), section 3, for
//! the walk that is not lazy and follows edges by their weight. The algorithm keeps an estimate `p` and
//! a residue `r`, with `p + Σ_u r(u) π_u = π_seeds` throughout, where `π_u` is the PageRank of the seed
//! `u` alone. It touches only what the seeds reach with weight, never the whole graph.

use std::collections::VecDeque;
use std::ops::Range;

use rustc_hash::FxHashMap;
use sutra_model::{ConceptId, RelationId};

use crate::adjacency::Adjacency;
use crate::weights::RelationWeights;

/// How to spread.
#[derive(Clone, Copy)]
pub struct PageRankOptions<'a> {
    /// The chance of walking on at each step, in [0, 1); with the rest the walk ends.
    pub damping: f64,
    /// A node is pushed while its residue is above `tolerance × degree`. In (0, 1). The sum of the degrees
    /// of all nodes pushed is at most `1 / (tolerance × (1 - damping))`.
    pub tolerance: f64,
    /// The weight of a relation; an edge of weight × confidence ≤ 0 is not walked.
    pub relation_weight: &'a dyn Fn(RelationId) -> f32,
    /// The most nodes to push; the rest of the residue then stays where it is.
    pub max_pushes: usize,
    /// The most results to return.
    pub limit: usize,
}

impl Default for PageRankOptions<'_> {
    fn default() -> Self {
        Self {
            damping: 0.5,
            tolerance: 1e-6,
            relation_weight: &|_| 1.0,
            max_pushes: usize::MAX,
            limit: usize::MAX,
        }
    }
}

/// What is touched at every edge, kept apart so that it fits the cache.
struct Residue {
    mass: f64,
    /// Above it the node is queued; infinite while it is.
    threshold: f64,
}

struct Node {
    id: ConceptId,
    estimate: f64,
    /// Number of its edges; known once its residue could be above the threshold.
    degree: Option<u32>,
    /// Where its edges stand in [`Push::edges`]; known after its first push.
    edges: Option<Range<usize>>,
}

/// The concepts that a walk from the seeds ends at, with their probabilities, by falling probability,
/// then rising number.
///
/// The walk starts at a seed drawn by weight (weights need not sum to one; those that are not positive
/// and finite are left out, repeated seeds add up), follows edges in both directions in proportion to
/// relation weight × confidence, and ends after each step with probability `1 - damping`. At a node
/// without edges it ends. Probabilities never exceed the true ones, and fall short of them at a node `v` by
/// at most `tolerance × Σ_u degree(u) π_u(v)`, unless `max_pushes` was reached.
pub fn personalised_pagerank(
    graph: &impl Adjacency,
    seeds: &[(ConceptId, f32)],
    options: PageRankOptions<'_>,
) -> Vec<(ConceptId, f32)> {
    let mut push = Push {
        graph,
        damping: options.damping,
        tolerance: options.tolerance,
        weights: RelationWeights::new(options.relation_weight),
        places: FxHashMap::default(),
        nodes: Vec::new(),
        residues: Vec::new(),
        edges: Vec::new(),
        queue: VecDeque::new(),
    };
    push.seed(seeds);
    for _ in 0..options.max_pushes {
        let Some(place) = push.queue.pop_front() else {
            break;
        };
        push.push(place);
    }
    push.ranking(options.limit)
}

/// Nodes are numbered in the order in which they are reached; their edges are read once.
struct Push<'a, G> {
    graph: &'a G,
    damping: f64,
    tolerance: f64,
    weights: RelationWeights<'a>,
    places: FxHashMap<ConceptId, u32>,
    nodes: Vec<Node>,
    residues: Vec<Residue>,
    /// Place of the other end, and the share of a walk that goes there.
    edges: Vec<(u32, f64)>,
    queue: VecDeque<u32>,
}

impl<G: Adjacency> Push<'_, G> {
    fn seed(&mut self, seeds: &[(ConceptId, f32)]) {
        let usable = |weight: f32| weight.is_finite() && weight > 0.0;
        let total: f64 = seeds
            .iter()
            .filter(|seed| usable(seed.1))
            .map(|seed| f64::from(seed.1))
            .sum();
        for (node, weight) in seeds.iter().filter(|seed| usable(seed.1)) {
            let place = self.place(*node);
            // A seed may have no edge at all, and then the least residue is enough.
            if self.residues[place as usize].threshold.is_finite() {
                self.residues[place as usize].threshold = self.threshold(place);
            }
            self.receive(place, f64::from(*weight) / total);
        }
    }

    fn place(&mut self, id: ConceptId) -> u32 {
        *self.places.entry(id).or_insert_with(|| {
            self.nodes.push(Node {
                id,
                estimate: 0.0,
                degree: None,
                edges: None,
            });
            // Whatever is reached over an edge has one at least.
            self.residues.push(Residue {
                mass: 0.0,
                threshold: self.tolerance,
            });
            self.nodes.len() as u32 - 1
        })
    }

    fn threshold(&mut self, place: u32) -> f64 {
        let node = &mut self.nodes[place as usize];
        self.tolerance
            * f64::from(
                *node
                    .degree
                    .get_or_insert_with(|| self.graph.degree(node.id) as u32),
            )
    }

    /// Adds to the residue of a node, and queues the node once there is enough of it.
    fn receive(&mut self, place: u32, share: f64) {
        let residue = &mut self.residues[place as usize];
        residue.mass += share;
        let mass = residue.mass;
        if mass > residue.threshold {
            let threshold = self.threshold(place);
            let enough = mass > threshold;
            self.residues[place as usize].threshold = if enough { f64::INFINITY } else { threshold };
            if enough {
                self.queue.push_back(place);
            }
        }
    }

    /// Turns the residue of a node into estimate and into residue of its neighbours.
    fn push(&mut self, place: u32) {
        let edges = match self.nodes[place as usize].edges.clone() {
            Some(edges) => edges,
            None => self.read_edges(place),
        };
        let threshold = self.threshold(place);
        let mass = std::mem::replace(
            &mut self.residues[place as usize],
            Residue { mass: 0.0, threshold },
        )
        .mass;
        let node = &mut self.nodes[place as usize];
        if edges.is_empty() {
            node.estimate += mass;
            return;
        }
        node.estimate += (1.0 - self.damping) * mass;
        for index in edges {
            let (other, share) = self.edges[index];
            self.receive(other, self.damping * mass * share);
        }
    }

    fn read_edges(&mut self, place: u32) -> Range<usize> {
        let (graph, start) = (self.graph, self.edges.len());
        let mut total = 0.0;
        graph.visit_edges(self.nodes[place as usize].id, |edge| {
            let weight = self.weights.weight(&edge.association);
            if weight > 0.0 {
                let other = self.place(edge.other_end());
                self.edges.push((other, weight));
                total += weight;
            }
        });
        let range = start..self.edges.len();
        self.edges[range.clone()]
            .iter_mut()
            .for_each(|edge| edge.1 /= total);
        self.nodes[place as usize].edges = Some(range.clone());
        range
    }

    /// Every node reached. A walk that is at a node ends there with probability `1 - damping` or more,
    /// so that much of the residue is safe to count.
    fn ranking(self, limit: usize) -> Vec<(ConceptId, f32)> {
        let ended = 1.0 - self.damping;
        let scored =
            |(node, residue): (&Node, &Residue)| (node.id, (node.estimate + ended * residue.mass) as f32);
        let reached = self.nodes.iter().zip(&self.residues).map(scored);
        let mut ranking: Vec<(ConceptId, f32)> = reached.filter(|(_, score)| *score > 0.0).collect();
        let order = |left: &(ConceptId, f32), right: &(ConceptId, f32)| {
            right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
        };
        if limit < ranking.len() {
            ranking.select_nth_unstable_by(limit, order);
            ranking.truncate(limit);
        }
        ranking.sort_unstable_by(order);
        ranking
    }
}
