"""Answers of several: all that was read of what a question asks for, and how many that is.

"Which languages does she speak?" asks for all of them, "How many languages …?" for their number. What is
listed are spans that were read and ends of facts; it is complete as far as is known. English.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sutra_core.ask.analyse import Question, share_of
from sutra_core.ask.groups import key_of, overlaps
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, Read

__all__ = ["Listed", "Several", "as_list", "asks_several", "counted", "listed"]

Several = Literal["list", "count"]

# Spans this much less sure than the best are none of the list.
_AS_SURE = 6.0
# A sentence that says one of them has this much of the question's words, of the most that any has.
_ABOUT = 0.6
_FACT = 0.5
# A longer piece between commas is no item by itself.
_ITEM_WORDS = 8
# A score of so much is nearly sure.
_SURE = 4.0
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)"
_COUNT = re.compile(r"^(\W*(?:and\s+)?)how\s+many\b", re.IGNORECASE)
_PHRASE = re.compile(
    rf"^\W*(?:and\s+)?(?:which|what)\s+(?!of\b)(?P<phrase>(?:(?!{_AUXILIARY}\b)[\w'’-]+\s+){{1,8}}?)"
    rf"(?={_AUXILIARY}\b|of\b)",
    re.IGNORECASE,
)
_WHICH = re.compile(r"^\W*(?:and\s+)?which\s+(?P<phrase>[\w'’-]+)", re.IGNORECASE)
_ALL = re.compile(
    r"^\W*(?:(?:please\s+)?(?:list|name|enumerate|give(?:\s+me)?|tell\s+me)\s+(?:all|every|the\s+names)\b|"
    r"(?:who|what|which)\s+(?:all\s+)?(?:are|were)\s+(?:all\s+)?(?:the|those)\s+(?P<phrase>[\w'’-]+))",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\w{2,}[^su'’\W]s$|\w+[aeiou]ses$|^(?:people|men|women|children|mice|teeth)$", re.IGNORECASE
)
_JOINED = re.compile(r"\s*(?:[,;]\s*(?:and\s+|or\s+)?|\s(?:and|or|as\s+well\s+as)\s|\s&\s)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """What was found of several: the items in the order in which they stand, the spans that have them, the
    surest first, and the facts that end in more of them.
    """

    items: tuple[str, ...]
    spans: tuple[FoundSpan, ...]
    facts: tuple[Proposal, ...]

    @property
    def text(self) -> str:
        """The items as one text."""
        *most, last = self.items
        return f"{', '.join(most)} and {last}" if most else last


def asks_several(question: str) -> Several | None:
    """Whether a question asks for all of several things, or how many there are.

    >>> asks_several("Which languages does she speak?"), asks_several("How many languages does she speak?")
    ('list', 'count')
    >>> asks_several("Which language does she speak?"), asks_several("What makes ice melt?")
    (None, None)
    """
    if _COUNT.match(question):
        return "count"
    found = _ALL.match(question)
    if found and not found["phrase"]:
        return "list"
    found = found or _PHRASE.match(question) or _WHICH.match(question)
    return "list" if found and _PLURAL.search(found["phrase"].strip()) else None


def as_list(question: str) -> str:
    """A question for a number as the question for the things themselves.

    >>> as_list("How many languages does she speak?")
    'Which languages does she speak?'
    """
    return _COUNT.sub(r"\1Which", question)


def listed(
    question: Question, read: Read, proposed: Sequence[Proposal], stems_of: Callable[[str], frozenset[str]]
) -> Listed:
    """What was read about as surely as the best, in sentences about what is asked, and the ends of facts."""
    spans = _spans(question, read, stems_of)
    placed = [
        (span.sentence.id, span.start, number, item)
        for span in spans
        for number, item in enumerate(_items(span.text))
    ]
    asked = {term.stem for term in question.terms}
    items: list[str] = []
    for _, _, _, item in sorted(placed):
        stems = stems_of(item)
        if not (bool(stems) and stems <= asked) and _is_new(item, items):
            items.append(item)
    facts: list[Proposal] = []
    best = max((each.weight for each in proposed if each.route == "fact"), default=0.0)
    for each in proposed:
        if each.route == "fact" and each.weight >= max(_FACT, _FACT * best) and _is_new(each.text, items):
            items.append(each.text)
            facts.append(each)
    return Listed(tuple(items), tuple(spans), tuple(facts))


def counted(
    question: Question, read: Read, proposed: Sequence[Proposal], stems_of: Callable[[str], frozenset[str]]
) -> Proposal | None:
    """How many there are of what was read of `as_list`'s question; None of fewer than two."""
    found = listed(question, read, proposed, stems_of)
    if len(found.items) < 2:
        return None
    evidence = [span.sentence.id for span in found.spans]
    evidence += [statement for fact in found.facts for statement in fact.evidence]
    sure = [1 / (1 + math.exp(-span.score / _SURE)) for span in found.spans] + [
        each.weight for each in found.facts
    ]
    return Proposal(str(len(found.items)), 0, "count", tuple(dict.fromkeys(evidence)), min(sure), 1.0)


def _spans(question: Question, read: Read, stems_of: Callable[[str], frozenset[str]]) -> list[FoundSpan]:
    if not read.spans or read.spans[0].score <= 0:
        return []
    least = max(0.0, read.spans[0].score - _AS_SURE)
    likely = [span for span in read.spans if span.score >= least]
    shares = [
        share_of(question.terms, stems_of(span.sentence.text) | stems_of(span.sentence.title))
        for span in likely
    ]
    enough = _ABOUT * max(shares)
    return [span for span, share in zip(likely, shares, strict=True) if share >= enough]


def _items(text: str) -> list[str]:
    """The parts of "A, B and C"; the whole where a part is too long to be one."""
    parts = [part for part in _JOINED.split(text) if part.strip()]
    return parts if parts and all(len(part.split()) <= _ITEM_WORDS for part in parts) else [text]


def _is_new(item: str, items: Sequence[str]) -> bool:
    key = key_of(item)
    return bool(key) and not any(overlaps(key, key_of(other)) for other in items)
