"""Learning waits for questions, but not for ever."""

from __future__ import annotations

import os
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


def test_those_with_as_many_threads_share_a_lane_until_the_last_has_closed() -> None:
    each = Turns()
    one, other, wider = each.lane(2), each.lane(2), each.lane(3)

    def name(_: int) -> str:
        return threading.current_thread().name

    names = set(one.map(name, range(50))) | set(other.map(name, range(50)))
    assert len(names) <= 2
    one.close()
    assert len(names | set(other.map(name, range(50)))) <= 2
    other.close()
    with pytest.raises(RuntimeError):
        other.map(name, range(1))
    again = each.lane(2)
    assert list(again.map(abs, [-1, 2])) == [1, 2]
    again.close()
    wider.close()


def test_a_child_has_a_lane_of_its_own() -> None:
    each = Turns()
    lane = each.lane(2)
    assert list(lane.map(abs, [-1])) == [1]
    child = os.fork()
    if not child:
        own = each.lane(2)
        os._exit(next(own.map(abs, [-7])))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    lane.close()
