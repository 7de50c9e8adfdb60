"""What an embedder is to the rest of Sutra.

An embedder never returns a zero, random or partly filled vector: what it cannot embed it refuses,
and says which text it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sutra_core.errors import EmbedderError
from sutra_core.types import Floats

__all__ = [
    "Embedder",
    "Floats",
    "OpenedEmbedder",
    "PassageText",
    "UnembeddableTextError",
    "invalid_unicode",
    "raise_failures",
]


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage to embed with its sentences.

    `sentences` are ranges of bytes of `text` in UTF-8 (not of characters), each (first, one past
    the last), by rising start and without overlap. `title` is the source's, or empty.
    """

    title: str
    text: str
    sentences: Sequence[tuple[int, int]] = ()


class UnembeddableTextError(EmbedderError):
    """Texts of a call have no vector: `failures` gives the reason for each, counted from 0.

    The others were not at fault: call again without these.
    """

    def __init__(self, failures: Mapping[int, str]) -> None:
        super().__init__("; ".join(f"text {at} was not embedded: {why}" for at, why in failures.items()))
        self.failures = dict(failures)


def invalid_unicode(passages: Sequence[PassageText]) -> dict[int, str]:
    """Why passages cannot be embedded that are not valid Unicode, counted from 0."""
    failures: dict[int, str] = {}
    for at, passage in enumerate(passages):
        try:
            passage.title.encode()
            passage.text.encode()
        except UnicodeEncodeError as error:
            failures[at] = f"it is not valid Unicode: {error}"
    return failures


def raise_failures(failures: Mapping[int, str]) -> None:
    """Raises `UnembeddableTextError`, by rising number, where there are any."""
    if failures:
        raise UnembeddableTextError(dict(sorted(failures.items())))


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of unit length. Safe to call from several threads at once.

    A text's vector depends on the text alone, not on what else is in the call.
    """

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of everything that decides the vectors; a store keeps it."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """One vector for each question, `[len(texts), dimension]`; what is learned takes `encode_passages`.

        Raises `UnembeddableTextError`, which names the texts, when any has no words.
        """
        ...

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        """The passages' vectors `[len(passages), dimension]` and, for each, its sentences'.

        One pass over "title. text" gives both: the passage's vector is the mean over all its
        tokens, or what the model has in its place, a sentence's `[len(sentences), dimension]` the mean
        over those that begin in its range.
        """
        ...


@runtime_checkable
class OpenedEmbedder(Embedder, Protocol):
    """An embedder that holds something until it is closed: threads, a model in memory."""

    def close(self) -> None:
        """Lets go of it; the embedder must not be used afterwards."""
        ...
