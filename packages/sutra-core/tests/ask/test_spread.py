from __future__ import annotations

from sutra_core.ask.analyse import analyse
from sutra_core.ask.retrieve import retrieve
from sutra_core.ask.spread import spread
from sutra_core.types import SourceDraft

NOISE = [f"The annual report of district {n} lists roads, mills and schools." for n in range(30)]


def ranked(view, embedder, question: str) -> list:
    asked = analyse(view, question)
    vector = embedder.encode([question])[0]
    return spread(view, embedder, asked, vector, retrieve(view, asked, vector)).ranked


def test_a_passage_that_shares_no_word_with_the_question_is_reached_over_its_title(teach, embedder) -> None:
    view = teach(
        SourceDraft("film", "Silent Harbour is a drama directed by Ines Baptista.", "Silent Harbour"),
        SourceDraft("person", "Her childhood was spent in Faro among fishermen.", "Ines Baptista"),
        *NOISE,
    )
    best = ranked(view, embedder, "Where did the maker of Silent Harbour grow up?")[:2]
    texts = [concept.text for concept in view.concepts([each.passage for each in best])]
    assert texts[0].startswith("Silent Harbour")
    assert texts[1].startswith("Her childhood")
    assert best[1].via == best[0].passage
    assert best[0].via == 0


def test_scores_never_fall_by_a_hop(facts, embedder) -> None:
    asked = analyse(facts, "Where was the director of Low Tide born?")
    vector = embedder.encode([asked.text])[0]
    found = retrieve(facts, asked, vector)
    first = dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))
    for each in spread(facts, embedder, asked, vector, found).ranked:
        assert each.score >= first.get(each.passage, 0.0)


def test_the_hops_cost_one_batch_of_at_most_three_embeddings(facts, embedder) -> None:
    embedder.calls.clear()
    ranked(facts, embedder, "Where was the director of Low Tide born?")
    assert [len(call) for call in embedder.calls] == [1, 3]


def test_an_empty_store_has_no_passages(teach, embedder) -> None:
    assert ranked(teach(), embedder, "Who founded Kestrel Systems?") == []
