"""Words by which a sentence says where, when, how many, why or how, though it names nothing of the sort.

"The key is under the flowerpot" says where, without any name of a place. Reads one sentence at a time, looks
nothing up. English.
"""

from __future__ import annotations

import re
from typing import Literal

from sutra_core.types import EntityType

__all__ = ["Manner", "asks_manner", "says_manner", "says_sort"]

Manner = Literal["why", "how"]

_MEASURES = "many|much|long|often|old|far|tall|high|deep|wide|big|large|fast|heavy|hot|cold|soon|late"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_TIMES = "|".join(
    f"{_DAYS} {_MONTHS} noon midnight morning afternoon evening night day week month year spring summer "
    "autumn winter half quarter".split()
)
_WHERE = r"in|on|at|under|above|below|behind|beside|near|inside|outside|between|opposite|over|across|next to"
_COUNTS = "one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million"
_SORT: dict[EntityType, re.Pattern[str]] = {
    "place": re.compile(rf"\b(?:{_WHERE})\s+(?!\d)(?!(?:{_TIMES})s?\b)\w", re.IGNORECASE),
    "date": re.compile(
        rf"\b(?:every|each|on|at|until|till|since|from|before|after|in|by)\s+(?:\w+\s+)?(?:(?:{_TIMES})s?\b|\d)"
        r"|\b(?:daily|weekly|monthly|yearly|always|today|tomorrow)\b",
        re.IGNORECASE,
    ),
    "number": re.compile(rf"\d|\b(?:{'|'.join(_COUNTS.split())})\b", re.IGNORECASE),
}
_MANNER: dict[Manner, re.Pattern[str]] = {
    "why": re.compile(
        r"\b(?:because|since|as a result|so that|in order to|due to|owing to|thanks to|therefore|reasons?|"
        r"causes?|caused|leads? to|led to|in honou?r of)\b",
        re.IGNORECASE,
    ),
    "how": re.compile(r"\b(?:by (?:means of|\w+ing)|with|using|through|via|from)\b", re.IGNORECASE),
}
_ASKS = re.compile(rf"^\W*(?:(why)|(how)\b(?!\s+(?:{_MEASURES})\b))", re.IGNORECASE)


def says_sort(sentence: str, expected: EntityType | None) -> bool:
    """Whether a sentence says something of a sort in words that are no name of that sort."""
    pattern = _SORT.get(expected) if expected else None
    return bool(pattern and pattern.search(sentence))


def asks_manner(question: str) -> Manner | None:
    """Whether a question asks why or how (not how many, how long …)."""
    found = _ASKS.match(question)
    if not found:
        return None
    return "why" if found[1] else "how"


def says_manner(sentence: str, manner: Manner) -> bool:
    """Whether a sentence gives a reason, or a way."""
    return bool(_MANNER[manner].search(sentence))
