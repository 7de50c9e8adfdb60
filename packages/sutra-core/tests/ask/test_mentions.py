from __future__ import annotations

from sutra_core.ask.analyse import analyse
from sutra_core.ask.mentions import propose_mentions, propose_sentences
from sutra_core.ask.paths import open_chains
from sutra_core.ask.retrieve import retrieve
from sutra_core.ask.sentences import rate_sentences
from sutra_core.ask.spread import spread
from sutra_core.ask.stems import Stems


def rated(view, embedder, question: str):
    asked = analyse(view, question)
    vector = embedder.encode([question])[0]
    reached = spread(view, embedder, asked, vector, retrieve(view, asked, vector))
    return asked, rate_sentences(view, asked, Stems(view), open_chains(view, vector, reached))


def test_the_name_beside_what_is_asked_comes_before_one_further_off(teach, embedder) -> None:
    view = teach("The Vesk rises near Kladno and flows past mills and meadows to Otaru.")
    asked, found = rated(view, embedder, "Where does the Vesk rise?")
    places = sorted(propose_mentions(view, asked, found), key=lambda each: -each.weight)
    assert [each.text for each in places][:2] == ["Kladno", "Otaru"]


def test_only_the_sort_asked_for_and_nothing_that_the_question_names(facts, embedder) -> None:
    asked, found = rated(facts, embedder, "When did Tomas Riedl found Kestrel Systems?")
    proposals = propose_mentions(facts, asked, found)
    kinds = {each.entity_type for each in facts.concepts([p.concept for p in proposals])}
    assert kinds == {"date"}
    assert max(proposals, key=lambda each: each.weight).text == "1971"
    assert {p.concept for p in proposals}.isdisjoint(asked.name_ids)


def test_a_choice_is_answered_by_a_choice(facts, embedder) -> None:
    asked, found = rated(facts, embedder, "Who made the better film, Marta Kovač or Ben Okoye?")
    assert {each.text for each in propose_mentions(facts, asked, found)} == {"Marta Kovač", "Ben Okoye"}


def test_sentences_come_best_first_and_say_where_they_are_from(facts, embedder) -> None:
    _asked, found = rated(facts, embedder, "How often must the sensor F709 be inspected?")
    best = propose_sentences(found)[0]
    assert best.text == "The sensor F709 must be inspected every 700 hours."
    assert facts.concepts([best.evidence[0]])[0].text == best.text
    assert 0 < best.strength <= 1
