"""Threads that take what others leave of the processors.

On Linux threads have priorities of their own, which those have that start them; elsewhere all have the
process's, and learning that gives way (`sutra_core.turns`) is what keeps questions quick.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

__all__ = ["at_low_priority", "lower_priority"]

_NICE = 19


def lower_priority() -> None:
    """Gives the thread that calls, and those that it starts, what others leave."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def at_low_priority(work: Callable[[], None], threads: int) -> None:
    """Calls `work` on so many threads of low priority at once; returns when all have returned.

    The threads are new ones: none outlives the call, and an interpreter that ends waits for none that idles.
    What one of them raises is raised here, once the others have returned.
    """
    errors: list[BaseException] = []

    def call() -> None:
        lower_priority()
        try:
            work()
        except BaseException as error:  # noqa: BLE001  (raised by the thread that waits)
            errors.append(error)

    started = [
        threading.Thread(target=call, name=f"background-{number}", daemon=True) for number in range(threads)
    ]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    if errors:
        raise errors[0]
