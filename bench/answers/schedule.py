"""What is learned and asked, in which order and in how many stores.

A set of dialogues, stories or articles has a scope for each: a store of its own, so that a question searches
its own scope alone. A question may also have a line that it is asked before; what stands there or later is
not learned yet when it is asked. Opens no store and asks nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from common import Document, Question


@dataclass(frozen=True, slots=True)
class Step:
    """Documents to learn, then questions to ask of all that the store has learned by then."""

    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


def stores(documents: Sequence[Document], questions: Sequence[Question], *, whole: bool) -> list[list[Step]]:
    """The steps of every store: one for each scope that is asked about, in the order of its first question.

    A set without scopes is one scope. `whole` learns all documents in one store and then asks everything,
    whatever the scopes and lines are.
    """
    if whole:
        return [[Step(tuple(documents), tuple(questions))]]
    texts: defaultdict[str, list[Document]] = defaultdict(list)
    asked: defaultdict[str, list[Question]] = defaultdict(list)
    for document in documents:
        texts[_scope(document)].append(document)
    for question in questions:
        asked[_scope(question)].append(question)
    return [_steps(texts[scope], asked[scope]) for scope in asked]


def scoped(documents: Sequence[Document]) -> bool:
    """Whether the set has scopes."""
    return any(_scope(document) for document in documents)


def sampled(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """At most `limit` questions in their own order: every k-th of all, taken type by type.

    So every type has its share, and one that has at least k questions is there.
    """
    if limit is None or limit >= len(questions):
        return list(questions)
    by_kind = sorted(range(len(questions)), key=lambda n: questions[n].kind)
    return [questions[n] for n in sorted(by_kind[k * len(questions) // limit] for k in range(limit))]


def _steps(documents: list[Document], questions: list[Question]) -> list[Step]:
    steps: list[Step] = []
    waiting = documents
    for before, due in groupby(sorted(questions, key=_before), key=_before):
        learned = tuple(each for each in waiting if _line(each) < before)
        waiting = [each for each in waiting if _line(each) >= before]
        steps.append(Step(learned, tuple(due)))
    return steps


def _scope(said: Document | Question) -> str:
    return str(said.meta.get("scope") or "")


def _before(question: Question) -> float:
    return float(question.meta.get("before", math.inf))


def _line(document: Document) -> float:
    return float(document.meta.get("line", -math.inf))
