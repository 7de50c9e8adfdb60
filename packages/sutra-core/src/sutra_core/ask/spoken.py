"""Days that a text counts from the day on which it was written: "yesterday", "two weeks ago", "last Friday".

Looks nothing up. English.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from sutra_core.ask.days import MONTHS, Day

__all__ = ["counted_day"]

_UNITS = "day|week|month|year"
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NUMBERS = [
    "a",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_COUNTED = re.compile(
    rf"(?:on\s+|in\s+|the\s+)*(?:(?P<near>yesterday|today|tonight|tomorrow|last\s+night|this\s+(?:morning|afternoon|evening))"
    rf"|(?:about\s+|around\s+)?(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)}|an|a\s+(?:few|couple\s+of))\s+(?P<ago>{_UNITS})s?\s+ago"
    rf"|(?P<which>last|next|this|the\s+previous)\s+(?P<what>{_UNITS}|{'|'.join(_WEEKDAYS)}))"
    r"(?:\s+(?:morning|afternoon|evening|night))?",
    re.IGNORECASE,
)
_NEAR = {"yesterday": -1, "last night": -1, "tomorrow": 1}


def counted_day(text: str, written: Day) -> str | None:
    """The day, month or year that a text means which was written on this day; None for any other text.

    A week has no name of its own, and stays counted from the day.

    >>> counted_day("yesterday", (2023, 5, 8)), counted_day("last year", (2023, 5, 8))
    ('7 May 2023', '2022')
    >>> counted_day("last week", (2023, 5, 8)), counted_day("in 2020", (2023, 5, 8))
    ('the week before 8 May 2023', None)
    """
    found = _COUNTED.fullmatch(text.strip())
    if found is None:
        return None
    today = date(*written)
    try:
        return _counted(found, today)
    except (ValueError, OverflowError):  # before the year 1, or after 9999
        return None


def _counted(found: re.Match[str], today: date) -> str | None:
    if found["near"]:
        return _shown(today + timedelta(_NEAR.get(" ".join(found["near"].lower().split()), 0)))
    if found["ago"]:
        word = found["number"].lower()
        if word.startswith(("a few", "a couple")):
            return f"{word} {found['ago'].lower()}s before {_shown(today)}"
        number = int(word) if word.isdigit() else max(1, _NUMBERS.index(word)) if word in _NUMBERS else 1
        return _moved(found["ago"].lower(), -number, today)
    which = (
        -1 if found["which"].lower() in {"last", "the previous"} else int(found["which"].lower() == "next")
    )
    what = found["what"].lower()
    if what not in _WEEKDAYS:
        return _moved(what, which, today)
    away = (_WEEKDAYS.index(what) - today.weekday()) % 7
    if which < 0:
        return _shown(today - timedelta(7 - away if away else 7))
    return _shown(today + timedelta(away or 7 * which))


def _moved(unit: str, number: int, today: date) -> str:
    if unit == "day":
        return _shown(today + timedelta(number))
    if unit == "week":
        if number == 0:
            return f"the week of {_shown(today)}"
        side = "before" if number < 0 else "after"
        many = "the week" if abs(number) == 1 else f"{abs(number)} weeks"
        return f"{many} {side} {_shown(today)}"
    if unit == "year":
        return str(date(today.year + number, 1, 1).year)
    year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
    return f"{MONTHS[month]} {date(year, month + 1, 1).year}"


def _shown(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
