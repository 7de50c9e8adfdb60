//! The reading rules for Python.

use std::ops::Range;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use sutra_model::Language;
use sutra_read::{Knowledge, Reader, Reading, relation_hint};

use crate::errors::run;

type MentionFields = (usize, usize, usize, String, &'static str);
type QuestionFields = (Option<&'static str>, Vec<&'static str>, bool);
type RelationFields = (
    usize,
    String,
    &'static str,
    &'static str,
    String,
    &'static str,
    f32,
    Option<i64>,
    Option<i64>,
);

/// Reads texts by rule; knows the names it was told and keeps nothing else.
#[pyclass(frozen, name = "Reader", module = "sutra_storage")]
pub struct PyReader(Reader);

#[pymethods]
impl PyReader {
    #[new]
    #[pyo3(signature = (known_names = Vec::new()))]
    fn new(py: Python<'_>, known_names: Vec<String>) -> PyResult<Self> {
        run(py, || Ok(Reader::new(known_names.iter().map(String::as_str)))).map(Self)
    }

    #[pyo3(signature = (text, title = "", language = "en"))]
    fn read(&self, py: Python<'_>, text: &str, title: &str, language: &str) -> PyResult<PyReading> {
        let language = Language::of_tag(language);
        run(py, || Ok(self.0.read_in(language, text, title))).map(PyReading)
    }

    #[pyo3(signature = (text, sentences, passages, title = "", language = "en"))]
    fn read_known(
        &self,
        py: Python<'_>,
        text: &str,
        sentences: Vec<(usize, usize)>,
        passages: Vec<(usize, usize)>,
        title: &str,
        language: &str,
    ) -> PyResult<PyReading> {
        let language = Language::of_tag(language);
        let [sentences, passages] = [sentences, passages].map(|ranges| {
            let ranges = ranges.into_iter().map(|(start, end)| start..end);
            ranges.collect::<Vec<_>>()
        });
        if !(are_ranges(text, &sentences) && are_ranges(text, &passages)) {
            return Err(PyValueError::new_err(
                "sentences and passages are not ranges of characters of the text, in order and apart",
            ));
        }
        run(py, || {
            Ok(self.0.read_known(language, text, title, &sentences, &passages))
        })
        .map(PyReading)
    }
}

/// Whether ranges are characters of a text, in order and apart.
fn are_ranges(text: &str, ranges: &[Range<usize>]) -> bool {
    let apart = ranges.is_sorted_by(|before, after| before.end <= after.start);
    apart
        && ranges
            .iter()
            .all(|range| !range.is_empty() && text.get(range.clone()).is_some())
}

/// What the rules found in one text. Ranges are bytes of its UTF-8.
#[pyclass(frozen, name = "Reading", module = "sutra_storage")]
pub struct PyReading(Reading);

#[pymethods]
impl PyReading {
    #[getter]
    fn sentences(&self) -> Vec<(usize, usize)> {
        self.0
            .sentences
            .iter()
            .map(|range| (range.start, range.end))
            .collect()
    }

    #[getter]
    fn passages(&self) -> Vec<(usize, usize, usize, usize)> {
        let fields =
            |p: &sutra_read::PassageSpan| (p.start, p.end, p.first_sentence, p.last_sentence_exclusive);
        self.0.passages.iter().map(fields).collect()
    }

    #[getter]
    fn mentions(&self) -> Vec<MentionFields> {
        let fields =
            |m: &sutra_read::Mention| (m.sentence, m.start, m.end, m.name.clone(), m.entity_type.as_str());
        self.0.mentions.iter().map(fields).collect()
    }

    #[getter]
    fn relations(&self) -> Vec<RelationFields> {
        let fields = |r: &sutra_read::Relation| {
            let (subject, object) = (r.subject.clone(), r.object.clone());
            let (kind, object_type) = (r.kind.as_str(), r.object_type.as_str());
            let validity = r.validity;
            (
                r.sentence,
                subject,
                r.relation,
                kind,
                object,
                object_type,
                r.confidence,
                validity.from,
                validity.to,
            )
        };
        self.0.relations.iter().map(fields).collect()
    }
}

/// The form in which names are compared.
#[pyfunction]
pub fn name_key(py: Python<'_>, name: &str) -> PyResult<String> {
    run(py, || Ok(sutra_model::name_key(name)))
}

/// The name in a title, as mentions are written: without a leading article and a closing bracket.
#[pyfunction]
pub fn title_name<'a>(py: Python<'_>, title: &'a str) -> PyResult<&'a str> {
    run(py, || Ok(sutra_read::title_name(title).0))
}

/// Which kind the reading rules give to a relation of this name; "semantic" where they have none.
#[pyfunction]
pub fn relation_kind(relation: &str) -> &'static str {
    sutra_read::relation_kind(relation).as_str()
}

/// The language of a text (ISO 639), or none where it cannot be told.
#[pyfunction]
pub fn detect_language(py: Python<'_>, text: &str) -> PyResult<Option<&'static str>> {
    run(py, || Ok(sutra_read::detect_language(text)))
}

/// The code (ISO 639-1, "und" for any other) of the language of a BCP 47 tag; what is no tag is English.
#[pyfunction]
pub fn language_code(tag: &str) -> &'static str {
    sutra_model::Language::of_tag(tag).code()
}

/// The function words of a language (ISO 639-1), which say nothing of what a text is about.
#[pyfunction]
pub fn stop_words(language: &str) -> Vec<&'static str> {
    sutra_engine::stop_words(sutra_model::Language::of_tag(language))
}

/// The characters at which a word of a script without blanks begins or ends, rising.
#[pyfunction]
pub fn word_cuts(py: Python<'_>, text: &str) -> PyResult<Vec<usize>> {
    let cuts = run(py, || Ok(sutra_engine::word_cuts(text)))?;
    let mut characters = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .enumerate();
    let position = |cut: &usize| characters.find(|(_, at)| at == cut).map(|(number, _)| number);
    let mut distinct = cuts;
    distinct.dedup();
    Ok(distinct.iter().filter_map(position).collect())
}

/// What each question asks for: the expected type of entity, the relations it names, and whether it wants
/// yes or no.
#[pyfunction]
pub fn read_questions(py: Python<'_>, questions: Vec<String>) -> PyResult<Vec<QuestionFields>> {
    let hints: Vec<_> = run(py, || {
        Ok(questions.iter().map(|question| relation_hint(question)).collect())
    })?;
    let fields = hints.into_iter().map(|hint| match hint {
        Some(reading) => (
            reading.expected.map(|kind| kind.as_str()),
            reading.relations,
            reading.yes_no,
        ),
        None => (None, Vec::new(), false),
    });
    Ok(fields.collect())
}

/// Reads without these groups of hand-written knowledge from now on, in the whole process.
#[pyfunction]
pub fn leave_out(groups: Vec<String>) -> PyResult<()> {
    let known = |name: &String| {
        let found = Knowledge::ALL.iter().find(|(known, _)| known == name);
        found
            .map(|(_, group)| *group)
            .ok_or_else(|| PyValueError::new_err(format!("{name:?} is no group of knowledge")))
    };
    let groups = groups.iter().map(known).collect::<PyResult<Vec<_>>>()?;
    if sutra_read::leave_out(&groups) {
        Ok(())
    } else {
        Err(PyRuntimeError::new_err(
            "something was read before, with all knowledge",
        ))
    }
}
