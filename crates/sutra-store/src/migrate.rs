//! A store of format 1 becomes one of this format, in its own file.
//!
//! One transaction of the database: a process that is killed, or a machine that loses power, leaves the store as it was
//! or as it will be. The transactions of format 1 are [applied](crate::apply) one after the other as changes. The files
//! of vectors stay as they are.
//!
//! What format 1 did not record is told as well as can be: a role was had, and a piece of evidence learned, when what
//! it needs was. Statements are [split](crate::parts) where passages are several here.

use std::collections::BTreeMap;
use std::path::Path;

use redb::{Database, ReadableTable, WriteTransaction};
use rustc_hash::FxHashMap;
use sutra_model::{
    AssociationKey, AssociationKind, ConceptId, Error, Evidence, RelationId, Result, Source, SourceId,
    Support, TransactionId, Validity,
};

use crate::answers;
use crate::apply::{Writer, put};
use crate::change::{Change, NewConcept, StoredVector};
use crate::column::{Column, ColumnView};
use crate::format1::{self, Kind};
use crate::layout;
use crate::opening::{FIRST_MODEL, create_tables, prepare_meta, random_bytes};
use crate::parts::{Part, Parts, Place, split};
use crate::records::{EmbedderId, ModelRecord, RelationRecord};
use crate::updates::Updates;

/// The version of the rules for what was derived before versions were recorded.
const RULES: u32 = 1;
/// Changes after which what they met is written, so that memory stays bounded.
const FLUSH: u64 = 256;

/// The model of a store of format 1.
///
/// # Errors
/// [`Error::Corrupt`], [`Error::Io`].
pub fn model_of(meta: &impl ReadableTable<&'static str, &'static [u8]>, path: &Path) -> Result<ModelRecord> {
    let value = |key: &str| -> Result<Vec<u8>> {
        let row = meta
            .get(key)
            .map_err(|error| layout::database_error(path, error))?;
        row.map(|row| row.value().to_vec()).ok_or_else(|| Error::Corrupt {
            path: path.to_owned(),
            detail: format!("{key:?} is missing"),
        })
    };
    let embedder: EmbedderId = layout::decode(&value("embedder")?, path, "embedder")?;
    Ok(ModelRecord {
        embedder,
        generation: 0,
        rows: layout::decode(&value("vector_rows")?, path, "vector rows")?,
    })
}

/// Brings a database of format 1, whose vectors are in `column`, to this format.
///
/// # Errors
/// [`Error::Corrupt`] when it contradicts itself, [`Error::DiskFull`], [`Error::Io`]; it is then as it was.
pub fn migrate(database: &Database, column: &mut Column, path: &Path) -> Result<()> {
    let fail = |error| layout::database_error(path, error);
    let transaction = database
        .begin_write()
        .map_err(|error| layout::database_error(path, error))?;
    format1::set_aside(&transaction).map_err(fail)?;
    create_tables(&transaction, path)?;
    {
        let mut meta = transaction.open_table(layout::META).map_err(fail)?;
        let model = model_of(&meta, path)?;
        prepare_meta(&mut meta, path)?;
        put(path, meta.remove("embedder"))?;
        put(path, meta.remove("vector_rows"))?;
        let mut models = transaction.open_table(layout::MODELS).map_err(fail)?;
        put(
            path,
            models.insert(FIRST_MODEL, layout::encode(&model).as_slice()),
        )?;
    }
    let old = Old::read(&transaction, path)?;
    let view = column.view();
    {
        let texts = transaction.open_table(format1::TEXTS).map_err(fail)?;
        let mut writer = Writer::open(&transaction, column, FIRST_MODEL, path)?;
        writer.keep_rows(&old.rows);
        for (number, time) in &old.times {
            let change = old.change(*number, *time, &texts, &view)?;
            writer.apply(&change, random_bytes(path)?, &mut Updates::default())?;
            if number.is_multiple_of(FLUSH) {
                writer.write_met()?;
            }
        }
        writer.finish(&transaction)?;
    }
    answers::migrate(&transaction, path)?;
    let mut sealed = transaction.open_table(layout::SEALED).map_err(fail)?;
    for row in transaction
        .open_table(format1::SEALED)
        .map_err(fail)?
        .iter()
        .map_err(|error| layout::database_error(path, error))?
    {
        let (number, digest) = row.map_err(|error| layout::database_error(path, error))?;
        put(
            path,
            sealed.insert((FIRST_MODEL, 0, number.value()), digest.value()),
        )?;
    }
    drop(sealed);
    format1::delete(&transaction).map_err(fail)?;
    transaction
        .commit()
        .map_err(|error| layout::database_error(path, error))
}

/// What a store of format 1 holds but for texts, by what this format needs it by.
struct Old<'t> {
    path: &'t Path,
    /// Number and time of each transaction.
    times: Vec<(u64, i64)>,
    sources: BTreeMap<u64, Vec<(u64, format1::Source)>>,
    concepts: BTreeMap<u64, Vec<(ConceptId, NewConcept)>>,
    /// By source.
    supports: FxHashMap<u64, Vec<(SourceId, Support, ConceptId)>>,
    relations: BTreeMap<u64, Vec<(RelationId, RelationRecord)>>,
    evidence: BTreeMap<u64, Vec<(ConceptId, AssociationKey, Evidence, u32)>>,
    vectors: BTreeMap<u64, Vec<u64>>,
    /// Statement → row of its vector.
    rows: FxHashMap<u64, u64>,
    /// Concept → the transaction that learned it.
    learned: FxHashMap<u64, u64>,
    parts: Parts,
    /// Names of entities, where a passage is about them.
    names: FxHashMap<u64, String>,
}

impl<'t> Old<'t> {
    fn read(transaction: &WriteTransaction, path: &'t Path) -> Result<Self> {
        let mut old = Self {
            path,
            times: Vec::new(),
            sources: BTreeMap::new(),
            concepts: BTreeMap::new(),
            supports: FxHashMap::default(),
            relations: BTreeMap::new(),
            evidence: BTreeMap::new(),
            vectors: BTreeMap::new(),
            rows: FxHashMap::default(),
            learned: FxHashMap::default(),
            parts: Parts::default(),
            names: FxHashMap::default(),
        };
        let fail = |error| layout::database_error(path, error);
        let broken = |error| layout::database_error(path, error);
        for row in transaction
            .open_table(format1::TRANSACTIONS)
            .map_err(fail)?
            .iter()
            .map_err(broken)?
        {
            let (number, record) = row.map_err(broken)?;
            let record: format1::Transaction = layout::decode(record.value(), path, "transaction")?;
            let after = old.times.last().map_or(i64::MIN, |(_, time)| *time);
            old.times
                .push((number.value(), record.time.max(after.saturating_add(1))));
        }
        let titles = old.read_sources(transaction)?;
        old.read_concepts(transaction, &titles)?;
        old.read_evidence(transaction)?;
        for row in transaction
            .open_table(format1::VECTORS)
            .map_err(fail)?
            .iter()
            .map_err(broken)?
        {
            let (id, row) = row.map_err(broken)?;
            old.rows.insert(id.value(), row.value());
            let learned = old.learned_of(id.value())?;
            old.vectors.entry(learned).or_default().push(id.value());
        }
        Ok(old)
    }

    /// Reads sources, and gives when each was learned and its title.
    fn read_sources(&mut self, transaction: &WriteTransaction) -> Result<FxHashMap<u64, (u64, String)>> {
        let table = transaction
            .open_table(format1::SOURCES)
            .map_err(|error| layout::database_error(self.path, error))?;
        let mut titles = FxHashMap::default();
        for row in table
            .iter()
            .map_err(|error| layout::database_error(self.path, error))?
        {
            let (id, record) = row.map_err(|error| layout::database_error(self.path, error))?;
            let source: format1::Source = layout::decode(record.value(), self.path, "source")?;
            titles.insert(id.value(), (source.learned, source.title.clone()));
            self.sources
                .entry(source.learned)
                .or_default()
                .push((id.value(), source));
        }
        Ok(titles)
    }

    fn read_concepts(
        &mut self,
        transaction: &WriteTransaction,
        titles: &FxHashMap<u64, (u64, String)>,
    ) -> Result<()> {
        let broken = |error| layout::database_error(self.path, error);
        let fail = |error| layout::database_error(self.path, error);
        let table = transaction.open_table(format1::CONCEPTS).map_err(fail)?;
        let mut roles = BTreeMap::new();
        for row in table.iter().map_err(broken)? {
            let (id, record) = row.map_err(broken)?;
            let id = id.value();
            let concept: format1::Concept = layout::decode(record.value(), self.path, "concept")?;
            match concept.kind {
                Kind::Statement { roles: played, .. } => {
                    roles.insert(id, played);
                }
                Kind::Entity { name, entity_type } => {
                    self.names.insert(id, name.clone());
                    self.learned.insert(id, concept.learned);
                    self.concepts
                        .entry(concept.learned)
                        .or_default()
                        .push((ConceptId(id), NewConcept::Entity(name, entity_type)));
                }
            }
        }
        let last = |id: Option<&u64>| id.copied().unwrap_or(0);
        let mut next = last(roles.keys().last()).max(last(self.names.keys().max()));
        let mut places: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
        let mut passages: FxHashMap<u64, Vec<(u64, u64)>> = FxHashMap::default();
        let table = transaction.open_table(format1::SUPPORTS).map_err(fail)?;
        for row in table.iter().map_err(broken)? {
            let (key, end) = row.map_err(broken)?;
            let (statement, source, start) = key.value();
            let end = end.value();
            places.entry(statement).or_default().push((source, start, end));
            if roles.get(&statement).is_some_and(|roles| roles.passage) {
                passages.entry(source).or_default().push((start, end));
            }
        }
        for (id, places) in places {
            let missing = || self.corrupt(format!("statement {id} is missing"));
            let roles = *roles.get(&id).ok_or_else(missing)?;
            let told: Vec<(Place, &str, bool)> = places
                .iter()
                .map(|place| {
                    let (source, start, end) = *place;
                    let title = titles.get(&source).map_or("", |(_, title)| title.as_str());
                    let inside = |(from, to): &(u64, u64)| {
                        *from <= start && end <= *to && (*from, *to) != (start, end)
                    };
                    let within = || passages.get(&source).is_some_and(|all| all.iter().any(inside));
                    let is_passage = roles.passage && !(roles.sentence && within());
                    (*place, title, is_passage)
                })
                .collect();
            let parts = split(id, roles, &told, || {
                next += 1;
                next
            });
            self.parts.insert(id, &parts);
            for part in parts {
                self.add_part(part, titles)?;
            }
        }
        Ok(())
    }

    fn add_part(&mut self, part: Part, titles: &FxHashMap<u64, (u64, String)>) -> Result<()> {
        let learned = part.places.iter().filter_map(|(source, ..)| titles.get(source));
        let learned = learned.map(|(learned, _)| *learned).min();
        let learned = learned.ok_or_else(|| self.corrupt(format!("statement {} stands nowhere", part.id)))?;
        let id = ConceptId(part.id);
        self.learned.insert(part.id, learned);
        self.concepts
            .entry(learned)
            .or_default()
            .push((id, NewConcept::Statement(part.roles)));
        for (source, start, end) in part.places {
            let source = SourceId(source);
            let support = Support { source, start, end };
            self.supports
                .entry(source.0)
                .or_default()
                .push((source, support, id));
        }
        Ok(())
    }

    fn read_evidence(&mut self, transaction: &WriteTransaction) -> Result<()> {
        let broken = |error| layout::database_error(self.path, error);
        let fail = |error| layout::database_error(self.path, error);
        let mut relations: BTreeMap<u32, RelationRecord> = BTreeMap::new();
        let mut table = transaction.open_table(layout::RELATIONS).map_err(fail)?;
        for row in table.iter().map_err(broken)? {
            let (id, record) = row.map_err(broken)?;
            relations.insert(id.value(), layout::decode(record.value(), self.path, "relation")?);
        }
        // Each is learned again with its first evidence.
        put(self.path, table.retain(|_, _| false))?;
        let contains = relations.iter().find(|(_, record)| record.name == "contains");
        let contains = contains.map_or_else(|| relations.len() as u32 + 1, |(id, _)| *id);
        let mut used: BTreeMap<u32, u64> = BTreeMap::new();
        let table = transaction.open_table(format1::EVIDENCE).map_err(fail)?;
        for row in table.iter().map_err(broken)? {
            let (key, record) = row.map_err(broken)?;
            let (subject, relation, object, statement) = key.value();
            let record: format1::Evidence = layout::decode(record.value(), self.path, "evidence")?;
            let missing = || self.corrupt(format!("relation {relation} is missing"));
            let name = relations.get(&relation).ok_or_else(missing)?.name.clone();
            let object_name = self.names.get(&object).map(String::as_str);
            for edge in self.parts.edges((subject, object, statement), &name, object_name) {
                let learned = self.add_evidence(edge, relation, record.confidence, record.validity)?;
                let first = used.entry(relation).or_insert(learned);
                *first = learned.min(*first);
            }
        }
        for (passage, sentence) in self.parts.pairs() {
            let edge = (passage, sentence, passage);
            let learned = self.add_evidence(edge, contains, 0.99, Validity::default())?;
            let first = used.entry(contains).or_insert(learned);
            *first = learned.min(*first);
        }
        let kind = AssociationKind::Compositional;
        relations.entry(contains).or_insert_with(|| RelationRecord {
            name: "contains".to_owned(),
            kind,
        });
        for (id, learned) in used {
            if let Some(record) = relations.remove(&id) {
                let relation = (RelationId(id), record);
                self.relations.entry(learned).or_default().push(relation);
            }
        }
        Ok(())
    }

    /// Adds evidence that was learned when the last of what it needs was, and says when.
    fn add_evidence(
        &mut self,
        (subject, object, statement): (u64, u64, u64),
        relation: u32,
        confidence: f32,
        validity: Validity,
    ) -> Result<u64> {
        let ends = [subject, object, statement].map(|id| self.learned_of(id));
        let [subject_learned, object_learned, statement_learned] = ends;
        let learned = subject_learned?.max(object_learned?).max(statement_learned?);
        let key = AssociationKey {
            subject: ConceptId(subject),
            relation: RelationId(relation),
            object: ConceptId(object),
        };
        let statement = ConceptId(statement);
        let evidence = Evidence {
            statement,
            confidence,
            validity,
        };
        self.evidence
            .entry(learned)
            .or_default()
            .push((statement, key, evidence, RULES));
        Ok(learned)
    }

    fn learned_of(&self, id: u64) -> Result<u64> {
        let learned = self.learned.get(&id).copied();
        learned.ok_or_else(|| self.corrupt(format!("concept {id} is missing")))
    }

    /// A transaction of format 1 as a change.
    fn change(
        &self,
        number: u64,
        time: i64,
        texts: &impl ReadableTable<u64, &'static str>,
        column: &ColumnView,
    ) -> Result<Change> {
        let mut change = Change {
            transaction: TransactionId(number),
            time,
            ..Change::default()
        };
        for (id, source) in self.sources.get(&number).into_iter().flatten() {
            let text = texts
                .get(id)
                .map_err(|error| layout::database_error(self.path, error))?;
            let text = text.ok_or_else(|| self.corrupt(format!("the text of source {id} is missing")))?;
            change
                .sources
                .push((migrated(*id, source), text.value().to_owned()));
            let supports = self.supports.get(id).into_iter().flatten();
            change.supports.extend(supports);
        }
        change.concepts = self.concepts.get(&number).cloned().unwrap_or_default();
        change.relations = self.relations.get(&number).cloned().unwrap_or_default();
        change.evidence = self.evidence.get(&number).cloned().unwrap_or_default();
        for id in self.vectors.get(&number).into_iter().flatten() {
            let values = column.row(self.rows[id], ConceptId(*id))?;
            change.vectors.push(StoredVector {
                model: FIRST_MODEL,
                statement: ConceptId(*id),
                values: values.iter().map(|value| value.to_bits()).collect(),
            });
        }
        change.sort();
        change
            .evidence
            .dedup_by_key(|(statement, key, ..)| (*statement, *key));
        Ok(change)
    }

    fn corrupt(&self, detail: String) -> Error {
        Error::Corrupt {
            path: self.path.to_owned(),
            detail,
        }
    }
}

fn migrated(id: u64, source: &format1::Source) -> Source {
    Source {
        id: SourceId(id),
        address: source.address.clone(),
        offset: source.offset,
        title: source.title.clone(),
        sha256: source.sha256,
        length: source.length,
        time: source.time,
        attributes: source.attributes.clone(),
        learned: TransactionId(source.learned),
        retired: None,
        redacted: None,
    }
}
