//! The index against brute force.

use std::collections::BTreeSet;

use half::f16;
use proptest::prelude::*;
use sutra_model::{ConceptId, Error, Result};
use sutra_segment::{Kept, Sections};
use sutra_vector::{FullPrecision, How, Part, SEGMENT_ROWS, VectorIndex};

/// Rows in memory, unit length, as a caller would keep them.
struct Column {
    dimension: usize,
    components: Vec<f16>,
}

impl Column {
    fn len(&self) -> usize {
        self.components.len() / self.dimension
    }
}

impl FullPrecision for Column {
    fn row(&self, concept: ConceptId, row: u64) -> Result<&[f16]> {
        let start = usize::try_from(row)
            .ok()
            .and_then(|row| row.checked_mul(self.dimension));
        let rest = start.and_then(|start| self.components.get(start..));
        let row = rest.and_then(|rest| rest.get(..self.dimension));
        row.ok_or(Error::UnknownConcept(concept.0))
    }
}

/// A small generator, so that thousands of rows cost proptest one number.
struct Random(u64);

impl Random {
    /// Uniform in -1..1.
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// A vector of unit length around one of a few topics, all of which lean the same way.
    fn vector(&mut self, dimension: usize) -> Vec<f32> {
        self.vector_about(8, dimension)
    }

    /// The same around one of `topics`.
    fn vector_about(&mut self, topics: u64, dimension: usize) -> Vec<f32> {
        let mut topic = Random((self.next().abs() * topics as f32) as u64);
        let mut vector: Vec<f32> = (0..dimension)
            .map(|i| 0.5 * (i as f32).sin() + topic.next() + 0.7 * self.next())
            .collect();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
        vector.iter_mut().for_each(|x| *x /= length);
        vector
    }
}

fn column(rows: usize, dimension: usize, seed: u64) -> Column {
    let mut random = Random(seed);
    let components = (0..rows)
        .flat_map(|_| random.vector(dimension))
        .map(f16::from_f32)
        .collect();
    Column {
        dimension,
        components,
    }
}

/// Ids that fall while rows rise, so that neither order can be taken for the other.
fn id_of(row: u64) -> ConceptId {
    ConceptId(1_000_000 - row)
}

fn additions(rows: std::ops::Range<u64>) -> Vec<(ConceptId, u64)> {
    rows.map(|row| (id_of(row), row)).collect()
}

fn index_of(column: &Column) -> VectorIndex {
    VectorIndex::new(column.dimension).with(&additions(0..column.len() as u64), column)
}

/// Every cosine in double precision, by falling cosine.
fn oracle(column: &Column, query: &[f32], admit: impl Fn(ConceptId) -> bool) -> Vec<(ConceptId, f64)> {
    let length = query.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let mut all: Vec<(ConceptId, f64)> = (0..column.len() as u64)
        .filter(|&row| admit(id_of(row)))
        .map(|row| {
            let products = query
                .iter()
                .zip(column.row(id_of(row), row).unwrap())
                .map(|(&x, y)| f64::from(x) * y.to_f64());
            (id_of(row), products.sum::<f64>() / length)
        })
        .collect();
    all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    all
}

/// The same scores as the oracle's best, each the true one of its concept, in order.
fn assert_exact(found: &[(ConceptId, f32)], truth: &[(ConceptId, f64)], k: usize) {
    assert_eq!(found.len(), k.min(truth.len()));
    for ((id, score), (_, best)) in found.iter().zip(truth) {
        assert!(
            (f64::from(*score) - best).abs() < 1e-5,
            "{score} where the best is {best}"
        );
        let own = truth
            .iter()
            .find(|(other, _)| other == id)
            .expect("a concept that may be found")
            .1;
        assert!((f64::from(*score) - own).abs() < 1e-5);
    }
    assert!(found.is_sorted_by(|left, right| left.1 > right.1 || (left.1 == right.1 && left.0 < right.0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn exact_search_is_brute_force(
        rows in 0_usize..2500, dimension in 1_usize..200, k in 0_usize..40, seed: u64, keep in 1_u64..9,
    ) {
        let column = column(rows, dimension, seed);
        let query = Random(!seed).vector(dimension);
        let index = index_of(&column);
        prop_assert_eq!(index.len(), rows);
        assert_exact(&index.search_exact(&query, k, &column).unwrap(), &oracle(&column, &query, |_| true), k);
        let admit = |id: ConceptId| id.0.is_multiple_of(keep);
        let found = index.search_exact_where(&query, k, &admit, &column).unwrap();
        assert_exact(&found, &oracle(&column, &query, admit), k);
    }

    #[test]
    fn search_as_deep_as_the_index_is_exact(
        rows in 0_usize..2500, dimension in 1_usize..200, k in 0_usize..40, seed: u64, keep in 1_u64..9,
    ) {
        let column = column(rows, dimension, seed);
        let query = Random(!seed).vector(dimension);
        let index = index_of(&column);
        prop_assert_eq!(index.search(&query, k, Some(rows), &column).unwrap(), index.search_exact(&query, k, &column).unwrap());
        let admit = |id: ConceptId| id.0.is_multiple_of(keep);
        prop_assert_eq!(
            index.search_where(&query, k, Some(rows), &admit, &column).unwrap(),
            index.search_exact_where(&query, k, &admit, &column).unwrap()
        );
    }

    #[test]
    fn snapshots_do_not_depend_on_how_rows_arrived_and_never_change(
        steps in prop::collection::vec(prop_oneof![0_u64..3, 0_u64..1500], 1..6), dimension in 1_usize..80, seed: u64,
    ) {
        let total: u64 = steps.iter().sum();
        let column = column(total as usize, dimension, seed);
        let query = Random(!seed).vector(dimension);
        let mut snapshots = vec![(VectorIndex::new(dimension), 0)];
        for step in steps {
            let (last, rows) = snapshots.last().expect("there is one");
            let next = (last.with(&additions(*rows..rows + step), &column), rows + step);
            snapshots.push(next);
        }
        for (snapshot, rows) in snapshots {
            let at_once = VectorIndex::new(dimension).with(&additions(0..rows), &column);
            prop_assert_eq!(snapshot.len(), rows as usize);
            prop_assert_eq!(snapshot.search(&query, 10, Some(20), &column).unwrap(), at_once.search(&query, 10, Some(20), &column).unwrap());
            prop_assert_eq!(snapshot.search_exact(&query, 10, &column).unwrap(), at_once.search_exact(&query, 10, &column).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_taken_out_is_not_found(
        rows in 0_u64..4500, dimension in 1_usize..80, start in 0_u64..4500, length in 0_u64..3000, step in 1_u64..4, seed: u64,
    ) {
        let column = column(rows as usize, dimension, seed);
        let query = Random(!seed).vector(dimension);
        let index = index_of(&column);
        let gone: Vec<ConceptId> = (start..start + length).step_by(step as usize).map(id_of).collect();
        let stays = |id: ConceptId| gone.binary_search_by(|other| id.cmp(other)).is_err();
        let left = index.without(&gone, &column);
        let truth = oracle(&column, &query, stays);
        prop_assert_eq!(left.len(), truth.len());
        assert_exact(&left.search_exact(&query, 20, &column).unwrap(), &truth, 20);
        assert_exact(&left.search(&query, 20, Some(rows as usize), &column).unwrap(), &truth, 20);
        prop_assert_eq!(left.without(&gone, &column).len(), left.len());
        prop_assert_eq!(index.len(), rows as usize);
        assert_exact(&index.search_exact(&query, 20, &column).unwrap(), &oracle(&column, &query, |_| true), 20);
        let again: Vec<_> = (0..rows).filter(|row| !stays(id_of(*row))).map(|row| (id_of(row), row)).collect();
        let whole = left.with(&again, &column);
        assert_exact(&whole.search(&query, 20, Some(rows as usize), &column).unwrap(), &oracle(&column, &query, |_| true), 20);
    }
}

/// The same rows, settled.
fn settled(index: &VectorIndex, full: &impl FullPrecision) -> VectorIndex {
    let apart = index.apart(full);
    match apart.settle(How::Settled, usize::MAX, full) {
        Some(made) => apart.with_settled(&made),
        None => apart,
    }
}

/// The index of the files of another, all of which was set apart.
fn in_files(index: &VectorIndex) -> VectorIndex {
    let read = index.parts().iter().map(|part| {
        let file = part.laid_out(|layout| layout.to_bytes());
        let sections = Sections::open(file).unwrap();
        sections.check().unwrap();
        Part::open(&sections).unwrap().marked(part.marks())
    });
    VectorIndex::of_parts(index.dimension(), read.collect()).unwrap()
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64),
    /// The first row, how many, and each how manieth.
    Take(u64, u64, usize),
    /// What was begun before takes its place, and the next is begun.
    Begin(How),
    End,
    Files,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u64..1500).prop_map(Step::Add),
        2 => (0_u64..4000, 0_u64..1500, 1_usize..4).prop_map(|(first, count, each)| Step::Take(first, count, each)),
        2 => prop_oneof![Just(How::Settled), Just(How::Flat)].prop_map(Step::Begin),
        1 => Just(Step::End),
        1 => Just(Step::Files),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_settled_while_it_changed_is_what_was_given_and_not_taken_out(
        steps in prop::collection::vec(step(), 1..12), dimension in 1_usize..40, seed: u64,
    ) {
        let column = column(12 * 1500, dimension, seed);
        let query = Random(!seed).vector(dimension);
        let mut index = VectorIndex::new(dimension);
        let (mut rows, mut here) = (0, BTreeSet::new());
        let mut settling = None;
        for step in steps {
            match step {
                Step::Add(count) => {
                    index = index.with(&additions(rows..rows + count), &column);
                    here.extend((rows..rows + count).map(id_of));
                    rows += count;
                }
                Step::Take(first, count, each) => {
                    let gone: Vec<ConceptId> = (first..first + count).step_by(each).map(id_of).collect();
                    index = index.without(&gone, &column);
                    gone.iter().for_each(|id| { here.remove(id); });
                    // Some come back, as what was retired does.
                    let back: Vec<_> = (first..rows.min(first + count)).step_by(2 * each).map(|row| (id_of(row), row)).collect();
                    index = index.with(&back, &column);
                    here.extend(back.iter().map(|(id, _)| *id));
                }
                Step::Begin(how) => {
                    index = settling.take().map_or(index.clone(), |made| index.with_settled(&made)).apart(&column);
                    settling = index.settle(how, 100, &column);
                }
                Step::End => index = settling.take().map_or(index.clone(), |made| index.with_settled(&made)),
                Step::Files => {
                    settling = None;
                    index = in_files(&index.apart(&column));
                }
            }
            prop_assert_eq!(index.len(), here.len());
            let truth = oracle(&column, &query, |id| here.contains(&id));
            let truth: Vec<_> = truth.into_iter().filter(|(id, _)| here.contains(id)).collect();
            assert_exact(&index.search_exact(&query, 10, &column).unwrap(), &truth, 10);
            assert_exact(&index.search(&query, 10, Some(rows as usize), &column).unwrap(), &truth, 10);
            for id in [id_of(0), id_of(rows / 2), id_of(rows)] {
                let row = 1_000_000 - id.0;
                prop_assert_eq!(index.row_of(id), here.contains(&id).then_some(row));
            }
        }
    }
}

#[test]
fn what_was_settled_is_found_again_and_narrowed_too() {
    let (rows, dimension) = (16 * SEGMENT_ROWS, 256);
    let topics = rows as u64 / 16;
    let mut random = Random(13);
    let components = (0..rows)
        .flat_map(|_| random.vector_about(topics, dimension))
        .map(f16::from_f32)
        .collect();
    let column = Column {
        dimension,
        components,
    };
    let index = settled(&index_of(&column), &column);
    assert_eq!(index.unsettled(), 0);
    let gone: Vec<ConceptId> = (0..rows as u64).step_by(7).map(id_of).collect();
    let less = index.without(&gone, &column);
    for (index, each) in [(&index, 1), (&index, 2), (&index, 10), (&index, 100), (&less, 1)] {
        let admit = |id: ConceptId| id.0.is_multiple_of(each);
        let mut hits = 0;
        for _ in 0..50 {
            let query = random.vector_about(topics, dimension);
            let found = index.search_where(&query, 10, None, &admit, &column).unwrap();
            let exact = index.search_exact_where(&query, 10, &admit, &column).unwrap();
            hits += found.iter().filter(|one| exact.contains(one)).count();
        }
        assert!(hits >= 480, "{hits} of 500 where one in {each} is admitted");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_damaged_file_says_something_wrong_or_nothing(
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..200), how: bool, seed: u64,
    ) {
        let column = column(3000, 20, seed);
        let index = if how { settled(&index_of(&column), &column) } else { index_of(&column).apart(&column) };
        let damaged = index.parts().iter().map(|part| {
            let mut file = part.laid_out(|layout| layout.to_bytes());
            let length = file.len();
            damage.iter().for_each(|(at, byte)| file[4096 + at % (length - 4096)] = *byte);
            Ok(Part::open(&Sections::open(file)?)?.marked(part.marks()))
        });
        // Some of it may be noticed when it is opened.
        let parts: std::result::Result<Vec<Part>, String> = damaged.collect();
        let Ok(index) = parts.and_then(|parts| VectorIndex::of_parts(20, parts)) else {
            return Ok(());
        };
        for seed in 0..5 {
            let query = Random(seed).vector(20);
            let _ = index.search(&query, 10, None, &column);
            let _ = index.search_exact(&query, 10, &column);
            let _ = index.row_of(id_of(seed));
        }
        let less = index.without(&[id_of(1), id_of(77)], &column);
        let _ = settled(&less, &column).len();
    }
}

#[test]
fn a_part_of_another_dimension_is_refused() {
    let column = column(SEGMENT_ROWS, 70, 1);
    let parts = index_of(&column).apart(&column).parts().to_vec();
    assert!(VectorIndex::of_parts(70, parts.clone()).is_ok());
    assert!(
        VectorIndex::of_parts(71, parts)
            .unwrap_err()
            .contains("70 components, not 71")
    );
}

/// As sentences do, rows have a few near neighbours each: inside one topic of noise alone there is nothing to find.
#[test]
fn codes_find_what_brute_force_finds() {
    let rows = 8 * SEGMENT_ROWS;
    let topics = rows as u64 / 16;
    for dimension in [100, 256, 384] {
        let mut random = Random(11);
        let components = (0..rows)
            .flat_map(|_| random.vector_about(topics, dimension))
            .map(f16::from_f32)
            .collect();
        let column = Column {
            dimension,
            components,
        };
        let index = index_of(&column);
        let mut hits = 0;
        for _ in 0..50 {
            let query = random.vector_about(topics, dimension);
            let found = index.search(&query, 10, None, &column).unwrap();
            let exact = index.search_exact(&query, 10, &column).unwrap();
            hits += found.iter().filter(|one| exact.contains(one)).count();
        }
        assert!(hits >= 490, "{hits} of 500 in {dimension} dimensions");
    }
}

#[test]
fn codes_find_as_much_after_rows_were_taken_out() {
    let (rows, dimension) = (8 * SEGMENT_ROWS, 256);
    let topics = rows as u64 / 16;
    let mut random = Random(12);
    let components = (0..rows)
        .flat_map(|_| random.vector_about(topics, dimension))
        .map(f16::from_f32)
        .collect();
    let column = Column {
        dimension,
        components,
    };
    for share in [10, 2] {
        let whole = index_of(&column);
        let gone: Vec<ConceptId> = (0..rows as u64)
            .filter(|row| (row * 7919) % 1000 < 1000 / share)
            .map(id_of)
            .collect();
        let index = whole.without(&gone, &column);
        assert_eq!(index.len(), rows - gone.len());
        let mut hits = 0;
        for _ in 0..50 {
            let query = random.vector_about(topics, dimension);
            let found = index.search(&query, 10, None, &column).unwrap();
            let exact = index.search_exact(&query, 10, &column).unwrap();
            hits += found.iter().filter(|one| exact.contains(one)).count();
        }
        assert!(hits >= 490, "{hits} of 500 with one in {share} taken out");
    }
}

#[test]
fn a_rare_filter_costs_no_recall() {
    let column = column(4 * SEGMENT_ROWS, 128, 3);
    let index = index_of(&column);
    let query = Random(9).vector(128);
    let admit = |id: ConceptId| id.0.is_multiple_of(400);
    let found = index.search_where(&query, 10, None, &admit, &column).unwrap();
    assert_eq!(
        found,
        index.search_exact_where(&query, 10, &admit, &column).unwrap()
    );
    assert_eq!(found.len(), 10);
}

#[test]
fn equal_rows_come_by_rising_id() {
    let one = column(1, 70, 1);
    let repeated = Column {
        dimension: 70,
        components: one.components.repeat(3 * SEGMENT_ROWS),
    };
    let index = index_of(&repeated);
    let query: Vec<f32> = one.components.iter().map(|x| x.to_f32()).collect();
    for found in [
        index.search(&query, 30, None, &repeated).unwrap(),
        index.search_exact(&query, 30, &repeated).unwrap(),
    ] {
        let least = 1_000_000 - (3 * SEGMENT_ROWS as u64 - 1);
        assert!(found.iter().map(|(id, _)| id.0).eq(least..least + 30));
        assert!(found.iter().all(|(_, score)| (score - 1.0).abs() < 1e-3));
    }
}

#[test]
fn rows_that_are_all_alike_settle() {
    let one = column(1, 8, 1);
    let rows = 20 * SEGMENT_ROWS;
    let repeated = Column {
        dimension: 8,
        components: one.components.repeat(rows),
    };
    let index = settled(&index_of(&repeated), &repeated);
    let query: Vec<f32> = one.components.iter().map(|x| x.to_f32()).collect();
    let found = index.search(&query, 30, None, &repeated).unwrap();
    assert!(found.len() == 30 && found.iter().all(|(_, score)| (score - 1.0).abs() < 1e-3));
    // Nothing can be read of what nobody has any more.
    let nobody = Column {
        dimension: 8,
        components: Vec::new(),
    };
    let apart = index_of(&repeated).apart(&repeated);
    assert!(apart.settle(How::Settled, 0, &nobody).is_some());
}

#[test]
fn a_query_of_any_length_gives_cosines() {
    let column = column(SEGMENT_ROWS + 10, 48, 2);
    let index = index_of(&column);
    let query = Random(4).vector(48);
    let scaled: Vec<f32> = query.iter().map(|x| x * 1e4).collect();
    for ((_, left), (_, right)) in index
        .search(&query, 5, None, &column)
        .unwrap()
        .iter()
        .zip(index.search(&scaled, 5, None, &column).unwrap())
    {
        assert!((left - right).abs() < 1e-6);
    }
    assert!(
        index
            .search(&[0.0; 48], 5, None, &column)
            .unwrap()
            .iter()
            .all(|(_, score)| *score == 0.0)
    );
}

#[test]
fn the_greatest_dimension_works() {
    let column = column(SEGMENT_ROWS + 1, sutra_vector::DIMENSION_MAX, 8);
    let query: Vec<f32> = column
        .row(id_of(77), 77)
        .unwrap()
        .iter()
        .map(|x| x.to_f32())
        .collect();
    assert_eq!(
        index_of(&column).search(&query, 1, None, &column).unwrap()[0].0,
        id_of(77)
    );
}

/// A column that has lost one row.
struct Lost<'a>(&'a Column, u64);

impl FullPrecision for Lost<'_> {
    fn row(&self, concept: ConceptId, row: u64) -> Result<&[f16]> {
        if row == self.1 {
            return Err(Error::UnknownConcept(concept.0));
        }
        self.0.row(concept, row)
    }
}

#[test]
fn a_row_that_cannot_be_read_fails_every_search_that_it_could_be_found_by() {
    let column = column(3 * SEGMENT_ROWS + 9, 70, 5);
    for lost in [0, SEGMENT_ROWS as u64 + 77, 3 * SEGMENT_ROWS as u64 + 3] {
        let damaged = Lost(&column, lost);
        let additions: Vec<_> = (0..column.len() as u64).map(|row| (id_of(row), row)).collect();
        let index = VectorIndex::new(70).with(&additions, &damaged);
        for index in [settled(&index, &damaged), index] {
            for seed in 0..20 {
                let query = Random(seed).vector(70);
                assert!(index.search(&query, 1, Some(1), &damaged).is_err());
                assert!(index.search_exact(&query, 1, &damaged).is_err());
            }
        }
    }
}
