"""What is to be forgotten, and what went."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from sutra_api.schemas.base import Request, Result, WrittenTime

__all__ = [
    "ConceptForgetting",
    "Forgetting",
    "Forgotten",
    "Outcome",
    "Purged",
    "Receipt",
    "ReceiptEntry",
    "SourceForgetting",
    "Went",
    "WentText",
]

Flag = Annotated[bool, Field(strict=False)]


class SourceForgetting(Request):
    """How to forget a source."""

    dry_run: Flag = False
    """Only say what would go."""
    now: Flag = False
    """Take it from the files of the store, too, before this is answered."""


class ConceptForgetting(SourceForgetting):
    """How to forget a concept."""

    link_only: Flag = False
    """An entity alone: the words that name it stay."""


class Forgetting(Request):
    """What to forget: one of `source`, `concept` and `before`."""

    source: Annotated[str, Field(examples=["rivers.txt"])] | None = None
    """All sources of this address, with all that they alone said."""
    concept: Annotated[str, Field(examples=["Marie Curie"])] | None = None
    """The entity of this name, with every statement and title that names it."""
    before: WrittenTime | None = None
    """All that was learned before this time."""
    link_only: bool = False
    """The entity alone: the words that name it stay."""
    dry_run: bool = False
    """Only say what would go."""
    now: bool = False
    """Take it from the files of the store, too, before this is answered."""


class Forgotten(Result):
    """What went, or would go: how much less is held, and how many answers were erased."""

    transaction: int = Field(examples=[41])
    """The transaction that forgot it; the last one where there was nothing to forget."""
    sources: int = Field(examples=[1])
    statements: int = Field(examples=[2])
    entities: int = Field(examples=[1])
    associations: int = Field(examples=[5])
    evidence: int = Field(examples=[6])
    vectors: int = Field(examples=[2])
    answers: int = Field(examples=[1])
    """Recorded answers that rested on any of it."""
    redacted: int = Field(examples=[0])
    """Sources that stay, with blanks in the place of what was forgotten of them."""
    staying: int = Field(examples=[1])
    """Statements that were said there and stay, because other sources say them too."""


class Outcome(Forgotten):
    """What went, and when the files of the store were written anew without it."""

    purged: datetime | None = None
    """Null where that was not asked for, and for what only would go."""


class Purged(Result):
    """When the files of the store were written anew, without anything that was forgotten."""

    purged: datetime = Field(examples=["2026-05-01T12:00:00Z"])


class ReceiptEntry(Result):
    """What was asked in a transaction that forgot something, and whether it is purged."""

    transaction: int = Field(examples=[41])
    time: datetime = Field(examples=["2026-05-01T10:00:00Z"])
    what: str = Field(examples=["sources"])
    """`sources`, a `concept`, an entity's `link` alone, what was learned `before` a time, or what was
    `retired` before one, which nobody asked for."""
    numbers: list[int] = Field(examples=[[12]])
    """The ids of what was asked; none for a time."""
    before: datetime | None = None
    purged: datetime | None = None
    """From when on nothing of it was in the files of the store; null as long as it may be."""


class Receipt(ReceiptEntry):
    """The whole receipt, which holds nothing of what went."""

    forgotten: Forgotten
    backups: list[str] = Field(default=[], examples=[["s3://bucket/knowledge"]])
    """Places that are known to hold a backup from before, until it is pruned."""
    hashes: list[str] = Field(examples=[["9c56cc51b374c3ba189210d5b6d4bf57"]])
    """HMAC-SHA-256, the first 16 bytes, hexadecimal, of what went, keyed with the store's `store.key`."""


class WentText(Request):
    """A text, of which is asked whether it is among what went."""

    text: Annotated[str, Field(examples=["The Falcon project is led by Priya Raman."])]
    """A sentence, a passage, the name of an entity, or the whole text of a source, as it was."""
    title: str = ""
    """The title under which a passage stood."""


class Went(Result):
    """As what a text is among what a receipt tells of."""

    found: list[Literal["statement", "passage", "entity", "source"]] = Field(examples=[["statement"]])
    """Empty where it is none of these, which does not mean that it was never known."""
    key_fits: bool = Field(examples=[True])
    """Whether the `store.key` is known to be the one that the receipt was made with. Where it is not, an
    empty `found` says nothing."""
