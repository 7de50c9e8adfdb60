"""Responses that stay open until their reader leaves or the service stops: how many there are, and their end.

Of the event loop's thread alone.
"""

from __future__ import annotations

import asyncio

from sutra_api.gate import BusyError

__all__ = ["Streams"]

_OPEN_MAX = 256


class Streams:
    """The open streams of a service, at most `open_max`."""

    def __init__(self, open_max: int = _OPEN_MAX) -> None:
        self._open_max = open_max
        self._stopping = asyncio.Event()
        self.open = 0
        """How many there are."""

    def enter(self) -> None:
        """Counts one more; raises `BusyError` where there are enough. `leave` takes it away."""
        if self.open >= self._open_max:
            raise BusyError(f"{self.open} streams are open already; close one, or try again later")
        self.open += 1

    def leave(self) -> None:
        """Counts one less."""
        self.open -= 1

    def stop(self) -> None:
        """Lets every stream end: the service stops."""
        self._stopping.set()

    async def pause(self, seconds: float) -> bool:
        """Waits, and says whether to go on: not where the service stops."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False
