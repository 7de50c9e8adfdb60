//! Errors of the engine as exceptions of `sutra_storage.errors`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::marker::Ungil;
use pyo3::prelude::*;
use pyo3::types::PyType;
use sutra_model::{Error, Result};

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

/// Runs an engine's call without the GIL.
///
/// redb makes no promise to survive bytes that rotted behind its back: it may panic where it reads them. That
/// ends as the error that it is, not as a crash of the caller's program.
pub fn run<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T> + Ungil + Send) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(call)));
    outcome
        .unwrap_or_else(|panic| Err(broken(&*panic)))
        .map_err(exception)
}

/// Lets [`run`] tell of a panic in its own words, once.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}

fn broken(panic: &(dyn Any + Send)) -> Error {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Error::Corrupt {
        path: "storage.dat".into(),
        detail: format!("reading it failed ({said}); `sutra verify` says more"),
    }
}
