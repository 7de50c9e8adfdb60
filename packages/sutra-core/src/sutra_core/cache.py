"""The cache of answers: what was asked of the present state is not worked out twice.

An answer belongs to the state that it was given from. So the cache belongs to one transaction, and is
emptied when the store has gone on: nothing keeps an answer that no question can get any more.
"""

from __future__ import annotations

import threading

from cachetools import TTLCache

from sutra_core.ask import Answer

__all__ = ["AnswerCache"]


class AnswerCache:
    """At most `size` answers (0 keeps none), for at most `seconds`. Safe to use from many threads."""

    def __init__(self, size: int, seconds: float) -> None:
        self._lock = threading.Lock()
        self._size = size
        self._transaction = -1
        self._answers: TTLCache[tuple[object, ...], Answer] = TTLCache(size, seconds)

    def __len__(self) -> int:
        """How many answers are kept."""
        with self._lock:
            return len(self._answers)

    def get(self, transaction: int, question: tuple[object, ...]) -> Answer | None:
        """The answer to a question (with all that decides its answer) at a state, if it is kept."""
        with self._lock:
            self._move_on(transaction)
            return self._answers.get(question) if transaction == self._transaction else None

    def put(self, transaction: int, question: tuple[object, ...], answer: Answer) -> None:
        """Keeps an answer, unless the store has gone on since it was given."""
        with self._lock:
            self._move_on(transaction)
            if self._size and transaction == self._transaction:
                self._answers[question] = answer

    def _move_on(self, transaction: int) -> None:
        if transaction > self._transaction:
            self._transaction = transaction
            self._answers.clear()
