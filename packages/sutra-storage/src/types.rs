//! The named tuples of `sutra_storage.types`, looked up once.

use pyo3::BoundObject;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

/// A named tuple class.
pub struct Record {
    name: &'static str,
    class: PyOnceLock<Py<PyType>>,
}

impl Record {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            class: PyOnceLock::new(),
        }
    }

    /// Makes one from its fields, in the order of the class.
    pub fn make<'py>(
        &self,
        py: Python<'py>,
        fields: impl IntoPyObject<'py, Target = PyTuple>,
    ) -> PyResult<Py<PyAny>> {
        let fields = fields.into_pyobject(py).map_err(Into::into)?;
        let class = self.class.import(py, "sutra_storage.types", self.name)?;
        Ok(class.call1(fields.into_bound())?.unbind())
    }
}

pub static ASSOCIATION: Record = Record::new("Association");
pub static CHANGE: Record = Record::new("Change");
pub static CONCEPT: Record = Record::new("Concept");
pub static EVIDENCE: Record = Record::new("Evidence");
pub static FORGETTING_RECEIPT: Record = Record::new("ForgettingReceipt");
pub static FORGOTTEN: Record = Record::new("Forgotten");
pub static GRAPH_PATH: Record = Record::new("GraphPath");
pub static GRAPH_PATHS: Record = Record::new("GraphPaths");
pub static LOST_SOURCES: Record = Record::new("LostSources");
pub static PATH_STEP: Record = Record::new("PathStep");
pub static PREPARATION: Record = Record::new("Preparation");
pub static RECEIPT: Record = Record::new("Receipt");
pub static SALVAGE_REPORT: Record = Record::new("SalvageReport");
pub static SOURCE: Record = Record::new("Source");
pub static STORE_STATS: Record = Record::new("StoreStats");
pub static SUPPORT: Record = Record::new("Support");
pub static VERIFY_REPORT: Record = Record::new("VerifyReport");
pub static WENT: Record = Record::new("Went");
