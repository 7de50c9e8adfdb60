"""What a question asks of time, and which of two things that were said was so earlier.

"Where is the depot?" asks for now, "before the move" for earlier, "in 2015" for then. Of two sentences that
answer alike, the one holds for the earlier time that says so, that is of the older document, or that stands
before one that tells of a change. Decides nothing about answers; the judge weighs what follows (features.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sutra_core.ask.days import Day, Period, stretches_in
from sutra_core.ask.wording import asks_former, asks_present, tells_change

__all__ = ["Asked", "Told", "asked_time", "earlier_of", "fits_better", "told_time", "written_day"]

Era = Literal["former", "present", "then"]

_PAST = re.compile(
    r"^\W*(?:\w+\W+){0,4}?(?:was|were|did|had)\b|^\W*(?:who|what|which\s+\w+)\s+\w{3,}ed\b", re.IGNORECASE
)
# Of one sentence: "from A to B", "left A for B", "A was replaced by B".
_FROM = re.compile(r"\b(?:from|left|leaving)\s+(?:the\s+)?[\"“‘']?$", re.IGNORECASE)
_INTO = re.compile(r"\b(?:to|for|into)\s+(?:the\s+)?[\"“‘']?$", re.IGNORECASE)
# So many characters before what was read are looked at, whatever the length of the sentence.
_BEFORE = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """The time that a question asks for. `period` is set where it names one."""

    era: Era
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """When something that was read is so, as far as that is known.

    `period` is what its sentence says, `bounded` whether that is from when or until when; `written` the day
    of its document. `source` and `statement` tell where it stands; `changes` is set where the sentence tells
    of a change, `left` and `reached` where it is what something changed from, or to.
    """

    source: int
    statement: int
    period: Period | None
    bounded: bool
    written: Day | None
    changes: bool
    left: bool
    reached: bool


def asked_time(question: str) -> Asked | None:
    """What a question asks of time; None where it asks how something was, and not when."""
    if asks_former(question):
        named = [each for each in stretches_in(question) if each.period.first is None]
        return Asked("then", named[0].period) if named else Asked("former")
    stretches = stretches_in(question)
    if stretches:
        return Asked("then", stretches[0].period)
    if asks_present(question) or not _PAST.match(question):
        return Asked("present")
    return None


def told_time(text: str, start: int, end: int, *, source: int, statement: int, written: Day | None) -> Told:
    """When that is so which stands at characters `start` to `end` of a sentence."""
    beside = [each for each in stretches_in(text) if each.end <= start or each.start >= end]
    nearest = min(beside, key=lambda each: _distance(each.start, each.end, start, end), default=None)
    return Told(
        source,
        statement,
        nearest.period if nearest else None,
        nearest.bounded if nearest else False,
        written,
        tells_change(text),
        bool(_FROM.search(text, max(0, start - _BEFORE), start)),
        bool(_INTO.search(text, max(0, start - _BEFORE), start)),
    )


def earlier_of(one: Told, other: Told) -> int:
    """-1 where the first was so earlier, 1 where the second was, 0 where nothing tells."""
    if one.statement == other.statement:
        if one.left and other.reached:
            return -1
        return 1 if one.reached and other.left else _by_period(one, other)
    by_period = _by_period(one, other)
    if by_period:
        return by_period
    if one.source == other.source:
        if one.statement < other.statement:
            return -1 if other.changes or (other.period and not one.period) else 0
        return 1 if one.changes or (one.period and not other.period) else 0
    if one.written and other.written and one.written != other.written:
        return -1 if one.written < other.written else 1
    return 0


def fits_better(asked: Asked, one: Told, other: Told) -> int:
    """1 where the first fits the time asked for better than the other, -1 where worse, else 0."""
    order = earlier_of(one, other)
    if asked.era == "former":
        return -order
    if asked.era == "present":
        return order
    if asked.period is None:
        return 0
    fits = [_fit(each, asked.period) for each in (one, other)]
    if fits[0] != fits[1]:
        return 1 if fits[0] > fits[1] else -1
    # Both had begun by then: the later one had taken the place of the other.
    return order if fits[0] > 0 else 0


def written_day(microseconds: int | None, title: str) -> Day | None:
    """The day of a text: that, in UTC, of its time in microseconds since 1970, else the one in its title.

    >>> written_day(86_400_000_000, ""), written_day(None, "Of 3 May 2020"), written_day(None, "May 2020")
    ((1970, 1, 2), (2020, 5, 3), None)
    """
    if microseconds is not None:
        try:
            when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        except OverflowError:  # before the year 1, or after 9999
            return None
        return when.year, when.month, when.day
    periods = [each.period for each in stretches_in(title)]
    return next((each.first for each in periods if each.first == each.last), None)


def _fit(told: Told, period: Period) -> int:
    """1 where it was so at that time, or had begun; -1 where it was not; 0 where nobody knows."""
    own = told.period
    if own is None and told.written:
        own = Period(told.written, None)
    if own is None:
        return 0
    if not told.bounded and (told.changes or told.period is None):
        own = Period(own.first, None)
    return 1 if own.covers(period) else -1


def _by_period(one: Told, other: Told) -> int:
    if one.period is None or other.period is None or one.period == other.period:
        return 0
    keys = [(each.first or (0, 0, 0), each.last or (9999, 12, 31)) for each in (one.period, other.period)]
    return -1 if keys[0] < keys[1] else 1


def _distance(start: int, end: int, other_start: int, other_end: int) -> int:
    """Characters between two stretches; what follows is a little nearer than what stands before."""
    return start - other_end if start >= other_end else other_start - end + 1
