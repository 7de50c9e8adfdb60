"""Texts to learn, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated

from pydantic import Field, StringConstraints

from sutra_api.schemas.base import Request, Result, WrittenTime
from sutra_core.types import SourceDraft

__all__ = ["Batch", "BatchLearned", "Source", "SourceRef", "Text", "TextLearned", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017  (one name for both directions)
BATCH_MAX = 1000
_Short = Annotated[str, StringConstraints(max_length=1000)]


def moment(microseconds: int | None) -> datetime | None:
    """A time of the store, in microseconds since 1970 UTC, as a date and time; None beyond the calendar."""
    if microseconds is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


class Text(Request):
    """A text to learn, with where it comes from."""

    text: Annotated[str, Field(min_length=1, examples=["The Aln rises at Alham. It flows into the sea."])]
    source: Annotated[str, Field(min_length=1, max_length=1000, examples=["rivers.txt"])] | None = None
    """Where it comes from: a path, an address. Without it the text is its own source."""
    title: Annotated[str, Field(max_length=1000, examples=["Rivers"])] = ""
    time: WrittenTime | None = None
    """The document's own time, with its zone."""
    attributes: dict[_Short, _Short] = Field(default={}, max_length=100, examples=[{"language": "en"}])

    def draft(self, own_address: str) -> SourceDraft:
        """The text as the engine takes it."""
        address = own_address if self.source is None else self.source
        time = None if self.time is None else (self.time - _EPOCH) // timedelta(microseconds=1)
        return SourceDraft(address, self.text, self.title, 0, time, dict(self.attributes))


class Batch(Request):
    """Texts to learn together; what cannot be learned is refused by itself."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=BATCH_MAX)]


class SourceRef(Result):
    """A source in which a text, or a part of a long one, is kept."""

    source: int = Field(examples=[12])
    known: bool = Field(examples=[False])
    """Whether it was there already, to the byte; then nothing has changed."""
    sentences: int = Field(examples=[2])
    passages: int = Field(examples=[1])
    transaction: int = Field(examples=[40])
    """A transaction in which it is there."""
    retired: int = Field(examples=[0])
    """How many sources of its address had their place taken then; of several of one address that came in one
    transaction the last tells of them all."""


class Refused(Result):
    """Why a text was not learned."""

    code: str = Field(examples=["empty_text"])
    reason: str = Field(examples=["its text has no words"])


class TextLearned(Result):
    """What became of one text: its sources (a long text has several), or why it was refused."""

    sources: list[SourceRef]
    refused: Refused | None = None


class BatchLearned(Result):
    """What became of each text, in the order in which they came."""

    learned: int = Field(examples=[1])
    known: int = Field(examples=[0])
    refused: int = Field(examples=[0])
    retired: int = Field(examples=[0])
    """How many sources had their place taken by these texts."""
    texts: list[TextLearned]


class Source(Result):
    """A document that was learned, or a part of a long one."""

    id: int = Field(examples=[12])
    address: str = Field(examples=["rivers.txt"])
    title: str = Field(examples=["Rivers"])
    offset: int = Field(examples=[0])
    """Where a part begins in what `address` names, in bytes."""
    length: int = Field(examples=[46])
    """In bytes of UTF-8."""
    sha256: str
    time: datetime | None
    """The document's own time."""
    attributes: dict[str, str]
    learned: int = Field(examples=[40])
    """The transaction that learned it."""
    redacted: bool = Field(examples=[False])
    """Whether parts of its text or title were forgotten, and are blanks."""
    retired: int | None = Field(examples=[None])
    """The transaction that learned another text in its place; null while it stands."""
