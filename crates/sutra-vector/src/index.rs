//! The snapshot: what is searched, and in which steps.

use std::sync::Arc;

use half::f16;
use sutra_model::{ConceptId, Result};

use crate::codes::Table;
use crate::kernel::dot;
use crate::part::{Asked, Part, set_of};
use crate::ranking::{Place, Ranking, Scored};
use crate::tail::Tail;
use crate::walk;

/// The most components that a vector may have.
pub const DIMENSION_MAX: usize = 4096;
/// Rows that are coded together when they come. Fewer would make more centres, more a longer tail that is scored at full
/// precision.
pub const SEGMENT_ROWS: usize = 1024;

/// Where the vectors are kept in full.
pub trait FullPrecision: Sync {
    /// The components of a concept's row: as many as the index has dimensions, finite, of unit length.
    ///
    /// # Errors
    /// When the row is not the one that was kept for this concept.
    fn row(&self, concept: ConceptId, row: u64) -> Result<&[f16]>;
}

/// How many of the best by estimate are scored at full precision when `k` are wanted and nothing else is said.
pub fn depth_for(k: usize) -> usize {
    k.saturating_mul(10).saturating_add(100)
}

/// An immutable snapshot of all vectors. Cloning it copies a few pointers.
#[derive(Clone, Debug)]
pub struct VectorIndex {
    pub(crate) dimension: usize,
    /// What was settled, or is about to be: no commit changes more of it than what is marked as gone.
    pub(crate) parts: Arc<Vec<Part>>,
    /// What came since, in parts of [`SEGMENT_ROWS`] rows.
    pub(crate) fresh: Arc<Vec<Part>>,
    /// Rows that do not fill a part yet, searched at full precision.
    pub(crate) tail: Arc<Tail>,
}

impl VectorIndex {
    /// An index without rows, for vectors of `dimension` components.
    ///
    /// # Panics
    /// Unless `dimension` is in 1..=[`DIMENSION_MAX`].
    pub fn new(dimension: usize) -> Self {
        assert!(
            (1..=DIMENSION_MAX).contains(&dimension),
            "dimension {dimension} is not in 1..={DIMENSION_MAX}"
        );
        Self {
            dimension,
            parts: Arc::default(),
            fresh: Arc::default(),
            tail: Arc::default(),
        }
    }

    /// Components of a vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.all_parts().map(Part::len).sum::<usize>() + self.tail.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of a concept, if it has one.
    pub fn row_of(&self, concept: ConceptId) -> Option<u64> {
        let in_parts = self.all_parts().find_map(|part| part.row_of(concept));
        in_parts.or_else(|| self.tail.row_of(concept))
    }

    fn all_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().chain(self.fresh.iter())
    }

    /// A new snapshot with these rows besides; this one stays as it is, and both share what they have in common.
    /// Rows of `full` that were given must never change. One that `full` cannot give is kept as a row that every
    /// search reads, so that it is the searches that fail.
    ///
    /// A concept that was given before would be found twice: giving each once is the caller's duty. Several
    /// concepts may have equal vectors, or one row.
    pub fn with(&self, additions: &[(ConceptId, u64)], full: &impl FullPrecision) -> Self {
        let mut fresh = Arc::clone(&self.fresh);
        let mut tail = Arc::clone(&self.tail);
        let mut rest = additions;
        while tail.len() + rest.len() >= SEGMENT_ROWS {
            let (fitting, later) = rest.split_at(SEGMENT_ROWS - tail.len());
            let rows = [tail.rows(), fitting].concat();
            Arc::make_mut(&mut fresh).push(Part::flat(&rows, self.dimension, full));
            tail = Arc::default();
            rest = later;
        }
        if !rest.is_empty() {
            Arc::make_mut(&mut tail).extend(rest, full);
        }
        Self {
            dimension: self.dimension,
            parts: Arc::clone(&self.parts),
            fresh,
            tail,
        }
    }

    /// A new snapshot without the rows of these concepts; this one stays as it is, and both share all else. The rows of
    /// a fresh part that has lost most of its own are coded again with others.
    pub fn without(&self, concepts: &[ConceptId], full: &impl FullPrecision) -> Self {
        if concepts.is_empty() {
            return self.clone();
        }
        let less = |part: &Part| part.without(concepts.iter().copied());
        let mut fresh = Vec::with_capacity(self.fresh.len());
        let mut scattered = Vec::new();
        for part in self.fresh.iter() {
            let left = less(part);
            match left.len() < SEGMENT_ROWS / 2 {
                true => scattered.extend(left.living()),
                false => fresh.push(left),
            }
        }
        let left = Self {
            dimension: self.dimension,
            parts: Arc::new(self.parts.iter().map(less).collect()),
            fresh: Arc::new(fresh),
            tail: Arc::new(self.tail.without(&set_of(concepts))),
        };
        left.with(&scattered, full)
    }

    /// The `k` rows of greatest cosine to the query, by falling cosine, equal ones by rising id.
    ///
    /// `query` has any length but 0 (a zero vector has cosine 0 to everything). The best `depth` by estimate are
    /// scored at full precision, so the cosines are exact, and only which rows are found is approximate; `None`
    /// stands for [`depth_for`]`(k)`. A depth below `k` is taken as `k`.
    ///
    /// # Errors
    /// Those of `full`, for a row that is read.
    ///
    /// # Panics
    /// If the query does not have the index's dimension.
    pub fn search(
        &self,
        query: &[f32],
        k: usize,
        depth: Option<usize>,
        full: &impl FullPrecision,
    ) -> Result<Vec<(ConceptId, f32)>> {
        self.search_where(query, k, depth, &|_| true, full)
    }

    /// As [`search`](Self::search), among the concepts for which `admit` holds. It is asked inside the search, of
    /// rows good enough to be found, so a filter that few pass costs no recall.
    pub fn search_where(
        &self,
        query: &[f32],
        k: usize,
        depth: Option<usize>,
        admit: &dyn Fn(ConceptId) -> bool,
        full: &impl FullPrecision,
    ) -> Result<Vec<(ConceptId, f32)>> {
        let query = self.unit_query(query);
        let depth = depth.unwrap_or_else(|| depth_for(k)).max(k);
        let mut candidates = self.nearest_by_estimate(&query, depth, admit);
        candidates.sort_unstable_by_key(|candidate| candidate.row);
        let mut ranking = Ranking::new(k);
        for candidate in candidates {
            ranking.offer(Scored {
                score: dot(&query, full.row(candidate.id, candidate.row)?),
                ..candidate
            });
        }
        self.tail.offer(&mut ranking, &query, admit, full)?;
        Ok(ranking.into_sorted())
    }

    /// As [`search`](Self::search), with every row scored at full precision: nothing is missed.
    pub fn search_exact(
        &self,
        query: &[f32],
        k: usize,
        full: &impl FullPrecision,
    ) -> Result<Vec<(ConceptId, f32)>> {
        self.search_exact_where(query, k, &|_| true, full)
    }

    /// As [`search_exact`](Self::search_exact), among the concepts for which `admit` holds.
    pub fn search_exact_where(
        &self,
        query: &[f32],
        k: usize,
        admit: &dyn Fn(ConceptId) -> bool,
        full: &impl FullPrecision,
    ) -> Result<Vec<(ConceptId, f32)>> {
        let query = self.unit_query(query);
        let mut ranking = Ranking::new(k);
        for part in self.all_parts() {
            offer_exactly(&mut ranking, part.living_by_concept(), &query, admit, full)?;
        }
        self.tail.offer(&mut ranking, &query, admit, full)?;
        Ok(ranking.into_sorted())
    }

    fn nearest_by_estimate(
        &self,
        query: &[f32],
        depth: usize,
        admit: &dyn Fn(ConceptId) -> bool,
    ) -> Vec<Scored> {
        let mut ranking = Ranking::new(depth);
        if self.parts.is_empty() && self.fresh.is_empty() {
            return Vec::new();
        }
        let table = Table::new(query);
        let asked = Asked {
            query,
            table: &table,
            admit,
        };
        for part in self.fresh.iter() {
            part.lists_read(true)
                .for_each(|list| part.offer(&mut ranking, &asked, list, None));
        }
        if self.parts.is_empty() {
            return ranking.into_unsorted();
        }
        walk::nearest(&self.parts, &asked, ranking)
    }

    fn unit_query(&self, query: &[f32]) -> Vec<f32> {
        assert_eq!(
            query.len(),
            self.dimension,
            "the query does not have the dimension of the index"
        );
        let length = query
            .iter()
            .map(|&component| f64::from(component).powi(2))
            .sum::<f64>()
            .sqrt();
        let scale = if length > 0.0 { length.recip() } else { 0.0 };
        query
            .iter()
            .map(|&component| (f64::from(component) * scale) as f32)
            .collect()
    }
}

fn offer_exactly(
    ranking: &mut Ranking,
    rows: impl Iterator<Item = (ConceptId, u64)>,
    query: &[f32],
    admit: &dyn Fn(ConceptId) -> bool,
    full: &impl FullPrecision,
) -> Result<()> {
    for (id, row) in rows {
        let score = dot(query, full.row(id, row)?);
        if ranking.admits(score) && admit(id) {
            let place = Place::NONE;
            ranking.offer(Scored {
                score,
                id,
                row,
                place,
            });
        }
    }
    Ok(())
}
