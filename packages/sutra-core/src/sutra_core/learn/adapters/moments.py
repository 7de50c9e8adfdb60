"""Reads a moment that a document gives for itself.

Only ISO 8601, because any other order of day and month would be a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = re.compile(r"[0-9]{4}")
_YEAR_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")


def moment(text: str) -> int | None:
    """Microseconds since 1970-01-01 UTC, or None where the text is not ISO 8601.

    A year, a month or a day stands for its beginning; a time without a zone is UTC. A day has its
    hyphens: a longer run of digits may as well count seconds, and is no moment.

    >>> moment("1970-01-02")
    86400000000
    >>> moment("yesterday") is None
    True
    """
    text = text.strip()
    if _YEAR.fullmatch(text):
        text = f"{text}-01-01"
    elif _YEAR_MONTH.fullmatch(text):
        text = f"{text}-01"
    elif not _DAY.fullmatch(text):
        return None
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return (when - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
