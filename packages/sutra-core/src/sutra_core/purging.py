"""When the past ends and the bytes of what was forgotten go from the disk, without anybody asking for it."""

from __future__ import annotations

import threading
import time
import warnings
import weakref
from collections.abc import Callable

from sutra_core.errors import StoreClosedError, SutraError
from sutra_core.types import KnowledgeStore

__all__ = ["ExpiryClock", "PurgeClock", "UnpurgedWarning"]

_HOUR = 3600.0
_DAY = 24 * _HOUR
_AGAIN = _HOUR
"""Seconds after which what failed is tried again."""


class UnpurgedWarning(UserWarning):
    """What was forgotten long enough ago is still in the files of the store, because purging fails."""


class _Clock:
    """Calls a bound method at a time; it keeps nobody alive: when the method's object goes, so does it."""

    failure = ""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = weakref.WeakMethod(call)
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Calls nothing any more."""
        with self._lock:
            self._stopped = True
            if self._timer is not None:
                self._timer.cancel()

    def set(self, seconds: float) -> None:
        """Calls so many seconds from now, and at no time that was set before."""
        with self._lock:
            if self._stopped:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._due)
            self._timer.daemon = True
            self._timer.start()

    def called(self) -> None:
        """What is to be done once it was called."""

    def _due(self) -> None:
        call = self._call()
        if call is None or self._stopped:
            return
        try:
            call()
        except StoreClosedError:
            return
        except SutraError as error:
            warnings.warn(UnpurgedWarning(f"{self.failure}: {error}"), stacklevel=2)
            self.set(_AGAIN)
        else:
            self.called()


class PurgeClock(_Clock):
    """Calls `purge`, a bound method, once the oldest forgetting that is still on disk is `hours` old."""

    failure = "what was forgotten is still on disk"

    def __init__(self, hours: float, purge: Callable[[], object]) -> None:
        super().__init__(purge)
        self._seconds = hours * _HOUR

    def look(self, store: KnowledgeStore) -> None:
        """Sets the clock to what the store has forgotten and not purged yet."""
        waiting = [when for _, when in store.receipts(after=store.purged())]
        if waiting:
            self.set(max(min(waiting) / 1e6 + self._seconds - time.time(), 0.0))


class ExpiryClock(_Clock):
    """Calls `expire`, a bound method, an hour from now and then once a day."""

    failure = "what was retired long ago is still kept"

    def start(self) -> None:
        """Sets the clock: an hour, for who opens a store for less has other things to do."""
        self.set(_HOUR)

    def called(self) -> None:
        """Sets the clock to the next day."""
        self.set(_DAY)
