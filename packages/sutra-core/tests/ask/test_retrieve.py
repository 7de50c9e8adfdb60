from __future__ import annotations

import numpy as np

from sutra_core.ask.analyse import analyse
from sutra_core.ask.retrieve import retrieve
from sutra_core.types import SourceDraft


def test_every_named_title_is_a_candidate_and_scores_for_it(teach, embedder) -> None:
    view = teach(
        SourceDraft("a", "It stands in the north of the province.", "Alpha Tower"),
        SourceDraft("b", "It was built by the same masons.", "Beta Tower"),
        *(f"A tower like alpha and beta number {n} is older." for n in range(20)),
    )
    asked = analyse(view, "Which is older, Alpha Tower or Beta Tower?")
    found = retrieve(view, asked, embedder.encode([asked.text])[0])
    named = {int(found.ids[at]) for at in np.flatnonzero(found.named)}
    heads = view.expand(asked.name_ids, "about", direction="in")
    assert named == {passage for each in heads for passage in each}
    assert len(named) == 2


def test_words_are_the_sum_of_the_terms_and_scores_are_relative_to_the_best(facts, embedder) -> None:
    asked = analyse(facts, "Who founded Kestrel Systems?")
    found = retrieve(facts, asked, embedder.encode([asked.text])[0])
    together = facts.score_words([" ".join(term.word for term in asked.terms)], found.ids)[0]
    np.testing.assert_allclose(found.words, together, rtol=1e-5)
    assert found.scores.shape == (len(found.position),)
    assert found.scores.max() <= 1 + found.named.max()


def test_adding_twice_changes_nothing(facts, embedder) -> None:
    asked = analyse(facts, "Who founded Kestrel Systems?")
    found = retrieve(facts, asked, embedder.encode([asked.text])[0])
    before = found.scores.copy()
    found.add(found.ids.tolist())
    np.testing.assert_array_equal(found.scores, before)
