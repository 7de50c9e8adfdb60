"""Reads a moment that a conversation gives for itself: in ISO 8601, or with a month that is named.

Any other order of day and month would be a guess, and is no moment. English names alone.
"""

from __future__ import annotations

import re

from sutra_core.learn.adapters.moments import moment

__all__ = ["said_moment"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(rf"(?<!\d){_DAY} (?:of )?{_MONTH},? (?P<year>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"\b{_MONTH} {_DAY},? (?P<year>\d{{4}})(?!\d)", re.IGNORECASE),
)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?(?: ?(?P<half>[ap])\.?m\b)?", re.IGNORECASE
)
_CHARACTERS = 100


def said_moment(text: str) -> int | None:
    """Microseconds since 1970-01-01 UTC, or None.

    >>> said_moment("1:56 pm on 8 May, 2023") == said_moment("2023-05-08T13:56")
    True
    >>> said_moment("8/5/2023") is None
    True
    """
    text = text[:_CHARACTERS]
    if (exact := moment(text)) is not None:
        return exact
    for pattern in _DATES:
        if found := pattern.search(text):
            month = _MONTHS.index(found["month"].lower()) + 1
            date = f"{found['year']}-{month:02}-{int(found['day']):02}"
            clock = _clock(text)
            timed = moment(f"{date}T{clock}") if clock else None
            return moment(date) if timed is None else timed
    return None


def _clock(text: str) -> str:
    found = _CLOCK.search(text)
    if not found:
        return ""
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    return f"{hour:02}:{found['minute']}"
