//! fjall behind the trait: a keyspace a table, one write batch a transaction, `PersistMode::SyncAll`.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode, Readable, Snapshot};

use crate::candidate::{Candidate, Configuration, Counts, Result, View};
use crate::data::{Concept, association_value, evidence_value};
use crate::keys;

const TABLES: [&str; 6] = [
    "records",
    "hashes",
    "associations",
    "evidence",
    "supports",
    "vectors",
];

/// One fjall folder; the keyspaces are in the order of [`Counts`].
pub struct FjallStore {
    database: Database,
    tables: [Keyspace; 6],
    configuration: Configuration,
}

impl FjallStore {
    /// Opens or makes the store in `folder`.
    pub fn open(folder: &Path, configuration: Configuration) -> Result<Self> {
        let database = Database::builder(folder)
            .cache_size(configuration.cache_bytes as u64)
            .open()?;
        let tables: Vec<Keyspace> = TABLES
            .iter()
            .map(|name| database.keyspace(name, KeyspaceCreateOptions::default))
            .collect::<fjall::Result<_>>()?;
        let tables = tables.try_into().map_err(|_| "six keyspaces were asked for")?;
        Ok(Self {
            database,
            tables,
            configuration,
        })
    }

    fn begin(&self) -> OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncAll))
    }
}

impl Candidate for FjallStore {
    fn commit(&self, batch: &[Concept]) -> Result<()> {
        let [records, hashes, associations, evidence, supports, vectors] = &self.tables;
        let mut writes = self.begin();
        for concept in batch {
            writes.insert(records, concept.id.to_be_bytes(), concept.record.as_slice());
            writes.insert(
                supports,
                keys::support(concept.support),
                (concept.support.2 + 200).to_be_bytes(),
            );
            if self.configuration.hash_rows {
                writes.insert(hashes, concept.hash, concept.id.to_be_bytes());
            }
            if self.configuration.vector_rows {
                writes.insert(vectors, concept.id.to_be_bytes(), concept.vector.as_slice());
            }
            for key in concept.associations {
                writes.insert(associations, keys::association(key), association_value());
            }
            for key in concept.evidence {
                writes.insert(evidence, keys::evidence(key), evidence_value(concept.id));
            }
        }
        Ok(writes.commit()?)
    }

    fn forget(&self, batch: &[Concept]) -> Result<()> {
        let [records, hashes, associations, evidence, supports, vectors] = &self.tables;
        let mut writes = self.begin();
        for concept in batch {
            writes.remove(records, concept.id.to_be_bytes());
            writes.remove(vectors, concept.id.to_be_bytes());
            writes.remove(hashes, concept.hash);
            writes.remove(supports, keys::support(concept.support));
            for key in concept.associations {
                writes.remove(associations, keys::association(key));
            }
            for key in concept.evidence {
                writes.remove(evidence, keys::evidence(key));
            }
        }
        Ok(writes.commit()?)
    }

    fn view(&self) -> Result<Box<dyn View>> {
        Ok(Box::new(FjallView {
            snapshot: self.database.snapshot(),
            tables: self.tables.clone(),
        }))
    }

    fn compact(&mut self) -> Result<bool> {
        for table in &self.tables {
            table.rotate_memtable_and_wait()?;
            table.major_compact()?;
        }
        Ok(true)
    }

    fn rewrite(&self, folder: &Path) -> Result<()> {
        let target = Self::open(folder, self.configuration)?;
        let snapshot = self.database.snapshot();
        for (from, to) in self.tables.iter().zip(&target.tables) {
            let mut ingestion = to.start_ingestion()?;
            for row in snapshot.iter(from) {
                let (key, value) = row.into_inner()?;
                ingestion.write(key, value)?;
            }
            ingestion.finish()?;
        }
        Ok(target.database.persist(PersistMode::SyncAll)?)
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}

struct FjallView {
    snapshot: Snapshot,
    tables: [Keyspace; 6],
}

impl View for FjallView {
    fn record(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let found = self.snapshot.get(&self.tables[0], id.to_be_bytes())?;
        Ok(found.map(|value| show(&value)).is_some())
    }

    fn vector(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let found = self.snapshot.get(&self.tables[5], id.to_be_bytes())?;
        Ok(found.map(|value| show(&value)).is_some())
    }

    fn scan(&self, show: &mut dyn FnMut(u64, &[u8])) -> Result<()> {
        for row in self.snapshot.iter(&self.tables[0]) {
            let (key, value) = row.into_inner()?;
            show(keys::id(&key), &value);
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts> {
        let mut counts = [0; 6];
        for (count, table) in counts.iter_mut().zip(&self.tables) {
            *count = self.snapshot.len(table)? as u64;
        }
        Ok(counts)
    }
}
