"""What the service checks by itself, from time to time: how the disk is, and that every store is whole.

A store is verified once a day: everything is read, every reference looked at, every hash computed. What was
found is kept in the state, so that a restart neither forgets it nor begins anew. Between two of these, some
of what each open store holds is read. Changes nothing.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sutra_api.namespaces import Namespaces, UnknownNamespaceError
from sutra_api.state import State
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import StoreIOError, SutraError

__all__ = ["CheckStatus", "Checks"]

_DAY = 24 * 3600
_DISK_LOW_GB = 5.0
_FAULTS_LOGGED = 10
_SAMPLE = 100
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """Whether a store is whole as far as it was looked at, and when all of it was (seconds since 1970; None
    where it never was).
    """

    valid: bool
    made: float | None

    def age(self) -> float | None:
        """Seconds since all of it was looked at."""
        return None if self.made is None else max(0.0, time.time() - self.made)


class Checks:
    """The checks of a service. Safe to use from many threads."""

    def __init__(self, config: ReasoningEngineConfig, state: State, namespaces: Namespaces) -> None:
        self._config = config
        self._state = state
        self._namespaces = namespaces
        self._lock = threading.Lock()
        self._sampled: dict[str, bool] = {}
        """Whether the last sample of a namespace was without a fault."""

    def status(self, namespace: str) -> CheckStatus | None:
        """How a namespace is; None where nothing of it was looked at yet."""
        return self._statuses().get(namespace)

    def statuses(self) -> dict[str, CheckStatus]:
        """How each namespace is that is open, and each that is not whole, be it open or not."""
        open_now = set(self._namespaces.open_names())
        return {
            name: status
            for name, status in self._statuses().items()
            if name in open_now or (not status.valid and self._namespaces.exists(name))
        }

    def _statuses(self) -> dict[str, CheckStatus]:
        """How each namespace is that was looked at."""
        with self._lock:
            found = {name: CheckStatus(valid, None) for name, valid in self._sampled.items()}
        try:
            rows = self._state.read("SELECT * FROM verifications")
        except StoreIOError as error:
            _log.warning("it cannot be read what was verified: %s", error)
            rows = []
        for row in rows:
            sampled = found.get(row["namespace"])
            whole = row["faults"] == 0 and (sampled is None or sampled.valid)
            found[row["namespace"]] = CheckStatus(whole, row["made"])
        return found

    def of(self, namespace: str) -> dict[str, float]:
        """The same by the names of the monitoring contract: 1 for nothing wrong, 0 for faults; its age."""
        status = self.status(namespace)
        if status is None:
            return {}
        found = {"checksum_validation_status": float(status.valid)}
        if (age := status.age()) is not None:
            found["checksum_validation_age_seconds"] = age
        return found

    def look_at_the_disk(self) -> None:
        """Warns where there is little room left."""
        free = shutil.disk_usage(self._config.storage_path).free / 1e9
        if free < _DISK_LOW_GB:
            _log.warning("%.1f GB of disk are free for %s; make room", free, self._config.storage_path)

    def look_at_samples(self) -> None:
        """Reads some of what each open namespace holds."""
        found = self._namespaces.of_open(_faults_of_sample)
        for name, faults in found.items():
            self._tell(name, faults)
        with self._lock:
            self._sampled = {name: not faults for name, faults in found.items()}

    def verify_what_is_due(self) -> None:
        """Verifies each namespace that was not verified for a day, and each that was not whole: it may have
        been repaired.
        """
        rows = self._state.read("SELECT * FROM verifications WHERE faults = 0")
        made = {row["namespace"]: row["made"] for row in rows}
        for name in self._namespaces.names():
            # Later than now is no time that was: somebody has set the clock.
            if name not in made or not 0 <= time.time() - made[name] < _DAY:
                self._verify(name)

    def forget(self, namespace: str) -> None:
        """Forgets what was found of a namespace that is no more."""
        with self._lock:
            self._sampled.pop(namespace, None)
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM verifications WHERE namespace = ?", (namespace,))

    def _verify(self, namespace: str) -> None:
        with ExitStack() as held:  # nobody deletes it before what was found is kept
            try:
                faults = held.enter_context(self._namespaces.engine(namespace)).verify().faults
            except UnknownNamespaceError:
                return  # deleted meanwhile
            except SutraError as error:
                faults = [f"{error.code}: {error}"]
            self._tell(namespace, faults)
            with self._state.transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO verifications VALUES (?, ?, ?)",
                    (namespace, time.time(), len(faults)),
                )

    def _tell(self, namespace: str, faults: Sequence[str]) -> None:
        for fault in faults[:_FAULTS_LOGGED]:
            _log.error("the namespace %s is not whole: %s", namespace, fault)


def _faults_of_sample(engine: ReasoningEngine) -> list[str]:
    try:
        return engine.verify(sample=_SAMPLE).faults
    except SutraError as error:
        return [f"{error.code}: {error}"]
