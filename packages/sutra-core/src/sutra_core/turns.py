"""Whose turn it is: questions go first, and learning waits between two of its slices.

Learning is cut into slices of some milliseconds (one text read, one passage embedded) and gives way
before each of them, so that a question finds the processors free after one slice at most. However many
questions come, learning goes on: it waits `GIVE_WAY_SECONDS` at most for each slice.

What questions have embedded and read is done in one lane: however many are answered at once, no more threads
work for them than the lane has.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["GIVE_WAY_SECONDS", "TURNS", "Lane", "Turns"]

GIVE_WAY_SECONDS = 0.1

T = TypeVar("T")
R = TypeVar("R")


class Lane:
    """The threads that work for questions, for one who uses them; those who have as many share them.

    They end when the last of these has closed.
    """

    def __init__(self, turns: Turns, threads: int, workers: ThreadPoolExecutor) -> None:
        self._turns = turns
        self._threads = threads
        self._workers = workers

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """What becomes of each item, in their order; the work is begun in that order."""
        return self._workers.map(work, items)

    def close(self) -> None:
        """Gives the threads up; it must not be used afterwards."""
        self._turns.leave(self._threads)


class Turns:
    """Counts the questions that are being answered. Safe to use from many threads."""

    def __init__(self) -> None:
        self._asking = 0
        self._changed = threading.Condition()
        self._lanes: dict[int, tuple[ThreadPoolExecutor, int]] = {}
        # A child has none of its parent's threads.
        os.register_at_fork(after_in_child=self._lanes.clear)

    def lane(self, threads: int) -> Lane:
        """The lane of so many threads; it has to be closed."""
        with self._changed:
            workers, users = self._lanes.get(threads, (None, 0))
            workers = workers or ThreadPoolExecutor(threads, thread_name_prefix="question")
            self._lanes[threads] = workers, users + 1
        return Lane(self, threads, workers)

    def leave(self, threads: int) -> None:
        """One who used a lane closes."""
        with self._changed:
            if threads not in self._lanes:
                return
            workers, users = self._lanes[threads]
            self._lanes[threads] = workers, users - 1
            if users > 1:
                return
            del self._lanes[threads]
        workers.shutdown()

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
