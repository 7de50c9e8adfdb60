from __future__ import annotations

from sutra_core.ask.analyse import analyse
from sutra_core.ask.paths import graph_paths, open_chains
from sutra_core.ask.spread import Ranked, Reached
from sutra_core.learn import Item, learn
from sutra_core.reference import ReferenceStore
from sutra_core.types import SourceDraft


def test_a_chain_has_its_sentences_and_those_that_led_to_it(teach, embedder) -> None:
    view = teach(
        SourceDraft("one", "The Vesk rises near Kladno. It is short.", "Vesk"),
        SourceDraft("two", "Kladno has a castle.", "Kladno"),
    )
    (first,), (second,) = view.expand(view.find_entities(["Vesk", "Kladno"]), "about", direction="in")
    vector, asked = embedder.encode(["Where does the Vesk rise?", "a castle near the Vesk"])
    ranked = [Ranked(first, 2.0, 0), Ranked(second, 1.0, first)]
    one, two = open_chains(view, vector, Reached(ranked, {first: asked}))
    assert [each.text for each in one.sentences] == ["The Vesk rises near Kladno.", "It is short."]
    assert one.led_by == ()
    assert (one.score, two.score) == (1.0, 0.5)
    assert {each.text for each in two.led_by} == {each.text for each in one.sentences}
    (castle,) = two.sentences
    assert castle.title == "Kladno"
    assert castle.led_similarity > castle.similarity


def test_a_passage_of_labels_alone_is_no_chain(embedder) -> None:
    store = ReferenceStore(fingerprint=embedder.fingerprint, dimension=embedder.dimension)
    caption = "The café A Brasileira"
    items = [
        Item(SourceDraft("page", caption), None, "page", 0, labels=((0, len(caption.encode())),)),
        Item(SourceDraft("text", "Adriano Telles opened A Brasileira."), None, "text", 0),
    ]
    assert not learn(store, embedder, items, batch_size=50).refused
    view = store.view()
    every = view.concepts(range(1, view.stats().concepts + 1))
    passages = [each.id for each in every if "passage" in each.roles]
    assert len(passages) == 2
    ranked = [Ranked(passage, 1.0, 0) for passage in passages]
    (chain,) = open_chains(view, embedder.encode([caption])[0], Reached(ranked, {}))
    assert [each.text for each in chain.sentences] == ["Adriano Telles opened A Brasileira."]


def test_paths_start_at_a_name_end_at_the_answer_and_prefer_the_evidence(facts) -> None:
    asked = analyse(facts, "Where was Marta Kovač born?")
    (lenti,) = facts.find_entities(["Lenti"])
    paths, exhausted = graph_paths(facts, asked, lenti, (), k=3, max_steps=4)
    assert not exhausted
    assert paths[0].steps[0].association.relation == "born_in"
    for path in paths:
        assert path.nodes[0] in asked.name_ids
        assert path.nodes[-1] == lenti
        assert 1 <= len(path.steps) <= 4


def test_no_steps_no_path(facts) -> None:
    asked = analyse(facts, "Who is Marta Kovač?")
    (same,) = facts.find_entities(["Marta Kovač"])
    assert graph_paths(facts, asked, same, (), k=3, max_steps=4) == ([], False)
    assert graph_paths(facts, asked, facts.find_entities(["Lenti"])[0], (), k=3, max_steps=0) == ([], False)
