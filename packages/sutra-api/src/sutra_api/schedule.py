"""What the service does from time to time, by a scheduler with a thread of its own.

A run that takes longer than its interval is not begun twice; one that fails is logged, and tried again.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

__all__ = ["Schedule"]


class Schedule:
    """Work that is done again and again, from `start` until `close`."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def every(self, seconds: float, work: Callable[[], object]) -> None:
        """Does the work every so many seconds; what was missed is done once."""
        self._scheduler.add_job(work, "interval", seconds=seconds, coalesce=True, max_instances=1)

    def start(self) -> None:
        """Begins."""
        self._scheduler.start()

    def close(self) -> None:
        """Begins nothing any more, and waits for what runs."""
        if self._scheduler.running:
            self._scheduler.shutdown()
