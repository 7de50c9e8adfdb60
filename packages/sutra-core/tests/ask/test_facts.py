from __future__ import annotations

import pytest

from sutra_core.ask.analyse import analyse
from sutra_core.ask.facts import propose_facts


def best(view, question: str):
    proposals = propose_facts(view, analyse(view, question))
    assert proposals, question
    return max(proposals, key=lambda each: each.weight)


@pytest.mark.parametrize(
    ("question", "answer", "relations"),
    [
        ("Where was Marta Kovač born?", "Lenti", ["born_in"]),
        ("Who directed Winter Harbour?", "Marta Kovač", ["directed_by"]),
        ("Where was the director of Winter Harbour born?", "Lenti", ["directed_by", "born_in"]),
        ("When was the director of Low Tide born?", "12 June 1970", ["directed_by", "born_on"]),
        ("Where was the founder of Kestrel Systems born?", "Graz", ["founded_by", "born_in"]),
        ("What does lead poisoning cause?", "anaemia", ["causes"]),
    ],
)
def test_facts_are_followed_over_the_relations_asked_for(facts, question, answer, relations) -> None:
    found = best(facts, question)
    assert found.text == answer
    assert [edge.relation for edge, _ in found.steps] == relations
    assert len(found.evidence) == len(relations)


def test_the_steps_are_a_walk(facts) -> None:
    steps = best(facts, "Where was the founder of Kestrel Systems born?").steps
    (one, backwards), (other, _) = steps
    assert other.subject == (one.subject if backwards else one.object)


def test_a_name_that_is_only_like_the_one_asked_for_counts_for_less(facts) -> None:
    exact, near = (best(facts, f"Who directed {name} Harbour?") for name in ("Winter", "Summer"))
    assert near.strength <= exact.strength / 2


@pytest.mark.parametrize("question", ["Where did Marta Kovač study?", "Is Graz old?", "Who?"])
def test_without_the_edge_there_is_no_fact(facts, question: str) -> None:
    assert propose_facts(facts, analyse(facts, question)) == []


def test_two_values_of_what_can_have_one_are_rivals_and_a_closer_value_is_none(teach) -> None:
    said = "Olga Brandt was born in Perm."
    assert best(teach(said), "Where was Olga Brandt born?").rivals == 0
    disputed = teach(said, "Olga Brandt was born in Kazan.")
    assert best(disputed, "Where was Olga Brandt born?").rivals > 0.5
    dated = teach("Olga Brandt was born in 1932.", "Olga Brandt was born on 2 November 1932.")
    assert best(dated, "When was Olga Brandt born?").rivals == 0


def test_parents_and_children_are_not_confused(teach) -> None:
    view = teach("Ivo Marek is the father of Petra Marek.")
    assert best(view, "Who is the father of Petra Marek?").text == "Ivo Marek"
    assert propose_facts(view, analyse(view, "Who is the father of Ivo Marek?")) == []
