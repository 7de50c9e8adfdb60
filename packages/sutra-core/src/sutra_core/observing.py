"""What an engine tells of its work as it is done: each batch that is durable, each question.

An observation holds names, counts and times; never a text, a question or an answer. Nothing here counts:
`metrics` does, and whoever else is given as an engine's observer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from sutra_core.embed import UnembeddableTextError
from sutra_core.errors import InternalError

if TYPE_CHECKING:
    from sutra_core.ask import Answer
    from sutra_core.learn import LearnReport

__all__ = [
    "LearningObserved",
    "LearningWatch",
    "Observer",
    "Observers",
    "Outcome",
    "QuestionObserved",
    "QuestionWatch",
]

_Number = TypeVar("_Number", int, float)
Outcome = Literal["answered", "unknown", "failed"]

FAULTS = frozenset({InternalError.code, UnembeddableTextError.code})
"""Codes of refusals for which the text is not to blame."""


@dataclass(frozen=True, slots=True)
class LearningObserved:
    """Texts that were settled one after another: durable, known, refused by code, or kept out by a fault.

    `seconds` is how long they took together, `stage_seconds` each step of them; steps overlap.
    """

    learned: int
    known: int
    refused: Mapping[str, int]
    failed: int
    concepts: int
    seconds: float
    stage_seconds: Mapping[str, float]

    @property
    def texts(self) -> int:
        """How many they are, those that were refused left out."""
        return self.learned + self.known + self.failed


@dataclass(frozen=True, slots=True)
class QuestionObserved:
    """A question that was asked. `confidence` is there where it was answered, `stage_seconds` where it was
    worked out and not known already.
    """

    outcome: Outcome
    seconds: float
    confidence: float | None
    stage_seconds: Mapping[str, float]


class Observer(Protocol):
    """Who is told. Calls come from any thread, and have to be short; what they raise ends the work."""

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled."""
        ...

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        ...


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled."""
        for each in self._observers:
            each.learned(observed)

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        for each in self._observers:
            each.asked(observed)


class QuestionWatch:
    """Watches one question from now until it is answered or has failed."""

    def __init__(self, observer: Observer, on_step: Callable[[str], None] | None) -> None:
        self._observer = observer
        self._on_step = on_step
        self._since = time.perf_counter()
        self._worked = False

    def step(self, name: str) -> None:
        """A step has been taken."""
        self._worked = True
        if self._on_step:
            self._on_step(name)

    def failed(self) -> None:
        """It ended in an error."""
        self._tell("failed", None, {})

    def answered(self, answer: Answer) -> None:
        """It has its answer."""
        stages: dict[str, float] = {}
        if self._worked:
            stages = {step: took / 1000 for step, took in answer.timings_ms.items()}
        if answer.kind == "unknown":
            self._tell("unknown", None, stages)
        else:
            self._tell("answered", answer.confidence, stages)

    def _tell(self, outcome: Outcome, confidence: float | None, stages: Mapping[str, float]) -> None:
        seconds = time.perf_counter() - self._since
        self._observer.asked(QuestionObserved(outcome, seconds, confidence, stages))


class LearningWatch:
    """Tells of a run that learns what its report has gained since it last told.

    `look` is called one call at a time, from any thread; the observer always sees the context of the thread
    that made the watch.
    """

    def __init__(self, report: LearnReport, observer: Observer) -> None:
        self._report = report
        self._observer = observer
        self._context = copy_context()
        self._since = time.perf_counter()
        self._told = LearningObserved(0, 0, {}, 0, 0, 0.0, {})

    def look(self, *, failed: int = 0) -> None:
        """Tells of what is settled; `failed` counts texts that an error has kept from being learned."""
        report, told, now = self._report, self._told, time.perf_counter()
        faults = sum(count for code, count in report.refused_by.items() if code in FAULTS) + failed
        whole = LearningObserved(
            learned=report.sources,
            known=report.sources_known,
            refused={code: count for code, count in report.refused_by.items() if code not in FAULTS},
            failed=faults,
            concepts=report.concepts,
            seconds=0.0,
            stage_seconds=dict(report.stage_seconds),
        )
        gained = LearningObserved(
            learned=whole.learned - told.learned,
            known=whole.known - told.known,
            refused=_gained(whole.refused, told.refused),
            failed=whole.failed - told.failed,
            concepts=whole.concepts - told.concepts,
            seconds=now - self._since,
            stage_seconds=_gained(whole.stage_seconds, told.stage_seconds),
        )
        if gained.texts or gained.refused:
            self._told, self._since = whole, now
            self._context.run(self._observer.learned, gained)


def _gained(now: Mapping[str, _Number], before: Mapping[str, _Number]) -> dict[str, _Number]:
    return {name: value - before.get(name, 0) for name, value in now.items() if value != before.get(name, 0)}
