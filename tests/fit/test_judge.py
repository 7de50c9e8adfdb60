"""The fit of the judge: on made-up candidates, so that no set and no model has to be there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from common import Question
from fit.judge.odds import AGAINST, FOR, chosen, fit
from fit.judge.rows import Asked, may_judge, read_rows, write_rows
from fit.judge.threshold import lower_bound, threshold_for
from fit.reader.halves import FITTED
from split import half

from sutra_core.ask.judge import fitted_judge

FEATURES = (
    *("score", "read", "lead", "agreement", "sources", "fact", "against", "compared", "coverage"),
    *("directness", "names", "similarity", "sort", "sorted", "rank", "chain", "place", "promise"),
    *("window", "bridge", "named", "title", "answered", "hop", "linked", "steps", "short"),
    *("verdict", "negation"),
)


def question(number: int, draw: random.Random) -> Asked:
    """Three candidates, of which the one with the best score is right four times in five, if any is."""
    scores = sorted((draw.random() for _ in range(3)), reverse=True)
    answerable = draw.random() < 0.7
    right = 0 if draw.random() < 0.8 else 1
    features = [dict.fromkeys(FEATURES, 0.5) | {"score": s, "read": 1.0, "verdict": 0.0} for s in scores]
    f1 = [float(answerable and at == right) for at in range(3)]
    texts = [f"answer {number} {name}" for name in "abc"]
    return Asked("made", str(number), answerable, texts, features, f1)


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    draw = random.Random(0)
    return [question(number, draw) for number in range(400)]


def test_it_finds_what_tells_right_from_wrong_and_is_calibrated(asked: list[Asked]) -> None:
    judge = fit(asked)
    picked = [(chosen(judge, each), each) for each in asked]
    firsts = [at[0] == 0 for at, _ in picked if at]
    assert sum(firsts) / len(firsts) > 0.95
    mean = sum(at[1] for at, _ in picked if at) / len(picked)
    share = sum(each.right[at[0]] for at, each in picked if at) / len(picked)
    assert mean == pytest.approx(share, abs=0.02)


def test_what_speaks_for_a_candidate_never_weighs_against_it(asked: list[Asked]) -> None:
    for judge in (fit(asked), fitted_judge()):
        assert all(judge.weights[name] >= 0 for name in FOR)
        assert all(judge.weights[name] <= 0 for name in AGAINST)


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
