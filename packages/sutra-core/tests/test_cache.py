"""The cache of answers: one state at a time."""

from __future__ import annotations

from typing import Any, cast

from sutra_core.ask import Answer
from sutra_core.cache import AnswerCache

ANSWER = cast("Any", object())
OTHER: Answer = cast("Any", object())


def test_an_answer_is_found_at_its_state_alone() -> None:
    cache = AnswerCache(10, 60)
    cache.put(1, ("Who?",), ANSWER)
    assert cache.get(1, ("Who?",)) is ANSWER
    assert cache.get(1, ("Who else?",)) is None
    assert cache.get(2, ("Who?",)) is None


def test_nothing_is_kept_of_a_state_that_is_past() -> None:
    cache = AnswerCache(10, 60)
    for number in range(5):
        cache.put(1, (number,), ANSWER)
    assert len(cache) == 5
    cache.put(2, ("Who?",), OTHER)
    assert len(cache) == 1
    cache.put(1, ("late",), ANSWER)  # given from a state that was gone when it was ready
    assert len(cache) == 1 and cache.get(1, ("late",)) is None
    assert cache.get(2, ("Who?",)) is OTHER


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache = AnswerCache(0, 60)
    cache.put(1, ("Who?",), ANSWER)
    assert len(cache) == 0 and cache.get(1, ("Who?",)) is None


def test_time_and_size_are_bounds() -> None:
    cache = AnswerCache(2, 60)
    for number in range(3):
        cache.put(1, (number,), ANSWER)
    assert len(cache) == 2 and cache.get(1, (2,)) is ANSWER
    cache = AnswerCache(2, 0)
    cache.put(1, ("Who?",), ANSWER)
    assert cache.get(1, ("Who?",)) is None
