//! Which places of a part something was taken out of.

/// A set of places, a bit for each; without a bit before the first is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    words: Vec<u64>,
    count: usize,
}

impl Marks {
    /// The places that words have marked, of so many that there are.
    pub fn of(words: &[u64], places: usize) -> Self {
        let mut marks = Self::default();
        let marked = words
            .iter()
            .enumerate()
            .flat_map(|(number, word)| marked(number, *word));
        for place in marked.filter(|place| *place < places) {
            marks.add(place);
        }
        marks
    }

    /// Marks a place, and tells whether it was not marked before.
    pub fn add(&mut self, place: usize) -> bool {
        if self.has(place) {
            return false;
        }
        if self.words.len() <= place / 64 {
            self.words.resize(place / 64 + 1, 0);
        }
        self.words[place / 64] |= 1 << (place % 64);
        self.count += 1;
        true
    }

    /// Whether a place is marked.
    pub fn has(&self, place: usize) -> bool {
        self.words
            .get(place / 64)
            .is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// How many are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The bits, the first place lowest.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The marked places by rising number.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(number, word)| marked(number, *word))
    }

    /// Those of them that were not marked before.
    pub fn since(&self, before: &Self) -> impl Iterator<Item = usize> {
        self.iter().filter(|place| !before.has(*place))
    }
}

fn marked(number: usize, mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(number * 64 + bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn they_are_a_set(
            first in prop::collection::vec(0_usize..300, 0..60),
            more in prop::collection::vec(0_usize..300, 0..60),
            places in 0_usize..300,
        ) {
            let mut marks = Marks::default();
            let mut set = BTreeSet::new();
            for place in &first {
                prop_assert_eq!(marks.add(*place), set.insert(*place));
            }
            let (before, known) = (marks.clone(), set.clone());
            for place in &more {
                prop_assert_eq!(marks.add(*place), set.insert(*place));
            }
            prop_assert!(marks.iter().eq(set.iter().copied()));
            prop_assert!(marks.since(&before).eq(set.difference(&known).copied()));
            prop_assert!((0..400).all(|place| marks.has(place) == set.contains(&place)));
            prop_assert_eq!(marks.count(), set.len());
            prop_assert!(Marks::of(marks.words(), places).iter().eq(set.range(..places).copied()));
        }
    }
}
