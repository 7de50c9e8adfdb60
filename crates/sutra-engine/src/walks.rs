//! Walks over associations: what is so many steps away, and the shortest way.

use sutra_graph::{Direction, Found, Path, ReachOptions, STEP_DECAY, reach, shortest_path};
use sutra_model::{ConceptId, RelationId};

use crate::view::ReadView;

/// Which way to go; see [`ReadView::reach`].
#[derive(Clone, Debug)]
pub struct WalkQuery {
    /// The most steps.
    pub max_steps: usize,
    /// Which associations of a concept are walked.
    pub direction: Direction,
    /// The names of the relations that are walked; `None` stands for all. Names that were never learned match nothing.
    pub relations: Option<Vec<String>>,
}

impl ReadView {
    /// Associations that one walk may look at.
    const WALK_VISITS: usize = 2_000_000;

    /// The concepts that are at most so many steps away from any of `starts`, without these: each with how many steps, the
    /// nearest first, equally near ones by rising number, `limit` at the most. None for concepts that are not here.
    pub fn reach(
        &self,
        starts: &[ConceptId],
        query: &WalkQuery,
        limit: usize,
    ) -> Found<Vec<(ConceptId, usize)>> {
        let relations = self.relation_ids(query.relations.as_deref());
        let options = Self::walk(query, relations.as_deref());
        reach(&self.indexes().graph, starts, limit, options)
    }

    /// A path of the fewest steps; of several one that depends on what is in the state alone. Its score is the product of
    /// its steps' confidences, each times [`STEP_DECAY`]: 1 for the path from a concept to itself.
    pub fn shortest_path(&self, from: ConceptId, to: ConceptId, query: &WalkQuery) -> Found<Option<Path>> {
        let relations = self.relation_ids(query.relations.as_deref());
        let options = Self::walk(query, relations.as_deref());
        let way = shortest_path(&self.indexes().graph, from, to, options);
        let path = way.found.map(|edges| {
            let weights = edges
                .iter()
                .map(|edge| f64::from(edge.association.confidence).min(1.0));
            Path {
                score: weights.map(|weight| weight * STEP_DECAY).product(),
                nodes: std::iter::once(from)
                    .chain(edges.iter().map(|edge| edge.other_end()))
                    .collect(),
                steps: edges
                    .iter()
                    .map(|edge| (edge.association, edge.inverse))
                    .collect(),
            }
        });
        Found {
            found: path,
            exhausted: way.exhausted,
        }
    }

    fn walk<'a>(query: &WalkQuery, relations: Option<&'a [RelationId]>) -> ReachOptions<'a> {
        ReachOptions {
            steps_max: query.max_steps,
            direction: query.direction,
            relations,
            visit_limit: Self::WALK_VISITS,
        }
    }
}
