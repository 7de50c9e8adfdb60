//! The best few of many, without keeping or sorting the many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Keeps the `limit` items of least key of those that it is offered. Never holds more than these.
pub struct Best<K, T> {
    limit: usize,
    kept: BinaryHeap<Entry<K, T>>,
}

impl<K: Ord, T> Best<K, T> {
    /// Holds nothing yet.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: BinaryHeap::new(),
        }
    }

    /// Takes an item in if it is among the best so far.
    pub fn offer(&mut self, key: K, item: T) {
        if self.kept.len() < self.limit {
            self.kept.push(Entry { key, item });
        } else if let Some(mut worst) = self.kept.peek_mut()
            && key < worst.key
        {
            *worst = Entry { key, item };
        }
    }

    /// What was kept, by rising key.
    pub fn into_sorted(self) -> Vec<T> {
        let entries = self.kept.into_sorted_vec();
        entries.into_iter().map(|entry| entry.item).collect()
    }
}

/// A number that comes before all smaller ones.
#[derive(Clone, Copy, Debug)]
pub struct Falling(pub f32);

impl Ord for Falling {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0)
    }
}

impl PartialOrd for Falling {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Falling {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Falling {}

struct Entry<K, T> {
    key: K,
    item: T,
}

impl<K: Ord, T> Ord for Entry<K, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl<K: Ord, T> PartialOrd for Entry<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, T> PartialEq for Entry<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<K: Ord, T> Eq for Entry<K, T> {}
