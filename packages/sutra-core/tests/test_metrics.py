"""Figures of a window, by hand; what was never observed is left out."""

from __future__ import annotations

import threading

import pytest

from sutra_core.metrics import WINDOW, Metrics


def test_nothing_observed_is_nothing_told() -> None:
    assert Metrics().read() == {}


def test_learning() -> None:
    metrics = Metrics()
    metrics.learned(concepts=100, items=9, refused=1, seconds=0.5)
    metrics.learned(concepts=200, items=10, refused=0, seconds=1.0)
    found = metrics.read()
    assert found["concepts_learned_per_second"] == pytest.approx(200)
    assert found["learning_latency_p95"] == pytest.approx(975)
    assert found["learning_error_rate"] == pytest.approx(1 / 20)
    assert set(found) == {"concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"}


def test_asking_leaves_refusals_out_of_the_confidence_but_not_of_the_latency() -> None:
    metrics = Metrics()
    metrics.asked(seconds=0.010, confidence=0.9)
    metrics.asked(seconds=0.020, confidence=0.7)
    metrics.asked(seconds=0.030, confidence=None)
    metrics.failed_query()
    found = metrics.read()
    assert found["query_confidence_avg"] == pytest.approx(0.8)
    assert found["query_latency_p95"] == pytest.approx(29)
    assert found["query_error_rate"] == pytest.approx(1 / 4)


def test_only_refusals_have_no_confidence() -> None:
    metrics = Metrics()
    metrics.asked(seconds=0.010, confidence=None)
    assert "query_confidence_avg" not in metrics.read()


def test_learning_in_no_time_at_all_has_no_rate() -> None:
    metrics = Metrics()
    metrics.learned(concepts=5, items=1, refused=0, seconds=0.0)
    assert metrics.read()["concepts_learned_per_second"] == 0


def test_the_window_slides() -> None:
    metrics = Metrics()
    for _ in range(WINDOW):
        metrics.asked(seconds=9.0, confidence=0.1)
    for _ in range(WINDOW):
        metrics.asked(seconds=0.010, confidence=0.9)
    found = metrics.read()
    assert found["query_latency_p95"] == pytest.approx(10)
    assert found["query_confidence_avg"] == pytest.approx(0.9)


def test_error_rates_slide_with_the_window() -> None:
    metrics = Metrics()
    for _ in range(WINDOW):
        metrics.failed_query()
        metrics.learned(concepts=0, items=0, refused=7, seconds=0.1)
    assert (metrics.read()["query_error_rate"], metrics.read()["learning_error_rate"]) == (1, 1)
    for _ in range(WINDOW // 2):
        metrics.asked(seconds=0.010, confidence=0.9)
        metrics.learned(concepts=1, items=7, refused=0, seconds=0.1)
    assert (metrics.read()["query_error_rate"], metrics.read()["learning_error_rate"]) == (0.5, 0.5)
    for _ in range(WINDOW // 2):
        metrics.asked(seconds=0.010, confidence=0.9)
        metrics.learned(concepts=1, items=7, refused=0, seconds=0.1)
    assert (metrics.read()["query_error_rate"], metrics.read()["learning_error_rate"]) == (0, 0)


def test_threads_lose_no_observation() -> None:
    metrics = Metrics()

    def observe() -> None:
        for _ in range(WINDOW // 8):  # four threads, two observations each time
            metrics.failed_query()
            metrics.asked(seconds=0.001, confidence=None)

    threads = [threading.Thread(target=observe) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metrics.read()["query_error_rate"] == pytest.approx(0.5)
