"""Where requests wait for their turn: a few threads for the work, and a bounded line before them.

The event loop never works itself. First come, first served, so that nobody waits much longer than others;
who comes when the line is full is sent away at once, and who has waited too long is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from sutra_core.errors import SutraError

__all__ = ["ASKING", "LEARNING", "LOOKING", "WATCHING", "BusyError", "Gate", "TimeoutExceededError"]

_T = TypeVar("_T")

ASKING = "asking"
"""Work that embeds and reads: as many threads as processors."""
LEARNING = "learning"
"""Work that learns texts, one batch embedded while another is written, and work that forgets."""
LOOKING = "looking"
"""Work that only looks: what is stored, and searches by words."""
WATCHING = "watching"
"""Work that measures the service itself: it waits for no other, however much there is to do."""


class BusyError(SutraError):
    """Too many requests wait already."""

    code = "too_busy"


class TimeoutExceededError(SutraError):
    """A request took longer than it may."""

    code = "timeout"


class Gate:
    """Threads for each kind of work, and one bound, `waiting_max`, on all that waits. Work is done in the
    context of whoever brought it.

    `seconds_max` bounds how long a request may take, its waiting included. What has begun when the time is
    over goes on, and nobody hears of it.
    """

    def __init__(self, threads: Mapping[str, int], *, waiting_max: int, seconds_max: float) -> None:
        self._pools = {kind: ThreadPoolExecutor(count, kind) for kind, count in threads.items()}
        self._waiting_max = waiting_max
        self._seconds_max = seconds_max
        self.waiting = 0
        """How many wait; of the event loop's thread alone."""

    def enter(self) -> None:
        """Takes a place in the line; raises `BusyError` where it is full. `leave` gives it back."""
        if self.waiting >= self._waiting_max:
            raise BusyError(f"{self.waiting} requests wait already; try again in a moment")
        self.waiting += 1

    def leave(self) -> None:
        """Gives a place in the line back."""
        self.waiting -= 1

    async def run(self, kind: str, work: Callable[[], _T]) -> _T:
        """What the work returns or raises, done by a thread of its kind.

        Raises `BusyError` where the line is full, and `TimeoutExceededError`.
        """
        self.enter()
        loop = asyncio.get_running_loop()
        left = False

        def begin() -> None:
            nonlocal left
            if not left:
                left = True
                self.leave()

        def begun() -> _T:
            loop.call_soon_threadsafe(begin)
            return work()

        future: Future[_T] = self._pools[kind].submit(copy_context().run, begun)
        try:
            async with asyncio.timeout(self._seconds_max):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if future.done() and not future.cancelled() and isinstance(future.exception(), TimeoutError):
                raise
            raise self._too_long() from None
        finally:
            begin()

    async def in_time(self, result: asyncio.Future[_T]) -> _T:
        """A result that is worked out elsewhere; raises `TimeoutExceededError` where it takes too long."""
        try:
            async with asyncio.timeout(self._seconds_max):
                return await asyncio.shield(result)
        except TimeoutError:
            if result.done():
                return result.result()
            raise self._too_long() from None

    def _too_long(self) -> TimeoutExceededError:
        return TimeoutExceededError(
            f"it took longer than {self._seconds_max:g} seconds; try again when there is less to do"
        )

    async def run_at_once(self, kind: str, work: Callable[[], _T]) -> _T:
        """What the work returns or raises, without a place in the line and without a bound on its time."""
        return await asyncio.wrap_future(self._pools[kind].submit(copy_context().run, work))

    def close(self) -> None:
        """Ends the threads, once what they do is done; what has not begun is dropped."""
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)
