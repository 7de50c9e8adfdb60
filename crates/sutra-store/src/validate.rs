//! Whether a batch makes sense by itself. Reads nothing but the batch, changes nothing.

use sutra_model::{Batch, Error, Result, SourceDraft};

use crate::records::EmbedderId;

/// The longest text of one source.
const TEXT_BYTES_MAX: usize = 256 << 20;
/// The longest address, title and attributes of a source together, and the longest name.
const WORDS_BYTES_MAX: usize = 1 << 20;
/// Below it single precision would lose the confidence in its sum.
pub const CONFIDENCE_MIN: f32 = 1e-6;

/// Refuses a batch that contradicts itself.
///
/// # Errors
/// [`Error::InvalidBatch`] names the list, the position and the reason.
pub fn validate(batch: &Batch, embedder: &EmbedderId) -> Result<()> {
    each("source", &batch.sources, |source| {
        refuse_if(source.address.trim().is_empty(), "its address is empty")?;
        refuse_if(
            source.text.len() > TEXT_BYTES_MAX,
            "its text is over 256 MiB; learn it in parts",
        )?;
        check_markup(source)?;
        let attributes: usize = source
            .attributes
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let words = source.address.len() + source.title.len() + attributes;
        refuse_if(
            words > WORDS_BYTES_MAX,
            "its address, title and attributes are over 1 MiB",
        )
    })?;
    each("statement", &batch.statements, |statement| {
        let Some(source) = batch.sources.get(statement.source as usize) else {
            return Err(format!("source {} is not in the batch", statement.source));
        };
        let range = statement.start as usize..statement.end as usize;
        let Some(text) = source.text.get(range) else {
            return Err(format!(
                "bytes {}..{} are not a range of characters of its source, which has {} bytes",
                statement.start,
                statement.end,
                source.text.len()
            ));
        };
        refuse_if(text.trim().is_empty(), "its text is empty")?;
        refuse_if(
            !statement.roles.sentence && !statement.roles.passage,
            "it is neither sentence nor passage",
        )?;
        refuse_if(
            statement.roles.sentence && statement.roles.passage && !source.title.is_empty(),
            "it is sentence and passage at once, and its source has a title: a passage is title and text",
        )
    })?;
    each("entity", &batch.entities, |entity| check_name(&entity.name))?;
    each("relation", &batch.relations, |(name, _)| check_name(name))?;
    let entities = batch.statements.len()..batch.statements.len() + batch.entities.len();
    let concepts = entities.end + batch.known.len();
    each("association", &batch.associations, |association| {
        for reference in [association.subject, association.object] {
            refuse_if(reference as usize >= concepts, "an end is not in the batch")?;
        }
        let evidence = association.evidence as usize;
        refuse_if(
            evidence >= concepts || entities.contains(&evidence),
            "its evidence is not a statement of the batch",
        )?;
        refuse_if(
            association.relation as usize >= batch.relations.len(),
            "its relation is not in the batch",
        )?;
        refuse_if(
            association.subject == association.object,
            "both ends are the same concept",
        )?;
        let confidence = association.confidence;
        refuse_if(
            !(CONFIDENCE_MIN..=1.0).contains(&confidence),
            "its confidence is not in [0.000001, 1]",
        )?;
        refuse_if(
            !association.validity.is_ordered(),
            "it ends to hold before it begins",
        )
    })?;
    validate_vectors(batch, embedder)
}

fn validate_vectors(batch: &Batch, embedder: &EmbedderId) -> Result<()> {
    if batch.vector_references.is_empty() && batch.vectors.is_empty() {
        return Ok(());
    }
    if !batch.vector_references.is_empty() && batch.vectors.is_empty() {
        let reason = "no vectors were given".to_owned();
        return Err(Error::InvalidBatch {
            item: "vector",
            index: 0,
            reason,
        });
    }
    if batch.dimension != embedder.dimension {
        return Err(Error::EmbedderMismatch {
            stored: embedder.fingerprint.clone(),
            stored_dimension: embedder.dimension,
            offered: "this batch".to_owned(),
            offered_dimension: batch.dimension,
        });
    }
    if batch.vectors.len() != batch.vector_references.len() * batch.dimension {
        return Err(Error::InvalidBatch {
            item: "vector",
            index: batch.vectors.len() / batch.dimension,
            reason: format!(
                "{} statements have one, {} were given",
                batch.vector_references.len(),
                batch.vectors.len() / batch.dimension
            ),
        });
    }
    let mut rows = batch.vectors.chunks_exact(batch.dimension);
    each("vector", &batch.vector_references, |reference| {
        let values = rows.next().unwrap_or_default();
        refuse_if(
            *reference as usize >= batch.statements.len(),
            "it belongs to no statement of the batch",
        )?;
        refuse_if(
            !values.iter().all(|x| x.is_finite()),
            "it holds a number that is not finite",
        )?;
        refuse_if(values.iter().all(|x| *x == 0.0), "it is all zero")
    })
}

fn each<T>(item: &'static str, list: &[T], mut check: impl FnMut(&T) -> Result<(), String>) -> Result<()> {
    for (index, entry) in list.iter().enumerate() {
        check(entry).map_err(|reason| Error::InvalidBatch { item, index, reason })?;
    }
    Ok(())
}

fn refuse_if(wrong: bool, reason: &str) -> Result<(), String> {
    if wrong { Err(reason.to_owned()) } else { Ok(()) }
}

fn check_markup(source: &SourceDraft) -> Result<(), String> {
    let mut last = 0;
    for (start, end) in &source.markup {
        let is_range =
            last <= *start && start < end && source.text.get(*start as usize..*end as usize).is_some();
        refuse_if(
            !is_range,
            "its markup is not ranges of characters of its text, in order and apart",
        )?;
        last = *end;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), String> {
    refuse_if(name.trim().is_empty(), "its name is empty")?;
    refuse_if(name.len() > WORDS_BYTES_MAX, "its name is over 1 MiB")
}
