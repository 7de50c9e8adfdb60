//! The room for pages of `storage.dat` in memory, which all open stores of a process share.
//!
//! A store takes its part when it is opened, a fair one of what the others have left, and gives it back when it is
//! closed; so many stores together take little more than one alone. It can be small: the kernel keeps pages of files,
//! too, and lets go of them where memory is short.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes for the pages of all open stores together, but for the least that each has.
const TOGETHER: usize = 64 << 20;
/// No store gets fewer bytes.
const LEAST: usize = 1 << 20;
/// A store gets at most one in so many of the bytes that are left.
const FAIR: usize = 4;

static ROOM: Room = Room::new(TOGETHER);

/// Bytes that may be given to stores.
#[derive(Debug)]
struct Room {
    left: AtomicUsize,
}

impl Room {
    const fn new(bytes: usize) -> Self {
        Self {
            left: AtomicUsize::new(bytes),
        }
    }

    fn share(&'static self, most: usize) -> PageShare {
        let mut taken = 0;
        let take = |left: usize| {
            taken = most.min(left / FAIR);
            Some(left - taken)
        };
        // `take` always takes, if nothing.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        PageShare { room: self, taken }
    }
}

/// What one store has of the room, until it is dropped.
#[derive(Debug)]
pub struct PageShare {
    room: &'static Room,
    taken: usize,
}

impl PageShare {
    /// A store's part of what this process has left, `most` bytes at most.
    pub fn take(most: usize) -> Self {
        ROOM.share(most)
    }

    /// How many bytes of pages the store may keep.
    pub fn bytes(&self) -> usize {
        self.taken.max(LEAST)
    }
}

impl Drop for PageShare {
    fn drop(&mut self) {
        self.room.left.fetch_add(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_stores_fit_and_what_is_closed_is_given_back() {
        static OWN: Room = Room::new(64 << 20);
        let shares: Vec<PageShare> = (0..100).map(|_| OWN.share(16 << 20)).collect();
        assert_eq!(shares[0].bytes(), 16 << 20);
        assert_eq!(shares[1].bytes(), 12 << 20);
        assert_eq!(shares[99].bytes(), LEAST);
        assert!(shares.iter().map(|share| share.taken).sum::<usize>() <= 64 << 20);
        drop(shares);
        assert_eq!(OWN.share(16 << 20).bytes(), 16 << 20);
    }

    #[test]
    fn a_store_gets_no_more_than_it_asks_for() {
        static OWN: Room = Room::new(64 << 20);
        assert_eq!(OWN.share(2 << 20).bytes(), 2 << 20);
    }
}
