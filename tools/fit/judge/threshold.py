"""The threshold under which an answer is "I don't know": for a promised share of right answers.

It is the least confidence at which the share of right answers among those that have at least as much is, with
95 % certainty, the promised one (the lower bound of Clopper and Pearson 1934, one-sided), on questions that
nothing was fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

CERTAINTY = 0.95


def threshold_for(
    promised: float, confidence: Sequence[float], right: Sequence[bool]
) -> tuple[float, int, float] | None:
    """(threshold, answers at or above it, their share right); None where no threshold keeps the promise."""
    pairs = sorted(zip(confidence, right, strict=True), reverse=True)
    best: tuple[float, int, float] | None = None
    good = 0
    for count, (value, hit) in enumerate(pairs, 1):
        good += hit
        last = count == len(pairs) or pairs[count][0] < value
        if last and lower_bound(good, count) >= promised:
            best = (value, count, good / count)
    return best


def lower_bound(good: int, count: int) -> float:
    """The least share of which `good` of `count` or more are not unlikely.

    >>> round(lower_bound(10, 10), 3)
    0.741
    """
    if good == 0:
        return 0.0
    low, high = 0.0, good / count
    for _ in range(40):
        middle = (low + high) / 2
        if _at_least(good, count, middle) < 1 - CERTAINTY:
            low = middle
        else:
            high = middle
    return low


def _at_least(good: int, count: int, share: float) -> float:
    """The chance of `good` or more hits in `count` trials of this share."""
    if share <= 0:
        return 0.0
    terms = (
        math.lgamma(count + 1)
        - math.lgamma(hits + 1)
        - math.lgamma(count - hits + 1)
        + hits * math.log(share)
        + (count - hits) * math.log1p(-share)
        for hits in range(good, count + 1)
    )
    return sum(math.exp(term) for term in terms)
