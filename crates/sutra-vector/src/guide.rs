//! How the lists of a settled part are found: by codes of their centres.

use sutra_segment::Slice;

use crate::codes::{BLOCK_ROWS, Scales, Table, block_bytes, encode};
use crate::kernel::dot_floats;

/// Codes of the centres, by which the lists are found.
#[derive(Debug, Default)]
pub(crate) struct Guide {
    pub centre: Slice<f32>,
    pub codes: Slice<u8>,
    pub scales: Slice<Scales>,
}

impl Guide {
    /// That of centres, one after the other.
    pub fn new(centres: &[f32], dimension: usize) -> Self {
        let count = centres.len() / dimension;
        let mut mean = vec![0.0; dimension];
        for centre in centres.chunks(dimension) {
            mean.iter_mut()
                .zip(centre)
                .for_each(|(sum, component)| *sum += component);
        }
        mean.iter_mut().for_each(|sum| *sum /= count.max(1) as f32);
        let bytes = block_bytes(dimension);
        let mut codes = vec![0; count.div_ceil(BLOCK_ROWS) * bytes];
        let mut scales = vec![Scales::EMPTY; count.div_ceil(BLOCK_ROWS)];
        for (number, centre) in centres.chunks(dimension).enumerate() {
            let (block, place) = (number / BLOCK_ROWS, number % BLOCK_ROWS);
            let codes = &mut codes[block * bytes..][..bytes];
            encode(&mut centre.to_vec(), &mean, place, codes, &mut scales[block]);
            // Of two centres in one direction the nearer one to the rows of that direction is the one of their length.
            scales[block].shifts[place] -= 0.5 * dot_floats(centre, centre);
        }
        Self {
            centre: mean.into(),
            codes: codes.into(),
            scales: scales.into(),
        }
    }

    /// Tells of each centre c its number and q·c − |c|²/2, estimated: of a query of unit length, the greater the nearer.
    pub fn each(&self, query: &[f32], table: &Table, mut visit: impl FnMut(usize, f32)) {
        let bytes = block_bytes(query.len());
        if self.centre.len() != query.len() || self.codes.len() != self.scales.len() * bytes {
            return;
        }
        let along = dot_floats(query, &self.centre);
        let mut estimates = [0.0; BLOCK_ROWS];
        for (block, (codes, scales)) in self.codes.chunks(bytes).zip(self.scales.iter()).enumerate() {
            table.estimate(along, codes, scales, &mut estimates);
            for (place, estimate) in estimates.into_iter().enumerate() {
                if estimate > f32::NEG_INFINITY {
                    visit(block * BLOCK_ROWS + place, estimate);
                }
            }
        }
    }
}
