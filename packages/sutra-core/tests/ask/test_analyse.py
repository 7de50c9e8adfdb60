from __future__ import annotations

from collections.abc import Sequence

import pytest

from sutra_core.ask.analyse import analyse
from sutra_core.types import ReadView, SourceDraft


def no_hint(questions: Sequence[str]) -> list[tuple[None, list[str], bool]]:
    return [(None, [], False) for _ in questions]


def names(view: ReadView, question: str) -> list[str]:
    return [name.text for name in analyse(view, question, no_hint).names]


def test_the_longest_known_name_counts(teach) -> None:
    towns = ("York", "New York", "New York City")
    view = teach(*(SourceDraft(town, "It has a harbour.", town) for town in towns))
    assert names(view, "Is New York City older than York?") == ["New York City", "York"]


def test_a_name_with_article_or_bracket_is_known_by_its_core_too(teach) -> None:
    view = teach("Heat is a 1995 film directed by Ann Lee.", "Aln is a river in Borland.")
    for question, core in (("Who directed Heat (1995 film)?", "Heat"), ("Where is The Aln?", "Aln")):
        found = analyse(view, question, no_hint).name_ids
        assert view.find_entities([core])[0] in found


def test_names_are_found_without_capitals_where_there_are_none(facts) -> None:
    assert names(facts, "where was marta kovač born") == ["marta kovač"]


def test_capitalised_words_of_no_known_name_are_strange(facts) -> None:
    assert analyse(facts, "Did Marta Kovač know Zorblax Quint?", no_hint).strange == ("Zorblax", "Quint")


def test_terms_are_content_words_with_what_they_ask_for(facts) -> None:
    asked = analyse(facts, "In which city was the director of Low Tide born?")
    terms = {term.word: term for term in asked.terms}
    assert set(terms) == {"city", "director", "Low", "Tide", "born"}
    assert terms["city"].asks_type
    assert terms["director"].relations == {"directed_by"}
    assert all(term.weight > 0 for term in asked.terms)


@pytest.mark.parametrize(
    ("question", "relation"),
    [
        ("When was the director of Low Tide born?", "directed_by"),
        ("Where was the founder of Kestrel Systems born?", "founded_by"),
    ],
)
def test_the_interrogative_belongs_to_the_last_relation_alone(facts, question, relation) -> None:
    assert relation in analyse(facts, question).relations


@pytest.mark.parametrize(("word", "order"), [("older", -1), ("first", -1), ("later", 1), ("larger", 0)])
def test_choices_and_their_order(facts, word: str, order: int) -> None:
    asked = analyse(facts, f"Which is {word}, Winter Harbour or Low Tide?", no_hint)
    assert [name.text for name in asked.choices] == ["Winter Harbour", "Low Tide"]
    assert asked.order == order


def test_how_often_asks_and_is_not_a_term(facts) -> None:
    asked = analyse(facts, "How often must the sensor F709 be inspected?", no_hint)
    assert "often" not in {term.word for term in asked.terms}


@pytest.mark.parametrize("question", ["", "?!", "...", "what is it", "a"])
def test_questions_of_no_content_do_not_fail(facts, question: str) -> None:
    assert not analyse(facts, question, no_hint).names


def test_a_slip_in_a_name_is_read_as_the_name(teach) -> None:
    view = teach(SourceDraft("a", "Ada Lind leads the Falcon project. It builds gliders.", "Falcon"))
    asked = analyse(view, "Who leads teh Falcn projcet?", no_hint)
    assert asked.text == "Who leads teh Falcon project?"
    assert asked.asked == "Who leads teh Falcn projcet?"
    assert asked.read_as == (("Falcn", "Falcon"), ("projcet", "project"))
    assert names(view, "Who leads teh Falcn projcet?") == ["Falcon"]
    assert {"falcon", "project"} <= {term.stem for term in asked.terms}
