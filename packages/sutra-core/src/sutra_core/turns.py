"""Whose turn it is: questions go first, and learning waits between two of its slices.

Learning is cut into slices of some milliseconds (one text read, one passage embedded) and gives way
before each of them, so that a question finds the processors free after one slice at most. However many
questions come, learning goes on: it waits `GIVE_WAY_SECONDS` at most for each slice.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["GIVE_WAY_SECONDS", "TURNS", "Turns"]

GIVE_WAY_SECONDS = 0.1


class Turns:
    """Counts the questions that are being answered. Safe to use from many threads."""

    def __init__(self) -> None:
        self._asking = 0
        self._changed = threading.Condition()

    @contextmanager
    def question(self) -> Generator[None]:
        """While a question is answered."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                if not self._asking:
                    self._changed.notify_all()

    def give_way(self) -> None:
        """Before a slice of learning: waits until no question is being answered, but not for long."""
        if self._asking:
            with self._changed:
                self._changed.wait_for(lambda: not self._asking, GIVE_WAY_SECONDS)


TURNS = Turns()
"""Those of this process: all engines in it share its processors."""
