"""A monitor over the stand-in of a service, with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitored import KEY, Monitored

from sutra_monitor.database import Database
from sutra_monitor.log import MonitorLog
from sutra_monitor.monitor import Monitor
from sutra_monitor.settings import Settings, load_settings
from sutra_monitor.target import ServiceTarget

NOON = 1_767_268_800.0
"""2026-01-01 12:00 UTC."""


class FakeClock:
    """Time that passes when it is slept; it stops after `sleeps_max` sleeps."""

    def __init__(self, sleeps_max: int = 0) -> None:
        self.time = NOON
        self.slept: list[float] = []
        self.sleeps_max = sleeps_max
        self.stopped = False

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> bool:
        if self.stopped or len(self.slept) >= self.sleeps_max:
            return False
        self.slept.append(seconds)
        self.time += seconds
        return True

    def stop(self) -> None:
        self.stopped = True


@contextmanager
def monitor_of(
    service: Monitored | str, folder: Path, clock: FakeClock, settings: Settings | None = None
) -> Iterator[Monitor]:
    """A monitor of a service (or of a URL), whose state is in the folder."""
    url = service if isinstance(service, str) else service.url
    with Database(folder) as database, MonitorLog(folder, clock) as log:
        yield Monitor(ServiceTarget(url, KEY), settings or load_settings(), database, log, clock)
