"""A narrowed view tells only of places and evidence that are admitted, however few it is asked for."""

from __future__ import annotations

import pytest
from taught import Named

from sutra_core.types import ReadView

SAME = "Mara Holt worked for Venn Works from 2001 to 2009."
OTHER = "Mara Holt worked for Venn Works."


@pytest.fixture
def whole(named: Named) -> ReadView:
    """Source 1 says it otherwise; 2 to 6 say the same, each in a transaction of its own."""
    engine = named("store")
    engine.learn(OTHER, source="other")
    for number in range(2, 7):
        # Behind a sentence of its own, so that its bytes tell which place is told.
        engine.learn(f"{'O' * number}ak. {SAME}", source=f"same {number}", attributes={"n": str(number)})
    return engine.view()


def statement(view: ReadView, text: str) -> int:
    ids, _ = view.search_vectors(view.vectors([1])[0], 50, unit="sentence")
    return next(concept.id for concept in view.concepts(ids) if concept.text == text)


@pytest.mark.parametrize(
    ("given", "sources"),
    [
        ({}, [2, 3, 4, 5, 6]),
        ({"sources": [6, 4]}, [4, 6]),
        ({"as_of": 3}, [2, 3]),
        ({"attributes": {"n": "5"}}, [5]),
        ({"attributes": {"n": "5"}, "as_of": 4}, []),
    ],
)
def test_places_are_those_that_are_admitted(
    whole: ReadView, given: dict[str, object], sources: list[int]
) -> None:
    view = whole.within(**given)  # type: ignore[arg-type]
    assert isinstance(view, ReadView)
    same = statement(whole, SAME)
    # What is admitted nowhere was asked for by its number, and is shown as it is.
    told = [place.source for place in view.supports([same])[0]]
    assert told == (sources or [2, 3, 4, 5, 6])
    for limit in (1, 2):
        assert [place.source for place in view.supports([same], limit=limit)[0]] == told[:limit]
    (concept,) = view.in_language("de").concepts([same])
    (first, *_) = view.supports([same])[0]
    assert (concept.source, concept.start, concept.end) == first
    assert whole.source_text(first.source).encode()[first.start : first.end].decode() == SAME


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, [OTHER, SAME]),
        ({"sources": [1]}, [OTHER]),
        ({"sources": [5]}, [SAME]),
        ({"as_of": 1}, [OTHER]),
        ({"attributes": {"n": "6"}}, [SAME]),
        ({"holds_at": 0}, [OTHER]),
        ({"sources": []}, []),
    ],
)
def test_evidence_is_what_is_admitted_and_holds(
    whole: ReadView, given: dict[str, object], said: list[str]
) -> None:
    view = whole.within(**given)  # type: ignore[arg-type]
    mara, works = whole.find_entities(["Mara Holt", "Venn Works"])
    for limit in (None, 1, 2):
        pieces = view.evidence([(mara, "works_for", works)], limit=limit)[0]
        assert [concept.text for concept in view.concepts([each.statement for each in pieces])] == said[
            :limit
        ]
    assert sum(edge.evidence_count for edge in view.neighbors([mara], relations=["works_for"])[0]) == len(
        said
    )
