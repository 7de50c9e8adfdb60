"""The fit of the judge: on made-up candidates, so that no set and no model has to be there."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import numpy as np
import pytest
from common import Question
from fit.judge.odds import AGAINST, FOR, chosen, fit, packed, settled_for
from fit.judge.report import read_through
from fit.judge.rows import Asked, may_judge, read_rows, write_rows
from fit.judge.threshold import lower_bound, threshold_for
from fit.reader.halves import FITTED
from split import half

from sutra_core.ask.judge import Judge, fitted_judge
from sutra_core.ask.trees import Trees


def question(number: int, draw: random.Random) -> Asked:
    """Three candidates, of which the one with the best score is right four times in five, if any is."""
    scores = sorted((draw.random() for _ in range(3)), reverse=True)
    answerable = draw.random() < 0.7
    right = 0 if draw.random() < 0.8 else 1
    features = [{"score": s, "read": 1.0, "unsaid": draw.random()} for s in scores]
    f1 = [float(answerable and at == right) for at in range(3)]
    texts = [f"answer {number} {name}" for name in "abc"]
    return Asked("made", str(number), 4, True, answerable, texts, features, f1)


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    draw = random.Random(0)
    return [question(number, draw) for number in range(600)]


@pytest.fixture(scope="module")
def judge(asked: list[Asked]) -> Judge:
    return fit(asked)


def test_it_finds_what_tells_right_from_wrong_and_is_calibrated(asked: list[Asked], judge: Judge) -> None:
    picked = [(chosen(judge, each), each) for each in asked]
    assert sum(found.at == 0 for found, _ in picked) / len(picked) > 0.85
    mean = sum(found.confidence for found, _ in picked) / len(picked)
    share = sum(found.f1 >= 0.5 for found, _ in picked) / len(picked)
    assert mean == pytest.approx(share, abs=0.05)


def test_what_speaks_for_a_candidate_never_weighs_against_it(judge: Judge) -> None:
    draw = random.Random(1)
    for each in (judge, fitted_judge()):
        for _ in range(200):
            features = {name: draw.random() for name in each.names}
            for name in each.names:
                if name in FOR or name in AGAINST:
                    less, more = each.logits([features | {name: 0.2}, features | {name: 0.8}])
                    assert (less <= more) if name in FOR else (less >= more)


def test_trees_are_packed_as_they_are_walked() -> None:
    leaf = [{"leaf_value": float(at)} for at in range(3)]
    inner = {"split_feature": 1, "threshold": 0.5, "left_child": leaf[0], "right_child": leaf[1]}
    root = {"split_feature": 0, "threshold": 0.25, "left_child": inner, "right_child": leaf[2]}
    trees = Trees.of(packed([{"tree_structure": root}]))
    rows = np.array([[0.0, 0.5], [0.0, 0.6], [0.3, 0.0]])
    assert trees.sums(rows).tolist() == [0, 1, 2]


def stages(right_early: bool, confidence: float, number: int) -> tuple[list[Asked], list[float], list[float]]:
    rows = [
        Asked("made", f"{number}", windows, windows == 12, True, ["x"], [{}], [float(good)])
        for windows, good in ((4, right_early), (12, True))
    ]
    return rows, [confidence, 0.5], [float(right_early), 1.0]


def test_reading_stops_where_that_costs_next_to_nothing() -> None:
    sure = [stages(True, 0.8, number) for number in range(100)]
    wrong = [stages(False, 0.6, 100 + number) for number in range(10)]
    every = [*sure, *wrong]
    settled = settled_for(
        [row for rows, _, _ in every for row in rows],
        [value for _, confidence, _ in every for value in confidence],
        [value for _, _, f1 in every for value in f1],
    )
    assert len(settled) == 1
    assert 0.6 < settled[0] <= 0.8


def test_a_judge_reads_on_until_it_is_sure_enough(asked: list[Asked], judge: Judge) -> None:
    early = [dataclasses.replace(each, windows=4, last=False) for each in asked[:50]]
    both = [row for pair in zip(early, asked[:50], strict=True) for row in pair]
    for settled, of in (((0.0,), early), ((1.0,), asked[:50])):
        stopping = dataclasses.replace(judge, settled=settled)
        assert [each for each, _ in read_through(stopping, both)] == of


def test_rows_come_back_as_they_were(asked: list[Asked], tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    assert write_rows(iter(asked[:5]), path) == 5
    assert read_rows(path) == asked[:5]


def test_the_judge_sees_nothing_to_report_on_and_nothing_that_the_reader_saw() -> None:
    for name in ("squad2_dev", "hotpotqa_migres200", "plain", *FITTED):
        for number in range(50):
            one = Question(f"q{number}", "?", "", frozenset(), (), passage=f"p{number}")
            if half(name, one) == "report":
                assert not may_judge(name, one)


def test_the_lower_bound_is_that_of_clopper_and_pearson() -> None:
    assert lower_bound(0, 5) == 0
    assert lower_bound(10, 10) == pytest.approx(0.05**0.1, abs=1e-6)
    assert lower_bound(80, 100) == pytest.approx(0.7228, abs=2e-3)
    assert lower_bound(800, 1000) > lower_bound(80, 100)


def test_a_threshold_keeps_its_promise_or_there_is_none() -> None:
    confidence = [1 - n / 200 for n in range(200)]
    right = [n < 100 or n % 4 == 0 for n in range(200)]
    found = threshold_for(0.8, confidence, right)
    assert found is not None
    value, count, share = found
    assert sum(each >= value for each in confidence) == count
    assert share > 0.8 and lower_bound(round(share * count), count) >= 0.8
    assert threshold_for(0.8, [0.9, 0.8], [True, True]) is None
