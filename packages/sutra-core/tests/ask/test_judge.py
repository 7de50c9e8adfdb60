from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.ask.judge import Judge, fitted_judge
from sutra_core.ask.trees import Trees

# "a" up to one half is worth -1; above, "b" up to 0 is worth 2, and above that 3. Every row gets 10 more.
TREES = [
    {"feature": [0, 1], "threshold": [0.5, 0.0], "left": [-1, -2], "right": [1, -3], "value": [-1, 2, 3]},
    {"feature": [], "threshold": [], "left": [], "right": [], "value": [10]},
]
JUDGE = Judge(("a", "b"), Trees.of(TREES), 0.25, 1.0, 0.0, 0.5, (0.9, 0.6))
FEATURES = dict.fromkeys(fitted_judge().names, 0.5)
logits = st.lists(st.floats(-40, 40), min_size=1, max_size=8)


def test_a_row_comes_to_one_leaf_of_every_tree() -> None:
    rows = np.array([[0.5, 9.0], [0.6, 0.0], [0.6, 0.1]])
    assert Trees.of(TREES).sums(rows).tolist() == [9, 12, 13]
    assert Trees.of(Trees.of(TREES).as_lists()).sums(rows).tolist() == [9, 12, 13]


def test_a_candidate_is_weighed_by_its_features_names() -> None:
    assert JUDGE.logits([{"b": 1.0, "a": 0.9}, {"a": 0.1, "b": 0.0}]) == [13.25, 9.25]
    assert JUDGE.logits([]) == []


@given(logits, st.data())
def test_what_candidates_share_is_a_probability(found: list[float], data: st.DataObject) -> None:
    agreeing = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    said = JUDGE.confidence(found, agreeing)
    others = JUDGE.confidence(found, [not each for each in agreeing])
    assert 0 <= said <= 1
    assert said + others <= 1 + 1e-9


def test_a_rival_makes_less_sure_and_one_that_agrees_does_not() -> None:
    alone = JUDGE.confidence([1.0], [True])
    assert JUDGE.confidence([1.0, 1.0], [True, False]) < alone < JUDGE.confidence([1.0, 1.0], [True, True])


@pytest.mark.parametrize(
    "name", ["score", "lead", "agreement", "sources", "coverage", "names", "similarity", "promise"]
)
def test_more_of_what_speaks_for_a_candidate_never_makes_it_less_likely(name: str) -> None:
    judge = fitted_judge()
    for verdict in (0.0, 1.0):
        base = FEATURES | {"verdict": verdict, "read": 1.0}
        less, same, more = judge.logits([base | {name: 0.1}, base, base | {name: 0.9}])
        assert less <= same <= more


def test_an_answer_is_given_from_a_confidence_that_can_be_reached() -> None:
    judge = fitted_judge()
    assert 0 < judge.threshold < 1 and all(0 < each <= 1 for each in judge.settled)


def test_reading_ends_where_it_is_settled_or_there_are_no_more_stages() -> None:
    assert not JUDGE.settles(0, 0.8)
    assert JUDGE.settles(1, 0.8)
    assert JUDGE.settles(2, 0.0)
