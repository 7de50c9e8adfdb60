"""Whether confidence means what it says: ranking (AUROC), calibration (ECE), risk against coverage.

Every function takes one confidence and one truth for each question, in any order, and gives the same for
every order: what questions of equal confidence share is shared evenly among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of neighbouring confidence: the mean of it, the share that is right, how many they are."""

    confidence: float
    right: float
    count: int


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The chance that one of `positive` is above one of `negative`, a tie counting half; in [0, 1].

    The area under the ROC curve, by the ranks of Mann and Whitney (1947). None where either is empty.
    """
    if not positive or not negative:
        return None
    _, place, count = np.unique([*positive, *negative], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))


def equal_mass_bins(confidence: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """At most `bins` bins of as many questions each as can be, from the least confidence upwards."""
    values, shares = _sorted(confidence, right)
    cuts = zip(np.array_split(values, bins), np.array_split(shares, bins), strict=True)
    return [Bin(float(v.mean()), float(s.mean()), len(v)) for v, s in cuts if len(v)]


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """The mean gap between confidence and share right over the bins, by their counts; in [0, 1].

    Naeini et al. 2015, with bins of equal mass (Nixon et al. 2019). None without bins.
    """
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.right) for each in bins) / total if total else None


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(coverage, risk) at every confidence that occurs, the greatest first.

    Coverage is the share of the questions that have at least this confidence, risk the share of these that
    are wrong (El-Yaniv and Wiener 2010).
    """
    values, shares = _sorted(confidence, right)
    values, wrong = values[::-1], np.cumsum(1 - shares[::-1])
    last = np.flatnonzero(np.append(values[1:] != values[:-1], True)) if len(values) else []
    return [(float((n + 1) / len(values)), float(wrong[n] / (n + 1))) for n in last]


def _sorted(
    confidence: Sequence[float], right: Sequence[bool]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Confidences in order, and beside each the share right among all that are equal to it."""
    values, place, count = np.unique(
        np.asarray(confidence, np.float64), return_inverse=True, return_counts=True
    )
    shares = np.bincount(place, np.asarray(right, np.float64), len(values)) / count
    return np.repeat(values, count), np.repeat(shares, count)
