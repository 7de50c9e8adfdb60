"""What of a store is asked: a transaction, a time, and sources. Checks what is given; looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

from sutra_core.arguments import NUMBER_MAX, check_number, check_type, is_unicode
from sutra_core.errors import InvalidValueError, UnknownSourceError
from sutra_core.types import AssociationKind

__all__ = [
    "SOURCES_MAX",
    "Filter",
    "attributes_of",
    "check_narrowing",
    "microseconds_of",
    "unknown_source",
]

SOURCES_MAX = 10_000
"""The most sources that a filter may list."""

_KINDS: tuple[AssociationKind, ...] = get_args(AssociationKind)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sources count; what is not given admits all, and all that is given has to be so.

    `sources` lists numbers and addresses, at most 10,000; an empty list admits none. `attributes` are those
    that a source has, with these values. A source's own time lies from `since` to before `until`; one
    without a time is then left out. `kinds` are those of the associations that count: what is found by its
    meaning or its words is of none. Raises `InvalidValueError` for what is none of this.

    >>> Filter(sources=["rivers.txt", 7], attributes={"author": "Mara Holt"}).sources
    ('rivers.txt', 7)
    """

    sources: Sequence[int | str] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    since: datetime | None = None
    until: datetime | None = None
    kinds: Sequence[AssociationKind] | None = None

    def __post_init__(self) -> None:
        if self.sources is not None:
            object.__setattr__(self, "sources", _checked_sources(self.sources))
        check_type("filter's attributes", self.attributes, Mapping, "a dictionary of strings")
        for name, value in cast("Mapping[object, object]", self.attributes).items():
            for each in (name, value):
                check_type("filter's attribute", each, str, "its name and its value, strings")
                if not is_unicode(str(each)):
                    raise InvalidValueError(
                        f"the filter's attribute holds what is not Unicode text: {each!a}"
                    )
        object.__setattr__(self, "attributes", dict(self.attributes))
        for what, time in (("since", self.since), ("until", self.until)):
            object.__setattr__(self, what, _checked_time(f"filter's {what}", time))
        if self.kinds is not None:
            object.__setattr__(self, "kinds", _checked_kinds(self.kinds))

    @property
    def admits_all(self) -> bool:
        """Whether nothing is left out."""
        return self == Filter()


def attributes_of(written: Iterable[str]) -> dict[str, str]:
    """Attributes as people write them, each `name=value`. Raises `InvalidValueError`."""
    attributes: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals or attributes.get(name, value) != value:
            raise InvalidValueError(
                f"the attribute is {each!a}; write each once, and as name=value: author=Mara Holt"
            )
        attributes[name] = value
    return attributes


def check_narrowing(
    as_of: int | datetime | None, holds_at: datetime | None, narrowed_by: Filter | None
) -> tuple[int | datetime | None, datetime | None, Filter | None]:
    """The three as they are meant, times in UTC; raises `InvalidValueError` for what none of them can be."""
    if isinstance(as_of, datetime):
        as_of = _checked_time("as_of", as_of)
    elif as_of is not None:
        check_type("as_of", as_of, int, "the number of a transaction, or a datetime")
        check_number("as_of", as_of, 0, NUMBER_MAX)
    holds_at = _checked_time("holds_at", holds_at)
    if narrowed_by is not None:
        check_type("filter", narrowed_by, Filter, "a Filter of sutra_core.filters, or None")
    return as_of, holds_at, narrowed_by


def microseconds_of(time: datetime) -> int:
    """Microseconds from 1970-01-01 UTC to a time with a zone."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def unknown_source(source: int | str) -> UnknownSourceError:
    """That no source has this number or address."""
    return UnknownSourceError(
        f"there is no source {source!a}; take a number or an address from a list of sources or a citation"
    )


def _checked_sources(sources: object) -> tuple[int | str, ...]:
    one = isinstance(sources, str | bytes)
    check_type(
        "filter's sources", sources, () if one else Sequence, "a list of numbers and addresses, or None"
    )
    listed = tuple(cast("Sequence[int | str]", sources))
    if len(listed) > SOURCES_MAX:
        raise InvalidValueError(
            f"the filter lists {len(listed)} sources; list at most {SOURCES_MAX}, or give an attribute"
        )
    for each in listed:
        check_type("filter's source", each, int | str, "a number, or an address")
    return listed


def _checked_kinds(kinds: object) -> tuple[AssociationKind, ...]:
    one = isinstance(kinds, str | bytes)
    check_type("filter's kinds", kinds, () if one else Sequence, f"a list of {', '.join(_KINDS)}, or None")
    listed = tuple(cast("Sequence[AssociationKind]", kinds))
    for each in listed:
        if each not in _KINDS:
            raise InvalidValueError(f"the filter's kind is {each!a}; allowed: {', '.join(_KINDS)}")
    return listed


def _checked_time(what: str, time: object) -> datetime | None:
    """The time in UTC."""
    if time is None:
        return None
    check_type(what, time, datetime, "a datetime with a time zone")
    assert isinstance(time, datetime)
    if time.tzinfo is None:
        raise InvalidValueError(f"the {what} {time} has no time zone; give one, datetime.UTC for example")
    try:
        return time.astimezone(UTC)
    except OverflowError:  # at an end of the calendar, in another zone
        raise InvalidValueError(
            f"the {what} {time} is beyond the calendar in UTC; give another time"
        ) from None
