//! Rows into lists of those near each other: k-means, in levels.
//!
//! Centres are found on a sample. Where there are to be many, few are found first and each is divided in turn, so that a
//! row is compared with a few times √n centres instead of n. Every row then goes to the nearest centre of all, found as
//! rows are found: by codes, the best few exactly. S. Lloyd, *Least squares quantization in PCM* (1982); the levels are
//! those of D. Nistér, H. Stewénius, *Scalable recognition with a vocabulary tree* (CVPR 2006).

use sutra_model::ConceptId;

use crate::codes::Table;
use crate::guide::Guide;
use crate::index::FullPrecision;
use crate::kernel::{dot_floats, widen_row};

/// Rows that a list has on average. Fewer make more centres to look through, more make coarser lists.
const LIST_ROWS: usize = 256;
/// A list with so many times more is divided.
const UNEVEN: usize = 4;
/// Rows of the sample for each centre.
const SAMPLE: usize = 32;
/// So many centres at most are found at once.
const AT_ONCE: usize = 48;
const ROUNDS: usize = 6;
/// Centres that a row is compared with exactly, the best by their codes.
const COMPARED: usize = 8;

/// Rows whose vectors are looked at.
type Rows = [(ConceptId, u64)];

/// Divides rows that can be read into lists; those that cannot come first, as a list of their own.
pub(crate) fn lists(rows: &Rows, dimension: usize, full: &impl FullPrecision) -> Vec<Vec<(ConceptId, u64)>> {
    let readable = |(concept, row): &(ConceptId, u64)| full.row(*concept, *row).is_ok();
    let (mut rows, unreadable): (Vec<_>, Vec<_>) = rows.iter().copied().partition(readable);
    let mut lists = vec![unreadable];
    let mut random = Random(rows.len() as u64);
    // A sample is a run of shuffled rows; in their own order those that were learned together lie together.
    random.shuffle(&mut rows);
    let mut cells = Cells {
        dimension,
        full,
        random,
    };
    cells.divide(rows, &mut lists);
    lists
}

struct Cells<'a, F> {
    dimension: usize,
    full: &'a F,
    random: Random,
}

impl<F: FullPrecision> Cells<'_, F> {
    fn divide(&mut self, rows: Vec<(ConceptId, u64)>, lists: &mut Vec<Vec<(ConceptId, u64)>>) {
        let count = rows.len().div_ceil(LIST_ROWS);
        if count <= 1 {
            lists.extend((!rows.is_empty()).then_some(rows));
            return;
        }
        let sample = &rows[..rows.len().min(count * SAMPLE)];
        let centres = self.centres(sample, count);
        let nearest = Nearest::new(centres, self.dimension);
        let mut divided = vec![Vec::new(); nearest.len()];
        let mut row = vec![0.0; self.dimension];
        for entry in &rows {
            self.read(*entry, &mut row);
            divided[nearest.of(&row)].push(*entry);
        }
        for cell in divided {
            // Rows that are all alike stay together.
            match cell.len() > UNEVEN * LIST_ROWS && cell.len() < rows.len() {
                true => self.divide(cell, lists),
                false => lists.extend((!cell.is_empty()).then_some(cell)),
            }
        }
    }

    /// About so many centres for the rows, one after the other.
    fn centres(&mut self, rows: &Rows, count: usize) -> Vec<f32> {
        let at_once = if count <= AT_ONCE { count } else { count.isqrt() };
        let mut centres = Vec::with_capacity(at_once * self.dimension);
        let mut row = vec![0.0; self.dimension];
        for _ in 0..at_once {
            let any = rows[self.random.below(rows.len())];
            self.read(any, &mut row);
            centres.extend_from_slice(&row);
        }
        let mut cells = vec![0; rows.len()];
        for round in 0..ROUNDS {
            let moved = self.round(rows, &mut centres, &mut cells);
            if round > 0 && moved == 0 {
                break;
            }
        }
        if at_once == count {
            return centres;
        }
        let mut finer = Vec::with_capacity(count * self.dimension);
        for (cell, centre) in centres.chunks(self.dimension).enumerate() {
            let within: Vec<_> = rows
                .iter()
                .zip(&cells)
                .filter(|(_, own)| **own == cell)
                .map(|(row, _)| *row)
                .collect();
            match (count * within.len()).div_ceil(rows.len()) {
                0 | 1 => finer.extend_from_slice(centre),
                // Rows that are all alike have one centre.
                _ if within.len() == rows.len() => finer.extend_from_slice(centre),
                share => finer.extend(self.centres(&within, share)),
            }
        }
        finer
    }

    /// Takes each row to its nearest centre and each centre to the mean of its rows; tells how many rows moved.
    fn round(&mut self, rows: &Rows, centres: &mut [f32], cells: &mut [usize]) -> usize {
        let dimension = self.dimension;
        let halves: Vec<f32> = centres
            .chunks(dimension)
            .map(|centre| 0.5 * dot_floats(centre, centre))
            .collect();
        let mut sums = vec![0.0; centres.len()];
        let mut counts = vec![0_u32; halves.len()];
        let mut row = vec![0.0; dimension];
        let mut moved = 0;
        for (entry, cell) in rows.iter().zip(cells) {
            self.read(*entry, &mut row);
            let (mut best, mut best_score) = (0, f32::NEG_INFINITY);
            for (number, (centre, half)) in centres.chunks(dimension).zip(&halves).enumerate() {
                let score = dot_floats(&row, centre) - half;
                if score > best_score {
                    (best, best_score) = (number, score);
                }
            }
            moved += usize::from(std::mem::replace(cell, best) != best);
            counts[best] += 1;
            let sum = &mut sums[best * dimension..][..dimension];
            sum.iter_mut()
                .zip(&row)
                .for_each(|(sum, component)| *sum += component);
        }
        let means = centres
            .chunks_mut(dimension)
            .zip(sums.chunks(dimension))
            .zip(counts);
        for ((centre, sum), count) in means {
            if count == 0 {
                // Nobody is near it: it begins anew where somebody is.
                let any = rows[self.random.below(rows.len())];
                self.read(any, centre);
                continue;
            }
            let share = (count as f32).recip();
            centre
                .iter_mut()
                .zip(sum)
                .for_each(|(mean, sum)| *mean = sum * share);
        }
        moved
    }

    fn read(&self, (concept, row): (ConceptId, u64), into: &mut [f32]) {
        match self.full.row(concept, row) {
            Ok(components) => widen_row(components, into),
            // It could be read when the lists were begun; wherever it goes now, whoever reads it meets the error.
            Err(_) => into.fill(0.0),
        }
    }
}

/// Centres among which the nearest one of a row is found.
struct Nearest {
    centres: Vec<f32>,
    halves: Vec<f32>,
    dimension: usize,
    guide: Guide,
}

impl Nearest {
    fn new(centres: Vec<f32>, dimension: usize) -> Self {
        let halves = centres
            .chunks(dimension)
            .map(|centre| 0.5 * dot_floats(centre, centre))
            .collect();
        let guide = Guide::new(&centres, dimension);
        Self {
            centres,
            halves,
            dimension,
            guide,
        }
    }

    fn len(&self) -> usize {
        self.halves.len()
    }

    fn of(&self, row: &[f32]) -> usize {
        let table = Table::new(row);
        let mut compared: [(f32, usize); COMPARED] = [(f32::NEG_INFINITY, 0); COMPARED];
        self.guide.each(row, &table, |number, near| {
            let mut entry = (near, number);
            if entry.0 > compared[COMPARED - 1].0 {
                for kept in &mut compared {
                    if entry.0 > kept.0 {
                        std::mem::swap(&mut entry, kept);
                    }
                }
            }
        });
        let exact = |number: usize| {
            dot_floats(row, &self.centres[number * self.dimension..][..self.dimension]) - self.halves[number]
        };
        let scores = compared.map(|(near, number)| match near > f32::NEG_INFINITY {
            true => (exact(number), number),
            false => (f32::NEG_INFINITY, number),
        });
        let best = scores
            .into_iter()
            .max_by(|left, right| left.0.total_cmp(&right.0));
        best.map_or(0, |(_, number)| number)
    }
}

/// A small generator (SplitMix64): what it divides is the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
