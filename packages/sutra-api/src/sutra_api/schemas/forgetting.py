"""What is to be forgotten, and what went."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sutra_api.schemas.base import Request, Result, WrittenTime

__all__ = ["ConceptForgetting", "Forgetting", "Forgotten", "SourceForgetting"]

Flag = Annotated[bool, Field(strict=False)]


class SourceForgetting(Request):
    """How to forget a source."""

    dry_run: Flag = False
    """Only say what would go."""


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
