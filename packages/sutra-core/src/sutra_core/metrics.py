"""What an engine measures of itself, over a sliding window. Names are those of the monitoring contract.

Keeps the last observations in memory; writes nothing.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

__all__ = ["Metrics"]

WINDOW = 1000


class Metrics:
    """Learning and asking as this process has seen them. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._learned: deque[tuple[int, float]] = deque(maxlen=WINDOW)
        self._items: deque[tuple[int, int]] = deque(maxlen=WINDOW)
        self._query_ms: deque[float] = deque(maxlen=WINDOW)
        self._confidence: deque[float] = deque(maxlen=WINDOW)
        self._failed: deque[bool] = deque(maxlen=WINDOW)

    def learned(self, *, concepts: int, items: int, refused: int, seconds: float) -> None:
        """One call that learned: new concepts, items taken and refused, and how long it took."""
        with self._lock:
            self._learned.append((concepts, seconds))
            self._items.append((items, refused))

    def asked(self, *, seconds: float, confidence: float | None) -> None:
        """One question answered; `confidence` is None for a refusal."""
        with self._lock:
            self._failed.append(False)
            self._query_ms.append(seconds * 1000)
            if confidence is not None:
                self._confidence.append(confidence)

    def failed_query(self) -> None:
        """One question that raised an error."""
        with self._lock:
            self._failed.append(True)

    def read(self) -> dict[str, float]:
        """The figures; those without an observation are left out."""
        with self._lock:
            found: dict[str, float] = {}
            if self._learned:
                seconds = sum(took for _, took in self._learned)
                concepts = sum(count for count, _ in self._learned)
                found["concepts_learned_per_second"] = concepts / seconds if seconds else 0.0
                latencies = [took * 1000 for _, took in self._learned]
                found["learning_latency_p95"] = float(np.percentile(latencies, 95))
            refused = sum(count for _, count in self._items)
            items = refused + sum(count for count, _ in self._items)
            if items:
                found["learning_error_rate"] = refused / items
            if self._query_ms:
                found["query_latency_p95"] = float(np.percentile(self._query_ms, 95))
            if self._confidence:
                found["query_confidence_avg"] = float(np.mean(self._confidence))
            if self._failed:
                found["query_error_rate"] = sum(self._failed) / len(self._failed)
            return found
