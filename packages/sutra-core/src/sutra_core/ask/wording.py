"""What small words say of a text: that something is not so, that it changed, that an earlier time is meant.

Each is a sign that the judge weighs, and decides nothing by itself. Looks at words alone. English.
"""

from __future__ import annotations

import re

__all__ = ["asks_former", "asks_present", "denies", "tells_change"]

_NOT = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|except|but\s+not)\b|n['’]t\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:moved|replaced|replaces|succeeded|succeeds|changed|became|becomes|renamed|raised|reduced|increased|"
    r"extended|postponed|switched|no\s+longer|any\s*more|took\s+over|taken\s+over|since|instead|"
    r"new|now|until|formerly|previously|from\s+then\s+on|went\s+(?:up|down)|grew|fell)\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"\b(?:original|originally|former|formerly|previous|previously|before|used\s+to|at\s+first|initially|"
    r"initial|earlier|first|old|until)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:now|nowadays|currently|current|today|still|any\s*more|latest|at\s+present|these\s+days)\b",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Whether a text says that something is not so.

    >>> denies("She doesn't drink coffee."), denies("She drinks coffee.")
    (True, False)
    """
    return bool(_NOT.search(text))


def tells_change(text: str) -> bool:
    """Whether a text says that something is otherwise than it was.

    >>> tells_change("In May it was moved to Lenti."), tells_change("It is in Lenti.")
    (True, False)
    """
    return bool(_CHANGE.search(text))


def asks_former(question: str) -> bool:
    """Whether a question asks how something was before.

    >>> asks_former("Where was the mill before?"), asks_former("Where is the mill?")
    (True, False)
    """
    return bool(_FORMER.search(question))


def asks_present(question: str) -> bool:
    """Whether a question says that it means the present.

    >>> asks_present("Where is the mill now?"), asks_present("Where was the mill?")
    (True, False)
    """
    return bool(_PRESENT.search(question))
