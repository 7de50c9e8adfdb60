//! What is so many steps away, and a shortest way there: breadth first, every step alike.

use rustc_hash::{FxHashMap, FxHashSet};
use sutra_model::{ConceptId, RelationId};

use crate::adjacency::{Direction, Edge};
use crate::graph::Graph;

/// The most steps that are looked at.
pub const STEPS_LIMIT: usize = 64;

/// Which way to go.
#[derive(Clone, Copy)]
pub struct ReachOptions<'a> {
    /// The most steps; at most [`STEPS_LIMIT`] are looked at.
    pub steps_max: usize,
    /// Which edges of a concept are walked.
    pub direction: Direction,
    /// The relations that are walked; `None` stands for all.
    pub relations: Option<&'a [RelationId]>,
    /// The most edges to look at.
    pub visit_limit: usize,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// What it was to find.
    pub found: T,
    /// Set when the visit limit ended it: there may be more, or a shorter way.
    pub exhausted: bool,
}

/// The concepts that are one step or more away from all of `starts` and not more than `steps_max` from the nearest, each
/// with how many steps that are: the nearest first, equally near ones by rising number, `limit` at the most.
pub fn reach(
    graph: &Graph,
    starts: &[ConceptId],
    limit: usize,
    options: ReachOptions<'_>,
) -> Found<Vec<(ConceptId, usize)>> {
    let mut budget = options.visit_limit;
    let mut seen: FxHashSet<ConceptId> = starts.iter().copied().collect();
    let mut front: Vec<ConceptId> = seen.iter().copied().collect();
    let (mut found, mut exhausted) = (Vec::new(), false);
    for steps in 1..=options.steps_max.min(STEPS_LIMIT) {
        front.sort_unstable();
        let mut next = Vec::new();
        for node in front {
            exhausted = exhausted || budget == 0;
            if exhausted {
                break;
            }
            graph.visit(node, options.direction, options.relations, |edge| {
                budget = budget.saturating_sub(1);
                if seen.insert(edge.other_end()) {
                    next.push(edge.other_end());
                }
            });
        }
        front = next;
        front.sort_unstable();
        found.extend(front.iter().map(|node| (*node, steps)));
        if exhausted || front.is_empty() || found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Found { found, exhausted }
}

/// A way of the fewest steps from one concept to another, as the edges that are walked; none where there is no way, or a
/// longer one alone, and one of no steps from a concept to itself. Which one of several that are equally short depends on
/// the content of the graph alone.
///
/// Searched from both ends, the one that has fewer edges before it first (I. Pohl, *Bi-directional search*, 1971).
pub fn shortest_path(
    graph: &Graph,
    from: ConceptId,
    to: ConceptId,
    options: ReachOptions<'_>,
) -> Found<Option<Vec<Edge>>> {
    let nowhere = |exhausted| Found {
        found: None,
        exhausted,
    };
    if from == to {
        return Found {
            found: Some(Vec::new()),
            exhausted: false,
        };
    }
    let mut ends = [
        End::new(from, options.direction),
        End::new(to, backwards(options.direction)),
    ];
    let mut budget = options.visit_limit;
    for _ in 0..options.steps_max.min(STEPS_LIMIT) {
        let [one, other] = ends.each_ref().map(|end| end.edges_ahead(graph));
        let nearer = usize::from(other < one);
        let [first, second] = &mut ends;
        let (end, opposite) = if nearer == 0 {
            (first, second)
        } else {
            (second, first)
        };
        if end.front.is_empty() {
            return nowhere(false);
        }
        match end.go(graph, options.relations, opposite, &mut budget) {
            Step::Met(node) => {
                let mut way = ends[0].way(node);
                way.reverse();
                way.extend(ends[1].way(node).into_iter().map(turned));
                return Found {
                    found: Some(way),
                    exhausted: false,
                };
            }
            Step::TooMuch => return nowhere(true),
            Step::Gone => {}
        }
    }
    nowhere(false)
}

const fn backwards(direction: Direction) -> Direction {
    match direction {
        Direction::Out => Direction::In,
        Direction::In => Direction::Out,
        Direction::Both => Direction::Both,
    }
}

/// The same association, walked the other way.
fn turned(edge: Edge) -> Edge {
    Edge {
        inverse: !edge.inverse,
        ..edge
    }
}

/// How far the search has come from one end.
struct End {
    direction: Direction,
    /// By what edge each concept was reached; the end itself by none.
    seen: FxHashMap<ConceptId, Option<Edge>>,
    front: Vec<ConceptId>,
}

enum Step {
    Met(ConceptId),
    TooMuch,
    Gone,
}

impl End {
    fn new(start: ConceptId, direction: Direction) -> Self {
        Self {
            direction,
            seen: FxHashMap::from_iter([(start, None)]),
            front: vec![start],
        }
    }

    /// How many edges the next step looks at, of whatever relation.
    fn edges_ahead(&self, graph: &Graph) -> usize {
        let degrees = self
            .front
            .iter()
            .map(|node| graph.degree_in(*node, self.direction));
        degrees.fold(0, usize::saturating_add)
    }

    fn go(
        &mut self,
        graph: &Graph,
        relations: Option<&[RelationId]>,
        opposite: &Self,
        budget: &mut usize,
    ) -> Step {
        let mut next = Vec::new();
        for node in std::mem::take(&mut self.front) {
            if *budget == 0 {
                return Step::TooMuch;
            }
            let mut met = None;
            graph.visit(node, self.direction, relations, |edge| {
                *budget = budget.saturating_sub(1);
                let reached = edge.other_end();
                if met.is_none() && !self.seen.contains_key(&reached) {
                    self.seen.insert(reached, Some(edge));
                    next.push(reached);
                    met = Some(reached).filter(|reached| opposite.seen.contains_key(reached));
                }
            });
            if let Some(node) = met {
                return Step::Met(node);
            }
        }
        self.front = next;
        Step::Gone
    }

    /// The edges that led to a concept, the last one first.
    fn way(&self, node: ConceptId) -> Vec<Edge> {
        let mut way = Vec::new();
        let mut at = node;
        while let Some(Some(edge)) = self.seen.get(&at) {
            way.push(*edge);
            at = turned(*edge).other_end();
        }
        way
    }
}
