//! Errors of the engine as exceptions of `sutra_storage.errors`.

use pyo3::prelude::*;
use pyo3::types::PyType;
use sutra_model::Error;

const fn exception_name(error: &Error) -> &'static str {
    match error {
        Error::InvalidValue { .. } => "InvalidValueError",
        Error::InvalidBatch { .. } => "InvalidBatchError",
        Error::UnknownConcept(_) => "UnknownConceptError",
        Error::EmbedderMismatch { .. } => "EmbedderMismatchError",
        Error::Io { .. } => "StoreIOError",
        Error::StoreLocked(_) => "StoreLockedError",
        Error::Closed => "StoreClosedError",
        Error::Corrupt { .. } => "StoreCorruptError",
        Error::UnsupportedFormat { .. } => "UnsupportedFormatError",
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
            Ok(class) => PyErr::from_type(class, error.to_string()),
            Err(import_error) => import_error,
        }
    })
}
