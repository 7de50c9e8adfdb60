"""Days as texts write them: single ones, and the stretches that they open, close or stand for.

A day is (year, month, day). Reads words alone and looks nothing up. English, and dates as ISO 8601 has them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["MONTHS", "Day", "Period", "Stretch", "stretches_in"]

Day = tuple[int, int, int]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH = "|".join(["sept", *(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS)])
_DATE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})"
    rf"|(?P<month_first>{_MONTH})\.?\s+(?:(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<year_last>\d{{4}})"
    rf"|(?P<bare>(?:1[0-9]|20)\d\d)(?P<decade>s)?)\b(?![,.]?\d)",
    re.IGNORECASE,
)
# Every date has a year; most sentences have none.
_YEAR = re.compile(r"\d{4}")
# What a bare year stands after. Any other number of four digits may be a price, or so many people.
_BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|since|until|till|by|from|to|of|during|between|and|before|after|around|about|early|mid|late|year|"
    r"spring|summer|autumn|fall|winter|as\s+of|through|circa)\s+(?:the\s+)?|[(–—/-]\s*)$",
    re.IGNORECASE,
)
# A number of things: "to 1450 euros". Small words may follow a year.
_AFTER_NUMBER = re.compile(
    r"\s+(?!(?:and|or|to|until|till|it|he|she|they|we|the|a|an|in|at|on|by|for|with|as|when|while|but|was|is|"
    r"were|are|has|had|onwards?|after|before|from|of|this|that|there|which|who|because)\b)[a-z]{3,}"
)
_BOUNDS = re.compile(
    r"\b(?P<word>since|until|till|through|before|after|prior\s+to|up\s+to|from|as\s+of)\s+(?:the\s+)?"
    r"(?:(?:end|beginning|start|middle|early|mid|late|year|spring|summer|autumn|fall|winter)\s+(?:of\s+)?)*$",
    re.IGNORECASE,
)
# So many characters before a date are looked at, whatever the length of the text.
_BEFORE = 60
_ON = re.compile(r"\s+on(?:wards?)?\b", re.IGNORECASE)
_TO_NUMBER = re.compile(r"\s+to\s+\d")
_TO = re.compile(r"^\s*(?:to|until|till|through|and|[-–—/])\s*(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both in it; None where it is open to that side."""

    first: Day | None
    last: Day | None

    def covers(self, other: Period) -> bool:
        """Whether some day of the other one may be in it."""
        begins = self.first is None or other.last is None or self.first <= other.last
        ends = self.last is None or other.first is None or other.first <= self.last
        return begins and ends


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of a text, and the time that they say.

    `bounded` is set where it says from when or until when something was so, and not just when it happened.
    """

    start: int
    end: int
    period: Period
    bounded: bool


def stretches_in(text: str) -> list[Stretch]:
    """What a text says of times, in its order: "since 2019", "from 2010 to 2018", "in May 2020".

    >>> [each.period for each in stretches_in("It has been open since 2019.")]
    [Period(first=(2019, 1, 1), last=None)]
    """
    found: list[Stretch] = []
    dates = list(_dates(text))
    at = 0
    while at < len(dates):
        start, end, period = dates[at]
        bound = _BOUNDS.search(text, max(0, start - _BEFORE), start)
        joined = at + 1 < len(dates) and _TO.match(text[end : dates[at + 1][0]])
        opened = text[max(0, start - _BEFORE) : start].rstrip().lower().endswith(("from", "between", "("))
        if joined and (opened or text[end : dates[at + 1][0]].strip().lower() != "and"):
            _, end, last = dates[at + 1]
            start = bound.start() if bound else start
            found.append(Stretch(start, end, Period(period.first, last.last), bounded=True))
            at += 2
            continue
        at += 1
        if _TO_NUMBER.match(text, end):
            continue
        word = " ".join(bound["word"].lower().split()) if bound else ""
        start = bound.start() if bound else start
        if word == "since" or (word in {"from", "as of"} and _ON.match(text, end)) or word == "after":
            found.append(Stretch(start, end, Period(period.first, None), bounded=True))
        elif word in {"until", "till", "through", "up to"}:
            found.append(Stretch(start, end, Period(None, period.last), bounded=True))
        elif word in {"before", "prior to"}:
            found.append(Stretch(start, end, Period(None, _day_before(period.first)), bounded=True))
        else:
            found.append(Stretch(start, end, period, bounded=False))
    return found


def _dates(text: str) -> Iterator[tuple[int, int, Period]]:
    if not _YEAR.search(text):
        return
    for found in _DATE.finditer(text):
        if found["bare"]:
            year = int(found["bare"])
            stands_after = _BEFORE_YEAR.search(text, max(0, found.start() - _BEFORE), found.start())
            if found["decade"]:
                yield found.start(), found.end(), Period((year, 1, 1), (year + 9, 12, 31))
            elif stands_after and not _AFTER_NUMBER.match(text, found.end()):
                yield found.start(), found.end(), Period((year, 1, 1), (year, 12, 31))
            continue
        year = int(found["iso"] or found["year"] or found["year_last"])
        month = int(found["iso_month"] or 0) or _month(found["month"] or found["month_first"])
        day = int(found["iso_day"] or found["day"] or found["day_second"] or 0)
        if not 1 <= month <= 12 or not year >= 1 or day > monthrange(year, month)[1]:
            continue
        last = day or monthrange(year, month)[1]
        yield found.start(), found.end(), Period((year, month, day or 1), (year, month, last))


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.lower().startswith(name.lower()))


def _day_before(day: Day | None) -> Day | None:
    if day is None:
        return None
    year, month, number = day
    if number > 1:
        return year, month, number - 1
    year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return year, month, monthrange(year, month)[1]
