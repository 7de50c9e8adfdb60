//! What every library has to do here.

use std::collections::HashSet;
use std::sync::Arc;

use crate::data::Data;

/// Whatever went wrong, for whoever reads the output.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Links a row has, and candidates looked at when it is linked: the same in every library, or what comes nearest.
pub const CONNECTIVITY: usize = 16;
/// As above.
pub const EXPANSION: usize = 128;

/// An index of vectors. It is used from several threads at once.
pub trait Subject: Send + Sync {
    /// Takes in rows, in their order, on this thread.
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()>;

    /// Makes what was taken in ready to be searched, where that is a step of its own.
    fn finish(&self) -> Result<()> {
        Ok(())
    }

    /// The nearest rows, nearest first. The greater the effort the more are found.
    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>>;

    /// Takes rows out.
    fn remove(&self, rows: &HashSet<usize>) -> Result<()>;

    /// Bytes of the index alone, and whose they are (`file` or `memory`); `None` where only the process can be asked.
    fn bytes(&self) -> Option<(u64, &'static str)>;

    /// Efforts at which it is measured, rising.
    fn efforts(&self) -> &'static [usize];

    /// Takes rows in while others search, until there are no more or `stop` says so; tells how many.
    fn add_beside(&self, rows: std::ops::Range<usize>, stop: &dyn Fn() -> bool) -> Result<usize> {
        let mut taken = 0;
        for row in rows {
            if stop() {
                break;
            }
            self.add(row..row + 1)?;
            taken += 1;
        }
        Ok(taken)
    }
}

/// A library and what it is made to do.
pub struct Candidate {
    /// As the table has it.
    pub name: &'static str,
    /// What it keeps, how it is asked, and what it cannot do.
    pub about: &'static str,
    /// An empty index for these rows.
    pub make: fn(Arc<Data>) -> Result<Box<dyn Subject>>,
}
