"""What was measured over a sliding window. Names are those of the monitoring contract.

Keeps the last observations in memory, without their steps; writes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from sutra_core.observing import ForgettingObserved, LearningObserved, QuestionObserved

__all__ = ["WINDOW", "WINDOW_SECONDS", "Metrics"]

WINDOW_SECONDS = 900.0
"""How long an observation counts."""
WINDOW = 10_000
"""How many observations of a kind count at most, the last ones."""

_T = TypeVar("_T")


class Metrics:
    """Learning and asking as they were observed. Safe to use from many threads.

    `clock` gives seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._learned: deque[tuple[float, LearningObserved]] = deque(maxlen=WINDOW)
        self._asked: deque[tuple[float, QuestionObserved]] = deque(maxlen=WINDOW)

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled."""
        with self._lock:
            self._learned.append((self._clock(), replace(observed, steps=())))

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        with self._lock:
            self._asked.append((self._clock(), replace(observed, steps=())))

    def forgot(self, observed: ForgettingObserved) -> None:
        """Something was forgotten, of which the window has no figure."""

    def read(self) -> dict[str, float]:
        """The figures of the window; those without an observation are left out."""
        with self._lock:
            oldest = self._clock() - WINDOW_SECONDS
            learned, asked = _since(oldest, self._learned), _since(oldest, self._asked)
        return {**_of_learning(learned), **_of_asking([each for _, each in asked])}


def _of_learning(observed: Sequence[tuple[float, LearningObserved]]) -> dict[str, float]:
    found: dict[str, float] = {}
    durable = [(each.seconds / each.texts, each.learned + each.known) for _, each in observed if each.texts]
    settled = sum(texts for _, texts in durable)
    failed = sum(each.failed for _, each in observed)
    if settled:
        busy = _covered((at - each.seconds, at) for at, each in observed)
        concepts = sum(each.concepts for _, each in observed)
        found["concepts_learned_per_second"] = concepts / busy if busy else 0.0
        found["learning_latency_p95"] = 1000 * _percentile(durable, 0.95)
    if settled + failed:
        found["learning_error_rate"] = failed / (settled + failed)
    return found


def _of_asking(observed: Sequence[QuestionObserved]) -> dict[str, float]:
    found: dict[str, float] = {}
    seconds = [each.seconds for each in observed if each.outcome != "failed"]
    confidence = [each.confidence for each in observed if each.confidence is not None]
    if seconds:
        found["query_latency_p95"] = 1000 * float(np.percentile(seconds, 95))
    if confidence:
        found["query_confidence_avg"] = float(np.mean(confidence))
    if observed:
        found["query_error_rate"] = sum(each.outcome == "failed" for each in observed) / len(observed)
    return found


def _since(oldest: float, observed: deque[tuple[float, _T]]) -> list[tuple[float, _T]]:
    while observed and observed[0][0] < oldest:
        observed.popleft()
    return list(observed)


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """How long one span at least went on: what is done at the same time counts once."""
    covered, end = 0.0, float("-inf")
    for begin, until in sorted(spans):
        covered += max(0.0, until - max(begin, end))
        end = max(end, until)
    return covered


def _percentile(weighted: Iterable[tuple[float, int]], share: float) -> float:
    """The smallest value that so great a share of the weight does not exceed."""
    values, weights = np.array(sorted(weighted)).T
    reached = np.cumsum(weights)
    return float(values[np.searchsorted(reached, share * reached[-1])])
