"""Whether a batch makes sense by itself. Reads nothing but the batch, changes nothing."""

from __future__ import annotations

from typing import get_args

import numpy as np

from sutra_core.errors import EmbedderMismatchError, InvalidBatchError, InvalidValueError
from sutra_core.reference.state import is_blank
from sutra_core.types import AssociationKind, Batch, EntityType

TEXT_BYTES_MAX = 256 << 20
WORDS_BYTES_MAX = 1 << 20
CONFIDENCE_MIN = 1e-6


def refusal(item: str, index: int, reason: str) -> InvalidBatchError:
    """The error for one entry of a batch."""
    return InvalidBatchError(item, index, reason)


def validate(batch: Batch, fingerprint: str, dimension: int) -> None:
    """Refuses a batch that contradicts itself.

    Raises `InvalidValueError` for a word that is no entity type or kind, `InvalidBatchError` for an entry
    that cannot stand, `EmbedderMismatchError` for vectors of another dimension than the store's.
    """
    _validate_words(batch)
    for index, source in enumerate(batch.sources):
        if is_blank(source.address):
            raise refusal("source", index, "its address is empty")
        if len(source.text.encode()) > TEXT_BYTES_MAX:
            raise refusal("source", index, "its text is over 256 MiB; learn it in parts")
        words = [source.address, source.title, *source.attributes.keys(), *source.attributes.values()]
        if sum(len(word.encode()) for word in words) > WORDS_BYTES_MAX:
            raise refusal("source", index, "its address, title and attributes are over 1 MiB")
    _validate_markup(batch)
    for index, _ in enumerate(batch.statements):
        _validate_statement(batch, index)
    for item, names in (
        ("entity", [name for name, _ in batch.entities]),
        ("relation", [name for name, _ in batch.relations]),
    ):
        for index, name in enumerate(names):
            if is_blank(name):
                raise refusal(item, index, "its name is empty")
            if len(name.encode()) > WORDS_BYTES_MAX:
                raise refusal(item, index, "its name is over 1 MiB")
    for index, _ in enumerate(batch.associations):
        _validate_association(batch, index)
    _validate_vectors(batch, fingerprint, dimension)


def _validate_words(batch: Batch) -> None:
    for what, allowed, words in (
        ("entity type", get_args(EntityType), [word for _, word in batch.entities]),
        ("association kind", get_args(AssociationKind), [word for _, word in batch.relations]),
    ):
        for word in words:
            if word not in allowed:
                raise InvalidValueError(f"{what} is {word!r}; allowed: {', '.join(allowed)}")


def _validate_markup(batch: Batch) -> None:
    last: dict[int, int] = {}
    for index, (source, start, end) in enumerate(batch.markup):
        if not 0 <= source < len(batch.sources):
            raise refusal("markup", index, f"source {source} is not in the batch")
        encoded = batch.sources[source].text.encode()
        apart = last.get(source, 0) <= start < end <= len(encoded)
        try:
            encoded[:start].decode()
            encoded[:end].decode()
        except UnicodeDecodeError:
            apart = False
        if not apart:
            reason = "its markup is not ranges of characters of its text, in order and apart"
            raise refusal("source", source, reason)
        last[source] = end


def _validate_statement(batch: Batch, index: int) -> None:
    source, start, end, sentence, passage = batch.statements[index]
    if not 0 <= source < len(batch.sources):
        raise refusal("statement", index, f"source {source} is not in the batch")
    encoded = batch.sources[source].text.encode()
    if not 0 <= start <= end <= len(encoded):
        raise refusal("statement", index, f"bytes {start} to {end} are outside its source")
    try:
        text = encoded[start:end].decode()
    except UnicodeDecodeError:
        raise refusal("statement", index, f"bytes {start} to {end} cut a character in two") from None
    if is_blank(text):
        raise refusal("statement", index, "its text is empty")
    if not sentence and not passage:
        raise refusal("statement", index, "it is neither sentence nor passage")
    if sentence and passage and batch.sources[source].title:
        reason = "it is sentence and passage at once, and its source has a title: a passage is title and text"
        raise refusal("statement", index, reason)


def _validate_association(batch: Batch, index: int) -> None:
    subject, relation, object_, evidence, confidence, since, until, _ = batch.associations[index]
    entities = range(len(batch.statements), len(batch.statements) + len(batch.entities))
    concepts = entities.stop + len(batch.known)
    if not (0 <= subject < concepts and 0 <= object_ < concepts):
        raise refusal("association", index, "an end is not in the batch")
    if not 0 <= evidence < concepts or evidence in entities:
        raise refusal("association", index, "its evidence is not a statement of the batch")
    if not 0 <= relation < len(batch.relations):
        raise refusal("association", index, "its relation is not in the batch")
    if subject == object_:
        raise refusal("association", index, "both ends are the same concept")
    # Confidences are stored in single precision.
    if not np.float32(CONFIDENCE_MIN) <= np.float32(confidence) <= 1:
        raise refusal("association", index, "its confidence is not in [0.000001, 1]")
    if since is not None and until is not None and since > until:
        raise refusal("association", index, "it ends to hold before it begins")


def _validate_vectors(batch: Batch, fingerprint: str, dimension: int) -> None:
    references = batch.vector_references
    vectors = np.zeros((0, 0), np.float32) if batch.vectors is None else batch.vectors
    if not references and vectors.size == 0:
        return
    if references and batch.vectors is None:
        raise refusal("vector", 0, "no vectors were given")
    if vectors.shape[1] != dimension:
        raise EmbedderMismatchError(
            f"the store holds {dimension}-d vectors of embedder {fingerprint}, "
            f"the batch {vectors.shape[1]}-d vectors"
        )
    if len(references) != len(vectors):
        raise refusal(
            "vector", len(vectors), f"{len(references)} statements have one, {len(vectors)} were given"
        )
    for index, (reference, values) in enumerate(zip(references, vectors, strict=True)):
        if not 0 <= reference < len(batch.statements):
            raise refusal("vector", index, "it belongs to no statement of the batch")
        if not np.isfinite(values).all():
            raise refusal("vector", index, "it holds a number that is not finite")
        if not values.any():
            raise refusal("vector", index, "it is all zero")
