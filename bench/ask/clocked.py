"""A model with clocks, so that a benchmark can tell what it takes from what is taken beside it."""

from __future__ import annotations

import time
from typing import Any

__all__ = ["Clocked"]


class Clocked:
    """A model that does what it does. `seconds` is what its calls took, `busy` the processor time of the
    thread that made them."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.seconds = 0.0
        self.busy = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            started, busy = time.perf_counter(), time.thread_time()
            try:
                return found(*given, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.busy += time.thread_time() - busy

        return call
