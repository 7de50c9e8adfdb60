"""Figures of a window, by hand; what was never observed is left out."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from sutra_core.metrics import WINDOW, WINDOW_SECONDS, Metrics
from sutra_core.observing import LearningObserved, Outcome, QuestionObserved, Step


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _texts(
    learned: int, seconds: float, *, concepts: int = 0, known: int = 0, failed: int = 0
) -> LearningObserved:
    return LearningObserved(learned, known, {"empty_text": 3}, failed, concepts, seconds)


def _question(seconds: float, confidence: float | None, outcome: Outcome = "answered") -> QuestionObserved:
    return QuestionObserved(outcome, seconds, confidence)


def test_nothing_observed_is_nothing_told() -> None:
    assert Metrics().read() == {}


def test_learning() -> None:
    clock = _Clock()
    metrics = Metrics(clock)
    metrics.learned(_texts(9, 0.5, concepts=100, failed=1))
    clock.now += 1.0
    metrics.learned(_texts(10, 1.0, concepts=200))
    found = metrics.read()
    assert found["concepts_learned_per_second"] == pytest.approx(200)
    assert found["learning_latency_p95"] == pytest.approx(100)
    assert found["learning_error_rate"] == pytest.approx(1 / 20)
    assert set(found) == {"concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"}


def test_what_is_learned_at_the_same_time_takes_its_time_once() -> None:
    clock = _Clock()
    metrics = Metrics(clock)
    metrics.learned(_texts(10, 1.0, concepts=100))
    clock.now += 0.5
    metrics.learned(_texts(10, 1.0, concepts=200))
    assert metrics.read()["concepts_learned_per_second"] == pytest.approx(200)


def test_the_latency_of_learning_is_that_of_a_text() -> None:
    metrics = Metrics()
    metrics.learned(_texts(94, 0.94))
    metrics.learned(_texts(6, 3.0))
    assert metrics.read()["learning_latency_p95"] == pytest.approx(500)
    metrics.learned(_texts(100, 1.0))
    assert metrics.read()["learning_latency_p95"] == pytest.approx(10)


def test_what_was_refused_is_no_failure_and_takes_nobodys_time() -> None:
    metrics = Metrics()
    metrics.learned(LearningObserved(0, 0, {"empty_text": 7}, 0, 0, 0.3))
    assert metrics.read() == {}
    metrics.learned(LearningObserved(0, 0, {}, 2, 0, 0.3))
    assert metrics.read() == {"learning_error_rate": 1.0}


def test_asking_leaves_refusals_out_of_the_confidence_but_not_of_the_latency() -> None:
    metrics = Metrics()
    metrics.asked(_question(0.010, 0.9))
    metrics.asked(_question(0.020, 0.7))
    metrics.asked(_question(0.030, None, "unknown"))
    metrics.asked(_question(9.000, None, "failed"))
    found = metrics.read()
    assert found["query_confidence_avg"] == pytest.approx(0.8)
    assert found["query_latency_p95"] == pytest.approx(29)
    assert found["query_error_rate"] == pytest.approx(1 / 4)


def test_only_refusals_have_no_confidence() -> None:
    metrics = Metrics()
    metrics.asked(_question(0.010, None, "unknown"))
    assert "query_confidence_avg" not in metrics.read()


def test_learning_in_no_time_at_all_has_no_rate() -> None:
    metrics = Metrics()
    metrics.learned(_texts(1, 0.0, concepts=5))
    assert metrics.read()["concepts_learned_per_second"] == 0


def test_the_window_holds_so_many_observations() -> None:
    metrics = Metrics()
    for _ in range(WINDOW):
        metrics.asked(_question(9.0, 0.1))
    for _ in range(WINDOW):
        metrics.asked(_question(0.010, 0.9))
    found = metrics.read()
    assert found["query_latency_p95"] == pytest.approx(10)
    assert found["query_confidence_avg"] == pytest.approx(0.9)


def test_the_window_slides() -> None:
    clock = _Clock()
    metrics = Metrics(clock)
    metrics.asked(_question(0.1, None, "failed"))
    metrics.learned(_texts(0, 0.1, failed=7))
    clock.now += WINDOW_SECONDS / 2
    metrics.asked(_question(0.1, 0.9))
    metrics.learned(_texts(7, 0.1))
    assert (metrics.read()["query_error_rate"], metrics.read()["learning_error_rate"]) == (0.5, 0.5)
    clock.now += WINDOW_SECONDS / 2 + 1
    assert (metrics.read()["query_error_rate"], metrics.read()["learning_error_rate"]) == (0, 0)
    clock.now += WINDOW_SECONDS
    assert metrics.read() == {}


def test_threads_lose_no_observation() -> None:
    metrics = Metrics()

    def work() -> None:
        for _ in range(200):
            metrics.learned(_texts(1, 1.0, concepts=1, failed=1))
            metrics.read()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(metrics._learned) == 800
    assert metrics.read()["learning_error_rate"] == pytest.approx(1 / 2)


def test_steps_are_let_go() -> None:
    class Steps(list[Step]):
        """Can be watched."""

    metrics = Metrics()
    learning, asking = Steps([Step("vectors", 0, 1)]), Steps([Step("read", 0, 1)])
    metrics.learned(LearningObserved(1, 0, {}, 0, 1, 0.1, learning))
    metrics.asked(QuestionObserved("answered", 0.1, 0.9, asking))
    kept = [weakref.ref(learning), weakref.ref(asking)]
    del learning, asking
    gc.collect()
    assert [each() for each in kept] == [None, None]
    assert metrics.read()["query_confidence_avg"] == 0.9
