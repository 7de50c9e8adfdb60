//! What is asked of a store, and the configurations that are compared.
//!
//! One trait for an open store and one for a snapshot of it. No candidate is spared or favoured here: each file behind
//! this trait uses its crate as its documentation advises, with every commit synced before it returns.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::data::Concept;
use crate::{fjall_store, lmdb_store, redb_store};

/// Any failure ends the run.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Number of rows in each table: records, hashes, associations, evidence, supports, vectors.
pub type Counts = [u64; 6];

/// An open store.
pub trait Candidate: Send + Sync {
    /// Writes all rows of these concepts in one transaction, on disk when this returns.
    fn commit(&self, batch: &[Concept]) -> Result<()>;
    /// Deletes all rows of these concepts in one transaction, on disk when this returns.
    fn forget(&self, batch: &[Concept]) -> Result<()>;
    /// A snapshot, unmoved by later commits.
    fn view(&self) -> Result<Box<dyn View>>;
    /// Compacts in place as far as the store offers it; false where it offers nothing.
    fn compact(&mut self) -> Result<bool>;
    /// Writes everything that is alive into a new store in the empty folder `folder`.
    fn rewrite(&self, folder: &Path) -> Result<()>;
    /// Closes in order. No view may be alive.
    fn close(self: Box<Self>) -> Result<()>;
}

/// A read transaction.
pub trait View: Send {
    /// Shows the record of a concept; false where there is none.
    fn record(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool>;
    /// Shows the vector row of a concept; false where there is none.
    fn vector(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool>;
    /// Shows every record in the order of ids.
    fn scan(&self, show: &mut dyn FnMut(u64, &[u8])) -> Result<()>;
    /// Counts the rows.
    fn counts(&self) -> Result<Counts>;
}

/// Which crate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// redb: copy-on-write B+trees in one file.
    Redb,
    /// fjall: log-structured, a folder of journals and tables.
    Fjall,
    /// LMDB through heed: copy-on-write B+trees in one memory-mapped file.
    Lmdb,
}

/// One line of the comparison.
#[derive(Clone, Copy)]
pub struct Configuration {
    /// Its name in the table.
    pub name: &'static str,
    /// Which crate.
    pub engine: Engine,
    /// Vectors are rows of the store; else they go to a column file beside it.
    pub vector_rows: bool,
    /// The content hash has a table; else it is a map in memory, rebuilt by a scan at opening.
    pub hash_rows: bool,
    /// redb only: saves the state of its allocator with every commit.
    pub quick_repair: bool,
    /// redb and fjall: bytes of their cache.
    pub cache_bytes: usize,
}

const GIB: usize = 1 << 30;

const fn configuration(name: &'static str, engine: Engine, vector_rows: bool) -> Configuration {
    Configuration {
        name,
        engine,
        vector_rows,
        hash_rows: true,
        quick_repair: false,
        cache_bytes: GIB,
    }
}

/// All configurations, in the order of the table.
pub const CONFIGURATIONS: [Configuration; 10] = [
    configuration("redb, column", Engine::Redb, false),
    Configuration {
        quick_repair: true,
        ..configuration("redb quick-repair, column", Engine::Redb, false)
    },
    Configuration {
        hash_rows: false,
        ..configuration("redb no hash table, column", Engine::Redb, false)
    },
    Configuration {
        cache_bytes: GIB / 16,
        ..configuration("redb 64 MiB cache, column", Engine::Redb, false)
    },
    configuration("fjall, column", Engine::Fjall, false),
    configuration("lmdb, column", Engine::Lmdb, false),
    configuration("redb, rows", Engine::Redb, true),
    Configuration {
        quick_repair: true,
        ..configuration("redb quick-repair, rows", Engine::Redb, true)
    },
    configuration("fjall, rows", Engine::Fjall, true),
    configuration("lmdb, rows", Engine::Lmdb, true),
];

impl Configuration {
    /// The configuration of this name.
    pub fn named(name: &str) -> Result<Self> {
        let found = CONFIGURATIONS
            .into_iter()
            .find(|configuration| configuration.name == name);
        found.ok_or_else(|| format!("no configuration is called {name:?}").into())
    }

    /// The folder of the store itself, without the column file.
    pub fn store_folder(folder: &Path) -> PathBuf {
        folder.join("store")
    }

    /// Opens or makes the store in `folder`.
    pub fn open(&self, folder: &Path) -> Result<Box<dyn Candidate>> {
        let folder = Self::store_folder(folder);
        std::fs::create_dir_all(&folder)?;
        Ok(match self.engine {
            Engine::Redb => Box::new(redb_store::RedbStore::open(&folder, *self)?),
            Engine::Fjall => Box::new(fjall_store::FjallStore::open(&folder, *self)?),
            Engine::Lmdb => Box::new(lmdb_store::LmdbStore::open(&folder, *self)?),
        })
    }
}
