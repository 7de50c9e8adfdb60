"""When the bytes of what was forgotten go from the disk: some hours later, or when somebody asks for it."""

from __future__ import annotations

import threading
import time
import warnings
import weakref
from collections.abc import Callable

from sutra_core.errors import StoreClosedError, SutraError
from sutra_core.types import KnowledgeStore

__all__ = ["PurgeClock", "UnpurgedWarning"]

_HOUR = 3600.0
_AGAIN = _HOUR
"""Seconds after which a purge that failed is tried again."""


class UnpurgedWarning(UserWarning):
    """What was forgotten long enough ago is still in the files of the store, because purging fails."""


class PurgeClock:
    """Calls `purge`, a bound method, once the oldest forgetting that is still on disk is `hours` old.

    It keeps nobody alive: when the method's object goes, so does the clock.
    """

    def __init__(self, hours: float, purge: Callable[[], object]) -> None:
        self._seconds = hours * _HOUR
        self._purge = weakref.WeakMethod(purge)
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def look(self, store: KnowledgeStore) -> None:
        """Sets the clock to what the store has forgotten and not purged yet."""
        waiting = [when for _, when in store.receipts(after=store.purged())]
        if waiting:
            self._set(max(min(waiting) / 1e6 + self._seconds - time.time(), 0.0))

    def stop(self) -> None:
        """Purges nothing any more."""
        with self._lock:
            self._stopped = True
            if self._timer is not None:
                self._timer.cancel()

    def _set(self, seconds: float) -> None:
        with self._lock:
            if self._stopped:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._due)
            self._timer.daemon = True
            self._timer.start()

    def _due(self) -> None:
        purge = self._purge()
        if purge is None or self._stopped:
            return
        try:
            purge()
        except StoreClosedError:
            return
        except SutraError as error:
            warnings.warn(UnpurgedWarning(f"what was forgotten is still on disk: {error}"), stacklevel=2)
            self._set(_AGAIN)
