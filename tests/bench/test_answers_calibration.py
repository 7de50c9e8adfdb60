"""Measures of confidence: against their definitions by brute force, and against cases worked out by hand."""

from __future__ import annotations

import pytest
from answers.calibration import Bin, auroc, equal_mass_bins, expected_calibration_error, risk_coverage
from hypothesis import given
from hypothesis import strategies as st

confidences = st.lists(st.integers(0, 6).map(lambda n: n / 6), max_size=30)  # few values, so many ties
judged = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n / 6), st.booleans()), min_size=1, max_size=40)


@given(confidences, confidences)
def test_auroc_is_the_chance_to_be_above(positive: list[float], negative: list[float]) -> None:
    wins = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    expected = sum(wins) / len(wins) if wins else None
    assert auroc(positive, negative) == (None if expected is None else pytest.approx(expected))


def test_bins_have_equal_mass_and_go_upwards() -> None:
    bins = equal_mass_bins([1.0, 0.0, 0.75, 0.5], [True, False, True, True], bins=2)
    assert bins == [Bin(0.25, 0.5, 2), Bin(0.875, 1.0, 2)]
    assert expected_calibration_error(bins) == (0.25 + 0.125) / 2


def test_ten_bins_of_25_questions() -> None:
    bins = equal_mass_bins([n / 25 for n in range(25)], [n % 2 == 0 for n in range(25)])
    assert [each.count for each in bins] == [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]


def test_a_large_bin_weighs_more() -> None:
    bins = [Bin(0.5, 1.0, 3), Bin(0.9, 0.8, 1)]
    assert expected_calibration_error(bins) == pytest.approx((3 * 0.5 + 0.1) / 4)
    assert expected_calibration_error([]) is None


def test_fewer_questions_than_bins() -> None:
    assert equal_mass_bins([0.4], [True]) == [Bin(0.4, 1.0, 1)]
    assert equal_mass_bins([], []) == []


def test_risk_and_coverage_at_each_confidence() -> None:
    curve = risk_coverage([0.5, 0.9, 0.5, 0.1], [False, True, True, False])
    assert curve == [pytest.approx((0.25, 0.0)), pytest.approx((0.75, 1 / 3)), pytest.approx((1.0, 0.5))]
    assert risk_coverage([], []) == []


@given(judged)
def test_risk_is_the_share_wrong_of_what_is_covered(rows: list[tuple[float, bool]]) -> None:
    expected = []
    for level in sorted({confidence for confidence, _ in rows}, reverse=True):
        covered = [right for confidence, right in rows if confidence >= level]
        expected.append(pytest.approx((len(covered) / len(rows), covered.count(False) / len(covered))))
    assert risk_coverage(*map(list, zip(*rows, strict=True))) == expected  # type: ignore[arg-type]


@given(judged, st.randoms())
def test_the_order_of_the_questions_does_not_count(rows: list[tuple[float, bool]], random: object) -> None:
    shuffled = sorted(rows, key=lambda row: (row[0], row[1]))
    backwards = sorted(rows, key=lambda row: (row[0], not row[1]))
    first, second = (
        equal_mass_bins([c for c, _ in each], [r for _, r in each]) for each in (shuffled, backwards)
    )
    assert first == second
