"""The time that the monitor goes by: all of it comes from one object, so that a test can make its own.

Measures nothing with it but days and minutes.
"""

from __future__ import annotations

import os
import select
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What the monitor asks for the time, and waits by."""

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        ...

    def sleep(self, seconds: float) -> bool:
        """Waits so long, or until `stop`; whether it waited to the end."""
        ...

    def stop(self) -> None:
        """Ends the wait that is under way, and every later one."""
        ...


class SystemClock:
    """The time of this machine. `stop` may be called by a signal's handler."""

    def __init__(self) -> None:
        # A pipe, as nothing that takes a lock may be called by the handler of a signal.
        self._stopped, self._stop = os.pipe()

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        return time.time()

    def sleep(self, seconds: float) -> bool:
        """Waits so long, or until `stop`; whether it waited to the end."""
        ready, _, _ = select.select([self._stopped], [], [], max(0.0, seconds))
        return not ready

    def stop(self) -> None:
        """Ends the wait that is under way, and every later one."""
        os.write(self._stop, b".")
