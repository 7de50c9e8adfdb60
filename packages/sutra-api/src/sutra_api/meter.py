"""What the service counts and times: requests, learning, asking; in Prometheus' terms and over a window.

Keeps everything in memory, from the start of the process. Holds names and numbers, and nothing that anybody
sent. What can be looked at when it is wanted (disk, memory, stores) is in `gauges`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest

from sutra_core.daily_log import fields
from sutra_core.metrics import Metrics
from sutra_core.observing import ForgettingObserved, LearningObserved, Observer, QuestionObserved

__all__ = ["Counted", "Meter", "method_name"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
# Transactions whose concepts are remembered one by one.
_RECENT = 1000
_log = logging.getLogger(__name__)

# When a series was made is told by nothing that reads it, and would be every third line.
disable_created_metrics()


def method_name(method: str) -> str:
    """The method of a request, where it is one: else what stands in its place is the caller's."""
    return method if method in _METHODS else "other"


class Counted(NamedTuple):
    """Concepts that were learned, and concepts that were forgotten."""

    learned: int = 0
    forgotten: int = 0

    def and_then(self, other: Counted) -> Counted:
        """Both together."""
        return Counted(self.learned + other.learned, self.forgotten + other.forgotten)


class Meter:
    """Counts and times. Safe to use from many threads. With `enabled` false it counts nothing."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self.started = time.time()
        self.window = Metrics()
        """The figures of the monitoring contract, over all namespaces and the last minutes."""
        self.registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._namespaces: dict[str, _NamespaceMeter] = {}
        ProcessCollector(registry=self.registry)
        self._build = Gauge("sutra_build_info", "The version that runs.", ["version"], registry=self.registry)
        self._build.labels(version("sutra-api")).set(1)
        self.requests = _Requests(self.registry)
        self.learning = _Learning(self.registry)
        self.asking = _Asking(self.registry)

    def observer(self, namespace: str) -> Observer | None:
        """Who is told what is done in a namespace."""
        if not self.enabled:
            return None
        with self._lock:
            return self._namespaces.setdefault(namespace, _NamespaceMeter(self, namespace))

    def counted(self, namespace: str) -> tuple[Counted, float | None]:
        """Concepts that came and went in a namespace, and since when (seconds since 1970) they are counted;
        None where nobody counts them.
        """
        with self._lock:
            found = self._namespaces.get(namespace)
        return (found.concepts, found.since) if found else (Counted(), None)

    def counted_by(self, namespace: str, transaction: int) -> Counted | None:
        """Concepts that came and went in a namespace up to a transaction; None as long as what one of these
        has done is not counted yet."""
        with self._lock:
            found = self._namespaces.get(namespace)
        return found.counted_by(transaction) if found else Counted()

    def forget(self, namespace: str) -> None:
        """Ends the counts of a namespace that is no more."""
        with self._lock:
            self._namespaces.pop(namespace, None)
        self.learning.forget(namespace)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Requests:
    """HTTP requests, by method and route."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter(
            "sutra_http_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "sutra_http_request_duration_seconds",
            "How long requests took, to the last byte of the answer.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.running = Gauge(
            "sutra_http_requests_in_progress", "Requests that run or wait.", registry=registry
        )
        self._refused = Counter(
            "sutra_requests_refused",
            "Requests that were refused, by the problem's code.",
            ["code"],
            registry=registry,
        )

    def ended(self, method: str, route: str, status: int, seconds: float, code: str | None) -> None:
        """A request was answered; `code` is the problem's, if it was one that refuses."""
        name = method_name(method)
        self._ended.labels(name, route, str(status)).inc()
        self._seconds.labels(name, route).observe(seconds)
        if code:
            self._refused.labels(code).inc()


class _Learning:
    """Texts that were settled."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._learned = Counter(
            "sutra_texts_learned", "Texts that were new, and are durable.", registry=registry
        )
        self._known = Counter("sutra_texts_known", "Texts that were known already.", registry=registry)
        self._refused = Counter(
            "sutra_texts_refused", "Texts that cannot be learned, by code.", ["code"], registry=registry
        )
        self._failed = Counter("sutra_texts_failed", "Texts that a fault kept out.", registry=registry)
        self._concepts = Counter(
            "sutra_concepts_learned", "Concepts that were new.", ["namespace"], registry=registry
        )
        self._forgotten = Counter(
            "sutra_concepts_forgotten", "Concepts that were forgotten.", ["namespace"], registry=registry
        )
        self._seconds = Histogram(
            "sutra_learning_duration_seconds",
            "A text's share of the time in which texts were learned together.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "sutra_learning_stage_duration_seconds",
            "A text's share of each step of learning.",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )

    def begin(self, namespace: str) -> None:
        """Shows a namespace at 0, so that its first concepts are seen as a rise."""
        self._concepts.labels(namespace)
        self._forgotten.labels(namespace)

    def observe(self, namespace: str, observed: LearningObserved) -> None:
        """Texts were settled."""
        self._learned.inc(observed.learned)
        self._known.inc(observed.known)
        self._failed.inc(observed.failed)
        self._concepts.labels(namespace).inc(observed.concepts)
        for code, count in observed.refused.items():
            self._refused.labels(code).inc(count)
        for _ in range(texts := observed.texts):
            self._seconds.observe(observed.seconds / texts)
        for stage, seconds in observed.stage_seconds.items():
            if texts:
                self._stages.labels(stage).observe(seconds / texts)

    def observe_forgetting(self, namespace: str, observed: ForgettingObserved) -> None:
        """Something was forgotten."""
        self._forgotten.labels(namespace).inc(observed.concepts)

    def forget(self, namespace: str) -> None:
        """Ends the counts of a namespace."""
        self._concepts.remove(namespace)
        self._forgotten.remove(namespace)


class _Asking:
    """Questions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._questions = Counter("sutra_questions", "Questions, by outcome.", ["outcome"], registry=registry)
        for outcome in ("answered", "unknown", "failed"):
            self._questions.labels(outcome)
        self._seconds = Histogram(
            "sutra_query_duration_seconds",
            "How long the engine worked on a question.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "sutra_query_stage_duration_seconds",
            "How long each step of a question took.",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )
        self._confidence = Histogram(
            "sutra_query_confidence_ratio",
            "The confidence of answers that were given.",
            buckets=_CONFIDENCE,
            registry=registry,
        )

    def observe(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        self._questions.labels(observed.outcome).inc()
        if observed.outcome != "failed":
            self._seconds.observe(observed.seconds)
        if observed.confidence is not None:
            self._confidence.observe(observed.confidence)
        for stage, seconds in observed.stage_seconds.items():
            self._stages.labels(stage).observe(seconds)


class _NamespaceMeter:
    """Told of one namespace: counts, and logs it."""

    def __init__(self, meter: Meter, namespace: str) -> None:
        self._meter = meter
        self._namespace = namespace
        self._lock = threading.Lock()
        self.concepts = Counted()
        self.since = time.time()
        self._settled = 0
        """All transactions up to this one are counted."""
        self._recent: dict[int, Counted] = {}
        """The concepts of the last transactions."""
        meter.learning.begin(namespace)

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled."""
        with self._lock:
            gained = Counted(learned=observed.concepts)
            self.concepts = self.concepts.and_then(gained)
            if observed.learned:
                self._count(observed.transaction, gained)
        self._meter.window.learned(observed)
        self._meter.learning.observe(self._namespace, observed)
        _log.info(
            "learned",
            extra=fields(
                namespace=self._namespace,
                learned=observed.learned,
                known=observed.known,
                refused=observed.refused,
                failed=observed.failed,
                concepts=observed.concepts,
                seconds=round(observed.seconds, 6),
                stages=_rounded(observed.stage_seconds),
            ),
        )

    def forgot(self, observed: ForgettingObserved) -> None:
        """Something was forgotten, durably."""
        with self._lock:
            lost = Counted(forgotten=observed.concepts)
            self.concepts = self.concepts.and_then(lost)
            self._count(observed.transaction, lost)
        self._meter.learning.observe_forgetting(self._namespace, observed)
        _log.info(
            "forgot",
            extra=fields(
                namespace=self._namespace,
                sources=observed.sources,
                concepts=observed.concepts,
                answers=observed.answers,
                seconds=round(observed.seconds, 6),
                transaction=observed.transaction,
            ),
        )

    def counted_by(self, transaction: int) -> Counted | None:
        """Concepts up to a transaction; None while one of them is not counted yet."""
        with self._lock:
            if self._recent and transaction > self._settled:
                return None
            later = [count for at, count in self._recent.items() if at > transaction]
            return Counted(
                self.concepts.learned - sum(each.learned for each in later),
                self.concepts.forgotten - sum(each.forgotten for each in later),
            )

    def _count(self, transaction: int, concepts: Counted) -> None:
        """Batches may be told of in any order: a transaction is settled when all before it are."""
        if not self._recent:
            self._settled = transaction - 1
        self._recent[transaction] = self._recent.get(transaction, Counted()).and_then(concepts)
        while self._settled + 1 in self._recent:
            self._settled += 1
        for old in [at for at in self._recent if at <= self._settled - _RECENT]:
            del self._recent[old]

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        self._meter.window.asked(observed)
        self._meter.asking.observe(observed)
        _log.info(
            "asked",
            extra=fields(
                namespace=self._namespace,
                outcome=observed.outcome,
                confidence=observed.confidence,
                seconds=round(observed.seconds, 6),
                stages=_rounded(observed.stage_seconds),
            ),
        )


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(took, 6) for stage, took in seconds.items()}
