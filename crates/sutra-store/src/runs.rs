//! Rising numbers, packed as runs: what a transaction learned mostly follows on each other.

use serde::{Deserialize, Serialize};

/// A set of numbers, as (how many are left out before a run, how many the run has).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs(Vec<(u64, u64)>);

impl Runs {
    /// The numbers, by rising value.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let mut next = 0_u64;
        self.0.iter().flat_map(move |(gap, count)| {
            let first = next.saturating_add(*gap);
            next = first.saturating_add(*count);
            first..next
        })
    }
}

impl Runs {
    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The greatest number.
    pub fn last(&self) -> Option<u64> {
        let end = self.0.iter().fold(0_u64, |next, (gap, count)| {
            next.saturating_add(*gap).saturating_add(*count)
        });
        end.checked_sub(1)
    }
}

impl FromIterator<u64> for Runs {
    /// Packs rising numbers; one that repeats the last counts once.
    ///
    /// # Panics
    /// When a number is less than the one before.
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        let mut next = 0;
        for number in numbers {
            if next > 0 && number == next - 1 {
                continue;
            }
            assert!(number >= next, "numbers rise");
            match runs.last_mut() {
                Some((_, count)) if number == next => *count += 1,
                _ => runs.push((number - next, 1)),
            }
            next = number + 1;
        }
        Self(runs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_comes_back(numbers in prop::collection::btree_set(0_u64..200, 0..60)) {
            let runs: Runs = numbers.iter().copied().collect();
            prop_assert_eq!(runs.len(), numbers.len() as u64);
            prop_assert_eq!(runs.is_empty(), numbers.is_empty());
            prop_assert_eq!(runs.last(), numbers.last().copied());
            prop_assert!(runs.iter().eq(numbers));
        }
    }

    #[test]
    fn a_run_is_a_few_bytes_however_long_it_is() {
        let runs: Runs = (100_000..200_000).collect();
        assert!(crate::layout::encode(&runs).len() <= 8);
    }
}
