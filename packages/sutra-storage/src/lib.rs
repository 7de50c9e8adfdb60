//! The engine for Python.
//!
//! This crate holds no logic: it converts, releases the GIL, and delegates. Arrays cross without a
//! detour through lists; a record crosses as a named tuple of `sutra_storage.types`.

mod convert;
mod engine;
mod errors;
mod read;
mod types;
mod view;

use pyo3::prelude::*;

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<engine::PyEngine>()?;
    module.add_class::<view::PyReadView>()?;
    module.add_class::<read::PyReader>()?;
    module.add_class::<read::PyReading>()?;
    module.add_function(wrap_pyfunction!(engine::change_forgets, module)?)?;
    module.add_function(wrap_pyfunction!(engine::decode_change, module)?)?;
    module.add_function(wrap_pyfunction!(engine::embedder_of, module)?)?;
    module.add_function(wrap_pyfunction!(engine::migrate, module)?)?;
    module.add_function(wrap_pyfunction!(engine::salvage, module)?)?;
    module.add_function(wrap_pyfunction!(read::detect_language, module)?)?;
    module.add_function(wrap_pyfunction!(read::name_key, module)?)?;
    module.add_function(wrap_pyfunction!(read::language_code, module)?)?;
    module.add_function(wrap_pyfunction!(read::leave_out, module)?)?;
    module.add_function(wrap_pyfunction!(read::read_questions, module)?)?;
    module.add_function(wrap_pyfunction!(read::relation_kind, module)?)?;
    module.add_function(wrap_pyfunction!(read::stop_words, module)?)?;
    module.add_function(wrap_pyfunction!(read::title_name, module)?)?;
    module.add_function(wrap_pyfunction!(read::word_cuts, module)?)?;
    Ok(())
}
