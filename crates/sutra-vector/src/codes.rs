//! One bit a component: how rows are coded, and what a query needs to read the codes.
//!
//! A row x is c + r, with c the centre of the rows that it lies among. Its code is the signs b of r, and r is taken to
//! be f · b with f = |r|² / |r|₁, which makes the estimate exact for a query along r and unbiased around it. So
//! q·x = q·c + (q − c)·r + c·r ≈ q·c + f · (q·b) + s, where s = c·r − f · (c·b) is kept with the row.
//!
//! q·b is a sum over groups of four components, each of which can have sixteen values: they are computed once for a
//! query, rounded to a byte, and looked up for 32 rows at a time (the *fast scan* of F. André, A.-M. Kermarrec,
//! N. Le Scouarnec, *Quicker ADC*, IEEE TPAMI 2021).

use crate::kernel::{GROUP_BYTES, estimate_block, sum_levels};

/// Rows whose codes lie side by side.
pub(crate) const BLOCK_ROWS: usize = 32;
/// Components in a group.
const GROUP: usize = 4;

/// Groups of four components of a vector; padded so that the widest processor reads whole registers of them.
pub(crate) fn groups(dimension: usize) -> usize {
    dimension.div_ceil(GROUP).next_multiple_of(4)
}

/// Bytes of the codes of a block.
pub(crate) fn block_bytes(dimension: usize) -> usize {
    groups(dimension) * GROUP_BYTES
}

/// What the estimate needs of each row of a block besides its code.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Scales {
    /// f.
    pub factors: [f32; BLOCK_ROWS],
    /// s; ∞ for a row that every search has to read, −∞ for one that none finds.
    pub shifts: [f32; BLOCK_ROWS],
}

// SAFETY: an array of floats without padding, any bits of which are floats.
unsafe impl bytemuck::Zeroable for Scales {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Scales {}

impl Scales {
    /// Those of a block without rows.
    pub const EMPTY: Self = Self {
        factors: [0.0; BLOCK_ROWS],
        shifts: [f32::NEG_INFINITY; BLOCK_ROWS],
    };
}

/// Codes the row `row − centre` at a place of a block, whose bits there are 0, and leaves the difference in `row`.
pub(crate) fn encode(row: &mut [f32], centre: &[f32], place: usize, codes: &mut [u8], scales: &mut Scales) {
    let (mut squares, mut magnitudes, mut along, mut along_signs) = (0.0, 0.0, 0.0, 0.0);
    for (component, centre) in row.iter_mut().zip(centre) {
        *component -= centre;
        squares += *component * *component;
        magnitudes += component.abs();
        along += *component * centre;
        along_signs += if *component > 0.0 { *centre } else { -*centre };
    }
    let (byte, shift) = (place % GROUP_BYTES, if place < GROUP_BYTES { 0 } else { 4 });
    for (group, components) in row.chunks(GROUP).enumerate() {
        let bits = components.iter().enumerate();
        let bits: u8 = bits
            .map(|(bit, component)| u8::from(*component > 0.0) << bit)
            .sum();
        codes[group * GROUP_BYTES + byte] |= bits << shift;
    }
    let factor = if magnitudes > 0.0 {
        squares / magnitudes
    } else {
        0.0
    };
    scales.factors[place] = factor;
    scales.shifts[place] = along - factor * along_signs;
}

/// A query as codes are read by it.
pub(crate) struct Table {
    /// For each group the sums of the query's components where the bits of a nibble are set, in steps above the least.
    levels: Vec<[u8; GROUP_BYTES]>,
    /// The sum of all least ones.
    low: f32,
    /// The distance between levels.
    step: f32,
    /// The sum of all components.
    total: f32,
}

impl Table {
    /// That of a query.
    pub fn new(query: &[f32]) -> Self {
        let mut table = Self {
            levels: vec![[0; GROUP_BYTES]; groups(query.len())],
            low: 0.0,
            step: 0.0,
            total: query.iter().sum(),
        };
        let mut widest = 0.0_f32;
        for components in query.chunks(GROUP) {
            widest = widest.max(components.iter().map(|component| component.abs()).sum());
        }
        table.step = widest / f32::from(u8::MAX);
        let per_step = if widest > 0.0 { table.step.recip() } else { 0.0 };
        for (levels, components) in table.levels.iter_mut().zip(query.chunks(GROUP)) {
            let least: f32 = components.iter().map(|component| component.min(0.0)).sum();
            table.low += least;
            let mut sums = [-least; GROUP_BYTES];
            for (bit, component) in components.iter().enumerate() {
                for (nibble, sum) in sums.iter_mut().enumerate() {
                    *sum += if nibble >> bit & 1 == 1 { *component } else { 0.0 };
                }
            }
            for (level, sum) in levels.iter_mut().zip(sums) {
                *level = (sum * per_step + 0.5) as u8;
            }
        }
        table
    }

    /// Writes the estimated dot product of the query and each row of a block; `along_centre` is that of the query and
    /// the block's centre.
    pub fn estimate(
        &self,
        along_centre: f32,
        codes: &[u8],
        scales: &Scales,
        estimates: &mut [f32; BLOCK_ROWS],
    ) {
        let mut sums = [0; BLOCK_ROWS];
        sum_levels(codes, &self.levels, &mut sums);
        // f · (2 · (low + step · sum) − total) + s + q·c
        let (scale, offset) = (2.0 * self.step, 2.0 * self.low - self.total);
        estimate_block(&sums, scale, offset, along_centre, scales, estimates);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_near_what_the_signs_say() {
        for dimension in [1, 3, 16, 17, 384, 768, 1100, 4096] {
            let wave = |phase: f32, i: usize| ((i as f32 + 1.0) * phase).sin() / (dimension as f32).sqrt();
            let query: Vec<f32> = (0..dimension).map(|i| wave(0.7, i)).collect();
            let centre: Vec<f32> = (0..dimension).map(|i| 0.5 * wave(0.3, i)).collect();
            let mut codes = vec![0; block_bytes(dimension)];
            let mut scales = Scales::EMPTY;
            let rows: Vec<Vec<f32>> = (0..BLOCK_ROWS - 1)
                .map(|row| (0..dimension).map(|i| wave(0.11 + row as f32, i)).collect())
                .collect();
            for (place, row) in rows.iter().enumerate() {
                encode(&mut row.clone(), &centre, place, &mut codes, &mut scales);
            }
            let dot = |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(x, y)| x * y).sum::<f32>();
            let mut estimates = [0.0; BLOCK_ROWS];
            let table = Table::new(&query);
            table.estimate(dot(&query, &centre), &codes, &scales, &mut estimates);
            for (row, estimate) in rows.iter().zip(estimates) {
                let rest: Vec<f32> = row.iter().zip(&centre).map(|(x, c)| x - c).collect();
                let factor = dot(&rest, &rest) / rest.iter().map(|x| x.abs()).sum::<f32>();
                let signs: Vec<f32> = rest
                    .iter()
                    .map(|x| if *x > 0.0 { factor } else { -factor })
                    .collect();
                let from_centre: Vec<f32> = query.iter().zip(&centre).map(|(q, c)| q - c).collect();
                let expected = dot(&query, &centre) + dot(&from_centre, &signs) + dot(&centre, &rest);
                let slack = factor * table.step * groups(dimension) as f32 + 1e-4;
                assert!(
                    (estimate - expected).abs() < slack,
                    "{dimension}: {estimate} for {expected}"
                );
            }
            assert_eq!(estimates[BLOCK_ROWS - 1], f32::NEG_INFINITY);
        }
    }
}
