//! A query as a segment sees it: relative to the segment's centre, rounded to a few bits, as bit planes.

use crate::kernel::PLANES;

const LEVEL_MAX: f32 = ((1_u32 << PLANES) - 1) as f32;

/// The query less a centre, each component rounded to `low + step · level`, level in 0..16.
pub(crate) struct CentredQuery {
    /// Bit `i` of plane `p` of word `w` is bit `p` of the level of component `64 · w + i`.
    pub planes: Vec<[u64; PLANES]>,
    /// The least component.
    pub low: f32,
    /// The distance between levels.
    pub step: f32,
    /// The sum of all rounded components.
    pub total: f32,
    differences: Vec<f32>,
    levels: Vec<u8>,
}

impl CentredQuery {
    /// Room for queries of a dimension.
    pub fn new(dimension: usize) -> Self {
        let words = dimension.div_ceil(64);
        Self {
            planes: vec![[0; PLANES]; words],
            low: 0.0,
            step: 0.0,
            total: 0.0,
            differences: vec![0.0; dimension],
            levels: vec![0; words * 64],
        }
    }

    /// Takes a query and a centre. Components past the dimension stay at level 0, so no code bit there counts.
    pub fn set(&mut self, query: &[f32], centre: &[f32]) {
        let (mut low, mut high) = ([f32::INFINITY; 16], [f32::NEG_INFINITY; 16]);
        for (position, (difference, (query, centre))) in self
            .differences
            .iter_mut()
            .zip(query.iter().zip(centre))
            .enumerate()
        {
            *difference = query - centre;
            low[position % 16] = low[position % 16].min(*difference);
            high[position % 16] = high[position % 16].max(*difference);
        }
        self.low = low.into_iter().fold(f32::INFINITY, f32::min);
        self.step = (high.into_iter().fold(f32::NEG_INFINITY, f32::max) - self.low) / LEVEL_MAX;
        let per_step = if self.step > 0.0 { self.step.recip() } else { 0.0 };
        for (level, difference) in self.levels.iter_mut().zip(&self.differences) {
            *level = ((difference - self.low) * per_step + 0.5) as u8 & LEVEL_MAX as u8;
        }
        let level_total: u32 = self.levels.iter().map(|&level| u32::from(level)).sum();
        self.total = self.low * self.differences.len() as f32 + self.step * level_total as f32;
        self.fill_planes();
    }

    fn fill_planes(&mut self) {
        const LOW_BITS: u64 = 0x0101_0101_0101_0101;
        /// Gathers the low bit of each byte in the top byte, the first byte's bit lowest.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let (words, _) = self.levels.as_chunks::<64>();
        for (planes, levels) in self.planes.iter_mut().zip(words) {
            *planes = [0; PLANES];
            for (position, eight) in levels.as_chunks::<8>().0.iter().enumerate() {
                let bytes = u64::from_le_bytes(*eight);
                for (plane, bits) in planes.iter_mut().enumerate() {
                    *bits |= (((bytes >> plane) & LOW_BITS).wrapping_mul(GATHER) >> 56) << (position * 8);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_hold_every_component_within_half_a_step() {
        for dimension in [1, 2, 63, 64, 65, 200] {
            let query: Vec<f32> = (0..dimension).map(|i| (i as f32).sin()).collect();
            let centre: Vec<f32> = (0..dimension).map(|i| 0.3 * (i as f32).cos()).collect();
            let mut centred = CentredQuery::new(dimension);
            centred.set(&centre, &query);
            centred.set(&query, &centre);
            let mut total = 0.0;
            for i in 0..dimension {
                let level: u64 = (0..PLANES)
                    .map(|p| (centred.planes[i / 64][p] >> (i % 64) & 1) << p)
                    .sum();
                let rounded = centred.low + centred.step * level as f32;
                assert!((rounded - (query[i] - centre[i])).abs() <= 0.501 * centred.step);
                total += rounded;
            }
            assert!((total - centred.total).abs() < 1e-3);
        }
    }
}
