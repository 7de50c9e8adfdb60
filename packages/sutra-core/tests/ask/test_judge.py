from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.ask.judge import Judge, fitted_judge, terms_of

FEATURES: dict[str, float] = dict.fromkeys(
    (
        *("score", "read", "lead", "agreement", "sources", "fact", "against", "compared", "coverage"),
        *("directness", "names", "similarity", "sort", "sorted", "rank", "chain", "place", "promise"),
        *(
            "window",
            "bridge",
            "named",
            "title",
            "answered",
            "hop",
            "linked",
            "steps",
            "short",
            "verdict",
            "negation",
        ),
    ),
    0.5,
)
logits = st.lists(st.floats(-40, 40), min_size=1, max_size=8)


def test_the_shipped_judge_weighs_every_term_there_is_and_no_other() -> None:
    assert set(fitted_judge().weights) == set(terms_of(FEATURES))


@given(logits, st.data())
def test_what_candidates_share_is_a_probability(found: list[float], data: st.DataObject) -> None:
    judge = Judge({}, 0.0, 1.0, 0.0, 0.5)
    agreeing = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    said = judge.confidence(found, agreeing)
    others = judge.confidence(found, [not each for each in agreeing])
    assert 0 <= said <= 1
    assert said + others <= 1 + 1e-9


def test_a_rival_makes_less_sure_and_one_that_agrees_does_not() -> None:
    judge = Judge({}, 0.0, 1.0, 0.0, 0.5)
    alone = judge.confidence([1.0], [True])
    assert judge.confidence([1.0, 1.0], [True, False]) < alone < judge.confidence([1.0, 1.0], [True, True])


@pytest.mark.parametrize(
    "name", ["score", "lead", "agreement", "sources", "coverage", "names", "similarity", "promise"]
)
def test_more_of_what_speaks_for_a_candidate_never_makes_it_less_likely(name: str) -> None:
    judge = fitted_judge()
    for verdict in (0.0, 1.0):
        base = FEATURES | {"verdict": verdict, "read": 1.0}
        assert judge.logit(base | {name: 0.9}) >= judge.logit(base) >= judge.logit(base | {name: 0.1})
