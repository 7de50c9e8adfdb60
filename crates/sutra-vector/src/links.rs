//! Links from each row of a settled part to rows near it.
//!
//! The nearest rows of each are looked for in the lists nearest to its own, then among those near its nearest (the local
//! join of W. Dong, M. Charikar, K. Li, *Efficient k-nearest neighbor graph construction for generic similarity
//! measures*, WWW 2011), both by estimate, and ranked at full precision. Of these a row is linked to those that are nearer
//! to it than to any that it is linked to already, so that links lead in all directions (the relative neighbourhood rule
//! of C. Fu et al., *Fast approximate nearest neighbor search with the navigating spreading-out graph*, VLDB 2019), and
//! is linked back as far as there is room.

use half::f16;
use sutra_model::ConceptId;

use crate::codes::Table;
use crate::index::FullPrecision;
use crate::kernel::{dot, dot_floats, widen_row};
use crate::part::{Asked, LINKS, NOWHERE, Part};
use crate::ranking::Ranking;
use crate::walk::Planes;

/// Rows in the lists that are looked through for each row.
const READ: usize = 4096;
/// How many of the nearest are kept to choose from.
const NEAR: usize = 48;
/// How many of them, and of the nearest of each, are joined.
const JOINED: usize = 16;
/// How many rows each is linked to; the others link back.
const FORWARD: usize = 20;

/// [`LINKS`] places for each place of a part.
pub(crate) fn links<F: FullPrecision>(part: &Part, full: &F) -> Vec<u32> {
    let mut net = Knots {
        part,
        full,
        near: vec![[NOWHERE; NEAR]; part.data.places_len()],
    };
    net.look_in_lists();
    net.join();
    net.link()
}

struct Knots<'a, F> {
    part: &'a Part,
    full: &'a F,
    /// The nearest of each place, nearest first.
    near: Vec<[u32; NEAR]>,
}

impl<F: FullPrecision> Knots<'_, F> {
    fn look_in_lists(&mut self) {
        let data = &self.part.data;
        let mut row = vec![0.0; data.dimension()];
        for list in 1..data.lists_len() {
            let lists = lists_near(self.part, list, READ);
            for place in self.part.places_of(list) {
                if !self.read(place, &mut row) {
                    continue;
                }
                let own = data.row(place).concept;
                let asked = Asked {
                    query: &row,
                    table: &Table::new(&row),
                    admit: &|id| id.0 != own,
                };
                let mut ranking = Ranking::new(NEAR);
                for list in &lists {
                    self.part.offer(&mut ranking, &asked, *list, Some(0));
                }
                let found = ranking.into_ranked();
                for (near, scored) in self.near[place].iter_mut().zip(found) {
                    *near = scored.place.at;
                }
            }
        }
    }

    fn join(&mut self) {
        let data = &self.part.data;
        let mut joined_near = self.near.clone();
        let mut row = vec![0.0; data.dimension()];
        let mut along = vec![f32::NAN; data.lists_len()];
        let (mut candidates, mut scored) = (Vec::<u32>::new(), Vec::<(f32, u32)>::new());
        for list in 1..data.lists_len() {
            for place in self.part.places_of(list) {
                if !self.read(place, &mut row) {
                    continue;
                }
                candidates.clear();
                candidates.extend(self.near[place].iter().filter(|near| **near != NOWHERE));
                for near in self.near[place]
                    .iter()
                    .take(JOINED)
                    .filter(|near| **near != NOWHERE)
                {
                    let theirs = &self.near[*near as usize][..JOINED];
                    candidates.extend(theirs.iter().filter(|near| **near != NOWHERE));
                }
                candidates.sort_unstable();
                candidates.dedup();
                along.fill(f32::NAN);
                let planes = Planes::new(&row);
                scored.clear();
                for candidate in candidates.iter().filter(|other| **other as usize != place) {
                    if let Some((list, bits, factor, shift)) = data.coded(*candidate as usize) {
                        if along[list].is_nan() {
                            along[list] = dot_floats(&row, data.centre(list));
                        }
                        let score = along[list] + (shift + factor * planes.along_signs(bits));
                        scored.push((score, *candidate));
                    }
                }
                scored.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
                for (near, (_, other)) in joined_near[place].iter_mut().zip(&scored) {
                    *near = *other;
                }
            }
        }
        self.near = joined_near;
    }

    fn link(&self) -> Vec<u32> {
        let data = &self.part.data;
        let mut links = vec![NOWHERE; data.places_len() * LINKS];
        let mut row = vec![0.0; data.dimension()];
        let mut floats: Vec<Vec<f32>> = vec![vec![0.0; data.dimension()]; FORWARD];
        for place in (1..data.lists_len()).flat_map(|list| self.part.places_of(list)) {
            if !self.read(place, &mut row) {
                continue;
            }
            let near = self.near[place].iter().filter(|near| **near != NOWHERE);
            let read = near.filter_map(|near| {
                let other = data.row(*near as usize);
                let components = self.full.row(ConceptId(other.concept), other.row).ok()?;
                Some((dot(&row, components), *near, components))
            });
            let mut found: Vec<(f32, u32, &[f16])> = read.collect();
            found.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            let mut kept = 0;
            for (score, at, components) in found {
                if kept == FORWARD {
                    break;
                }
                if floats[..kept].iter().all(|other| dot(other, components) <= score) {
                    widen_row(components, &mut floats[kept]);
                    links[place * LINKS + kept] = at;
                    kept += 1;
                }
            }
        }
        link_back(&mut links);
        links
    }

    /// Whether the row of a place can be read.
    fn read(&self, place: usize, into: &mut [f32]) -> bool {
        let own = self.part.data.row(place);
        match self.full.row(ConceptId(own.concept), own.row) {
            Ok(components) => widen_row(components, into),
            Err(_) => return false,
        }
        true
    }
}

/// The lists nearest to one, itself first, that have so many rows or more.
fn lists_near(part: &Part, list: usize, rows_least: usize) -> Vec<usize> {
    let data = &part.data;
    let own = data.centre(list);
    let nearness = |other: usize| {
        let centre = data.centre(other);
        (dot_floats(own, centre) - 0.5 * dot_floats(centre, centre), other)
    };
    let mut near: Vec<(f32, usize)> = (1..data.lists_len()).map(nearness).collect();
    near.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
    let mut rows = 0;
    let enough = near.into_iter().take_while(|(_, other)| {
        let before = rows;
        rows += part.places_of(*other).len();
        before < rows_least
    });
    enough.map(|(_, other)| other).collect()
}

/// Links each back from where it is linked to, the nearest first, where there is room.
fn link_back(links: &mut [u32]) {
    let used_of = |links: &[u32]| links.iter().take_while(|link| **link != NOWHERE).count();
    let mut used: Vec<usize> = links.chunks(LINKS).map(used_of).collect();
    for number in 0..FORWARD {
        for place in 0..used.len() {
            let to = links[place * LINKS + number];
            if to == NOWHERE {
                continue;
            }
            let (to, place) = (to as usize, place as u32);
            let others = &mut links[to * LINKS..][..LINKS];
            if used[to] < LINKS && !others[..used[to]].contains(&place) {
                others[used[to]] = place;
                used[to] += 1;
            }
        }
    }
}
