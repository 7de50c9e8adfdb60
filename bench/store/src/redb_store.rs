//! redb behind the trait: typed tables in one file, `Durability::Immediate`.
//!
//! Rows are inserted table by table, so that each table is opened once a transaction.

use std::path::Path;

use redb::{
    Database, Durability, Key, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, TableDefinition, WriteTransaction,
};

use crate::candidate::{Candidate, Configuration, Counts, Result, View};
use crate::data::{AssociationKey, Concept, EvidenceKey, SupportKey, association_value, evidence_value};

type Table<K> = TableDefinition<'static, K, &'static [u8]>;

const FILE: &str = "storage.dat";
const RECORDS: Table<u64> = TableDefinition::new("records");
const VECTORS: Table<u64> = TableDefinition::new("vectors");
const HASHES: TableDefinition<[u8; 16], u64> = TableDefinition::new("hashes");
const ASSOCIATIONS: Table<AssociationKey> = TableDefinition::new("associations");
const EVIDENCE: Table<EvidenceKey> = TableDefinition::new("evidence");
const SUPPORTS: TableDefinition<SupportKey, u64> = TableDefinition::new("supports");

/// One redb file.
pub struct RedbStore {
    database: Database,
    configuration: Configuration,
}

impl RedbStore {
    /// Opens or makes the file in `folder`.
    pub fn open(folder: &Path, configuration: Configuration) -> Result<Self> {
        let fresh = !folder.join(FILE).exists();
        let database = Database::builder()
            .set_cache_size(configuration.cache_bytes)
            .create(folder.join(FILE))?;
        let store = Self {
            database,
            configuration,
        };
        if fresh {
            store.commit(&[])?;
        }
        Ok(store)
    }

    fn begin(&self) -> Result<WriteTransaction> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_quick_repair(self.configuration.quick_repair);
        Ok(transaction)
    }
}

fn copy<K: Key + 'static>(from: &ReadTransaction, to: &WriteTransaction, table: Table<K>) -> Result<()> {
    let source = from.open_table(table)?;
    let mut target = to.open_table(table)?;
    for row in source.range::<K::SelfType<'_>>(..)? {
        let (key, value) = row?;
        target.insert(key.value(), value.value())?;
    }
    Ok(())
}

impl Candidate for RedbStore {
    fn commit(&self, batch: &[Concept]) -> Result<()> {
        let transaction = self.begin()?;
        {
            let mut records = transaction.open_table(RECORDS)?;
            let mut hashes = transaction.open_table(HASHES)?;
            let mut associations = transaction.open_table(ASSOCIATIONS)?;
            let mut evidence = transaction.open_table(EVIDENCE)?;
            let mut supports = transaction.open_table(SUPPORTS)?;
            let mut vectors = transaction.open_table(VECTORS)?;
            for concept in batch {
                records.insert(concept.id, concept.record.as_slice())?;
                supports.insert(concept.support, concept.support.2 + 200)?;
                if self.configuration.hash_rows {
                    hashes.insert(concept.hash, concept.id)?;
                }
                if self.configuration.vector_rows {
                    vectors.insert(concept.id, concept.vector.as_slice())?;
                }
            }
            for concept in batch {
                for key in concept.associations {
                    associations.insert(key, association_value().as_slice())?;
                }
                for key in concept.evidence {
                    evidence.insert(key, evidence_value(concept.id).as_slice())?;
                }
            }
        }
        Ok(transaction.commit()?)
    }

    fn forget(&self, batch: &[Concept]) -> Result<()> {
        let transaction = self.begin()?;
        for concept in batch {
            transaction.open_table(RECORDS)?.remove(concept.id)?;
            transaction.open_table(VECTORS)?.remove(concept.id)?;
            transaction.open_table(HASHES)?.remove(concept.hash)?;
            transaction.open_table(SUPPORTS)?.remove(concept.support)?;
            for key in concept.associations {
                transaction.open_table(ASSOCIATIONS)?.remove(key)?;
            }
            for key in concept.evidence {
                transaction.open_table(EVIDENCE)?.remove(key)?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn view(&self) -> Result<Box<dyn View>> {
        let transaction = self.database.begin_read()?;
        let records = transaction.open_table(RECORDS)?;
        let vectors = transaction.open_table(VECTORS)?;
        Ok(Box::new(RedbView {
            transaction,
            records,
            vectors,
        }))
    }

    fn compact(&mut self) -> Result<bool> {
        self.database.compact()?;
        Ok(true)
    }

    fn rewrite(&self, folder: &Path) -> Result<()> {
        let target = Self::open(folder, self.configuration)?;
        let from = self.database.begin_read()?;
        let to = target.begin()?;
        copy(&from, &to, RECORDS)?;
        copy(&from, &to, VECTORS)?;
        copy(&from, &to, ASSOCIATIONS)?;
        copy(&from, &to, EVIDENCE)?;
        {
            let mut hashes = to.open_table(HASHES)?;
            for row in from.open_table(HASHES)?.iter()? {
                let (key, value) = row?;
                hashes.insert(key.value(), value.value())?;
            }
            let mut supports = to.open_table(SUPPORTS)?;
            for row in from.open_table(SUPPORTS)?.iter()? {
                let (key, value) = row?;
                supports.insert(key.value(), value.value())?;
            }
        }
        to.commit()?;
        Ok(target.database.close()?)
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.database.close()?)
    }
}

struct RedbView {
    transaction: ReadTransaction,
    records: ReadOnlyTable<u64, &'static [u8]>,
    vectors: ReadOnlyTable<u64, &'static [u8]>,
}

impl View for RedbView {
    fn record(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let found = self.records.get(id)?;
        Ok(found.map(|value| show(value.value())).is_some())
    }

    fn vector(&self, id: u64, show: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let found = self.vectors.get(id)?;
        Ok(found.map(|value| show(value.value())).is_some())
    }

    fn scan(&self, show: &mut dyn FnMut(u64, &[u8])) -> Result<()> {
        for row in self.records.iter()? {
            let (id, record) = row?;
            show(id.value(), record.value());
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts> {
        Ok([
            self.records.len()?,
            self.transaction.open_table(HASHES)?.len()?,
            self.transaction.open_table(ASSOCIATIONS)?.len()?,
            self.transaction.open_table(EVIDENCE)?.len()?,
            self.transaction.open_table(SUPPORTS)?.len()?,
            self.vectors.len()?,
        ])
    }
}
