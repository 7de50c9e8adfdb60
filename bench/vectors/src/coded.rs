//! Rows coded in the ways that the scans read.

use crate::data::{Column, Data};

/// Rows whose nibbles lie side by side.
pub const BLOCK: usize = 32;
/// Bytes of a group of four components of a block: two rows in a byte.
pub const GROUP: usize = 16;

/// The same rows as nibbles of 32 rows together, as bits of one row together, and as bytes.
pub struct Coded {
    /// Components of a row.
    pub dimension: usize,
    /// The mean of all rows; codes of one bit say which components are above it.
    pub centre: Vec<f32>,
    /// Of whole blocks, as `sutra-vector` has them.
    pub nibbles: Vec<u8>,
    /// dimension / 64 words a row.
    pub bits: Vec<u64>,
    /// Each component between 0 and 127; 64 stands for nought.
    pub bytes: Vec<u8>,
    /// By how much the estimate of a row is stretched, and what is added to it.
    pub factors: Vec<f32>,
    /// As above; −∞ where a block has no row.
    pub shifts: Vec<f32>,
    /// What a step of a byte is worth, for each row.
    pub steps: Vec<f32>,
}

impl Coded {
    /// Codes the first rows of some data.
    pub fn new(data: &Data) -> Self {
        let (dimension, blocks) = (data.dimension, data.count.div_ceil(BLOCK));
        let padded = blocks * BLOCK;
        let centre = mean(&data.column, data.count, dimension);
        let mut coded = Self {
            dimension,
            centre,
            nibbles: vec![0; blocks * dimension / 4 * GROUP],
            bits: vec![0; padded * dimension / 64],
            bytes: vec![64; padded * dimension],
            factors: vec![0.0; padded],
            shifts: vec![f32::NEG_INFINITY; padded],
            steps: vec![0.0; padded],
        };
        for row in 0..data.count {
            coded.set(row, &data.column.floats(row));
        }
        coded
    }

    fn set(&mut self, row: usize, vector: &[f32]) {
        let widest = vector
            .iter()
            .fold(0.0_f32, |widest, component| widest.max(component.abs()));
        self.steps[row] = widest / 63.0;
        let (mut squares, mut magnitudes, mut along, mut along_signs) = (0.0, 0.0, 0.0, 0.0);
        let (block, place) = (row / BLOCK, row % BLOCK);
        let shift = if place < GROUP { 0 } else { 4 };
        for (position, (component, centre)) in vector.iter().zip(&self.centre).enumerate() {
            let level = (component / self.steps[row]).round();
            self.bytes[row * self.dimension + position] = (64.0 + level) as u8;
            let rest = component - centre;
            let above = rest > 0.0;
            squares += rest * rest;
            magnitudes += rest.abs();
            along += rest * centre;
            along_signs += if above { *centre } else { -centre };
            let group = block * self.dimension / 4 + position / 4;
            self.nibbles[group * GROUP + place % GROUP] |= u8::from(above) << (position % 4 + shift);
            self.bits[row * self.dimension / 64 + position / 64] |= u64::from(above) << (position % 64);
        }
        self.factors[row] = squares / magnitudes;
        self.shifts[row] = along - self.factors[row] * along_signs;
    }
}

fn mean(column: &Column, count: usize, dimension: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; dimension];
    for row in 0..count {
        for (sum, component) in sums.iter_mut().zip(column.at(row)) {
            *sum += f64::from(component.to_f32());
        }
    }
    sums.into_iter().map(|sum| (sum / count as f64) as f32).collect()
}
