from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sutra_core.ask.question_view import QuestionView
from sutra_core.errors import UnknownConceptError
from sutra_core.types import ReadView

LOOKED_UP: dict[str, Callable[[ReadView, list[int]], object]] = {
    "concepts": lambda view, ids: view.concepts(ids),
    "concepts of an array": lambda view, ids: view.concepts(np.array(ids, np.uint64)),
    "supports": lambda view, ids: view.supports(ids),
    "first supports": lambda view, ids: view.supports(ids, limit=1),
    "vectors": lambda view, ids: view.vectors(ids).tolist(),
    "neighbors": lambda view, ids: view.neighbors(ids),
    "neighbors out": lambda view, ids: view.neighbors(ids, direction="out", relations=["mentions"], limit=1),
    "expanded": lambda view, ids: view.expand(ids, "mentions"),
    "expanded in": lambda view, ids: view.expand(ids, "mentions", direction="in", limit=1),
    "expanded each way": lambda view, ids: view.expand_each(
        [(ids, "mentions", "out", None), (ids[1:], "mentions", "out", None), (ids, "mentions", "in", 1)]
    ),
    "words": lambda view, ids: view.word_weights([f"the bridge {number}" for number in ids]),
    "evidence": lambda view, ids: view.evidence(
        [edge[:3] for edges in view.neighbors(ids) for edge in edges], limit=2
    ),
    "sources": lambda view, ids: view.sources(
        [concept.source for concept in view.concepts(ids) if concept.source]
    ),
    "stats": lambda view, ids: (view.stats(), view.transaction),
}


@pytest.mark.parametrize("look_up", LOOKED_UP.values(), ids=LOOKED_UP)
def test_it_says_what_the_view_says(
    facts: ReadView, look_up: Callable[[ReadView, list[int]], object]
) -> None:
    kept = QuestionView(facts)
    for ids in ([1, 2, 3], [3, 4, 3, 1], [], [5]):
        assert look_up(kept, ids) == look_up(facts, ids)


def test_different_questions_to_one_concept_are_told_apart(facts: ReadView) -> None:
    kept = QuestionView(facts)
    for each in (*LOOKED_UP.values(), *LOOKED_UP.values()):
        assert each(kept, [1, 2, 6]) == each(facts, [1, 2, 6])


def test_what_is_not_there_is_refused_as_the_view_does_and_not_kept(facts: ReadView) -> None:
    kept = QuestionView(facts)
    for _ in range(2):
        with pytest.raises(UnknownConceptError):
            kept.concepts([1, 10**9])
    assert kept.concepts([1]) == facts.concepts([1])


def test_what_was_fetched_is_given_again(facts: ReadView) -> None:
    kept = QuestionView(facts)
    first = kept.concepts([1, 2])
    assert kept.concepts([2])[0] is first[1]
    (words,) = kept.word_weights(["the bridge"])
    assert kept.word_weights(["a river", "the bridge"])[1] is words
