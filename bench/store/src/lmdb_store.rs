//! LMDB behind the trait, through heed: one file, one named database a table, the default synced commits.
//!
//! The size of the memory map must be said beforehand: 16 GiB, of which the file takes only what it fills.

use std::path::Path;

use heed::types::Bytes;
use heed::{
    AnyTls, CommitOrAbort, CompactionOption, Database, Env, EnvFlags, EnvOpenOptions, RoTxn, WithoutTls,
};

use crate::candidate::{Candidate, Configuration, Counts, Result, View};
use crate::data::{Concept, association_value, evidence_value};
use crate::keys;

const FILE: &str = "storage.dat";
const MAP_BYTES: usize = 16 << 30;
const TABLES: [&str; 6] = [
    "records",
    "hashes",
    "associations",
    "evidence",
    "supports",
    "vectors",
];

type Table = Database<'static, Bytes, Bytes>;

/// One LMDB file; the databases are in the order of [`Counts`].
pub struct LmdbStore {
    environment: Env<WithoutTls>,
    tables: [Table; 6],
    configuration: Configuration,
}

impl LmdbStore {
    /// Opens or makes the file in `folder`.
    pub fn open(folder: &Path, configuration: Configuration) -> Result<Self> {
        let mut options = EnvOpenOptions::new().read_txn_without_tls();
        options.map_size(MAP_BYTES).max_dbs(TABLES.len() as u32);
        // SAFETY: the file lies in a folder of this run, which no other process changes while it is mapped, and
        // NO_SUB_DIR alters where the file lies, not how it is synced.
        let environment = unsafe { options.flags(EnvFlags::NO_SUB_DIR).open(folder.join(FILE))? };
        let tables = environment
            .create_databases_and_commit(
                environment.write_txn()?,
                |opener, transaction| -> heed::Result<_> {
                    let mut create = |name| opener.create_database::<Bytes, Bytes>(transaction, Some(name));
                    let [a, b, c, d, e, f] = TABLES;
                    let tables = [
                        create(a)?,
                        create(b)?,
                        create(c)?,
                        create(d)?,
                        create(e)?,
                        create(f)?,
                    ];
                    Ok(CommitOrAbort::<_, ()>::Commit(tables))
                },
            )?
            .unwrap_commit();
        Ok(Self {
            environment,
            tables,
            configuration,
        })
    }
}

impl Candidate for LmdbStore {
    fn commit(&self, batch: &[Concept]) -> Result<()> {
        let [records, hashes, associations, evidence, supports, vectors] = &self.tables;
        let mut transaction = self.environment.write_txn()?;
        let writes = &mut transaction;
        for concept in batch {
            records.put(writes, &concept.id.to_be_bytes(), &concept.record)?;
            supports.put(
                writes,
                &keys::support(concept.support),
                &(concept.support.2 + 200).to_be_bytes(),
            )?;
            if self.configuration.hash_rows {
                hashes.put(writes, &concept.hash, &concept.id.to_be_bytes())?;
            }
            if self.configuration.vector_rows {
                vectors.put(writes, &concept.id.to_be_bytes(), &concept.vector)?;
            }
            for key in concept.associations {
                associations.put(writes, &keys::association(key), &association_value())?;
            }
            for key in concept.evidence {
                evidence.put(writes, &keys::evidence(key), &evidence_value(concept.id))?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn forget(&self, batch: &[Concept]) -> Result<()> {
        let [records, hashes, associations, evidence, supports, vectors] = &self.tables;
        let mut transaction = self.environment.write_txn()?;
        let writes = &mut transaction;
        for concept in batch {
            records.delete(writes, &concept.id.to_be_bytes())?;
            vectors.delete(writes, &concept.id.to_be_bytes())?;
            hashes.delete(writes, &concept.hash)?;
            supports.delete(writes, &keys::support(concept.support))?;
            for key in concept.associations {
                associations.delete(writes, &keys::association(key))?;
            }
            for key in concept.evidence {
                evidence.delete(writes, &keys::evidence(key))?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn view(&self) -> Result<Box<dyn View>> {
        let transaction = self.environment.clone().static_read_txn()?;
        Ok(Box::new(LmdbView {
            transaction,
            tables: self.tables,
        }))
    }

    fn compact(&mut self) -> Result<bool> {
        Ok(false)
    }

    fn rewrite(&self, folder: &Path) -> Result<()> {
        let copy = self
            .environment
            .copy_to_path(folder.join(FILE), CompactionOption::Enabled)?;
        Ok(copy.sync_all()?)
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.environment.prepare_for_closing().wait();
        Ok(())
    }
}

struct LmdbView {
    transaction: RoTxn<'static, WithoutTls>,
    tables: [Table; 6],
}

impl LmdbView {
    fn transaction(&self) -> &RoTxn<'static, AnyTls> {
        &self.transaction
    }

    fn get(&self, table: Table, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        Ok(table
            .get(self.transaction(), &id.to_be_bytes())?
            .map(show)
            .is_some())
    }
}

impl View for LmdbView {
    fn record(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        self.get(self.tables[0], id, show)
    }

    fn vector(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        self.get(self.tables[5], id, show)
    }

    fn scan(&self, show: &mut dyn FnMut(u64, &[u8])) -> Result<()> {
        for row in self.tables[0].iter(self.transaction())? {
            let (key, value) = row?;
            show(keys::id(key), value);
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts> {
        let mut counts = [0; 6];
        for (count, table) in counts.iter_mut().zip(&self.tables) {
            *count = table.len(self.transaction())?;
        }
        Ok(counts)
    }
}
