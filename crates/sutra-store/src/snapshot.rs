//! One immutable state of the truth, for readers.
//!
//! A snapshot never blocks a writer and is never changed by one (redb keeps its pages until the
//! snapshot is dropped). It holds the database open: the folder's lock is released when the store and
//! every snapshot are gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableError};
use sha2::{Digest, Sha256};
use sutra_model::{
    Association, AssociationKey, Concept, ConceptId, ConceptKind, ContentKey, Error, Evidence, RelationId,
    Result, Source, SourceId, Support, TransactionId, address_key, entity_key, passage_key, statement_key,
};

use crate::column::ColumnView;
use crate::layout;
use crate::records::{
    AssociationRecord, ChangeRecord, ConceptRecord, EvidenceRecord, KindRecord, SupportRecord, Totals,
    VectorRecord,
};
use crate::relations::Relations;
use crate::sources::{find_sources, sources_of};
use crate::texts;
use crate::updates::{PassageEntry, VectorEntry};

/// One immutable state of the store.
pub struct Snapshot {
    path: PathBuf,
    column: ColumnView,
    pub(crate) model: u32,
    transaction: TransactionId,
    kept_from: TransactionId,
    totals: Totals,
    pub(crate) changes: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) sources: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) source_keys: ReadOnlyTable<(&'static [u8; 16], u64, u64), &'static [u8; 32]>,
    pub(crate) texts: ReadOnlyTable<(u64, u32), &'static [u8]>,
    pub(crate) markup: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) source_statements: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) concepts: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) concept_keys: ReadOnlyTable<&'static [u8; 16], u64>,
    pub(crate) supports: ReadOnlyTable<(u64, u64, u64), &'static [u8]>,
    pub(crate) relations: ReadOnlyTable<u32, &'static [u8]>,
    pub(crate) associations: ReadOnlyTable<(u64, u32, u64), &'static [u8]>,
    pub(crate) evidence: ReadOnlyTable<(u64, u32, u64, u64), &'static [u8]>,
    pub(crate) statement_evidence: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) vectors: ReadOnlyTable<(u32, u64), &'static [u8]>,
    pub(crate) prepared: ReadOnlyTable<(u32, u64), &'static [u8]>,
    pub(crate) pending: ReadOnlyTable<(u32, u64), ()>,
    pub(crate) sealed: ReadOnlyTable<(u32, u32, u32), &'static [u8; 32]>,
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
    pub(crate) fn take(
        database: Arc<Database>,
        column: ColumnView,
        model: u32,
        path: PathBuf,
    ) -> Result<Self> {
        let read = database
            .begin_read()
            .map_err(|error| layout::database_error(&path, error))?;
        let fail = |error: TableError| layout::database_error(&path, error);
        let changes = read.open_table(layout::CHANGES).map_err(fail)?;
        let (transaction, totals) = last_of(&changes, &path)?;
        let meta = read.open_table(layout::META).map_err(fail)?;
        let kept_from = match layout::given(&path, meta.get(layout::KEPT_FROM))? {
            Some(row) => layout::decode(row.value(), &path, layout::KEPT_FROM)?,
            None => 0,
        };
        Ok(Self {
            sources: read.open_table(layout::SOURCES).map_err(fail)?,
            source_keys: read.open_table(layout::SOURCE_KEYS).map_err(fail)?,
            texts: read.open_table(layout::TEXTS).map_err(fail)?,
            markup: read.open_table(layout::MARKUP).map_err(fail)?,
            source_statements: read.open_table(layout::SOURCE_STATEMENTS).map_err(fail)?,
            concepts: read.open_table(layout::CONCEPTS).map_err(fail)?,
            concept_keys: read.open_table(layout::CONCEPT_KEYS).map_err(fail)?,
            supports: read.open_table(layout::SUPPORTS).map_err(fail)?,
            relations: read.open_table(layout::RELATIONS).map_err(fail)?,
            associations: read.open_table(layout::ASSOCIATIONS).map_err(fail)?,
            evidence: read.open_table(layout::EVIDENCE).map_err(fail)?,
            statement_evidence: read.open_table(layout::STATEMENT_EVIDENCE).map_err(fail)?,
            vectors: read.open_table(layout::VECTORS).map_err(fail)?,
            prepared: read.open_table(layout::PREPARED).map_err(fail)?,
            pending: read.open_table(layout::PENDING).map_err(fail)?,
            sealed: read.open_table(layout::SEALED).map_err(fail)?,
            changes,
            path,
            column,
            model,
            transaction,
            kept_from: TransactionId(kept_from),
            totals,
            _database: database,
        })
    }

    /// The last transaction that this state holds; 0 for an empty store.
    pub fn transaction(&self) -> TransactionId {
        self.transaction
    }

    /// The first transaction as of which this state can be asked in full.
    pub fn kept_from(&self) -> TransactionId {
        self.kept_from
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
        let record = self.concept_record(id)?.ok_or(Error::UnknownConcept(id.0))?;
        Ok(record.concept(id))
    }

    pub(crate) fn concept_record(&self, id: ConceptId) -> Result<Option<ConceptRecord>> {
        let row = self.ok(self.concepts.get(id.0))?;
        row.map(|row| self.decode(row.value(), "concept")).transpose()
    }

    /// Whether there is a concept that was not retired.
    pub fn lives(&self, id: ConceptId) -> Result<bool> {
        let record = self.concept_record(id)?;
        Ok(record.is_some_and(|record| record.retired.is_none()))
    }

    /// The entity that bears, or bore, this name, compared by name key.
    pub fn entity(&self, name: &str) -> Result<Option<ConceptId>> {
        self.by_key(entity_key(name))
    }

    /// A source; `None` when there is none of this number.
    pub fn source(&self, id: SourceId) -> Result<Option<Source>> {
        let row = self.ok(self.sources.get(id.0))?;
        row.map(|row| self.decode(row.value(), "source")).transpose()
    }

    /// Exactly this source; `None` when it was not learned, or was retired.
    pub fn find_source(&self, address: &str, offset: u64, sha256: &[u8; 32]) -> Result<Option<SourceId>> {
        let address = address_key(address);
        for id in find_sources(&self.source_keys, &self.path, address, offset, sha256)? {
            if self.is_living(id)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn is_living(&self, id: SourceId) -> Result<bool> {
        Ok(self.source(id)?.is_some_and(|source| source.retired.is_none()))
    }

    /// The sources of an address that were not retired, by rising offset.
    pub fn sources_at(&self, address: &str) -> Result<Vec<SourceId>> {
        let mut found = self.versions_at(address)?;
        let mut living = Vec::with_capacity(found.len());
        for id in found.drain(..) {
            if self.is_living(id)? {
                living.push(id);
            }
        }
        Ok(living)
    }

    /// All sources of an address, those that were retired too, by rising offset, those of one offset by number.
    pub fn versions_at(&self, address: &str) -> Result<Vec<SourceId>> {
        sources_of(&self.source_keys, &self.path, address_key(address))
    }

    /// The first `limit` sources after one, those that were retired too, by rising number.
    pub fn sources_after(&self, after: SourceId, limit: usize) -> Result<Vec<Source>> {
        self.first_sources(after, limit, |_| true)
    }

    /// The first `limit` sources after one that were not retired, by rising number.
    pub fn living_sources_after(&self, after: SourceId, limit: usize) -> Result<Vec<Source>> {
        self.first_sources(after, limit, |source| source.retired.is_none())
    }

    fn first_sources(
        &self,
        after: SourceId,
        limit: usize,
        wanted: impl Fn(&Source) -> bool,
    ) -> Result<Vec<Source>> {
        let Some(first) = after.0.checked_add(1) else {
            return Ok(Vec::new());
        };
        let rows = self.ok(self.sources.range(first..))?;
        rows.map(|row| self.decode(self.ok(row)?.1.value(), "source"))
            .filter(|source: &Result<Source>| source.as_ref().map_or(true, &wanted))
            .take(limit)
            .collect()
    }

    /// A source's whole text, checked against its SHA-256.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is missing or another text.
    pub fn source_text(&self, source: &Source) -> Result<String> {
        let id = source.id.0;
        let bytes = self.source_bytes(source)?;
        if Sha256::digest(&bytes)[..] != source.sha256 {
            return Err(self.corrupt(format!("the text of source {id} does not have its SHA-256")));
        }
        texts::utf8(bytes, &self.path, id, 0)
    }

    /// The ranges of a source's text that are markup, in bytes, in order; none where it has none or is not there.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn markup_of(&self, source: SourceId) -> Result<Vec<(u64, u64)>> {
        match self.ok(self.markup.get(source.0))? {
            Some(row) => self.decode(row.value(), "markup of a source"),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn source_bytes(&self, source: &Source) -> Result<Vec<u8>> {
        let id = source.id.0;
        texts::read(&self.texts, &self.path, id, 0, source.length)?
            .ok_or_else(|| self.corrupt(format!("the text of source {id} is missing or short")))
    }

    /// The verbatim text at a support.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the source is missing or shorter than that.
    pub fn text(&self, support: Support) -> Result<String> {
        let Support { source, start, end } = support;
        let bytes = texts::read(&self.texts, &self.path, source.0, start, end)?
            .ok_or_else(|| self.corrupt(format!("source {} has no bytes {start}..{end}", source.0)))?;
        texts::utf8(bytes, &self.path, source.0, start)
    }

    /// What a concept says, checked against its identity: the verbatim statement, or the entity's name.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the stored words are not those that the concept was made of.
    pub fn words(&self, concept: &Concept) -> Result<String> {
        let (words, key) = match &concept.kind {
            ConceptKind::Statement { roles, first } => {
                let text = self.text(*first)?;
                let key = match roles.sentence {
                    true => statement_key(&text),
                    false => passage_key(&self.title(first.source)?, &text),
                };
                (text, key)
            }
            ConceptKind::Entity { name, .. } => (name.clone(), entity_key(name)),
        };
        match self.by_key(key)? {
            Some(id) if id == concept.id => Ok(words),
            _ if self.is_redacted(concept.id)? => Ok(words),
            _ => Err(self.corrupt(format!(
                "the words of concept {} are not those that it was made of",
                concept.id.0
            ))),
        }
    }

    fn is_redacted(&self, id: ConceptId) -> Result<bool> {
        let record = self.concept_record(id)?;
        Ok(matches!(
            record.map(|record| record.kind),
            Some(KindRecord::Statement { redacted: true, .. })
        ))
    }

    /// The title of a source that has to be there.
    pub(crate) fn title(&self, id: SourceId) -> Result<String> {
        let source = self.source(id)?;
        let source = source.ok_or_else(|| self.corrupt(format!("source {} is missing", id.0)))?;
        Ok(source.title)
    }

    /// The places where a statement stands, the first `limit` by source and start.
    pub fn supports(&self, id: ConceptId, limit: usize) -> Result<Vec<Support>> {
        let rows = self.ok(self.supports.range((id.0, 0, 0)..=(id.0, u64::MAX, u64::MAX)))?;
        rows.map(|row| {
            let (key, record) = self.ok(row)?;
            let (_, source, start) = key.value();
            let record: SupportRecord = self.decode(record.value(), "support")?;
            let support = Support {
                source: SourceId(source),
                start,
                end: start.saturating_add(record.length),
            };
            Ok(record.retired.is_none().then_some(support))
        })
        .filter_map(Result::transpose)
        .take(limit)
        .collect()
    }

    /// The row of a statement's vector, if it has one.
    pub fn vector_row(&self, id: ConceptId) -> Result<Option<u64>> {
        let row = self.ok(self.vectors.get((self.model, id.0)))?;
        let record: Option<VectorRecord> = row.map(|row| self.decode(row.value(), "vector")).transpose()?;
        Ok(record.map(|record| record.row))
    }

    /// What supports an association, the first `limit` by rising statement.
    pub fn evidence(&self, key: AssociationKey, limit: usize) -> Result<Vec<Evidence>> {
        let (subject, relation, object) = (key.subject.0, key.relation.0, key.object.0);
        let range = (subject, relation, object, 0)..=(subject, relation, object, u64::MAX);
        let rows = self.ok(self.evidence.range(range))?;
        rows.map(|row| {
            let (key, record) = self.ok(row)?;
            let record: EvidenceRecord = self.decode(record.value(), "evidence")?;
            Ok(record.live().map(|telling| Evidence {
                statement: ConceptId(key.value().3),
                confidence: telling.confidence,
                validity: telling.validity,
            }))
        })
        .filter_map(Result::transpose)
        .take(limit)
        .collect()
    }

    /// Every relation name.
    pub fn relations(&self) -> Result<Relations> {
        let mut relations = Relations::default();
        for row in self.ok(self.relations.iter())? {
            let (id, record) = self.ok(row)?;
            relations.insert(RelationId(id.value()), self.decode(record.value(), "relation")?);
        }
        Ok(relations)
    }

    /// Visits every passage, by rising id.
    pub fn for_each_passage(&self, mut visit: impl FnMut(PassageEntry)) -> Result<()> {
        for row in self.ok(self.concepts.iter())? {
            let (id, record) = self.ok(row)?;
            let record: ConceptRecord = self.decode(record.value(), "concept")?;
            if record.retired.is_none()
                && let Some(passage) = self.passage_entry(ConceptId(id.value()), &record)?
            {
                visit(passage);
            }
        }
        Ok(())
    }

    /// Visits every living concept, by rising id.
    pub fn for_each_concept(&self, mut visit: impl FnMut(Concept) -> Result<()>) -> Result<()> {
        for row in self.ok(self.concepts.iter())? {
            let (id, record) = self.ok(row)?;
            let record: ConceptRecord = self.decode(record.value(), "concept")?;
            if record.retired.is_none() {
                visit(record.concept(ConceptId(id.value())))?;
            }
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
                let key = AssociationKey {
                    subject: ConceptId(subject),
                    relation: RelationId(relation),
                    object: ConceptId(object),
                };
                self.association(key, record, relations)
            })
            .collect()
    }

    pub(crate) fn association(
        &self,
        key: AssociationKey,
        record: AssociationRecord,
        relations: &Relations,
    ) -> Result<Association> {
        let kind = relations.get(key.relation).map(|record| record.kind);
        let kind = kind.ok_or_else(|| {
            self.corrupt(format!(
                "an association of concept {} has no relation",
                key.subject.0
            ))
        })?;
        Ok(Association {
            key,
            kind,
            confidence: record.confidence,
            evidence_count: record.evidence_count,
        })
    }

    /// The vector of every living statement that has one, with its roles, by rising concept.
    pub fn vectors(&self) -> Result<Vec<VectorEntry>> {
        let mut vectors = Vec::new();
        for entry in self.ok(self.vectors.range((self.model, 0)..=(self.model, u64::MAX)))? {
            let (key, record) = self.ok(entry)?;
            let record: VectorRecord = self.decode(record.value(), "vector")?;
            let id = ConceptId(key.value().1);
            let concept = self.concept_record(id)?.ok_or(Error::UnknownConcept(id.0))?;
            let KindRecord::Statement {
                sentence, passage, ..
            } = concept.kind
            else {
                return Err(self.corrupt(format!("entity {} has a vector", id.0)));
            };
            if concept.retired.is_none() {
                vectors.push(VectorEntry {
                    concept: id,
                    row: record.row,
                    sentence: sentence.is_some(),
                    passage: passage.is_some(),
                });
            }
        }
        Ok(vectors)
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

    /// The path of `storage.dat`.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn corrupt(&self, detail: String) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            detail,
        }
    }
}

fn last_of(changes: &ReadOnlyTable<u64, &'static [u8]>, path: &Path) -> Result<(TransactionId, Totals)> {
    match changes
        .last()
        .map_err(|error| layout::database_error(path, error))?
    {
        Some((number, record)) => {
            let record: ChangeRecord = layout::decode(record.value(), path, "transaction")?;
            Ok((TransactionId(number.value()), record.totals))
        }
        None => Ok((TransactionId(0), Totals::default())),
    }
}
