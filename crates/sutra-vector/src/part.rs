//! One immutable part of the index: lists of rows that lie near each other, coded relative to the mean of their list.
//!
//! A *flat* part is searched whole. A *settled* one has its rows in lists of those near each other, and a search takes
//! the lists whose centres are nearest to the query. What was taken out since is marked beside it.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use rustc_hash::FxHashSet;
use sutra_model::ConceptId;
use sutra_segment::{Bytes, Kept, Layout, Marks, Sections, Slice};

use crate::codes::{BLOCK_ROWS, Scales, Table, block_bytes};
use crate::guide::Guide;
use crate::index::{DIMENSION_MAX, FullPrecision};
use crate::kernel::{dot_floats, fetch};
use crate::ranking::{Place, Ranking, Scored};
use crate::writer::Writer;

const FLAT: u64 = 0;
const SETTLED: u64 = 1;
/// Rows that each is linked to, at most.
pub(crate) const LINKS: usize = 32;
/// Of so many rows one is asked for, to know how many are admitted.
const ASKED_FOR: usize = 8;
/// A link to no row.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Rows with one centre.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct List {
    /// The block in which it begins.
    pub block: u32,
    /// How many rows it has.
    pub rows: u32,
}

/// Whose a row is, and where its full precision lies.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Row {
    pub concept: u64,
    pub row: u64,
}

impl From<(ConceptId, u64)> for Row {
    fn from((concept, row): (ConceptId, u64)) -> Self {
        Self {
            concept: concept.0,
            row,
        }
    }
}

/// What never changes.
#[derive(Debug)]
pub(crate) struct Data {
    pub dimension: usize,
    /// Whether every search reads all lists. In a settled part every search reads the first one: it holds what could not
    /// be read when the part was made.
    pub flat: bool,
    /// Those of the lists, one after the other.
    pub centres: Slice<f32>,
    pub lists: Slice<List>,
    /// Of all blocks, one after the other.
    pub codes: Slice<u8>,
    pub scales: Slice<Scales>,
    /// By place: block · 32 + place in the block.
    pub rows: Slice<Row>,
    /// The places of all rows, by concept.
    pub order: Slice<u32>,
    pub guide: Guide,
    pub net: Net,
}

/// What a settled part has besides, to go from row to row.
#[derive(Debug, Default)]
pub(crate) struct Net {
    /// The list of each block.
    pub lists: Slice<u32>,
    /// The codes again, those of each place together.
    pub bits: Slice<u64>,
    /// For each place [`LINKS`] places of rows near it, [`NOWHERE`] where there are fewer.
    pub links: Slice<u32>,
}

/// A part of an index of vectors, less what was taken out of it. Cloning it copies two pointers.
#[derive(Clone, Debug)]
pub struct Part {
    pub(crate) data: Arc<Data>,
    gone: Arc<Marks>,
}

impl Net {
    fn fits(&self, blocks: usize, dimension: usize) -> bool {
        self.lists.len() == blocks
            && self.bits.len() == blocks * BLOCK_ROWS * dimension.div_ceil(64)
            && self.links.len() == blocks * BLOCK_ROWS * LINKS
    }
}

impl Data {
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Places, those at which no row stands included.
    pub fn places_len(&self) -> usize {
        self.rows.len()
    }

    pub fn lists_len(&self) -> usize {
        self.lists.len()
    }

    pub fn row(&self, place: usize) -> Row {
        self.rows[place]
    }

    /// The places to which one is linked.
    pub fn links(&self, place: usize) -> &[u32] {
        let links = self.net.links.part(place * LINKS..(place + 1) * LINKS);
        let end = links.iter().position(|link| *link as usize >= self.rows.len());
        &links[..end.unwrap_or(links.len())]
    }

    /// The list of a place, its code, and the factor and shift of its estimate.
    pub fn coded(&self, place: usize) -> Option<(usize, &[u64], f32, f32)> {
        let words = self.dimension.div_ceil(64);
        let (block, at) = (place / BLOCK_ROWS, place % BLOCK_ROWS);
        let scales = self.scales.get(block)?;
        let list = *self.net.lists.get(block)? as usize;
        let bits = self.net.bits.get(place * words..(place + 1) * words)?;
        Some((list, bits, scales.factors[at], scales.shifts[at]))
    }

    /// Asks the processor for what [`coded`](Self::coded) will read.
    pub fn fetch(&self, place: usize) {
        let words = self.dimension.div_ceil(64);
        let (block, at) = (place / BLOCK_ROWS, place % BLOCK_ROWS);
        if let (Some(scales), Some(bits)) = (
            self.scales.get(block),
            self.net.bits.get(place * words..(place + 1) * words),
        ) {
            fetch(bits);
            fetch(&scales.factors[at..=at]);
            fetch(&scales.shifts[at..=at]);
        }
    }

    /// The same rows with their codes together, yet without links.
    pub fn with_codes(self) -> Self {
        let words = self.dimension.div_ceil(64);
        let bytes = block_bytes(self.dimension);
        let mut bits = vec![0_u64; self.rows.len() * words];
        for (place, bits) in bits.chunks_mut(words).enumerate() {
            let (block, at) = (place / BLOCK_ROWS, place % BLOCK_ROWS);
            let groups = self.codes[block * bytes..][..bytes].chunks(BLOCK_ROWS / 2);
            for (group, codes) in groups.enumerate().take(words * 16) {
                let nibble = codes[at % 16] >> (at / 16 * 4) & 15;
                bits[group / 16] |= u64::from(nibble) << (group % 16 * 4);
            }
        }
        let mut lists = vec![0; self.scales.len()];
        for (number, list) in self.lists.iter().enumerate() {
            let blocks = (list.rows as usize).div_ceil(BLOCK_ROWS);
            lists[list.block as usize..][..blocks].fill(number as u32);
        }
        let net = Net {
            lists: lists.into(),
            bits: bits.into(),
            links: Slice::default(),
        };
        Self { net, ..self }
    }

    /// The centre of a list.
    pub fn centre(&self, list: usize) -> &[f32] {
        self.centres
            .part(list * self.dimension..(list + 1) * self.dimension)
    }

    pub fn places(&self, list: List) -> impl Iterator<Item = usize> {
        let start = list.block as usize * BLOCK_ROWS;
        (start..start + list.rows as usize).take_while(|place| *place < self.rows.len())
    }

    fn place_of(&self, concept: ConceptId) -> Option<usize> {
        let concept_at = |place: &u32| self.rows.get(*place as usize).map_or(u64::MAX, |row| row.concept);
        let at = self.order.binary_search_by_key(&concept.0, concept_at).ok()?;
        Some(self.order[at] as usize)
    }
}

impl Part {
    pub(crate) fn of(data: Data) -> Self {
        Self {
            data: Arc::new(data),
            gone: Arc::default(),
        }
    }

    /// A flat part with one list.
    pub(crate) fn flat(rows: &[(ConceptId, u64)], dimension: usize, full: &impl FullPrecision) -> Self {
        let mut writer = Writer::new(dimension);
        writer.list(rows, full);
        writer.flat()
    }

    /// A flat part with the lists of flat ones, without the rows that went.
    pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>, dimension: usize) -> Self {
        let mut writer = Writer::new(dimension);
        for part in parts {
            for list in 0..part.data.lists.len() {
                writer.copy(part, list);
            }
        }
        writer.flat()
    }

    /// Whether every search reads all of it.
    pub(crate) fn is_flat(&self) -> bool {
        self.data.flat
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.data.order.len().saturating_sub(self.gone.count())
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many were taken out.
    pub(crate) fn removed(&self) -> usize {
        self.gone.count()
    }

    pub(crate) fn lists(&self) -> usize {
        self.data.lists.len()
    }

    pub(crate) fn is_gone(&self, place: usize) -> bool {
        self.gone.has(place)
    }

    /// The rows that were not taken out, list by list.
    pub(crate) fn living(&self) -> impl Iterator<Item = (ConceptId, u64)> {
        let lists = self.data.lists.iter();
        let places = lists.flat_map(|list| self.data.places(*list));
        places.filter_map(|place| self.living_at(place))
    }

    /// The same by concept: so they mostly lie in the column, which whoever reads all of them reads in its order.
    pub(crate) fn living_by_concept(&self) -> impl Iterator<Item = (ConceptId, u64)> {
        let places = self.data.order.iter();
        places.filter_map(|place| self.living_at(*place as usize))
    }

    fn living_at(&self, place: usize) -> Option<(ConceptId, u64)> {
        let row = self.data.rows.get(place).filter(|_| !self.is_gone(place))?;
        Some((ConceptId(row.concept), row.row))
    }

    /// The row of a concept, if it has one.
    pub(crate) fn row_of(&self, concept: ConceptId) -> Option<u64> {
        let place = self
            .data
            .place_of(concept)
            .filter(|place| !self.is_gone(*place))?;
        Some(self.data.rows[place].row)
    }

    /// The part without the rows of these concepts.
    pub(crate) fn without(&self, concepts: impl IntoIterator<Item = ConceptId>) -> Self {
        let mut gone = Arc::clone(&self.gone);
        for concept in concepts {
            let place = self.data.place_of(concept).filter(|place| !self.is_gone(*place));
            let Some(place) = place else { continue };
            Arc::make_mut(&mut gone).add(place);
        }
        Self {
            data: Arc::clone(&self.data),
            gone,
        }
    }

    /// The concepts that went since an earlier state of the same part.
    pub(crate) fn gone_since(&self, before: &Self) -> Vec<ConceptId> {
        let places = self.gone.since(&before.gone);
        places
            .map(|place| ConceptId(self.data.rows[place].concept))
            .collect()
    }

    /// Tells the lists that every search reads, or (`false`) that it chooses from.
    pub(crate) fn lists_read(&self, always: bool) -> std::ops::Range<usize> {
        let all = self.data.lists.len();
        match (self.data.flat, always) {
            (true, true) => 0..all,
            (true, false) => 0..0,
            (false, true) => 0..all.min(1),
            (false, false) => all.min(1)..all,
        }
    }

    /// Tells of each list that a search chooses from its number and how near it is.
    pub(crate) fn each_list(&self, asked: &Asked, mut visit: impl FnMut(usize, f32)) {
        let chosen = self.lists_read(false);
        if !chosen.is_empty() {
            self.data.guide.each(asked.query, asked.table, |list, near| {
                if chosen.contains(&list) {
                    visit(list, near);
                }
            });
        }
    }

    /// The places of a list.
    pub(crate) fn places_of(&self, list: usize) -> std::ops::Range<usize> {
        let List { block, rows } = self.data.lists[list];
        let start = block as usize * BLOCK_ROWS;
        start..(start + rows as usize).min(self.data.rows.len())
    }

    /// How many rows of these places a search may find, about: one in [`ASKED_FOR`] is asked for.
    pub(crate) fn admitted(&self, places: std::ops::Range<usize>, asked: &Asked) -> usize {
        let may_be_found =
            |place: &usize| !self.is_gone(*place) && (asked.admit)(ConceptId(self.data.rows[*place].concept));
        places.step_by(ASKED_FOR).filter(may_be_found).count() * ASKED_FOR
    }

    /// Offers the rows of a list by estimate. `number` is that of the part among those that are settled, if it is.
    pub(crate) fn offer(&self, ranking: &mut Ranking, asked: &Asked, list: usize, number: Option<u32>) {
        let data = &*self.data;
        let (List { block, rows }, centre) = (data.lists[list], data.centre(list));
        if rows == 0 || centre.len() != asked.query.len() {
            return;
        }
        let along = dot_floats(asked.query, centre);
        let (first, bytes) = (block as usize, block_bytes(data.dimension));
        let blocks = first..first + (rows as usize).div_ceil(BLOCK_ROWS);
        let codes = data
            .codes
            .part(blocks.start * bytes..blocks.end * bytes)
            .chunks(bytes);
        let mut estimates = [0.0; BLOCK_ROWS];
        for ((block, codes), scales) in blocks.clone().zip(codes).zip(data.scales.part(blocks)) {
            asked.table.estimate(along, codes, scales, &mut estimates);
            // Mostly no row of the block will do: one test without a branch for each.
            let best = estimates
                .iter()
                .fold(f32::NEG_INFINITY, |best, &estimate| best.max(estimate));
            if !ranking.admits(best) {
                continue;
            }
            let rows = data.rows.part(block * BLOCK_ROWS..(block + 1) * BLOCK_ROWS);
            for (place, (&score, row)) in estimates.iter().zip(rows).enumerate() {
                let id = ConceptId(row.concept);
                let at = block * BLOCK_ROWS + place;
                if ranking.admits(score) && !self.is_gone(at) && (asked.admit)(id) {
                    let place = number.map_or(Place::NONE, |part| Place { part, at: at as u32 });
                    let row = row.row;
                    ranking.offer(Scored {
                        score,
                        id,
                        row,
                        place,
                    });
                }
            }
        }
    }

    /// Components of a vector.
    pub(crate) fn dimension(&self) -> usize {
        self.data.dimension
    }
}

impl Kept for Part {
    const KIND: u32 = u32::from_le_bytes(*b"vect");

    fn laid_out<R>(&self, give: impl FnOnce(&Layout) -> R) -> R {
        let data = &*self.data;
        let head = [data.dimension as u64, if data.flat { FLAT } else { SETTLED }];
        let layout = Layout::new(Self::KIND)
            .with(&head)
            .with(&data.centres)
            .with(&data.lists)
            .with(&data.codes)
            .with(&data.scales)
            .with(&data.rows)
            .with(&data.order)
            .with(&data.guide.centre)
            .with(&data.guide.codes)
            .with(&data.guide.scales)
            .with(&data.net.lists)
            .with(&data.net.bits)
            .with(&data.net.links);
        give(&layout)
    }

    fn open<B: Bytes>(sections: &Sections<B>) -> Result<Self, String> {
        let head: Slice<u64> = sections.array(0).unwrap_or_default();
        let [dimension, flat @ (FLAT | SETTLED)] = head[..] else {
            return Err("it is no part of an index of vectors".to_owned());
        };
        let dimension = usize::try_from(dimension).unwrap_or(0);
        if !(1..=DIMENSION_MAX).contains(&dimension) {
            return Err(format!("it holds vectors of {dimension} components"));
        }
        let data = || {
            Some(Data {
                dimension,
                flat: flat == FLAT,
                centres: sections.array(1)?,
                lists: sections.array(2)?,
                codes: sections.array(3)?,
                scales: sections.array(4)?,
                rows: sections.array(5)?,
                order: sections.array(6)?,
                guide: Guide {
                    centre: sections.array(7)?,
                    codes: sections.array(8)?,
                    scales: sections.array(9)?,
                },
                net: Net {
                    lists: sections.array(10)?,
                    bits: sections.array(11)?,
                    links: sections.array(12)?,
                },
            })
        };
        let data = data().ok_or("its arrays are not those of an index of vectors")?;
        let blocks = data.scales.len();
        let fits = sections.kind() == Self::KIND
            && data.codes.len() == blocks * block_bytes(dimension)
            && data.rows.len() == blocks * BLOCK_ROWS
            && data.order.len() <= data.rows.len()
            && data.centres.len() == data.lists.len() * dimension
            && (data.flat || data.net.fits(blocks, dimension));
        match fits {
            true => Ok(Self::of(data)),
            false => Err("its arrays do not belong together".to_owned()),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    fn marks(&self) -> &[u64] {
        self.gone.words()
    }

    fn marked(self, marks: &[u64]) -> Self {
        let gone = Arc::new(Marks::of(marks, self.data.rows.len()));
        Self {
            data: self.data,
            gone,
        }
    }
}

/// What a search asks of a part.
pub(crate) struct Asked<'a> {
    /// Of unit length, or zero.
    pub query: &'a [f32],
    pub table: &'a Table,
    pub admit: &'a dyn Fn(ConceptId) -> bool,
}

/// The concepts of a list as a set.
pub(crate) fn set_of(concepts: &[ConceptId]) -> FxHashSet<ConceptId> {
    concepts.iter().copied().collect()
}
