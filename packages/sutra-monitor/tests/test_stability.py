"""How steady the count of concepts is: growth, forgetting, a restart, a loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_monitor.figures import Count
from sutra_monitor.stability import residuals, variance

A, B = "2026-01-01T00:00:00", "2026-01-02T00:00:00"
SAMPLES: dict[str, tuple[list[Count], float | None]] = {
    "one": ([Count(5, 5, 0, A)], None),
    "empty": ([Count(0, 0, 0, A)] * 2, 0.0),
    "growth": ([Count(10, 10, 0, A), Count(500, 500, 0, A)], 0.0),
    "forgetting": ([Count(10, 10, 0, A), Count(4, 10, 6, A)], 0.0),
    "loss": ([Count(10, 10, 0, A), Count(8, 10, 0, A)], 0.2),
    "too many": ([Count(10, 10, 0, A), Count(20, 15, 0, A)], 0.25),
    "there and back": ([Count(10, 10, 0, A), Count(5, 10, 0, A), Count(10, 10, 0, A)], 0.5),
    "restart": ([Count(10, 10, 0, A), Count(12, 2, 0, B)], 0.0),
    "restart after learning that no sample saw": ([Count(10, 10, 0, A), Count(30, 5, 0, B)], 0.0),
    "restart that lost": ([Count(10, 10, 0, A), Count(10, 2, 0, B)], 0.2),
    "restart that forgot": ([Count(10, 10, 0, A), Count(7, 0, 3, B)], 0.0),
    "deleted and made again": ([Count(90, 90, 0, A, A), Count(9, 9, 0, B, A), Count(9, 9, 0, B, A)], 0.0),
    "deleted and made again just now": ([Count(90, 90, 0, A, A), Count(9, 9, 0, B, A)], None),
    "made again, and then a loss": (
        [Count(90, 90, 0, A, A), Count(9, 9, 0, B, A), Count(6, 9, 0, B, A)],
        1 / 3,
    ),
    "restart with a loss": ([Count(10, 10, 0, A, A), Count(8, 0, 0, B, B)], 0.2),
    "nobody counts": ([Count(10), Count(50), Count(40)], 0.2),
    "the service ended": ([Count(10, 10, 0, A), Count(10)], 0.0),
}


@pytest.mark.parametrize(("counts", "expected"), SAMPLES.values(), ids=SAMPLES)
def test_the_variance_of_samples(counts: list[Count], expected: float | None) -> None:
    assert variance(counts) == (expected if expected is None else pytest.approx(expected))


changes = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans()), min_size=1, max_size=30)


@given(changes)
def test_what_is_counted_is_never_a_change(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever is learned and forgotten, and however often the service starts again."""
    concepts, learned, forgotten, start = 100, 0, 0, 0
    counts = [Count(concepts, learned, forgotten, str(start))]
    for more, less, restarted in steps:
        if restarted:
            learned = forgotten = 0
            start += 1
        less = min(less, concepts + more)
        learned, forgotten, concepts = learned + more, forgotten + less, concepts + more - less
        counts.append(Count(concepts, learned, forgotten, str(start)))
    assert set(residuals(counts)) == {0}


@given(changes, st.integers(1, 50), st.integers(0, 29))
def test_a_loss_is_found_wherever_it_is(steps: list[tuple[int, int, bool]], lost: int, where: int) -> None:
    concepts, learned, start = 100, 0, 0
    counts = [Count(concepts, learned, 0, str(start))]
    for position, (more, _, restarted) in enumerate(steps):
        if restarted:
            learned = 0
            start += 1
        learned, concepts = learned + more, concepts + more
        if position == where % len(steps):
            concepts -= lost
        counts.append(Count(concepts, learned, 0, str(start)))
    assert variance(counts) == pytest.approx(lost / max(count.concepts for count in counts))
