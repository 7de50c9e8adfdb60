//! Writing a part: its lists one after the other.

use std::sync::Arc;

use sutra_model::ConceptId;

use crate::codes::{BLOCK_ROWS, Scales, block_bytes, encode};
use crate::guide::Guide;
use crate::index::FullPrecision;
use crate::kernel::widen_row;
use crate::part::{Data, List, Net, Part, Row};

/// Lists that are being written.
pub(crate) struct Writer {
    dimension: usize,
    centres: Vec<f32>,
    lists: Vec<List>,
    codes: Vec<u8>,
    scales: Vec<Scales>,
    rows: Vec<Row>,
    order: Vec<u32>,
    row: Vec<f32>,
}

impl Writer {
    pub fn new(dimension: usize) -> Self {
        Self {
            dimension,
            centres: Vec::new(),
            lists: Vec::new(),
            codes: Vec::new(),
            scales: Vec::new(),
            rows: Vec::new(),
            order: Vec::new(),
            row: vec![0.0; dimension],
        }
    }

    /// Codes rows as a list of their own. One that cannot be read gets an endless estimate: every search takes it for
    /// the nearest, reads it, and meets the error.
    pub fn list(&mut self, rows: &[(ConceptId, u64)], full: &impl FullPrecision) {
        let mut centre = vec![0.0; self.dimension];
        let mut readable = 0;
        for (concept, number) in rows {
            let Ok(components) = full.row(*concept, *number) else {
                continue;
            };
            widen_row(components, &mut self.row);
            readable += 1;
            let sums = centre.iter_mut().zip(&self.row);
            sums.for_each(|(sum, component)| *sum += component);
        }
        centre.iter_mut().for_each(|sum| *sum /= readable.max(1) as f32);
        let block = self.scales.len();
        self.make_room(rows.len());
        let bytes = block_bytes(self.dimension);
        for (number, (concept, row)) in rows.iter().enumerate() {
            let (block, place) = (block + number / BLOCK_ROWS, number % BLOCK_ROWS);
            let at = block * BLOCK_ROWS + place;
            self.rows[at] = (*concept, *row).into();
            self.order.push(at as u32);
            match full.row(*concept, *row) {
                Ok(components) => {
                    widen_row(components, &mut self.row);
                    let codes = &mut self.codes[block * bytes..][..bytes];
                    encode(&mut self.row, &centre, place, codes, &mut self.scales[block]);
                }
                Err(_) => self.scales[block].shifts[place] = f32::INFINITY,
            }
        }
        self.end(block, rows.len(), &centre);
    }

    /// Takes a list of another part over, without the rows that went.
    pub fn copy(&mut self, part: &Part, list: usize) {
        let data = &part.data;
        let block = self.scales.len();
        let from = data.lists[list];
        let staying: Vec<usize> = data.places(from).filter(|place| !part.is_gone(*place)).collect();
        self.make_room(staying.len());
        let bytes = block_bytes(self.dimension);
        for (number, old) in staying.iter().enumerate() {
            let new = block * BLOCK_ROWS + number;
            self.rows[new] = data.rows[*old];
            self.order.push(new as u32);
            let (to, from) = (new / BLOCK_ROWS, old / BLOCK_ROWS);
            let (to_place, from_place) = (new % BLOCK_ROWS, old % BLOCK_ROWS);
            self.scales[to].factors[to_place] = data.scales[from].factors[from_place];
            self.scales[to].shifts[to_place] = data.scales[from].shifts[from_place];
            let nibbles = data.codes[from * bytes..][..bytes].chunks(BLOCK_ROWS / 2);
            let written = self.codes[to * bytes..][..bytes].chunks_mut(BLOCK_ROWS / 2);
            for (written, nibbles) in written.zip(nibbles) {
                let nibble = nibbles[from_place % 16] >> (from_place / 16 * 4) & 15;
                written[to_place % 16] |= nibble << (to_place / 16 * 4);
            }
        }
        self.end(block, staying.len(), data.centre(list));
    }

    fn make_room(&mut self, rows: usize) {
        let blocks = self.scales.len() + rows.div_ceil(BLOCK_ROWS);
        self.scales.resize(blocks, Scales::EMPTY);
        self.codes.resize(blocks * block_bytes(self.dimension), 0);
        self.rows.resize(blocks * BLOCK_ROWS, Row::default());
    }

    fn end(&mut self, block: usize, rows: usize, centre: &[f32]) {
        self.lists.push(List {
            block: block.try_into().expect("a part has under 2^32 blocks"),
            rows: rows.try_into().expect("a list has under 2^32 rows"),
        });
        self.centres.extend_from_slice(centre);
    }

    /// What was written, as a flat part.
    pub fn flat(self) -> Part {
        Part::of(self.finish(true))
    }

    /// What was written, as a settled part.
    pub fn settled(self, full: &impl FullPrecision) -> Part {
        let part = Part::of(self.finish(false).with_codes());
        let links = crate::links::links(&part, full);
        let mut data = Arc::into_inner(part.data).expect("nobody else has it yet");
        data.net.links = links.into();
        Part::of(data)
    }

    fn finish(mut self, flat: bool) -> Data {
        self.order
            .sort_unstable_by_key(|place| self.rows[*place as usize].concept);
        let guide = match flat {
            true => Guide::default(),
            false => Guide::new(&self.centres, self.dimension),
        };
        Data {
            dimension: self.dimension,
            flat,
            centres: self.centres.into(),
            lists: self.lists.into(),
            codes: self.codes.into(),
            scales: self.scales.into(),
            rows: self.rows.into(),
            order: self.order.into(),
            guide,
            net: Net::default(),
        }
    }
}
