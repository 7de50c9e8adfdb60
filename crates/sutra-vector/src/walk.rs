//! A search of the settled parts: the nearest lists are read, and from the best rows in them it goes along links.

use std::collections::BinaryHeap;

use sutra_model::ConceptId;

use crate::kernel::{PLANES, dot_floats, sum_planes};
use crate::part::{Asked, LINKS, Part};
use crate::ranking::{Place, Ranking, Scored};

/// Rows that may be found, of which a search reads the codes before it goes along links, at the least.
const READ: usize = 2048;
/// The same for each that it scores at full precision: links lead from group to group of rows only where some of both
/// were found.
const READ_FOR_EACH: usize = 32;
/// The least where more than a quarter of the rows may not be found: links to these do not lead on.
const READ_NARROWED: usize = 16_384;

/// A query whose components are rounded to a few bits, as bit planes: what codes of single rows are read by.
pub(crate) struct Planes {
    planes: Vec<[u64; PLANES]>,
    low: f32,
    step: f32,
    /// The sum of all rounded components.
    total: f32,
}

impl Planes {
    pub fn new(query: &[f32]) -> Self {
        const LEVEL_MAX: f32 = ((1_u32 << PLANES) - 1) as f32;
        let low = query.iter().copied().fold(f32::INFINITY, f32::min);
        let high = query.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let step = (high - low) / LEVEL_MAX;
        let per_step = if step > 0.0 { step.recip() } else { 0.0 };
        let mut planes = vec![[0; PLANES]; query.len().div_ceil(64)];
        let mut levels = 0;
        for (position, component) in query.iter().enumerate() {
            let level = ((component - low) * per_step + 0.5) as u32;
            levels += level;
            for (plane, bits) in planes[position / 64].iter_mut().enumerate() {
                *bits |= u64::from(level >> plane & 1) << (position % 64);
            }
        }
        Self {
            planes,
            low,
            step,
            total: low * query.len() as f32 + step * levels as f32,
        }
    }

    /// The estimated dot product of the query and the signs of a code.
    pub fn along_signs(&self, bits: &[u64]) -> f32 {
        let (set, levels) = sum_planes(bits, &self.planes);
        2.0 * (self.low * set as f32 + self.step * levels as f32) - self.total
    }
}

/// The best of what was found so far and of the settled parts, by estimate.
pub(crate) fn nearest(parts: &[Part], asked: &Asked, mut ranking: Ranking) -> Vec<Scored> {
    let mut seen: Vec<Seen> = parts.iter().map(Seen::new).collect();
    let mut lists = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let part_number = (!part.is_flat()).then_some(number as u32);
        for list in part.lists_read(true) {
            part.offer(&mut ranking, asked, list, part_number);
            seen[number].mark(part.places_of(list));
        }
        part.each_list(asked, |list, near| lists.push(Near { near, number, list }));
    }
    let mut lists = BinaryHeap::from(lists);
    let limit = ranking.limit();
    let (mut read, mut admitted) = (0, 0);
    while admitted < wanted(limit, read, admitted) || !ranking.is_full() {
        let Some(Near { number, list, .. }) = lists.pop() else {
            break;
        };
        let part = &parts[number];
        let places = part.places_of(list);
        read += places.len();
        admitted += part.admitted(places.clone(), asked);
        part.offer(&mut ranking, asked, list, Some(number as u32));
        seen[number].mark(places);
    }
    if lists.is_empty() {
        // Everything was read: no link leads to anything else.
        return ranking.into_unsorted();
    }
    let found = ranking.into_ranked().into_iter();
    let mut pool = Pool {
        limit,
        held: found.map(|scored| (scored, false)).collect(),
    };
    let planes = Planes::new(asked.query);
    let mut next = Some(0);
    while let Some(position) = next {
        next = pool
            .unwalked(position)
            .map(|(position, Place { part: number, at })| {
                let (part, seen) = (&parts[number as usize], &mut seen[number as usize]);
                let first = pool.walk(part, number, at as usize, asked, &planes, seen);
                first.unwrap_or(position).min(position)
            });
    }
    pool.held.into_iter().map(|(scored, _)| scored).collect()
}

/// The best so far, by falling score, each with whether its links were gone along.
struct Pool {
    limit: usize,
    held: Vec<(Scored, bool)>,
}

impl Pool {
    /// The first from a position on that has links which nobody went along, now marked as gone along.
    fn unwalked(&mut self, from: usize) -> Option<(usize, Place)> {
        let rest = self.held.iter_mut().enumerate().skip(from);
        let mut unwalked = rest.filter(|(_, (scored, walked))| !walked && scored.place != Place::NONE);
        let (position, (scored, walked)) = unwalked.next()?;
        *walked = true;
        Some((position, scored.place))
    }

    /// Takes in what a row is linked to, and tells the first position at which something came in.
    fn walk(
        &mut self,
        part: &Part,
        number: u32,
        at: usize,
        asked: &Asked,
        planes: &Planes,
        seen: &mut Seen,
    ) -> Option<usize> {
        let mut first = None;
        // All that is new is asked for at once, and comes while the first of it is looked at.
        let (mut places, mut count) = ([0; LINKS], 0);
        for link in part.data.links(at) {
            let place = *link as usize;
            if seen.is_first(place) && !part.is_gone(place) {
                part.data.fetch(place);
                places[count] = place;
                count += 1;
            }
        }
        for place in places.into_iter().take(count) {
            let Some((list, bits, factor, shift)) = part.data.coded(place) else {
                continue;
            };
            let along = seen.along(list, || dot_floats(asked.query, part.data.centre(list)));
            let score = along + (shift + factor * planes.along_signs(bits));
            let worst = self.held.last().map_or(f32::NEG_INFINITY, |(held, _)| held.score);
            if self.held.len() >= self.limit && score <= worst {
                continue;
            }
            let row = part.data.row(place);
            let id = ConceptId(row.concept);
            if !(asked.admit)(id) {
                continue;
            }
            self.held.truncate(self.limit.saturating_sub(1));
            let position = self.held.partition_point(|(held, _)| held.score >= score);
            let place = Place {
                part: number,
                at: place as u32,
            };
            let row = row.row;
            self.held.insert(
                position,
                (
                    Scored {
                        score,
                        id,
                        row,
                        place,
                    },
                    false,
                ),
            );
            first = Some(first.map_or(position, |first: usize| first.min(position)));
        }
        first
    }
}

/// How many rows that may be found are to be read, when so many of those that were read may be.
fn wanted(limit: usize, read: usize, admitted: usize) -> usize {
    let is_narrow = 4 * admitted < 3 * read;
    let least = if is_narrow { READ_NARROWED } else { READ };
    limit.saturating_mul(READ_FOR_EACH).max(least)
}

/// What a search has seen of a part.
struct Seen {
    places: Vec<u64>,
    /// The query's dot product with each centre; NaN until it is wanted.
    along: Vec<f32>,
}

impl Seen {
    fn new(part: &Part) -> Self {
        match part.is_flat() {
            true => Self {
                places: Vec::new(),
                along: Vec::new(),
            },
            false => Self {
                places: vec![0; part.data.places_len().div_ceil(64)],
                along: vec![f32::NAN; part.data.lists_len()],
            },
        }
    }

    /// Whole lists begin at multiples of 32 places.
    fn mark(&mut self, places: std::ops::Range<usize>) {
        for place in places {
            if let Some(word) = self.places.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
    }

    fn is_first(&mut self, place: usize) -> bool {
        let bit = 1 << (place % 64);
        let Some(word) = self.places.get_mut(place / 64) else {
            return false;
        };
        let first = *word & bit == 0;
        *word |= bit;
        first
    }

    fn along(&mut self, list: usize, dot: impl FnOnce() -> f32) -> f32 {
        match self.along.get_mut(list) {
            Some(along) => {
                if along.is_nan() {
                    *along = dot();
                }
                *along
            }
            None => dot(),
        }
    }
}

/// A list of a part, and how near it is: the greater the nearer.
struct Near {
    near: f32,
    number: usize,
    list: usize,
}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let place = |entry: &Self| (entry.number, entry.list);
        let by_place = place(other).cmp(&place(self));
        self.near.total_cmp(&other.near).then(by_place)
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}
