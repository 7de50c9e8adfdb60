//! Made-up vectors that lie as those of texts do, and what is nearest among them by an exact search.
//!
//! A power-law mixture of 2,000 Gaussians about a common mean, whose noise lies in one of 64 random subspaces of 32
//! dimensions each, scaled to unit length. Queries come from the same mixture and are no rows.

use half::f16;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use sutra_model::ConceptId;
use sutra_vector::{FullPrecision, dot};

const CENTRES: usize = 2000;
const SUBSPACES: usize = 64;
const INTRINSIC: usize = 32;
/// How far the common mean pulls a centre, which has unit length.
const PULL: f32 = 0.6;
/// Of the noise in every direction, and of that in the centre's subspace.
const NOISE: (f32, f32) = (0.012, 0.9);
/// Neighbours that are asked for.
pub const K: usize = 10;

/// The rows, those that come later, and the queries. Row r stands at `rows[r · dimension..]`.
pub struct Data {
    /// Components of a vector.
    pub dimension: usize,
    /// Rows that are indexed at first; as many as a fifth of these come after them.
    pub count: usize,
    /// All rows as they are stored: half precision.
    pub column: Column,
    /// Each of unit length.
    pub queries: Vec<Vec<f32>>,
}

/// Rows at half precision, in one piece.
pub struct Column {
    dimension: usize,
    components: Vec<f16>,
}

impl Column {
    /// The components of a row.
    pub fn at(&self, row: usize) -> &[f16] {
        &self.components[row * self.dimension..][..self.dimension]
    }

    /// The same as 32-bit floats.
    pub fn floats(&self, row: usize) -> Vec<f32> {
        self.at(row).iter().map(|component| component.to_f32()).collect()
    }
}

impl FullPrecision for Column {
    fn row(&self, _: ConceptId, row: u64) -> sutra_model::Result<&[f16]> {
        Ok(self.at(row as usize))
    }
}

struct Mixture {
    dimension: usize,
    centres: Vec<Vec<f32>>,
    /// Cumulative weights of the centres; the last is 1.
    weights: Vec<f64>,
    /// Of each subspace `INTRINSIC` vectors, orthonormal.
    bases: Vec<Vec<Vec<f32>>>,
}

fn normal(random: &mut StdRng, dimension: usize) -> Vec<f32> {
    (0..dimension).map(|_| random.sample(StandardNormal)).collect()
}

fn product(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(x, y)| x * y).sum()
}

fn add(sum: &mut [f32], factor: f32, vector: &[f32]) {
    for (sum, component) in sum.iter_mut().zip(vector) {
        *sum += factor * component;
    }
}

fn to_unit_length(vector: &mut [f32]) {
    let length = product(vector, vector).sqrt();
    vector.iter_mut().for_each(|component| *component /= length);
}

impl Mixture {
    fn new(random: &mut StdRng, dimension: usize) -> Self {
        let mut mean = normal(random, dimension);
        to_unit_length(&mut mean);
        let mut centre = || {
            let mut centre = normal(random, dimension);
            to_unit_length(&mut centre);
            add(&mut centre, PULL, &mean);
            centre
        };
        let centres = (0..CENTRES).map(|_| centre()).collect();
        let bases = (0..SUBSPACES).map(|_| basis(random, dimension)).collect();
        let shares = (0..CENTRES).map(|rank| (rank as f64 + 10.0).powf(-0.9));
        let mut sum = 0.0;
        let mut weights: Vec<f64> = shares
            .map(|share| {
                sum += share;
                sum
            })
            .collect();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Self {
            dimension,
            centres,
            weights,
            bases,
        }
    }

    fn draw(&self, random: &mut StdRng) -> Vec<f32> {
        let at: f64 = random.random();
        let which = self
            .weights
            .partition_point(|weight| *weight < at)
            .min(CENTRES - 1);
        let mut vector = normal(random, self.dimension);
        vector.iter_mut().for_each(|component| *component *= NOISE.0);
        add(&mut vector, 1.0, &self.centres[which]);
        for direction in &self.bases[which % SUBSPACES] {
            let along: f32 = random.sample(StandardNormal);
            add(
                &mut vector,
                along * NOISE.1 / (INTRINSIC as f32).sqrt(),
                direction,
            );
        }
        to_unit_length(&mut vector);
        vector
    }
}

/// Gram and Schmidt.
fn basis(random: &mut StdRng, dimension: usize) -> Vec<Vec<f32>> {
    let mut basis: Vec<Vec<f32>> = Vec::new();
    for _ in 0..INTRINSIC.min(dimension) {
        let mut vector = normal(random, dimension);
        for other in &basis {
            let along = product(&vector, other);
            add(&mut vector, -along, other);
        }
        to_unit_length(&mut vector);
        basis.push(vector);
    }
    basis
}

impl Data {
    /// The same for the same seed.
    pub fn new(count: usize, dimension: usize, queries: usize, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mixture = Mixture::new(&mut random, dimension);
        let queries = (0..queries).map(|_| mixture.draw(&mut random)).collect();
        let all = count + count / 5;
        let mut components = Vec::with_capacity(all * dimension);
        for _ in 0..all {
            components.extend(mixture.draw(&mut random).into_iter().map(f16::from_f32));
        }
        Self {
            dimension,
            count,
            column: Column {
                dimension,
                components,
            },
            queries,
        }
    }

    /// The nearest of some rows by an exact search, for each query, nearest first.
    pub fn truth(&self, rows: std::ops::Range<usize>, admit: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let of_one =
            |query: &Vec<f32>| nearest(query, rows.clone().filter(|row| admit(*row)), &self.column, K);
        self.queries.iter().map(of_one).collect()
    }
}

/// The `k` of some rows that are nearest at full precision, nearest first.
pub fn nearest(query: &[f32], rows: impl Iterator<Item = usize>, column: &Column, k: usize) -> Vec<usize> {
    let mut scored: Vec<(f32, usize)> = rows.map(|row| (dot(query, column.at(row)), row)).collect();
    let order =
        |left: &(f32, usize), right: &(f32, usize)| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1));
    if scored.len() > k {
        scored.select_nth_unstable_by(k - 1, order);
        scored.truncate(k);
    }
    scored.sort_unstable_by(order);
    scored.into_iter().map(|(_, row)| row).collect()
}

/// Which part of what is true was found.
pub fn recall(found: &[Vec<usize>], truth: &[Vec<usize>]) -> f64 {
    let hits: usize = found
        .iter()
        .zip(truth)
        .map(|(found, truth)| found.iter().filter(|row| truth.contains(row)).count())
        .sum();
    hits as f64 / truth.iter().map(Vec::len).sum::<usize>() as f64
}
