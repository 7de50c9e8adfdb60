"""The cache of answers: one state of one store at a time, within a budget that stores share."""

from __future__ import annotations

from typing import Any, cast

from sutra_core.ask import Answer
from sutra_core.cache import AnswerBudget, AnswerCache

ANSWER = cast("Any", object())
OTHER: Answer = cast("Any", object())


def test_an_answer_is_found_at_its_state_alone() -> None:
    cache = AnswerCache(AnswerBudget(10, 60))
    cache.put(1, ("Who?",), ANSWER)
    assert cache.get(1, ("Who?",)) is ANSWER
    assert cache.get(1, ("Who else?",)) is None
    assert cache.get(2, ("Who?",)) is None


def test_nothing_is_kept_of_a_state_that_is_past() -> None:
    budget = AnswerBudget(10, 60)
    cache = AnswerCache(budget)
    for number in range(5):
        cache.put(1, (number,), ANSWER)
    assert len(budget) == 5
    cache.put(2, ("Who?",), OTHER)
    assert len(budget) == 1
    cache.put(1, ("late",), ANSWER)  # given from a state that was gone when it was ready
    assert len(budget) == 1 and cache.get(1, ("late",)) is None
    assert cache.get(2, ("Who?",)) is OTHER


def test_a_budget_of_no_size_keeps_nothing() -> None:
    budget = AnswerBudget(0, 60)
    cache = AnswerCache(budget)
    cache.put(1, ("Who?",), ANSWER)
    assert len(budget) == 0 and cache.get(1, ("Who?",)) is None


def test_time_and_size_are_bounds() -> None:
    budget = AnswerBudget(2, 60)
    cache = AnswerCache(budget)
    for number in range(3):
        cache.put(1, (number,), ANSWER)
    assert len(budget) == 2 and cache.get(1, (2,)) is ANSWER
    cache = AnswerCache(AnswerBudget(2, 0))
    cache.put(1, ("Who?",), ANSWER)
    assert cache.get(1, ("Who?",)) is None


def test_what_the_budget_lets_go_of_is_not_remembered() -> None:
    budget = AnswerBudget(3, 60)
    cache, other = AnswerCache(budget), AnswerCache(budget)
    other.put(1, ("Who?",), OTHER)
    for number in range(100):
        cache.put(1, (number,), ANSWER)
    assert len(budget) == 3 and len(cache._questions) <= 6
    assert cache.get(1, (99,)) is ANSWER
    cache.clear()
    assert len(budget) == 0


def test_stores_share_a_budget_and_no_answer() -> None:
    budget = AnswerBudget(3, 60)
    one, other = AnswerCache(budget), AnswerCache(budget)
    one.put(1, ("Who?",), ANSWER)
    assert other.get(1, ("Who?",)) is None
    other.put(1, ("Who?",), OTHER)
    assert one.get(1, ("Who?",)) is ANSWER and other.get(1, ("Who?",)) is OTHER
    one.put(1, ("Where?",), ANSWER)
    one.put(1, ("When?",), ANSWER)
    assert len(budget) == 3
    other.put(2, ("Which?",), OTHER)  # its own past alone is gone
    assert one.get(1, ("When?",)) is ANSWER
    one.clear()
    assert one.get(1, ("When?",)) is None and other.get(2, ("Which?",)) is OTHER and len(budget) == 1
