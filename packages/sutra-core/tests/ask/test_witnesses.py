from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutra_core.ask.proposal import Proposal
from sutra_core.ask.witnesses import independent, support_of

SAID = [
    "The Vesk rises near Kladno.",
    "Near Kladno, under old beeches, a spring feeds the Vesk.",
    "Hikers who follow the Vesk upstream end at Kladno.",
    "Kladno is where the water of the Vesk comes from, says the map.",
]


def sentences(view) -> list[int]:
    ids = range(1, view.stats().concepts + 1)
    return [concept.id for concept in view.concepts(list(ids)) if "sentence" in concept.roles]


def mention(statement: int, strength: float) -> Proposal:
    return Proposal("Kladno", 0, "mention", (statement,), strength, 1.0)


def test_copies_and_the_same_source_are_no_second_witness(teach) -> None:
    view = teach(SAID[0], SAID[0], "The Vesk rises near Kladno!", f"{SAID[1]} {SAID[2]}")
    ids = sentences(view)
    kept = view.concepts([ids[at] for at in independent(view, ids)])
    assert [concept.text for concept in kept] == [SAID[0], SAID[1]]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4), st.integers(1, 3))
def test_each_independent_statement_adds_and_none_takes_away(teach, strengths, count: int) -> None:
    view = teach(*SAID)
    proposals = [mention(each, strength) for each, strength in zip(sentences(view), strengths, strict=True)]
    fewer, more = (support_of(view, proposals[0], proposals[:n]) for n in (count, count + 1))
    assert more.strength >= fewer.strength
    assert more.count == fewer.count + 1
    again = support_of(view, proposals[0], [*proposals[:count], *proposals[:count]])
    assert again == fewer


def test_a_walk_is_as_sure_as_the_product_of_its_steps(teach) -> None:
    view = teach("Ivo Marek founded Tallis Works.", "Ivo Marek was born in Pirot.")
    (firm, town) = view.find_entities(["Tallis Works", "Pirot"])
    steps = [
        (view.neighbors([firm], relations=["founded_by"])[0][0], False),
        (view.neighbors([town], relations=["born_in"])[0][0], True),
    ]
    sure = steps[0][0].confidence * steps[1][0].confidence
    evidence = tuple(view.evidence([e[:3]])[0][0].statement for e, _ in steps)
    best = Proposal("Pirot", town, "fact", evidence, sure, 1.0, tuple(steps))
    found = support_of(view, best, [best])
    assert abs(found.strength - sure) < 1e-5
    assert found.count == 1
    assert set(found.statements) == set(evidence)
