from __future__ import annotations

import numpy as np
import pytest

from sutra_core.reader.limits import SPAN_MAX, SPANS_MAX, whole_words
from sutra_core.reader.spans import best_spans


def by_the_book(start: list[float], end: list[float], low: int, high: int) -> list[tuple[int, int, float]]:
    spans = [
        (first, last, start[first] + end[last] - start[0] - end[0])
        for first in range(low, high)
        for last in range(first, min(high, first + SPAN_MAX))
    ]
    kept: list[tuple[int, int, float]] = []
    for span in sorted(spans, key=lambda each: (-each[2], each[0], each[1])):
        if len(kept) < SPANS_MAX and all(span[1] < other[0] or other[1] < span[0] for other in kept):
            kept.append(span)
    return kept


@pytest.mark.parametrize("seed", range(30))
def test_the_spans_are_those_of_every_pair(seed: int) -> None:
    draw = np.random.default_rng(seed)
    count = int(draw.integers(2, 70))
    # Few different values, so that many spans are equally good.
    start, end = (draw.integers(-4, 5, (2, count)) / 2).astype(np.float32)
    low = int(draw.integers(1, count))
    high = int(draw.integers(low, count + 1))
    assert best_spans(start, end, low, high) == by_the_book(start.tolist(), end.tolist(), low, high)


def test_no_span_is_longer_than_the_longest() -> None:
    start, end = np.zeros((2, 60), np.float32)
    start[5] = end[5 + SPAN_MAX] = 9
    (first, last, _), *_ = best_spans(start, end, 1, 60)
    assert last - first < SPAN_MAX
    end[4 + SPAN_MAX] = 8
    assert best_spans(start, end, 1, 60)[0] == (5, 4 + SPAN_MAX, 17)


def test_a_window_without_pieces_has_no_span() -> None:
    assert best_spans(np.zeros(4, np.float32), np.zeros(4, np.float32), 3, 3) == []


def test_a_word_is_cut_only_where_it_fills_all_the_room() -> None:
    words = [0, 1, 1, 1, 2, None, 3]
    assert [whole_words(words, room) for room in range(1, 8)] == [1, 1, 1, 4, 5, 6, 7]
    assert whole_words([0, 0, 0], 2) == 2
    assert whole_words([], 2) == 0
