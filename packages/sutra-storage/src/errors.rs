//! Errors of the engine as exceptions of `sutra_storage.errors`.

use pyo3::marker::Ungil;
use pyo3::prelude::*;
use pyo3::types::PyType;
use sutra_engine::guarded;
use sutra_model::{Error, Result};

const fn exception_name(error: &Error) -> &'static str {
    match error {
        Error::InvalidValue { .. } => "InvalidValueError",
        Error::InvalidBatch { .. } => "InvalidBatchError",
        Error::UnknownConcept(_) => "UnknownConceptError",
        Error::AnswerErased(_) => "AnswerErasedError",
        Error::EmbedderMismatch { .. } => "EmbedderMismatchError",
        Error::InvalidChange { .. } => "InvalidChangeError",
        Error::HistoryMismatch { .. } => "HistoryMismatchError",
        Error::DiskFull { .. } => "DiskFullError",
        Error::NoSpace { .. } => "NoSpaceError",
        Error::Io { .. } => "StoreIOError",
        Error::StoreLocked { .. } => "StoreLockedError",
        Error::ReadOnly(_) => "ReadOnlyError",
        Error::Closed => "StoreClosedError",
        Error::Corrupt { .. } => "StoreCorruptError",
        Error::UnsupportedFormat { .. } => "UnsupportedFormatError",
        Error::Internal { .. } => "InternalError",
    }
}

/// The exception for an error.
pub fn exception(error: Error) -> PyErr {
    Python::attach(|py| {
        let class = py
            .import("sutra_storage.errors")
            .and_then(|module| module.getattr(exception_name(&error)))
            .and_then(|class| Ok(class.cast_into::<PyType>()?));
        match class {
            Ok(class) => match error {
                Error::InvalidBatch { item, index, reason } => PyErr::from_type(class, (item, index, reason)),
                other => PyErr::from_type(class, other.to_string()),
            },
            Err(import_error) => import_error,
        }
    })
}

/// Runs an engine's call without the GIL: the one way from Python into the engine. A panic in it is an error.
pub fn run<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T> + Ungil + Send) -> PyResult<T> {
    py.detach(|| guarded(call)).map_err(exception)
}
