//! Between Python's values and the engine's.

use std::collections::BTreeMap;

use numpy::{PyArrayLike1, PyReadonlyArray2, PyUntypedArrayMethods, TypeMustMatch};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyTuple};
use sutra_engine::{
    ChangeEvent, Direction, ForgettingReceipt, Forgotten, KeyedHash, Path, Preparation, ReadView, Receipt,
    SalvageReport, Selection, TextKind, Unit, Went,
};
use sutra_model::{
    Association, AssociationDraft, AssociationKind, Batch, Concept, ConceptId, ConceptKind, EntityDraft,
    EntityType, Error, Result, Roles, Source, SourceDraft, StatementDraft, Validity,
};

use crate::errors::exception;
use crate::types;

/// Ids as a list, a tuple or an array of unsigned 64-bit integers.
#[derive(FromPyObject)]
pub enum Ids<'py> {
    /// `numpy.uint64`.
    Array(PyArrayLike1<'py, u64, TypeMustMatch>),
    /// Any sequence of integers.
    List(Vec<u64>),
}

impl Ids<'_> {
    pub fn concepts(&self) -> Vec<ConceptId> {
        match self {
            Self::Array(array) => array.as_array().iter().map(|id| ConceptId(*id)).collect(),
            Self::List(list) => list.iter().map(|id| ConceptId(*id)).collect(),
        }
    }
}

/// The words of `sutra_storage.types`, as the engine's choices.
pub fn unit(word: &str) -> PyResult<Unit> {
    match word {
        "passage" => Ok(Unit::Passage),
        "sentence" => Ok(Unit::Sentence),
        "entity" => Ok(Unit::Entity),
        _ => Err(invalid("unit", word, "passage, sentence, entity")),
    }
}

pub fn direction(word: &str) -> PyResult<Direction> {
    match word {
        "out" => Ok(Direction::Out),
        "in" => Ok(Direction::In),
        "both" => Ok(Direction::Both),
        _ => Err(invalid("direction", word, "out, in, both")),
    }
}

fn invalid(what: &'static str, value: &str, allowed: &'static str) -> PyErr {
    exception(Error::InvalidValue {
        what,
        value: value.to_owned(),
        allowed,
    })
}

#[derive(FromPyObject)]
struct SourceDraftFields {
    address: String,
    text: String,
    title: String,
    offset: u64,
    time: Option<i64>,
    attributes: Attributes,
    last: bool,
}

/// Strings by string, from whatever mapping holds them.
struct Attributes(BTreeMap<String, String>);

impl<'py> FromPyObject<'_, 'py> for Attributes {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let items = given.cast::<PyMapping>()?.items()?;
        items
            .extract::<Vec<(String, String)>>()
            .map(|pairs| Self(pairs.into_iter().collect()))
    }
}

type AssociationFields = (u32, u32, u32, u32, f32, Option<i64>, Option<i64>, u32);

#[derive(FromPyObject)]
struct BatchFields<'py> {
    sources: Vec<SourceDraftFields>,
    markup: Vec<(u32, u64, u64)>,
    statements: Vec<(u32, u64, u64, bool, bool)>,
    entities: Vec<(String, String)>,
    relations: Vec<(String, String)>,
    associations: Vec<AssociationFields>,
    vector_references: Vec<u32>,
    vectors: Option<PyReadonlyArray2<'py, f32>>,
    known: Vec<u64>,
}

/// Reads a `sutra_storage.types.Batch`.
pub fn batch(object: &Bound<'_, PyAny>) -> PyResult<Batch> {
    let fields: BatchFields<'_> = object.extract()?;
    let (vectors, dimension) = match &fields.vectors {
        Some(array) => (array.as_array().iter().copied().collect(), array.shape()[1]),
        None => (Vec::new(), 0),
    };
    let entities = fields.entities.into_iter().map(|(name, entity_type)| {
        Ok(EntityDraft {
            name,
            entity_type: EntityType::parse(&entity_type)?,
        })
    });
    let relations = fields
        .relations
        .into_iter()
        .map(|(name, kind)| Ok((name, AssociationKind::parse(&kind)?)));
    let mut sources: Vec<SourceDraft> = fields.sources.into_iter().map(source_draft).collect();
    for (index, (source, start, end)) in fields.markup.into_iter().enumerate() {
        let Some(source) = sources.get_mut(source as usize) else {
            return Err(exception(Error::InvalidBatch {
                item: "markup",
                index,
                reason: format!("source {source} is not in the batch"),
            }));
        };
        source.markup.push((start, end));
    }
    Ok(Batch {
        sources,
        statements: fields.statements.into_iter().map(statement_draft).collect(),
        entities: entities.collect::<Result<_>>().map_err(exception)?,
        relations: relations.collect::<Result<_>>().map_err(exception)?,
        associations: fields.associations.into_iter().map(association_draft).collect(),
        vector_references: fields.vector_references,
        vectors,
        dimension,
        known: fields.known.into_iter().map(ConceptId).collect(),
        position: None,
    })
}

fn source_draft(fields: SourceDraftFields) -> SourceDraft {
    SourceDraft {
        address: fields.address,
        offset: fields.offset,
        title: fields.title,
        text: fields.text,
        time: fields.time,
        attributes: fields.attributes.0,
        last: fields.last,
        markup: Vec::new(),
    }
}

fn statement_draft((source, start, end, sentence, passage): (u32, u64, u64, bool, bool)) -> StatementDraft {
    StatementDraft {
        source,
        start,
        end,
        roles: Roles { sentence, passage },
    }
}

fn association_draft(fields: AssociationFields) -> AssociationDraft {
    let (subject, relation, object, evidence, confidence, from, to, rules) = fields;
    AssociationDraft {
        subject,
        relation,
        object,
        evidence,
        confidence,
        validity: Validity { from, to },
        rules,
    }
}

/// Statements, each with its row of an array `[statements, dimension]`.
pub fn statement_vectors(
    statements: Vec<u64>,
    vectors: &PyReadonlyArray2<'_, f32>,
) -> PyResult<Vec<(ConceptId, Vec<f32>)>> {
    let rows = vectors.as_array();
    if rows.nrows() != statements.len() {
        let message = format!("{} vectors for {} statements", rows.nrows(), statements.len());
        return Err(PyValueError::new_err(message));
    }
    let pairs = statements.into_iter().zip(rows.rows());
    let pairs = pairs.map(|(statement, row)| (ConceptId(statement), row.to_vec()));
    Ok(pairs.collect())
}

pub fn preparation(py: Python<'_>, preparation: Preparation) -> PyResult<Py<PyAny>> {
    let Preparation {
        embedder,
        ready,
        waiting,
        ..
    } = preparation;
    types::PREPARATION.make(py, (embedder.fingerprint, embedder.dimension, ready, waiting))
}

pub fn forgotten(py: Python<'_>, forgotten: Forgotten) -> PyResult<Py<PyAny>> {
    let taken = forgotten.taken;
    let fields = (
        forgotten.transaction.0,
        taken.sources,
        taken.statements,
        taken.entities,
        taken.associations,
        taken.evidence,
        taken.vectors,
        forgotten.answers,
        forgotten.redacted,
        forgotten.staying,
    );
    types::FORGOTTEN.make(py, fields)
}

pub fn change(py: Python<'_>, event: &ChangeEvent) -> PyResult<Py<PyAny>> {
    let fields = (
        event.transaction.0,
        event.time,
        event.learned_sources,
        event.learned_concepts,
        event.forgotten_sources,
        event.forgotten_concepts,
        event.settled.0,
        PyBytes::new(py, &event.data),
    );
    types::CHANGE.make(py, fields)
}

pub fn forgetting_receipt(
    py: Python<'_>,
    receipt: ForgettingReceipt,
    purged: Option<i64>,
) -> PyResult<Py<PyAny>> {
    let (what, numbers) = match receipt.asked {
        Selection::Sources(sources) => ("sources", sources.iter().map(|id| id.0 as i64).collect()),
        Selection::Before(time) => ("before", vec![time]),
        Selection::Concept(id) => ("concept", vec![id.0 as i64]),
        Selection::Node(id) => ("link", vec![id.0 as i64]),
        Selection::Retired(time) => ("retired", vec![time]),
    };
    let hex = |hash: &KeyedHash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hashes: Vec<String> = receipt.hashes.iter().map(hex).collect();
    let forgotten = forgotten(py, receipt.forgotten)?;
    types::FORGETTING_RECEIPT.make(py, (receipt.time, what, numbers, forgotten, hashes, purged))
}

pub fn went(py: Python<'_>, went: &Went) -> PyResult<Py<PyAny>> {
    let word = |kind: &TextKind| match kind {
        TextKind::Statement => "statement",
        TextKind::Passage => "passage",
        TextKind::Entity => "entity",
        TextKind::Source => "source",
    };
    let found: Vec<&str> = went.found.iter().map(word).collect();
    types::WENT.make(py, (found, went.key_fits))
}

pub fn receipt(py: Python<'_>, receipt: Receipt) -> PyResult<Py<PyAny>> {
    let sources: Vec<u64> = receipt.sources.iter().map(|id| id.0).collect();
    let Receipt {
        transaction,
        concepts,
        new_sources,
        new_concepts,
        new_associations,
        retired_sources,
        ..
    } = receipt;
    let fields = (
        transaction.0,
        concepts,
        sources,
        new_sources,
        new_concepts,
        new_associations,
        retired_sources,
    );
    types::RECEIPT.make(py, fields)
}

/// A concept with what it says, read from the view.
pub struct ReadConcept {
    concept: Concept,
    text: String,
    has_vector: bool,
}

impl ReadConcept {
    pub fn read(view: &ReadView, id: ConceptId) -> Result<Self> {
        let concept = view.concept(id)?;
        Ok(Self {
            text: view.text(&concept)?,
            has_vector: view.has_vector(id)?,
            concept,
        })
    }

    pub fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (id, learned) = (self.concept.id.0, self.concept.learned.0);
        match self.concept.kind {
            ConceptKind::Statement { roles, first } => {
                let roles = match (roles.sentence, roles.passage) {
                    (true, true) => vec!["sentence", "passage"],
                    (true, false) => vec!["sentence"],
                    _ => vec!["passage"],
                };
                let roles = pyo3::types::PyTuple::new(py, roles)?;
                let none: Option<&str> = None;
                let place = (first.source.0, first.start, first.end);
                types::CONCEPT.make(
                    py,
                    (
                        id,
                        "statement",
                        self.text,
                        none,
                        roles,
                        place.0,
                        place.1,
                        place.2,
                        learned,
                        self.has_vector,
                    ),
                )
            }
            ConceptKind::Entity { entity_type, .. } => {
                let roles = pyo3::types::PyTuple::empty(py);
                let kind = entity_type.as_str();
                types::CONCEPT.make(
                    py,
                    (
                        id,
                        "entity",
                        self.text,
                        kind,
                        roles,
                        0_u64,
                        0_u64,
                        0_u64,
                        learned,
                        self.has_vector,
                    ),
                )
            }
        }
    }
}

pub fn source(py: Python<'_>, source: Source) -> PyResult<Py<PyAny>> {
    let sha256: String = source.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let Source {
        id,
        address,
        offset,
        title,
        length,
        time,
        attributes,
        learned,
        redacted,
        retired,
        ..
    } = source;
    types::SOURCE.make(
        py,
        (
            id.0,
            address,
            offset,
            title,
            sha256,
            length,
            time,
            attributes,
            learned.0,
            redacted.is_some(),
            retired.map(|transaction| transaction.0),
        ),
    )
}

pub fn association(py: Python<'_>, view: &ReadView, association: &Association) -> PyResult<Py<PyAny>> {
    let Association {
        key,
        kind,
        confidence,
        evidence_count,
    } = association;
    let relation = view.relations().name(key.relation);
    types::ASSOCIATION.make(
        py,
        (
            key.subject.0,
            relation,
            key.object.0,
            kind.as_str(),
            *confidence,
            *evidence_count,
        ),
    )
}

pub fn path(py: Python<'_>, view: &ReadView, path: &Path) -> PyResult<Py<PyAny>> {
    let nodes = pyo3::types::PyTuple::new(py, path.nodes.iter().map(|node| node.0))?;
    let steps = path
        .steps
        .iter()
        .map(|(edge, inverse)| types::PATH_STEP.make(py, (association(py, view, edge)?, *inverse)))
        .collect::<PyResult<Vec<_>>>()?;
    types::GRAPH_PATH.make(py, (nodes, pyo3::types::PyTuple::new(py, steps)?, path.score))
}

/// Refuses what is not in [0, 1).
pub fn fraction(what: &'static str, value: f64) -> PyResult<()> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(invalid(what, &value.to_string(), "0 up to, not including, 1"))
    }
}

/// What was taken out of a damaged store, as Python gets it.
pub fn salvage_report(py: Python<'_>, report: SalvageReport) -> PyResult<Py<PyAny>> {
    let lost = report.sources_lost.into_iter();
    let lost: Vec<Py<PyAny>> = lost
        .map(|lost| types::LOST_SOURCES.make(py, (lost.first, lost.last, lost.address, lost.reason)))
        .collect::<PyResult<_>>()?;
    let taken = report.taken;
    let counts = [
        report.transaction,
        taken.sources,
        taken.statements,
        taken.entities,
        taken.associations,
        taken.evidence,
        taken.vectors,
        report.receipts,
    ];
    let mut fields = Vec::new();
    for count in counts {
        fields.push(count.into_pyobject(py)?.into_any());
    }
    fields.push(lost.into_pyobject(py)?);
    for count in [report.statements_lost, report.evidence_lost, report.vectors_lost] {
        fields.push(count.into_pyobject(py)?.into_any());
    }
    fields.push(report.faults.into_pyobject(py)?);
    fields.push(report.older.into_pyobject(py)?.to_owned().into_any());
    types::SALVAGE_REPORT.make(py, PyTuple::new(py, fields)?)
}
