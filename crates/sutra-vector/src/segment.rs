//! One immutable part of the index: rows as one bit a component, relative to the mean of the segment.
//!
//! A row x is c + r, with c the centre. Its code is the signs b of r, and r is taken to be f · b with
//! f = |r|² / |r|₁, which makes the estimate exact for a query along r and unbiased around it. So
//! q·x = q·c + (q − c)·r + c·r ≈ q·c + f · ((q − c)·b) + c·r, where c·r is stored.
//!
//! A row that cannot be read has no code. Its estimate is infinite: every search takes it for the nearest, reads it,
//! and meets the error. That of a row that was taken out is −∞, so that no search takes it.

use rustc_hash::FxHashSet;
use sutra_model::ConceptId;

use crate::index::FullPrecision;
use crate::kernel::{LANES, sum_where_set, widen_row};
use crate::query::CentredQuery;

/// Rows in a segment. Fewer would make more centres and round the query more often, more a longer tail that is
/// scored at full precision.
pub const SEGMENT_ROWS: usize = 1024;
const BLOCKS: usize = SEGMENT_ROWS / LANES;

/// [`SEGMENT_ROWS`] rows that are searched together.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// Whose each row is, and where its full precision lies.
    pub rows: Vec<(ConceptId, u64)>,
    /// How many were taken out.
    removed: usize,
    centre: Vec<f32>,
    /// Word `w` of the rows of block `k`, at `k · words + w`.
    codes: Vec<[u64; LANES]>,
    blocks: Vec<Block>,
}

/// What the estimate needs of each row besides its code.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// f = |r|² / |r|₁.
    factors: [f32; LANES],
    /// How many bits are set.
    bits_set: [f32; LANES],
    /// c·r; ∞ for a row that cannot be read, −∞ for one that was taken out.
    shifts: [f32; LANES],
}

impl Segment {
    /// Encodes rows; there are exactly [`SEGMENT_ROWS`].
    pub fn encode(rows: Vec<(ConceptId, u64)>, dimension: usize, full: &impl FullPrecision) -> Self {
        assert_eq!(rows.len(), SEGMENT_ROWS, "a segment is encoded when it is full");
        let mut row = vec![0.0; dimension];
        let mut centre = vec![0.0; dimension];
        let mut readable = 0;
        for (concept, number) in &rows {
            let Ok(components) = full.row(*concept, *number) else {
                continue;
            };
            widen_row(components, &mut row);
            readable += 1;
            centre
                .iter_mut()
                .zip(&row)
                .for_each(|(sum, component)| *sum += component);
        }
        centre.iter_mut().for_each(|sum| *sum /= readable.max(1) as f32);

        let words = dimension.div_ceil(64);
        let mut codes = vec![[0; LANES]; BLOCKS * words];
        let mut blocks = vec![Block::default(); BLOCKS];
        for (position, (concept, number)) in rows.iter().enumerate() {
            let (block, lane) = (position / LANES, position % LANES);
            let Ok(components) = full.row(*concept, *number) else {
                blocks[block].shifts[lane] = f32::INFINITY;
                continue;
            };
            widen_row(components, &mut row);
            let code = &mut codes[block * words..][..words];
            blocks[block].encode(lane, &mut row, &centre, code);
        }
        Self {
            rows,
            removed: 0,
            centre,
            codes,
            blocks,
        }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        SEGMENT_ROWS - self.removed
    }

    /// The rows that were not taken out.
    pub fn living(&self) -> impl Iterator<Item = (ConceptId, u64)> {
        let shifts = self.blocks.iter().flat_map(|block| block.shifts);
        let rows = self.rows.iter().zip(shifts);
        rows.filter(|(_, shift)| *shift != f32::NEG_INFINITY)
            .map(|(row, _)| *row)
    }

    /// The segment without the rows of these concepts.
    pub fn without(&self, gone: &FxHashSet<ConceptId>) -> Self {
        let mut left = self.clone();
        for (position, (id, _)) in self.rows.iter().enumerate() {
            let shift = &mut left.blocks[position / LANES].shifts[position % LANES];
            if gone.contains(id) && *shift != f32::NEG_INFINITY {
                *shift = f32::NEG_INFINITY;
                left.removed += 1;
            }
        }
        left
    }

    /// Writes the estimated dot product of the query and every row, in the order of `rows`.
    pub fn estimate(&self, query: &[f32], centred: &mut CentredQuery, estimates: &mut [f32; SEGMENT_ROWS]) {
        centred.set(query, &self.centre);
        let mut sums = [[0; LANES]; BLOCKS];
        sum_where_set(&self.codes, &centred.planes, &mut sums);
        let along_centre: f32 = query
            .iter()
            .zip(&self.centre)
            .map(|(query, centre)| query * centre)
            .sum();
        let (estimates, _) = estimates.as_chunks_mut::<LANES>();
        for ((estimates, block), sums) in estimates.iter_mut().zip(&self.blocks).zip(&sums) {
            for lane in 0..LANES {
                let where_set = centred.low * block.bits_set[lane] + centred.step * sums[lane] as i32 as f32;
                let along_signs = 2.0 * where_set - centred.total;
                estimates[lane] = along_centre + block.shifts[lane] + block.factors[lane] * along_signs;
            }
        }
    }
}

impl Block {
    fn encode(&mut self, lane: usize, row: &mut [f32], centre: &[f32], code: &mut [[u64; LANES]]) {
        let (mut squares, mut magnitudes, mut shift) = (0.0, 0.0, 0.0);
        for (component, centre) in row.iter_mut().zip(centre) {
            *component -= centre;
            squares += *component * *component;
            magnitudes += component.abs();
            shift += *component * centre;
        }
        let mut bits_set = 0;
        for (word, components) in code.iter_mut().zip(row.chunks(64)) {
            let bits = components.iter().enumerate();
            word[lane] = bits
                .map(|(bit, component)| u64::from(*component > 0.0) << bit)
                .sum();
            bits_set += word[lane].count_ones();
        }
        self.factors[lane] = if magnitudes > 0.0 {
            squares / magnitudes
        } else {
            0.0
        };
        self.bits_set[lane] = bits_set as f32;
        self.shifts[lane] = shift;
    }
}
