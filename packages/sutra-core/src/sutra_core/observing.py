"""What an engine tells of its work as it is done: each batch that is durable, each question, each forgetting.

An observation holds names, counts and times; never a text, a question or an answer. Nothing here counts:
`metrics` does, and whoever else is given as an engine's observer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from sutra_core.embed import UnembeddableTextError
from sutra_core.errors import InternalError

if TYPE_CHECKING:
    from sutra_core.ask import Answer
    from sutra_core.learn import LearnReport
    from sutra_core.types import Forgotten

__all__ = [
    "ForgettingObserved",
    "ForgettingWatch",
    "LearningObserved",
    "LearningWatch",
    "Observer",
    "Observers",
    "Outcome",
    "QuestionObserved",
    "QuestionWatch",
    "Step",
]

Outcome = Literal["answered", "unknown", "failed"]

FAULTS = frozenset({InternalError.code, UnembeddableTextError.code})
"""Codes of refusals for which the text is not to blame."""


class Step(NamedTuple):
    """A step that was taken, from when to when, in nanoseconds since 1970."""

    name: str
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class LearningObserved:
    """Texts that were settled one after another: durable, known, refused by code, or kept out by a fault.

    `seconds` is how long they took together; the steps of one batch overlap with those of the next.
    `transaction` is the last that holds any of it, 0 where none does.
    """

    learned: int
    known: int
    refused: Mapping[str, int]
    failed: int
    concepts: int
    seconds: float
    steps: Sequence[Step] = ()
    transaction: int = 0

    @property
    def texts(self) -> int:
        """How many they are, those that were refused left out."""
        return self.learned + self.known + self.failed

    @property
    def stage_seconds(self) -> dict[str, float]:
        """How long each kind of step took in all."""
        return _seconds(self.steps)


@dataclass(frozen=True, slots=True)
class QuestionObserved:
    """A question that was asked. `confidence` is there where it was answered; `steps` are those that were
    taken, none where the answer was known.
    """

    outcome: Outcome
    seconds: float
    confidence: float | None
    steps: Sequence[Step] = ()

    @property
    def stage_seconds(self) -> dict[str, float]:
        """How long each kind of step took in all."""
        return _seconds(self.steps)


@dataclass(frozen=True, slots=True)
class ForgettingObserved:
    """What one transaction forgot: so many sources and concepts, with so many recorded answers erased."""

    sources: int
    concepts: int
    answers: int
    seconds: float
    transaction: int


class Observer(Protocol):
    """Who is told. Calls come from any thread, and have to be short; what they raise ends the work."""

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled."""
        ...

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        ...

    def forgot(self, observed: ForgettingObserved) -> None:
        """Something was forgotten, durably."""
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

    def forgot(self, observed: ForgettingObserved) -> None:
        """Something was forgotten, durably."""
        for each in self._observers:
            each.forgot(observed)


class QuestionWatch:
    """Watches one question from now until it is answered or has failed."""

    def __init__(self, observer: Observer, on_step: Callable[[str], None] | None) -> None:
        self._observer = observer
        self._on_step = on_step
        self._since = time.perf_counter()
        self._steps: list[Step] = []
        self._step_began = time.time_ns()

    def step(self, name: str) -> None:
        """A step has been taken."""
        now = time.time_ns()
        self._steps.append(Step(name, self._step_began, now))
        self._step_began = now
        if self._on_step:
            self._on_step(name)

    def failed(self) -> None:
        """It ended in an error."""
        self._tell("failed", None)

    def answered(self, answer: Answer) -> None:
        """It has its answer."""
        if answer.kind == "unknown":
            self._tell("unknown", None)
        else:
            self._tell("answered", answer.confidence)

    def _tell(self, outcome: Outcome, confidence: float | None) -> None:
        seconds = time.perf_counter() - self._since
        self._observer.asked(QuestionObserved(outcome, seconds, confidence, self._steps))


class ForgettingWatch:
    """Watches one forgetting from now until it is durable."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._since = time.perf_counter()

    def ended(self, forgotten: Forgotten) -> None:
        """It is durable. Where nothing was there to be forgotten, nobody is told."""
        concepts = forgotten.statements + forgotten.entities
        if forgotten.sources or concepts:
            seconds = time.perf_counter() - self._since
            self._observer.forgot(
                ForgettingObserved(
                    forgotten.sources, concepts, forgotten.answers, seconds, forgotten.transaction
                )
            )


class LearningWatch:
    """Tells of a run that learns what its report has gained since it last told.

    `look` is called one call at a time, `step` at any time, from any thread; the observer always sees the
    context of the thread that made the watch.
    """

    def __init__(self, report: LearnReport, observer: Observer) -> None:
        self._report = report
        self._observer = observer
        self._context = copy_context()
        self._since = time.perf_counter()
        self._steps = deque[Step]()
        self._told = LearningObserved(0, 0, {}, 0, 0, 0.0)

    def step(self, name: str, seconds: float) -> None:
        """A step has been taken; it took so long."""
        now = time.time_ns()
        self._steps.append(Step(name, now - int(seconds * 1e9), now))

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
        )
        gained = LearningObserved(
            learned=whole.learned - told.learned,
            known=whole.known - told.known,
            refused=_gained(whole.refused, told.refused),
            failed=whole.failed - told.failed,
            concepts=whole.concepts - told.concepts,
            seconds=now - self._since,
            steps=[self._steps.popleft() for _ in range(len(self._steps))],
            transaction=report.transaction,
        )
        if gained.texts or gained.refused:
            self._told, self._since = whole, now
            self._context.run(self._observer.learned, gained)
        else:
            self._steps.extendleft(reversed(gained.steps))


def _gained(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {name: value - before.get(name, 0) for name, value in now.items() if value != before.get(name, 0)}


def _seconds(steps: Sequence[Step]) -> dict[str, float]:
    found: dict[str, float] = {}
    for step in steps:
        found[step.name] = found.get(step.name, 0.0) + (step.ended - step.began) / 1e9
    return found
