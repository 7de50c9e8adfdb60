"""Documents of a set as drafts to learn, and which half of them `--forget-half` keeps from being learned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from common import Document
from split import low_byte

from sutra_core.learn.adapters.moments import moment
from sutra_core.types import SourceDraft

NO_ATTRIBUTES = frozenset({"scope", "line"})
"""What a set says of a document for the benchmark's own use."""
CLOCK_AND_DAY = "%I:%M %p on %d %B, %Y"
"""How a dialogue says when it was held: "1:56 pm on 8 May, 2023"."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def draft(document: Document) -> SourceDraft:
    """What is learned of a document: its id as the address, title, text, time, and what else is said."""
    attributes = {
        name: value
        for name, value in document.meta.items()
        if isinstance(value, str) and name not in NO_ATTRIBUTES
    }
    return SourceDraft(
        document.id, document.text, document.title, time=document_time(document), attributes=attributes
    )


def document_time(document: Document) -> int | None:
    """The document's own time in microseconds since 1970 UTC: `meta.time`, else `meta.date`, else None.

    Either is ISO 8601, or a time of day and a day in English words; what else stands there is no time.
    """
    for said in (document.meta.get("time"), document.meta.get("date")):
        if isinstance(said, str) and (when := _microseconds(said)) is not None:
            return when
    return None


def forgotten(document: Document) -> bool:
    """Whether the document is in the half that is never learned, by its title (its id, where it has none)."""
    return low_byte("forget:", document.title or document.id)


def _microseconds(said: str) -> int | None:
    if (when := moment(said)) is not None:
        return when
    try:
        return (datetime.strptime(said, CLOCK_AND_DAY).replace(tzinfo=UTC) - _EPOCH) // timedelta(
            microseconds=1
        )
    except ValueError:
        return None
