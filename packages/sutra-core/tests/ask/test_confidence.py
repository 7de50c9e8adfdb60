from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.ask.confidence import ROUTES, Parts, confidence
from sutra_core.ask.proposal import Route

PARTS = [field.name for field in dataclasses.fields(Parts)]
unit = st.floats(0, 1)
parts = st.builds(Parts, **dict.fromkeys(PARTS, unit))
routes = st.sampled_from(ROUTES)


@given(routes, parts, st.sampled_from(PARTS), unit)
def test_more_of_a_part_never_makes_less_sure_and_more_dispute_never_surer(
    route: Route, some: Parts, name: str, value: float
) -> None:
    other = dataclasses.replace(some, **{name: value})
    low, high = sorted((some, other), key=lambda each: getattr(each, name))
    if name == "dispute":
        low, high = high, low
    assert confidence(route, low) <= confidence(route, high)


@given(routes, parts)
def test_it_is_a_probability_and_nothing_is_nothing(route: Route, some: Parts) -> None:
    assert 0 <= confidence(route, some) < 1
    assert confidence(route, dataclasses.replace(some, support=0)) == 0


@pytest.mark.parametrize("route", ["fact", "sentence"])
def test_what_is_plainly_said_is_sure_and_what_names_another_thing_is_not(route: Route) -> None:
    plain = Parts(0.9, 0, 0.8, 1, 1, 1, 0.75, 0)
    assert confidence(route, plain) >= 0.9
    assert confidence(route, dataclasses.replace(plain, names=0, directness=0.5)) < 0.35
    assert confidence(route, dataclasses.replace(plain, coverage=0, directness=0.4)) < 0.6


def test_a_dispute_costs() -> None:
    plain = Parts(0.9, 0, 0.8, 1, 1, 1, 0.75, 0)
    disputed = dataclasses.replace(plain, dispute=0.9, margin=0)
    assert confidence("fact", disputed) < confidence("fact", plain) - 0.2
