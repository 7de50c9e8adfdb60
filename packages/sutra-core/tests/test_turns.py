"""Learning waits for questions, but not for ever."""

from __future__ import annotations

import threading

import pytest

from sutra_core import turns
from sutra_core.turns import Turns


def test_without_a_question_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVE_WAY_SECONDS", 3600)
    each = Turns()
    each.give_way()
    with each.question():
        pass
    each.give_way()


def test_learning_goes_on_when_the_last_question_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVE_WAY_SECONDS", 3600)
    each = Turns()
    done: list[str] = []
    started = threading.Event()

    def learn() -> None:
        started.set()
        each.give_way()
        done.append("learned")

    with each.question():
        with each.question():
            learner = threading.Thread(target=learn)
            learner.start()
            assert started.wait(10)
            done.append("first")
        done.append("second")
    learner.join(10)
    assert done == ["first", "second", "learned"]


def test_a_question_that_fails_ends_too() -> None:
    each = Turns()
    with pytest.raises(ValueError, match="no"), each.question():
        raise ValueError("no")
    assert each._asking == 0


def test_many_questions_do_not_stop_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVE_WAY_SECONDS", 0.001)
    each = Turns()
    with each.question():
        for _ in range(5):
            each.give_way()
