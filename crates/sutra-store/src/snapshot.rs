//! One immutable state of the truth, for readers.
//!
//! A snapshot never blocks a writer and is never changed by one (redb keeps its pages until the
//! snapshot is dropped). It holds the database open: the folder's lock is released when the store and
//! every snapshot are gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableError};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use sutra_model::{
    Association, AssociationKey, AssociationKind, Concept, ConceptId, ConceptKind, ContentKey, Error,
    Evidence, Language, RelationId, Result, Source, SourceId, Support, TransactionId, entity_key, source_key,
    statement_key,
};

use crate::changes::{self, PassageEntry, VectorEntry};
use crate::column::ColumnView;
use crate::layout::{self, AssociationRecord, EvidenceRecord, RelationRecord, Totals, TransactionRecord};

/// Relation names and kinds, both ways.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    by_id: Vec<RelationRecord>,
    by_name: FxHashMap<String, RelationId>,
}

impl Relations {
    /// Takes in a relation; ids come in order.
    pub fn insert(&mut self, id: RelationId, record: RelationRecord) {
        debug_assert_eq!(id.0 as usize, self.by_id.len() + 1);
        self.by_name.insert(record.name.clone(), id);
        self.by_id.push(record);
    }

    /// The name of a relation.
    pub fn name(&self, id: RelationId) -> &str {
        &self.by_id[id.0 as usize - 1].name
    }

    /// The kind of a relation.
    pub fn kind(&self, id: RelationId) -> AssociationKind {
        self.by_id[id.0 as usize - 1].kind
    }

    /// The id of a name, if any association was ever learned under it.
    pub fn id(&self, name: &str) -> Option<RelationId> {
        self.by_name.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// One immutable state of the store.
pub struct Snapshot {
    path: PathBuf,
    column: ColumnView,
    transaction: TransactionId,
    totals: Totals,
    pub(crate) sources: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) source_keys: ReadOnlyTable<&'static [u8; 16], u64>,
    pub(crate) texts: ReadOnlyTable<u64, &'static str>,
    pub(crate) concepts: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) concept_keys: ReadOnlyTable<&'static [u8; 16], u64>,
    pub(crate) supports: ReadOnlyTable<(u64, u64, u64), u64>,
    pub(crate) relations: ReadOnlyTable<u32, &'static [u8]>,
    pub(crate) associations: ReadOnlyTable<(u64, u32, u64), &'static [u8]>,
    pub(crate) evidence: ReadOnlyTable<(u64, u32, u64, u64), &'static [u8]>,
    pub(crate) vectors: ReadOnlyTable<u64, u64>,
    pub(crate) sealed: ReadOnlyTable<u32, &'static [u8; 32]>,
    pub(crate) transactions: ReadOnlyTable<u64, &'static [u8]>,
    // Declared last: the tables above must go before the database that they read.
    _database: Arc<Database>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("transaction", &self.transaction)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(crate) fn take(database: Arc<Database>, column: ColumnView, path: PathBuf) -> Result<Self> {
        let read = database
            .begin_read()
            .map_err(|error| layout::database_error(&path, error))?;
        let fail = |error: TableError| layout::database_error(&path, error);
        let transactions = read.open_table(layout::TRANSACTIONS).map_err(fail)?;
        let (transaction, totals) = last_transaction(&transactions, &path)?;
        Ok(Self {
            sources: read.open_table(layout::SOURCES).map_err(fail)?,
            source_keys: read.open_table(layout::SOURCE_KEYS).map_err(fail)?,
            texts: read.open_table(layout::TEXTS).map_err(fail)?,
            concepts: read.open_table(layout::CONCEPTS).map_err(fail)?,
            concept_keys: read.open_table(layout::CONCEPT_KEYS).map_err(fail)?,
            supports: read.open_table(layout::SUPPORTS).map_err(fail)?,
            relations: read.open_table(layout::RELATIONS).map_err(fail)?,
            associations: read.open_table(layout::ASSOCIATIONS).map_err(fail)?,
            evidence: read.open_table(layout::EVIDENCE).map_err(fail)?,
            vectors: read.open_table(layout::VECTORS).map_err(fail)?,
            sealed: read.open_table(layout::SEALED).map_err(fail)?,
            transactions,
            path,
            column,
            transaction,
            totals,
            _database: database,
        })
    }

    /// The last transaction that this state holds; 0 for an empty store.
    pub fn transaction(&self) -> TransactionId {
        self.transaction
    }

    /// How much it holds.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The vector column as of this state.
    pub fn column(&self) -> &ColumnView {
        &self.column
    }

    /// A concept.
    ///
    /// # Errors
    /// [`Error::UnknownConcept`] when there is none of this number.
    pub fn concept(&self, id: ConceptId) -> Result<Concept> {
        let row = self
            .ok(self.concepts.get(id.0))?
            .ok_or(Error::UnknownConcept(id.0))?;
        self.decode(row.value(), "concept")
    }

    /// The entity that bears this name, compared by name key.
    pub fn entity(&self, name: &str) -> Result<Option<ConceptId>> {
        self.by_key(entity_key(name))
    }

    /// A source; `None` when there is none of this number.
    pub fn source(&self, id: SourceId) -> Result<Option<Source>> {
        let row = self.ok(self.sources.get(id.0))?;
        row.map(|row| self.decode(row.value(), "source")).transpose()
    }

    /// Exactly this source; `None` when it was not learned.
    pub fn find_source(&self, address: &str, offset: u64, sha256: &[u8; 32]) -> Result<Option<SourceId>> {
        let found = self.source_by_key(source_key(address, offset, sha256))?;
        Ok(found.map(SourceId))
    }

    /// The first `limit` sources after one, by rising number.
    pub fn sources_after(&self, after: SourceId, limit: usize) -> Result<Vec<Source>> {
        let Some(first) = after.0.checked_add(1) else {
            return Ok(Vec::new());
        };
        self.ok(self.sources.range(first..))?
            .take(limit)
            .map(|row| self.decode(self.ok(row)?.1.value(), "source"))
            .collect()
    }

    pub(crate) fn source_by_key(&self, key: ContentKey) -> Result<Option<u64>> {
        Ok(self.ok(self.source_keys.get(&key.0))?.map(|id| id.value()))
    }

    /// Reads a source's text without copying it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the source or its text is missing.
    pub fn with_text<T>(&self, source: SourceId, read: impl FnOnce(&str) -> T) -> Result<T> {
        let text = self.ok(self.texts.get(source.0))?;
        let text = text.ok_or_else(|| self.corrupt(format!("the text of source {} is missing", source.0)))?;
        Ok(read(text.value()))
    }

    /// A source's whole text, checked against its SHA-256.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is missing or another text.
    pub fn source_text(&self, source: &Source) -> Result<String> {
        let text = self.with_text(source.id, str::to_owned)?;
        if Sha256::digest(text.as_bytes())[..] != source.sha256 {
            let id = source.id.0;
            return Err(self.corrupt(format!("the text of source {id} does not have its SHA-256")));
        }
        Ok(text)
    }

    /// The verbatim text at a support.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the source is missing or shorter than that.
    pub fn text(&self, support: Support) -> Result<String> {
        let range = support.start as usize..support.end as usize;
        self.with_text(support.source, |text| text.get(range).map(str::to_owned))?
            .ok_or_else(|| {
                self.corrupt(format!(
                    "source {} has no bytes {}..{}",
                    support.source.0, support.start, support.end
                ))
            })
    }

    /// What a concept says, checked against its identity: the verbatim statement, or the entity's name.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the stored words are not those that the concept was made of.
    pub fn words(&self, concept: &Concept) -> Result<String> {
        let (words, key) = match &concept.kind {
            ConceptKind::Statement { first, .. } => {
                let text = self.text(*first)?;
                let key = statement_key(&text);
                (text, key)
            }
            ConceptKind::Entity { name, .. } => (name.clone(), entity_key(name)),
        };
        match self.by_key(key)? {
            Some(id) if id == concept.id => Ok(words),
            _ => Err(self.corrupt(format!(
                "the words of concept {} are not those that it was made of",
                concept.id.0
            ))),
        }
    }

    /// The places where a statement stands, the first `limit` by source and start.
    pub fn supports(&self, id: ConceptId, limit: usize) -> Result<Vec<Support>> {
        let rows = self.ok(self.supports.range((id.0, 0, 0)..=(id.0, u64::MAX, u64::MAX)))?;
        rows.take(limit)
            .map(|row| {
                let (key, end) = self.ok(row)?;
                let (_, source, start) = key.value();
                Ok(Support {
                    source: SourceId(source),
                    start,
                    end: end.value(),
                })
            })
            .collect()
    }

    /// The row of a statement's vector, if it has one.
    pub fn vector_row(&self, id: ConceptId) -> Result<Option<u64>> {
        Ok(self.ok(self.vectors.get(id.0))?.map(|row| row.value()))
    }

    /// What supports an association, the first `limit` by rising statement.
    pub fn evidence(&self, key: AssociationKey, limit: usize) -> Result<Vec<Evidence>> {
        let (subject, relation, object) = (key.subject.0, key.relation.0, key.object.0);
        let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
        let rows = self.ok(self.evidence.range(range))?;
        rows.take(limit)
            .map(|row| {
                let (key, record) = self.ok(row)?;
                let record: EvidenceRecord = self.decode(record.value(), "evidence")?;
                let statement = ConceptId(key.value().3);
                Ok(Evidence {
                    statement,
                    confidence: record.confidence,
                    validity: record.validity,
                })
            })
            .collect()
    }

    /// Every relation name.
    pub fn relations(&self) -> Result<Relations> {
        let mut relations = Relations::default();
        for row in self.ok(self.relations.iter())? {
            let (id, record) = self.ok(row)?;
            if id.value() as usize != relations.len() + 1 {
                return Err(self.corrupt(format!("relation {} is missing", relations.len() + 1)));
            }
            relations.insert(RelationId(id.value()), self.decode(record.value(), "relation")?);
        }
        Ok(relations)
    }

    /// Visits every passage, by rising id.
    pub fn for_each_passage(&self, mut visit: impl FnMut(PassageEntry)) -> Result<()> {
        self.for_each_concept(|concept| {
            if let ConceptKind::Statement { roles, first } = concept.kind
                && roles.passage
            {
                let source = self.source(first.source)?;
                let source =
                    source.ok_or_else(|| self.corrupt(format!("source {} is missing", first.source.0)))?;
                visit(PassageEntry {
                    concept: concept.id,
                    document: changes::document(&source.title, &self.text(first)?),
                    language: Language::of_attributes(&source.attributes),
                });
            }
            Ok(())
        })
    }

    /// Visits every concept, by rising id.
    pub fn for_each_concept(&self, mut visit: impl FnMut(Concept) -> Result<()>) -> Result<()> {
        for row in self.ok(self.concepts.iter())? {
            let (_, record) = self.ok(row)?;
            visit(self.decode(record.value(), "concept")?)?;
        }
        Ok(())
    }

    /// Every association, by key.
    pub fn associations(&self, relations: &Relations) -> Result<Vec<Association>> {
        self.ok(self.associations.iter())?
            .map(|row| {
                let (key, record) = self.ok(row)?;
                let (subject, relation, object) = key.value();
                let record: AssociationRecord = self.decode(record.value(), "association")?;
                if !(1..=relations.len()).contains(&(relation as usize)) {
                    return Err(self.corrupt(format!("an association of concept {subject} has no relation")));
                }
                let relation = RelationId(relation);
                Ok(Association {
                    key: AssociationKey {
                        subject: ConceptId(subject),
                        relation,
                        object: ConceptId(object),
                    },
                    kind: relations.kind(relation),
                    confidence: record.confidence,
                    evidence_count: record.evidence_count,
                })
            })
            .collect()
    }

    /// Every vector with the roles of its statement, by rising concept.
    pub fn vectors(&self) -> Result<Vec<VectorEntry>> {
        self.ok(self.vectors.iter())?
            .map(|entry| {
                let (id, row) = self.ok(entry)?;
                let concept = ConceptId(id.value());
                let ConceptKind::Statement { roles, .. } = self.concept(concept)?.kind else {
                    return Err(self.corrupt(format!("entity {} has a vector", concept.0)));
                };
                Ok(VectorEntry {
                    concept,
                    row: row.value(),
                    sentence: roles.sentence,
                    passage: roles.passage,
                })
            })
            .collect()
    }

    pub(crate) fn by_key(&self, key: ContentKey) -> Result<Option<ConceptId>> {
        Ok(self
            .ok(self.concept_keys.get(&key.0))?
            .map(|id| ConceptId(id.value())))
    }

    pub(crate) fn ok<T>(&self, result: std::result::Result<T, redb::StorageError>) -> Result<T> {
        result.map_err(|error| layout::database_error(&self.path, error))
    }

    pub(crate) fn decode<T: serde::de::DeserializeOwned>(&self, bytes: &[u8], what: &str) -> Result<T> {
        layout::decode(bytes, &self.path, what)
    }

    pub(crate) fn corrupt(&self, detail: String) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            detail,
        }
    }
}

fn last_transaction(
    transactions: &ReadOnlyTable<u64, &'static [u8]>,
    path: &Path,
) -> Result<(TransactionId, Totals)> {
    match transactions
        .last()
        .map_err(|error| layout::database_error(path, error))?
    {
        Some((number, record)) => {
            let record: TransactionRecord = layout::decode(record.value(), path, "transaction")?;
            Ok((TransactionId(number.value()), record.totals))
        }
        None => Ok((TransactionId(0), Totals::default())),
    }
}
