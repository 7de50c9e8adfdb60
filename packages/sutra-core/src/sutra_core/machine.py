"""How full this machine is: memory, processors, disk. Names are those of the monitoring contract.

Where a control group allows this process less than the machine has, its limit counts. Writes nothing, keeps
no history, and never waits unless it is told to.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from sutra_core.cgroup import ControlGroup, ProcessorLimit

__all__ = ["Machine", "machine_figures"]

_SECONDS_MIN = 1.0
"""Over less time the share of processors says little."""


class _Moment(NamedTuple):
    """What was used up to some time: of the machine's processors, and of the narrowest limit."""

    at: float
    busy: float
    total: float
    limit: ProcessorLimit | None


class Machine:
    """The figures of this machine. Safe to use from many threads."""

    def __init__(
        self,
        group: ControlGroup | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._group = group or ControlGroup()
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._before = self._now()
        self._processors: float | None = None

    def figures(self, folder: Path, *, wait: bool = False) -> dict[str, float]:
        """`memory_usage_percent`, `cpu_usage_percent` and `disk_space_free_gb` of the folder's disk.

        The processors' is over the time since it was last measured, a second at least; before the first
        second has passed it is left out, or (`wait`) waited for. Raises `OSError` where there is no folder.
        """
        found = {
            "memory_usage_percent": self._memory(),
            "disk_space_free_gb": shutil.disk_usage(folder).free / 1e9,
        }
        with self._lock:
            rest = self._before.at + _SECONDS_MIN - self._clock()
            if rest > 0 and wait and self._processors is None:
                self._sleep(rest)
                rest = 0.0
            if rest <= 0:
                now = self._now()
                self._processors = _percent(self._before, now)
                self._before = now
            if self._processors is not None:
                found["cpu_usage_percent"] = self._processors
        return found

    def _memory(self) -> float:
        machine = psutil.virtual_memory()
        shares = [100 * each.used / each.limit for each in self._group.memory() if each.limit < machine.total]
        return max([machine.percent, *shares])

    def _now(self) -> _Moment:
        times = psutil.cpu_times()._asdict()
        # What guests use is in the time of users already.
        total = sum(value for name, value in times.items() if not name.startswith("guest"))
        busy = total - times.get("idle", 0.0) - times.get("iowait", 0.0)
        here = psutil.cpu_count() or 1
        limits = (each for each in self._group.processors() if each.processors < here)
        narrowest = min(limits, key=lambda each: each.processors, default=None)
        return _Moment(self._clock(), busy, total, narrowest)


def machine_figures(folder: Path, *, wait: bool = False) -> dict[str, float]:
    """The figures of this machine and of the disk that holds `folder`; see `Machine.figures`."""
    return _MACHINE.figures(folder, wait=wait)


def _percent(before: _Moment, now: _Moment) -> float:
    """The share of the processors that was used between two moments."""
    total = now.total - before.total
    shares = [(now.busy - before.busy) / total] if total > 0 else [0.0]
    if before.limit and now.limit and before.limit.processors == now.limit.processors:
        allowed = (now.at - before.at) * now.limit.processors
        shares.append((now.limit.seconds - before.limit.seconds) / allowed if allowed > 0 else 0.0)
    return 100 * min(1.0, max(0.0, *shares))


_MACHINE = Machine()
"""Of this process: all who ask share what was measured last."""
