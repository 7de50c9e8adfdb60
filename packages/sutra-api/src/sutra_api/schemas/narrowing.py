"""What of a namespace is asked: a transaction, a time, and sources."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict

from fastapi import Query
from pydantic import Field

from sutra_api.schemas.base import WHOLE, Request, Result, WrittenTime
from sutra_core import filters
from sutra_core.types import AssociationKind

__all__ = ["AskedFilter", "Filter", "Narrowed", "Narrowing", "narrowing_of_query", "narrows"]

_NUMBER_MAX = 2**53 - 1
_LISTED_MAX = 100

_Number = Annotated[int, Field(ge=0, le=_NUMBER_MAX), WHOLE]
_Word = Annotated[str, Field(max_length=10_000)]
_QueryWord = Annotated[str, Field(max_length=1000)]


AsOf = Annotated[_Number | WrittenTime, Field(examples=[41])]
"""A transaction, or the time of the last one at or before it."""


class Narrowing(TypedDict):
    """What `ReasoningEngine` takes."""

    as_of: int | datetime | None
    holds_at: datetime | None
    filter: filters.Filter | None


class Filter(Request):
    """Which sources count; all that is given has to be so."""

    sources: Annotated[list[_Number | _Word], Field(max_length=filters.SOURCES_MAX)] | None = Field(
        default=None, examples=[["rivers.txt", 12]]
    )
    """These, by their numbers and addresses."""
    attributes: Annotated[dict[_Word, _Word], Field(max_length=_LISTED_MAX)] = Field(
        default={}, examples=[{"author": "Mara Holt"}]
    )
    """Those that have these attributes, with these values."""
    since: WrittenTime | None = None
    """Whose own time is not before this; one without a time does not count then."""
    until: WrittenTime | None = None
    """Whose own time is before this; one without a time does not count then."""
    kinds: Annotated[list[AssociationKind], Field(max_length=_LISTED_MAX)] | None = Field(
        default=None, examples=[["causal", "temporal"]]
    )
    """Associations of these kinds; what is found by its meaning or its words is of none."""


class Narrowed(Request):
    """What of a namespace is asked; all that is given applies."""

    as_of: AsOf | None = None
    """What was learned by this transaction, or by the last one at or before this time. What is forgotten is
    gone at every date."""
    holds_at: WrittenTime | None = None
    """The facts of the graph that hold at this time, as far as they say when."""
    filter: Filter | None = None
    """What these sources say."""

    def narrowing(self) -> Narrowing:
        """As the engine takes it. Raises `InvalidValueError`."""
        by = self.filter
        return Narrowing(
            as_of=self.as_of,
            holds_at=self.holds_at,
            filter=None
            if by is None
            else filters.Filter(by.sources, by.attributes, by.since, by.until, by.kinds),
        )


def narrows(narrowing: Narrowing) -> bool:
    """Whether anything is left out, so that all that is said has to be read."""
    by = narrowing["filter"]
    filtered = by is not None and not by.admits_all
    return filtered or narrowing["as_of"] is not None or narrowing["holds_at"] is not None


def narrowing_of_query(
    as_of: Annotated[
        AsOf | None,
        Query(description="What was learned by this transaction, or by the last one at or before this time."),
    ] = None,
    holds_at: Annotated[
        WrittenTime | None, Query(description="What holds at this time, as far as it says when.")
    ] = None,
    source: Annotated[
        list[Annotated[int, Field(ge=0, le=_NUMBER_MAX)]] | None,
        Query(max_length=_LISTED_MAX, description="What the source of this number says."),
    ] = None,
    address: Annotated[
        list[_QueryWord] | None,
        Query(max_length=_LISTED_MAX, description="What the sources of this address say."),
    ] = None,
    attribute: Annotated[
        list[_QueryWord] | None,
        Query(max_length=_LISTED_MAX, description="What sources with this attribute say: `name=value`."),
    ] = None,
    since: Annotated[
        WrittenTime | None, Query(description="What sources say whose own time is not before this.")
    ] = None,
    until: Annotated[
        WrittenTime | None, Query(description="What sources say whose own time is before this.")
    ] = None,
    kind: Annotated[
        list[AssociationKind] | None,
        Query(max_length=_LISTED_MAX, description="Associations of this kind."),
    ] = None,
) -> Narrowing:
    """A dependency: the same, of a query. Raises `InvalidValueError`."""
    sources: list[int | str] | None = [*(source or ()), *(address or ())] or None
    wanted = filters.Filter(sources, filters.attributes_of(attribute or ()), since, until, kind)
    return Narrowing(as_of=as_of, holds_at=holds_at, filter=wanted)


class AskedFilter(Result):
    """Which sources counted."""

    sources: list[int | str] | None
    attributes: dict[str, str]
    since: datetime | None
    until: datetime | None
    kinds: list[AssociationKind] | None
