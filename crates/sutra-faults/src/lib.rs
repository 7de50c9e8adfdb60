//! A disk that loses, tears and fails: what a store has to survive, as often as one likes, from a seed.
//!
//! [`FaultDisk`] writes to real files, so that whoever reads them sees what a running machine would show, and keeps beside
//! them what the disk would still have after a loss of power: [`FaultDisk::lose_power`] makes a folder of that. A
//! process that is killed loses nothing that it has written; [`FaultDisk::fail_after`] kills it, or has the disk refuse,
//! in the middle of anything. Used by tests alone.

mod disk;
mod image;
mod random;

pub use disk::{Failure, FaultDisk};
pub use random::Random;
