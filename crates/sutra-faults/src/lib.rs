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

/// Has something fail in every way after no call of the disk, after `stride` of them, after twice as many, until it ends
/// before that; then with syncs that lose what they were for. `survives` does it once, checks what is left, and says
/// whether anything failed.
///
/// # Panics
/// When a failure was met less than twice: then this says nothing.
pub fn fail_everywhere(stride: u64, survives: impl Fn(u64, Failure) -> bool) {
    for failure in Failure::ALL {
        let tried = (0..)
            .map(|step| step * stride)
            .take_while(|calls| survives(*calls, failure))
            .count();
        assert!(tried > 1, "{failure:?} was met {tried} times");
    }
    for calls in 0..10 {
        survives(calls * stride, Failure::LoseSync(calls));
    }
}
