"""The monitor that goes on: a run at once, then one every so many minutes, until it is told to end.

A run that fails is in its report; runs that are missed, because one took long, are not made up for.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from sutra_monitor.clock import Clock
from sutra_monitor.monitor import Monitor, Report

__all__ = ["run_continuously", "stopping"]


def run_continuously(
    monitor: Monitor, clock: Clock, interval_minutes: float, show: Callable[[Report], None]
) -> None:
    """Runs until the clock is stopped; shows each report."""
    interval = interval_minutes * 60
    due = clock.now()
    while True:
        show(monitor.run())
        now = clock.now()
        due += interval
        if not now <= due <= now + interval:  # it took longer, or somebody has set the clock
            due = now + interval if due > now else now
        if not clock.sleep(due - now):
            return


@contextmanager
def stopping(clock: Clock) -> Generator[None]:
    """SIGTERM and Ctrl-C stop the clock, and so end the next wait; the second of them ends at once."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        signal.signal(number, signal.SIG_DFL)
        clock.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
