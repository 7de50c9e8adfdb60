//! `Engine`: open, commit, view, close.

use std::path::PathBuf;
use std::time::Duration;

use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use sutra_engine::{
    AnswerLimits, ChangeEvent, EmbedderId, Engine, OpenOptions, RecordedAnswer, SalvageOptions, Selection,
    Settling,
};
use sutra_model::{ConceptId, SourceId, TransactionId};

use crate::convert;
use crate::errors::run;
use crate::types;
use crate::view::PyReadView;

/// One open store with its indexes; safe to use from many threads.
#[pyclass(frozen, name = "Engine", module = "sutra_storage")]
pub struct PyEngine(Engine);

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (
        folder, *, fingerprint, dimension, check_pages = false, cache_bytes = OpenOptions::CACHE_BYTES,
        read_only = false, answer_seconds = AnswerLimits::DEFAULT.age.as_secs(),
        answer_bytes = AnswerLimits::DEFAULT.bytes, fresh_max = Settling::DEFAULT.fresh_max,
        removed_max = Settling::DEFAULT.removed_max, cleanup_commits = Settling::DEFAULT.commits,
        search_breadth = OpenOptions::SEARCH_BREADTH, checked_vectors = 0,
    ))]
    #[expect(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        fingerprint: String,
        dimension: usize,
        check_pages: bool,
        cache_bytes: usize,
        read_only: bool,
        answer_seconds: u64,
        answer_bytes: u64,
        fresh_max: usize,
        removed_max: usize,
        cleanup_commits: u32,
        search_breadth: usize,
        checked_vectors: usize,
    ) -> PyResult<Self> {
        let embedder = EmbedderId {
            fingerprint,
            dimension,
        };
        let options = OpenOptions {
            check_pages,
            cache_bytes,
            read_only,
            answers: AnswerLimits {
                age: Duration::from_secs(answer_seconds),
                bytes: answer_bytes,
            },
            settling: Settling {
                fresh_max,
                removed_max,
                commits: cleanup_commits,
                ..Settling::DEFAULT
            },
            search_breadth,
            checked_vectors,
            ..OpenOptions::new(embedder)
        };
        run(py, || Engine::open(&folder, options)).map(Self)
    }

    fn settle(&self, py: Python<'_>) -> PyResult<()> {
        run(py, || self.0.settle())
    }

    fn view(&self, py: Python<'_>) -> PyResult<PyReadView> {
        // A store that failed is opened again here, which waits for calls that wait for the GIL.
        run(py, || self.0.lease()).map(PyReadView::new)
    }

    fn commit(&self, py: Python<'_>, batch: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let batch = convert::batch(batch)?;
        let receipt = run(py, || self.0.commit(batch))?;
        convert::receipt(py, receipt)
    }

    #[pyo3(signature = (answer_id, record, sources = Vec::new(), transaction = 0))]
    fn put_answer(
        &self,
        py: Python<'_>,
        answer_id: String,
        record: Vec<u8>,
        sources: Vec<u64>,
        transaction: u64,
    ) -> PyResult<()> {
        let answer = RecordedAnswer {
            transaction: TransactionId(transaction),
            sources: sources.into_iter().map(SourceId).collect(),
            record,
        };
        run(py, || self.0.put_answer(answer_id, answer))
    }

    #[pyo3(signature = (sources, *, dry_run = false))]
    fn forget_sources(
        &self,
        py: Python<'_>,
        sources: Vec<u64>,
        dry_run: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        let sources = sources.into_iter().map(SourceId).collect();
        self.forget(py, &Selection::Sources(sources), dry_run)
    }

    #[pyo3(signature = (before, *, dry_run = false))]
    fn forget_before(&self, py: Python<'_>, before: i64, dry_run: bool) -> PyResult<Option<Py<PyAny>>> {
        self.forget(py, &Selection::Before(before), dry_run)
    }

    #[pyo3(signature = (before, *, dry_run = false))]
    fn forget_retired(&self, py: Python<'_>, before: i64, dry_run: bool) -> PyResult<Option<Py<PyAny>>> {
        self.forget(py, &Selection::Retired(before), dry_run)
    }

    #[pyo3(signature = (concept, *, link_only = false, dry_run = false))]
    fn forget_concept(
        &self,
        py: Python<'_>,
        concept: u64,
        link_only: bool,
        dry_run: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        let selection = match link_only {
            true => Selection::Node(ConceptId(concept)),
            false => Selection::Concept(ConceptId(concept)),
        };
        self.forget(py, &selection, dry_run)
    }

    fn changes_since(&self, py: Python<'_>, since: u64, limit: usize) -> PyResult<Vec<Py<PyAny>>> {
        let events = run(py, || self.0.changes_since(TransactionId(since), limit))?;
        events.iter().map(|event| convert::change(py, event)).collect()
    }

    fn apply_changes(&self, py: Python<'_>, changes: Vec<PyBackedBytes>) -> PyResult<u64> {
        let changes: Vec<Vec<u8>> = changes.iter().map(|change| change.to_vec()).collect();
        Ok(run(py, || self.0.apply_changes(&changes))?.0)
    }

    fn restore_changes(
        &self,
        py: Python<'_>,
        changes: Vec<PyBackedBytes>,
        later: Vec<PyBackedBytes>,
    ) -> PyResult<u64> {
        let owned = |changes: &[PyBackedBytes]| -> Vec<Vec<u8>> {
            changes.iter().map(|change| change.to_vec()).collect()
        };
        let (changes, later) = (owned(&changes), owned(&later));
        Ok(run(py, || self.0.restore_changes(&changes, &later))?.0)
    }

    fn get_answer<'py>(&self, py: Python<'py>, answer_id: &str) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let record = run(py, || self.0.get_answer(answer_id))?;
        Ok(record.map(|bytes| PyBytes::new(py, &bytes)))
    }

    #[pyo3(signature = (statements, vectors, *, read))]
    fn give_vectors(
        &self,
        py: Python<'_>,
        statements: Vec<u64>,
        vectors: PyReadonlyArray2<'_, f32>,
        read: u64,
    ) -> PyResult<u64> {
        let given = convert::statement_vectors(statements, &vectors)?;
        run(py, || self.0.give_vectors(TransactionId(read), &given))
    }

    fn prepare_model(&self, py: Python<'_>, fingerprint: String, dimension: usize) -> PyResult<Py<PyAny>> {
        let embedder = EmbedderId {
            fingerprint,
            dimension,
        };
        let begun = run(py, || self.0.prepare_model(&embedder))?;
        convert::preparation(py, begun)
    }

    fn preparation(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let found = run(py, || self.0.preparation())?;
        found
            .map(|preparation| convert::preparation(py, preparation))
            .transpose()
    }

    #[pyo3(signature = (*, after = 0, limit = 1000))]
    fn unprepared(&self, py: Python<'_>, after: u64, limit: usize) -> PyResult<Vec<u64>> {
        let found = run(py, || self.0.unprepared_after(ConceptId(after), limit))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    #[pyo3(signature = (statements, vectors, *, read))]
    fn give_prepared(
        &self,
        py: Python<'_>,
        statements: Vec<u64>,
        vectors: PyReadonlyArray2<'_, f32>,
        read: u64,
    ) -> PyResult<u64> {
        let given = convert::statement_vectors(statements, &vectors)?;
        run(py, || self.0.give_prepared(TransactionId(read), &given))
    }

    fn give_up_preparation(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, || self.0.give_up_preparation())
    }

    fn use_prepared(&self, py: Python<'_>) -> PyResult<()> {
        run(py, || self.0.use_prepared())
    }

    fn retire_outdated(&self, py: Python<'_>, rules: u32) -> PyResult<u64> {
        run(py, || self.0.retire_outdated(rules))
    }

    /// When it was done, in microseconds since 1970.
    fn purge(&self, py: Python<'_>) -> PyResult<i64> {
        Ok(run(py, || self.0.purge())?.time)
    }

    fn receipt(&self, py: Python<'_>, transaction: u64) -> PyResult<Option<Py<PyAny>>> {
        let found = run(py, || self.0.receipt(TransactionId(transaction)))?;
        found
            .map(|(receipt, purged)| convert::forgetting_receipt(py, receipt, purged))
            .transpose()
    }

    /// As what a text is among what a transaction forgot; `None` where it forgot nothing.
    #[pyo3(signature = (transaction, text, *, title = ""))]
    fn went(&self, py: Python<'_>, transaction: u64, text: &str, title: &str) -> PyResult<Option<Py<PyAny>>> {
        let went = run(py, || {
            let found = self.0.receipt(TransactionId(transaction))?;
            found
                .map(|(receipt, _)| self.0.went_as(&receipt, text, title))
                .transpose()
        })?;
        went.map(|went| convert::went(py, &went)).transpose()
    }

    #[pyo3(signature = (*, after = 0))]
    fn receipts(&self, py: Python<'_>, after: u64) -> PyResult<Vec<(u64, i64)>> {
        let found = run(py, || self.0.receipts_after(TransactionId(after)))?;
        Ok(found
            .into_iter()
            .map(|(transaction, time)| (transaction.0, time))
            .collect())
    }

    /// The last transaction that was made at or before a time in microseconds since 1970, 0 for none.
    fn transaction_at(&self, py: Python<'_>, time: i64) -> PyResult<u64> {
        Ok(run(py, || self.0.transaction_at(time))?.0)
    }

    /// The last transaction of which nothing that it forgot is in the store's files.
    fn purged(&self, py: Python<'_>) -> PyResult<u64> {
        let purged = run(py, || self.0.purged())?;
        Ok(purged.map_or(0, |purged| purged.transaction.0))
    }

    #[pyo3(signature = (*, deep = true))]
    fn verify(&self, py: Python<'_>, deep: bool) -> PyResult<Py<PyAny>> {
        let report = run(py, || match deep {
            true => self.0.verify(),
            false => self.0.verify_quickly(),
        })?;
        types::VERIFY_REPORT.make(py, (report.checked, report.faults))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        run(py, || self.0.close())
    }
}

impl PyEngine {
    fn forget(&self, py: Python<'_>, selection: &Selection, dry_run: bool) -> PyResult<Option<Py<PyAny>>> {
        let forgotten = run(py, || self.0.forget(selection, dry_run))?;
        forgotten
            .map(|forgotten| convert::forgotten(py, forgotten))
            .transpose()
    }
}

/// What the bytes of a change say of themselves.
#[pyfunction]
pub fn decode_change(py: Python<'_>, data: PyBackedBytes) -> PyResult<Py<PyAny>> {
    let event = run(py, || ChangeEvent::decode(&data))?;
    convert::change(py, &event)
}

/// Whether a change took anything away that others had learned.
#[pyfunction]
pub fn change_forgets(py: Python<'_>, data: PyBackedBytes) -> PyResult<bool> {
    run(py, || ChangeEvent::decode(&data)).map(|event| event.forgets)
}

/// Fingerprint and dimension of the store in a folder; `None` when there is no store yet. With `read_only` a store
/// that was not closed is not recovered on disk.
#[pyfunction]
#[pyo3(signature = (folder, *, read_only = false))]
pub fn embedder_of(py: Python<'_>, folder: PathBuf, read_only: bool) -> PyResult<Option<(String, usize)>> {
    let embedder = run(py, || Engine::embedder_of(&folder, read_only))?;
    Ok(embedder.map(|embedder| (embedder.fingerprint, embedder.dimension)))
}

/// Brings the store of a folder to the format of this version, whole or not at all, and tells its format before; `None`
/// where there is no store, or nothing to do.
#[pyfunction]
pub fn migrate(py: Python<'_>, folder: PathBuf) -> PyResult<Option<u32>> {
    run(py, || Engine::migrate(&folder))
}

/// Takes all that can be read out of the damaged store in a folder into a new one, in a folder that is new or empty.
/// `embedder` (fingerprint, dimension) is that of the new store where the damaged one does not tell its own.
#[pyfunction]
#[pyo3(signature = (folder, into, *, older = false, embedder = None))]
pub fn salvage(
    py: Python<'_>,
    folder: PathBuf,
    into: PathBuf,
    older: bool,
    embedder: Option<(String, usize)>,
) -> PyResult<Py<PyAny>> {
    let embedder = embedder.map(|(fingerprint, dimension)| EmbedderId {
        fingerprint,
        dimension,
    });
    let options = SalvageOptions {
        older,
        embedder,
        ..SalvageOptions::default()
    };
    let report = run(py, || Engine::salvage(&folder, &into, &options))?;
    convert::salvage_report(py, report)
}
