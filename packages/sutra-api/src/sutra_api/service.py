"""What the service is made of, beside HTTP: its stores, its threads, its keys and its limits.

One object for a process, made before the first request and closed after the last.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TypeVar

from sutra_api.checks import Checks
from sutra_api.gate import ASKING, LEARNING, LOOKING, WATCHING, Gate
from sutra_api.gauges import Gauges
from sutra_api.jobs import Jobs
from sutra_api.keys import Keys
from sutra_api.learning import Learning
from sutra_api.limits import Limits
from sutra_api.logs import Logs
from sutra_api.meter import Meter
from sutra_api.namespaces import DEFAULT, FOLDER, Namespaces
from sutra_api.once import Once
from sutra_api.persistence import PersistenceTest
from sutra_api.schedule import Schedule
from sutra_api.state import State
from sutra_api.streams import Streams
from sutra_api.traces import open_traces
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import SutraError
from sutra_core.observing import Observer, Observers
from sutra_core.shared import Shared

__all__ = ["Service"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

_LOOKING_THREADS = 4
_FAILURES_A_MINUTE = 60
_TIDY_SECONDS = 30
_HOUR = 3600


class Service:
    """A service over one storage folder. `shared` replaces the models that the configuration names; `logs` is
    where this process logs, and is the caller's.
    """

    def __init__(
        self, config: ReasoningEngineConfig, shared: Shared | None = None, logs: Logs | None = None
    ) -> None:
        self.config = config
        self.shared = shared or Shared(config)
        processors = os.cpu_count() or 1
        threads = {ASKING: processors, LOOKING: _LOOKING_THREADS, LEARNING: 2, WATCHING: 1}
        self.gate = Gate(threads, waiting_max=config.api_waiting_max, seconds_max=config.api_seconds_max)
        self.streams = Streams()
        self.meter = Meter(enabled=config.metrics)
        self.traces = open_traces(config)
        self.namespaces = Namespaces(config, self.shared, self._observer)
        self.learning = Learning(self.namespaces, self.gate, config.batch_size)
        self.state = State(config.storage_path)
        self.keys = Keys(self.state)
        self.once = Once(self.state, self.gate)
        self.jobs = Jobs(self.state, self.namespaces, config.storage_path, config.backup_url)
        self.limits = Limits(_per_minute(config))
        self.checks = Checks(config, self.state, self.namespaces)
        self.persistence = PersistenceTest(config, self.shared, config.storage_path / FOLDER)
        self.gauges = Gauges(
            config, self.namespaces, self.checks, self.persistence, self.gate, self.jobs, logs
        )
        self.meter.registry.register(self.gauges)
        self._schedule = Schedule()
        self._schedule.every(_TIDY_SECONDS, self.namespaces.close_idle)
        self._schedule.every(_HOUR, self.once.forget_old)
        if config.health_checks:
            self._schedule.every(config.health_check_interval, self.checks.look_at_the_disk)
            self._schedule.every(config.health_check_interval, self.checks.look_at_samples)
            self._schedule.every(config.health_check_interval, self.checks.verify_what_is_due)
        self.is_ready = False

    def open(self) -> None:
        """Opens the default namespace, and writes the administrator's key where there is none.

        Raises what opening a store raises: `StoreLockedError`, `StoreCorruptError` and others.
        """
        if self.config.api_authentication == "on":
            self.keys.write_admin(self.config.storage_path)
        with self.namespaces.engine(DEFAULT):
            pass

    def start(self) -> None:
        """Begins what is done from time to time, and the jobs that were left; `open` comes first."""
        self.jobs.start()
        self._schedule.start()

    def warm_up(self) -> None:
        """Opens the models before the first question; what is missing is said."""
        try:
            with self.namespaces.engine(DEFAULT) as engine:
                _ = engine.embedder, engine.reader
        except SutraError as error:
            _log.warning("%s: %s", error.code, error)
        self.is_ready = True

    def reload(self, config: ReasoningEngineConfig) -> None:
        """Takes the limits of a configuration, and the keys as they are now."""
        self.limits.set(_per_minute(config))
        self.keys.reload()

    async def work(self, kind: str, namespace: str, work: Callable[[ReasoningEngine], _T]) -> _T:
        """What the work returns or raises, done with a namespace's engine by a thread of its kind."""

        def done() -> _T:
            with self.namespaces.engine(namespace) as engine:
                return work(engine)

        return await self.gate.run(kind, done)

    async def change(self, namespace: str, work: Callable[[ReasoningEngine], _T]) -> _T:
        """The same of work that changes what is stored: once it is in the line it is done, and its caller
        waits for it, however long it takes. Raises `BusyError` where the line is full.
        """

        def done() -> _T:
            with self.namespaces.engine(namespace) as engine:
                return work(engine)

        self.gate.enter()
        try:
            return await self.gate.run_at_once(LEARNING, done)
        finally:
            self.gate.leave()

    def close(self) -> None:
        """Ends what runs, makes everything durable, and lets go of the folder."""
        self._schedule.close()
        self.jobs.close()
        self.gate.close()
        self.namespaces.close()
        self.shared.close()
        self.state.close()
        if self.traces:
            self.traces.close()

    def _observer(self, namespace: str) -> Observer:
        told = [self.meter.observer(namespace), *([self.traces.observer(namespace)] if self.traces else [])]
        return Observers([each for each in told if each is not None])


def _per_minute(config: ReasoningEngineConfig) -> dict[str, int]:
    return {
        "learn": config.rate_limit_learn,
        "reason": config.rate_limit_reason,
        "search": config.rate_limit_reason,
        "unauthenticated": _FAILURES_A_MINUTE,
    }
