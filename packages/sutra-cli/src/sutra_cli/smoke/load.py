"""Many clients that learn and ask for a while, in the namespace of the smoke test.

Refusals (429, 503) are no errors: each client waits a second after one, and
sends nothing again.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sutra_client import Client, ServiceError
from sutra_core.errors import SutraError
from sutra_core.types import SourceDraft

__all__ = ["LoadFigures", "LoadReport", "run_load"]

_LEARN_EVERY = 5
"""One request of so many learns, the first of each client too; the others ask."""
_REFUSED = frozenset({429, 503})
_REFUSED_SECONDS = 1.0
_TIMEOUT_SECONDS = 70.0


@dataclass(slots=True)
class LoadFigures:
    """Requests of one kind: how long each that was answered took, the others by code or by status."""

    seconds: list[float] = field(default_factory=list[float])
    errors: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[int] = field(default_factory=Counter[int])

    def add(self, other: LoadFigures) -> None:
        """Counts those of another client too."""
        self.seconds += other.seconds
        self.errors += other.errors
        self.refused += other.refused

    def percentile(self, share: float) -> float | None:
        """The smallest time (seconds) that so great a share did not exceed; None without an answer."""
        if not self.seconds:
            return None
        ordered = sorted(self.seconds)
        return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


@dataclass(slots=True)
class LoadReport:
    """What was done in `seconds` by so many clients."""

    clients: int
    seconds: float
    learning: LoadFigures
    asking: LoadFigures

    @property
    def good(self) -> bool:
        """Whether something of each kind was answered, and nothing failed."""
        both = (self.learning, self.asking)
        return all(each.seconds and not each.errors for each in both)


def run_load(url: str, key: str | None, namespace: str, seconds: float, clients: int) -> LoadReport:
    """Lets so many clients learn and ask for so long; a request that has begun is waited for."""
    stopped = threading.Event()
    sides = [_LoadClient(number, _client(url, key, namespace), stopped) for number in range(clients)]
    started = time.perf_counter()
    for each in sides:
        each.start()
    try:
        stopped.wait(seconds)
    finally:
        stopped.set()
        for each in sides:
            each.join()
    report = LoadReport(clients, time.perf_counter() - started, LoadFigures(), LoadFigures())
    for each in sides:
        report.learning.add(each.learning)
        report.asking.add(each.asking)
    return report


class _LoadClient(threading.Thread):
    """One client: a thread that counts for itself."""

    def __init__(self, number: int, client: Client, stopped: threading.Event) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self.learning = LoadFigures()
        self.asking = LoadFigures()
        self._number = number
        self._client = client
        self._stopped = stopped
        self._learned = 0

    def run(self) -> None:
        """Learns and asks until it is told to stop."""
        with self._client:
            turn = 0
            while not self._stopped.is_set():
                learns = turn % _LEARN_EVERY == 0 or not self._learned
                self._do(self.learning if learns else self.asking, turn)
                turn += 1

    def _do(self, figures: LoadFigures, turn: int) -> None:
        started = time.perf_counter()
        try:
            if figures is self.learning:
                self._learn()
            else:
                self._client.ask(f"Who leads the {self._project(turn % self._learned)} project?")
        except ServiceError as error:
            if error.status in _REFUSED:
                figures.refused[error.status] += 1
                self._stopped.wait(_REFUSED_SECONDS)
            else:
                figures.errors[error.code] += 1
        except SutraError as error:
            figures.errors[error.code] += 1
        except (LookupError, ValueError):
            figures.errors["unexpected_answer"] += 1
        else:
            figures.seconds.append(time.perf_counter() - started)

    def _learn(self) -> None:
        text = f"Priya Raman {self._number}-{self._learned} leads the {self._project(self._learned)} project."
        report = self._client.learn_batch([SourceDraft(f"smoke/{self._project(self._learned)}.txt", text)])
        for refusal in report.refused:
            raise ServiceError(refusal.reason, code=refusal.code, status=422)
        self._learned += 1

    def _project(self, number: int) -> str:
        return f"Falcon {self._number}-{number}"


def _client(url: str, key: str | None, namespace: str) -> Client:
    return Client(url, api_key=key, namespace=namespace, timeout=_TIMEOUT_SECONDS, retries=0)
