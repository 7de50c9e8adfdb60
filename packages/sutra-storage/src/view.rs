//! `ReadView`: searches and look-ups over one immutable state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use sutra_engine::{Filter, Lease, PageRankQuery, PathQuery, ReadView, Walk, WalkQuery};
use sutra_model::{AssociationKind, ConceptId, Language, Result, SourceId, TransactionId};

use crate::convert::{self, Ids, ReadConcept};
use crate::errors::{exception, run};
use crate::types;

type Ranking<'py> = (Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<f32>>);

/// Concepts, how many steps each is away, and whether there may be more.
type Reached<'py> = (Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<u32>>, bool);

/// Number, first byte, one past the last, and whether it is a sentence or a passage.
type StatementFields = (u64, u64, u64, bool, bool);

/// One immutable state of the store, for as long as its engine is open.
#[pyclass(frozen, name = "ReadView", module = "sutra_storage")]
pub struct PyReadView {
    lease: Arc<Lease>,
    /// That of the questions that are asked of it.
    language: Language,
}

impl PyReadView {
    pub fn new(lease: Arc<Lease>) -> Self {
        Self {
            lease,
            language: Language::default(),
        }
    }

    fn view(&self) -> PyResult<Arc<ReadView>> {
        self.lease.view().map_err(exception)
    }
}

fn ranking<'py>(py: Python<'py>, hits: Vec<(ConceptId, f32)>) -> Ranking<'py> {
    let (ids, scores): (Vec<u64>, Vec<f32>) = hits.into_iter().map(|(id, score)| (id.0, score)).unzip();
    (ids.into_pyarray(py), scores.into_pyarray(py))
}

/// Lists of rows as lists of what Python gets for each row.
fn each_of<T>(lists: &[Vec<T>], make: impl Fn(&T) -> PyResult<Py<PyAny>>) -> PyResult<Vec<Vec<Py<PyAny>>>> {
    lists
        .iter()
        .map(|list| list.iter().map(&make).collect())
        .collect()
}

fn weights(weights: Option<HashMap<String, f32>>) -> Vec<(String, f32)> {
    weights.unwrap_or_default().into_iter().collect()
}

#[pymethods]
impl PyReadView {
    #[getter]
    fn transaction(&self) -> PyResult<u64> {
        let view = self.view()?;
        Ok(view.transaction().0)
    }

    #[getter]
    fn fingerprint(&self) -> PyResult<String> {
        Ok(self.view()?.fingerprint().to_owned())
    }

    fn stats(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let view = self.view()?;
        let totals = view.totals();
        let bytes = run(py, || view.bytes_on_disk())?;
        let fields = (
            view.transaction().0,
            totals.sources,
            totals.statements + totals.entities,
            totals.statements,
            totals.entities,
            totals.passages,
            totals.associations,
            totals.evidence,
            totals.vectors,
            view.dimension(),
            bytes,
        );
        types::STORE_STATS.make(py, fields)
    }

    fn concepts(&self, py: Python<'_>, ids: Ids<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let view = self.view()?;
        let ids = ids.concepts();
        let read = run(py, || {
            ids.iter()
                .map(|id| ReadConcept::read(&view, *id))
                .collect::<Result<Vec<_>>>()
        });
        read?.into_iter().map(|concept| concept.into_python(py)).collect()
    }

    fn sources(&self, py: Python<'_>, ids: Vec<u64>) -> PyResult<Vec<Py<PyAny>>> {
        let view = self.view()?;
        let read = run(py, || {
            ids.iter()
                .map(|id| view.source(SourceId(*id)))
                .collect::<Result<Vec<_>>>()
        });
        read?
            .into_iter()
            .map(|source| convert::source(py, source))
            .collect()
    }

    fn source_text(&self, py: Python<'_>, source: u64) -> PyResult<String> {
        let view = self.view()?;
        run(py, || view.source_text(SourceId(source)))
    }

    fn statements_in(&self, py: Python<'_>, source: u64) -> PyResult<Vec<StatementFields>> {
        let view = self.view()?;
        let found = run(py, || view.statements_in(SourceId(source)))?;
        let fields = found
            .into_iter()
            .map(|(id, place, roles)| (id.0, place.start, place.end, roles.sentence, roles.passage));
        Ok(fields.collect())
    }

    fn markup(&self, py: Python<'_>, source: u64) -> PyResult<Vec<(u64, u64)>> {
        let view = self.view()?;
        run(py, || view.markup_of(SourceId(source)))
    }

    fn outdated(&self, py: Python<'_>, rules: u32) -> PyResult<u64> {
        let view = self.view()?;
        run(py, || view.outdated(rules))
    }

    #[pyo3(signature = (after, limit, *, retired = false))]
    fn sources_after(
        &self,
        py: Python<'_>,
        after: u64,
        limit: usize,
        retired: bool,
    ) -> PyResult<Vec<Py<PyAny>>> {
        let view = self.view()?;
        run(py, || view.sources_after(SourceId(after), limit, retired))?
            .into_iter()
            .map(|source| convert::source(py, source))
            .collect()
    }

    fn find_source(&self, py: Python<'_>, address: &str, offset: u64, text: &str) -> PyResult<u64> {
        let view = self.view()?;
        let found = run(py, || view.find_source(address, offset, text))?;
        Ok(found.map_or(0, |id| id.0))
    }

    #[pyo3(signature = (address, *, retired = false))]
    fn sources_at(&self, py: Python<'_>, address: &str, retired: bool) -> PyResult<Vec<u64>> {
        let view = self.view()?;
        let found = run(py, || match retired {
            true => view.versions_at(address),
            false => view.sources_at(address),
        })?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    #[pyo3(signature = (ids, *, limit = None))]
    fn supports(&self, py: Python<'_>, ids: Ids<'_>, limit: Option<usize>) -> PyResult<Vec<Vec<Py<PyAny>>>> {
        let view = self.view()?;
        let limit = limit.unwrap_or(usize::MAX);
        let ids = ids.concepts();
        let found = run(py, || view.supports_of(&ids, limit))?;
        each_of(&found, |place| {
            types::SUPPORT.make(py, (place.source.0, place.start, place.end))
        })
    }

    fn find_entities(&self, py: Python<'_>, names: Vec<String>) -> PyResult<Vec<u64>> {
        let view = self.view()?;
        let found = run(py, || {
            names
                .iter()
                .map(|name| view.entity(name))
                .collect::<Result<Vec<_>>>()
        });
        Ok(found?.into_iter().map(|id| id.map_or(0, |id| id.0)).collect())
    }

    #[pyo3(signature = (query, k, *, unit = "passage", exact = false))]
    fn search_vectors<'py>(
        &self,
        py: Python<'py>,
        query: PyReadonlyArray1<'py, f32>,
        k: usize,
        unit: &str,
        exact: bool,
    ) -> PyResult<Ranking<'py>> {
        let view = self.view()?;
        let unit = convert::unit(unit)?;
        let query: Vec<f32> = query.as_array().iter().copied().collect();
        let hits = run(py, || view.search_vectors(&query, k, unit, exact))?;
        Ok(ranking(py, hits))
    }

    #[pyo3(signature = (queries, k, *, unit = "passage", exact = false))]
    fn search_vectors_each<'py>(
        &self,
        py: Python<'py>,
        queries: PyReadonlyArray2<'py, f32>,
        k: usize,
        unit: &str,
        exact: bool,
    ) -> PyResult<Vec<Ranking<'py>>> {
        let view = self.view()?;
        let unit = convert::unit(unit)?;
        let queries: Vec<Vec<f32>> = queries.as_array().outer_iter().map(|row| row.to_vec()).collect();
        let hits = run(py, || view.search_vectors_of(&queries, k, unit, exact))?;
        Ok(hits.into_iter().map(|of_one| ranking(py, of_one)).collect())
    }

    fn languages(&self) -> PyResult<HashMap<&'static str, usize>> {
        let view = self.view()?;
        Ok(view
            .languages()
            .into_iter()
            .map(|(language, count)| (language.code(), count))
            .collect())
    }

    fn in_language(&self, language: &str) -> Self {
        Self {
            lease: Arc::clone(&self.lease),
            language: Language::of_tag(language),
        }
    }

    #[pyo3(signature = (
        *, sources = None, attributes = None, since = None, until = None, as_of = None, holds_at = None, kinds = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they have names in Python")]
    fn within(
        &self,
        py: Python<'_>,
        sources: Option<Vec<u64>>,
        attributes: Option<BTreeMap<String, String>>,
        since: Option<i64>,
        until: Option<i64>,
        as_of: Option<u64>,
        holds_at: Option<i64>,
        kinds: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let kinds = kinds.map(|kinds| {
            let parsed = kinds.iter().map(|kind| AssociationKind::parse(kind));
            parsed.collect::<Result<Vec<_>>>().map_err(exception)
        });
        let filter = Filter {
            sources: sources.map(|sources| sources.into_iter().map(SourceId).collect()),
            attributes: attributes.unwrap_or_default(),
            since,
            until,
            as_of: as_of.map(TransactionId),
            holds_at,
            kinds: kinds.transpose()?,
        };
        Ok(Self {
            lease: run(py, || self.lease.within(&filter))?,
            language: self.language,
        })
    }

    #[pyo3(signature = (query, k, *, unit = "passage"))]
    fn search_words<'py>(
        &self,
        py: Python<'py>,
        query: &str,
        k: usize,
        unit: &str,
    ) -> PyResult<Ranking<'py>> {
        let view = self.view()?;
        let unit = convert::unit(unit)?;
        let hits = run(py, || view.search_words(query, k, unit, self.language))?;
        Ok(ranking(py, hits))
    }

    #[pyo3(signature = (queries, k, *, unit = "passage"))]
    fn search_words_each<'py>(
        &self,
        py: Python<'py>,
        queries: Vec<String>,
        k: usize,
        unit: &str,
    ) -> PyResult<Vec<Ranking<'py>>> {
        let view = self.view()?;
        let unit = convert::unit(unit)?;
        let hits = run(py, || view.search_words_of(&queries, k, unit, self.language))?;
        Ok(hits.into_iter().map(|of_one| ranking(py, of_one)).collect())
    }

    fn score_words<'py>(
        &self,
        py: Python<'py>,
        queries: Vec<String>,
        ids: Ids<'py>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let view = self.view()?;
        let ids = ids.concepts();
        let scores = run(py, || Ok(view.scores_of(&queries, &ids, self.language)))?;
        scores.into_pyarray(py).reshape([queries.len(), ids.len()])
    }

    fn word_weights<'py>(&self, py: Python<'py>, texts: Vec<String>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let view = self.view()?;
        run(py, || Ok(view.word_weights_of(&texts, self.language)))?
            .into_iter()
            .map(|weights| weights.into_py_dict(py))
            .collect()
    }

    #[pyo3(signature = (words, *, limit = 3))]
    fn near_words(
        &self,
        py: Python<'_>,
        words: Vec<String>,
        limit: usize,
    ) -> PyResult<Vec<Vec<(String, usize)>>> {
        let view = self.view()?;
        run(py, || Ok(view.near_words_of(&words, limit, self.language)))
    }

    fn vectors<'py>(&self, py: Python<'py>, ids: Ids<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let view = self.view()?;
        let ids = ids.concepts();
        let dimension = view.dimension();
        let rows = run(py, || {
            let mut rows = vec![0.0; ids.len() * dimension];
            for (id, row) in ids.iter().zip(rows.chunks_exact_mut(dimension)) {
                view.read_vector(*id, row)?;
            }
            Ok(rows)
        });
        rows?.into_pyarray(py).reshape([ids.len(), dimension])
    }

    #[pyo3(signature = (*, after = 0, limit = 1000))]
    fn pending(&self, py: Python<'_>, after: u64, limit: usize) -> PyResult<Vec<u64>> {
        let view = self.view()?;
        let found = run(py, || view.pending_after(ConceptId(after), limit))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    #[pyo3(signature = (ids, *, direction = "both", relations = None, limit = 1000))]
    fn neighbors(
        &self,
        py: Python<'_>,
        ids: Ids<'_>,
        direction: &str,
        relations: Option<Vec<String>>,
        limit: usize,
    ) -> PyResult<Vec<Vec<Py<PyAny>>>> {
        let view = self.view()?;
        let direction = convert::direction(direction)?;
        let ids = ids.concepts();
        let found = run(py, || {
            view.neighbours_of(&ids, direction, relations.as_deref(), limit)
        })?;
        each_of(&found, |association| convert::association(py, &view, association))
    }

    #[pyo3(signature = (ids, relation, *, direction = "out", limit = None))]
    fn expand(
        &self,
        py: Python<'_>,
        ids: Ids<'_>,
        relation: &str,
        direction: &str,
        limit: Option<usize>,
    ) -> PyResult<Vec<Vec<u64>>> {
        let view = self.view()?;
        let limit = limit.unwrap_or(usize::MAX);
        let direction = convert::direction(direction)?;
        let ids = ids.concepts();
        run(py, || {
            let expand = |id| {
                view.expand(id, relation, direction, limit)
                    .into_iter()
                    .map(|id| id.0)
                    .collect()
            };
            Ok(ids.into_iter().map(expand).collect())
        })
    }

    fn expand_each(
        &self,
        py: Python<'_>,
        walks: Vec<(Ids<'_>, String, String, Option<usize>)>,
    ) -> PyResult<Vec<Vec<Vec<u64>>>> {
        let view = self.view()?;
        let walk = |(ids, relation, direction, limit): (Ids<'_>, String, String, Option<usize>)| {
            Ok(Walk {
                ids: ids.concepts(),
                relation,
                direction: convert::direction(&direction)?,
                limit: limit.unwrap_or(usize::MAX),
            })
        };
        let walks = walks.into_iter().map(walk).collect::<PyResult<Vec<_>>>()?;
        let found = run(py, || Ok(view.expand_of(&walks)))?;
        let numbers = |ids: Vec<ConceptId>| ids.into_iter().map(|id| id.0).collect();
        Ok(found
            .into_iter()
            .map(|of_walk| of_walk.into_iter().map(numbers).collect())
            .collect())
    }

    #[pyo3(signature = (ids, relation, *, direction = "out"))]
    fn degrees(&self, py: Python<'_>, ids: Ids<'_>, relation: &str, direction: &str) -> PyResult<Vec<usize>> {
        let view = self.view()?;
        let direction = convert::direction(direction)?;
        let ids = ids.concepts();
        let degree = |id: &ConceptId| view.degree(*id, relation, direction);
        run(py, || Ok(ids.iter().map(degree).collect()))
    }

    #[pyo3(signature = (associations, *, limit = None))]
    fn evidence(
        &self,
        py: Python<'_>,
        associations: Vec<(u64, String, u64)>,
        limit: Option<usize>,
    ) -> PyResult<Vec<Vec<Py<PyAny>>>> {
        let view = self.view()?;
        let limit = limit.unwrap_or(usize::MAX);
        let associations: Vec<_> = associations
            .into_iter()
            .map(|(subject, relation, object)| (ConceptId(subject), relation, ConceptId(object)))
            .collect();
        let found = run(py, || view.evidence_of(&associations, limit))?;
        each_of(&found, |row| {
            let validity = row.validity;
            types::EVIDENCE.make(py, (row.statement.0, row.confidence, validity.from, validity.to))
        })
    }

    #[pyo3(signature = (seeds, *, damping = 0.5, k = 100, weights = None))]
    fn pagerank<'py>(
        &self,
        py: Python<'py>,
        seeds: HashMap<u64, f32>,
        damping: f64,
        k: usize,
        weights: Option<HashMap<String, f32>>,
    ) -> PyResult<Ranking<'py>> {
        let view = self.view()?;
        convert::fraction("damping", damping)?;
        let mut seeds: Vec<(ConceptId, f32)> = seeds.into_iter().map(|(id, w)| (ConceptId(id), w)).collect();
        seeds.sort_by_key(|(id, _)| *id);
        let query = PageRankQuery {
            seeds,
            damping,
            limit: k,
            weights: self::weights(weights),
        };
        let ranked = run(py, || Ok(view.pagerank(&query)))?;
        Ok(ranking(py, ranked))
    }

    #[pyo3(signature = (sources, targets, *, k = 5, max_steps = 6, weights = None))]
    fn paths(
        &self,
        py: Python<'_>,
        sources: Ids<'_>,
        targets: Ids<'_>,
        k: usize,
        max_steps: usize,
        weights: Option<HashMap<String, f32>>,
    ) -> PyResult<Py<PyAny>> {
        let view = self.view()?;
        let (sources, targets) = (sources.concepts(), targets.concepts());
        let query = PathQuery {
            sources,
            targets,
            k,
            max_steps,
            weights: self::weights(weights),
        };
        let found = run(py, || Ok(view.paths(&query)))?;
        let paths = found.paths.iter().map(|path| convert::path(py, &view, path));
        let paths = paths.collect::<PyResult<Vec<_>>>()?;
        types::GRAPH_PATHS.make(py, (paths, found.exhausted))
    }

    #[pyo3(signature = (ids, steps, *, direction = "out", relations = None, limit = 1000))]
    fn reach<'py>(
        &self,
        py: Python<'py>,
        ids: Ids<'_>,
        steps: usize,
        direction: &str,
        relations: Option<Vec<String>>,
        limit: usize,
    ) -> PyResult<Reached<'py>> {
        let view = self.view()?;
        let query = WalkQuery {
            max_steps: steps,
            direction: convert::direction(direction)?,
            relations,
        };
        let starts = ids.concepts();
        let reached = run(py, || Ok(view.reach(&starts, &query, limit)))?;
        let reached_ids: Vec<u64> = reached.found.iter().map(|(id, _)| id.0).collect();
        let steps: Vec<u32> = reached.found.iter().map(|(_, steps)| *steps as u32).collect();
        Ok((
            reached_ids.into_pyarray(py),
            steps.into_pyarray(py),
            reached.exhausted,
        ))
    }

    #[pyo3(signature = (source, target, *, direction = "out", relations = None, max_steps = 16))]
    fn shortest_path(
        &self,
        py: Python<'_>,
        source: u64,
        target: u64,
        direction: &str,
        relations: Option<Vec<String>>,
        max_steps: usize,
    ) -> PyResult<Py<PyAny>> {
        let view = self.view()?;
        let query = WalkQuery {
            max_steps,
            direction: convert::direction(direction)?,
            relations,
        };
        let (source, target) = (ConceptId(source), ConceptId(target));
        let way = run(py, || Ok(view.shortest_path(source, target, &query)))?;
        let path = way.found.iter().map(|path| convert::path(py, &view, path));
        let path = path.collect::<PyResult<Vec<_>>>()?;
        types::GRAPH_PATHS.make(py, (path, way.exhausted))
    }
}
