"""The cache of answers: what was asked of the present state is not worked out twice.

An answer belongs to the state that it was given from. So a cache belongs to one store at one transaction, and
is emptied when the store has gone on: nothing keeps an answer that no question can get any more. Caches of
several stores share one budget, in which the answer that was not asked for longest goes first.
"""

from __future__ import annotations

import threading

from cachetools import TTLCache

from sutra_core.ask import Answer

__all__ = ["AnswerBudget", "AnswerCache"]

_Key = tuple[int, tuple[object, ...]]


class AnswerBudget:
    """Room for `size` answers (0 keeps none), for at most `seconds`, of all caches that share it."""

    def __init__(self, size: int, seconds: float) -> None:
        self.lock = threading.Lock()
        self.size = size
        self.answers: TTLCache[_Key, Answer] = TTLCache(size, seconds)
        self._caches = 0

    def __len__(self) -> int:
        """How many answers are kept."""
        with self.lock:
            return len(self.answers)

    def number(self) -> int:
        """The number of a new cache."""
        with self.lock:
            self._caches += 1
            return self._caches


class AnswerCache:
    """The answers of one store within a budget. Safe to use from many threads."""

    def __init__(self, budget: AnswerBudget) -> None:
        self._budget = budget
        self._number = budget.number()
        self._transaction = -1
        self._questions: set[tuple[object, ...]] = set()

    def get(self, transaction: int, question: tuple[object, ...]) -> Answer | None:
        """The answer to a question (with all that decides its answer) at a state, if it is kept."""
        with self._budget.lock:
            self._move_on(transaction)
            if transaction != self._transaction:
                return None
            return self._budget.answers.get((self._number, question))

    def put(self, transaction: int, question: tuple[object, ...], answer: Answer) -> None:
        """Keeps an answer, unless the store has gone on since it was given."""
        with self._budget.lock:
            self._move_on(transaction)
            if self._budget.size and transaction == self._transaction:
                self._budget.answers[self._number, question] = answer
                self._questions.add(question)
                if len(self._questions) > 2 * self._budget.size:  # what the budget has let go of
                    self._questions = {
                        kept for number, kept in self._budget.answers if number == self._number
                    }

    def move_on(self, transaction: int) -> None:
        """Keeps none of the answers that were given before this transaction."""
        with self._budget.lock:
            self._move_on(transaction)

    def clear(self) -> None:
        """Keeps none of this store's answers any more."""
        with self._budget.lock:
            self._clear()

    def _move_on(self, transaction: int) -> None:
        if transaction > self._transaction:
            self._transaction = transaction
            self._clear()

    def _clear(self) -> None:
        for question in self._questions:
            self._budget.answers.pop((self._number, question), None)
        self._questions.clear()
