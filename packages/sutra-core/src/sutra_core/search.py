"""Search for people: the best passages, by meaning, words, graph, or all three.

Ranks and fetches; answers nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sutra_core.embed import Embedder
from sutra_core.errors import InvalidValueError
from sutra_core.languages import asked_in_its_language
from sutra_core.places import place_at
from sutra_core.types import Floats, Ids, ReadView, SearchMode

__all__ = ["SearchHit", "SearchMode", "search"]

Ranker = Callable[[ReadView, Embedder, str, int], list[tuple[int, float]]]

# A query's words seed the graph by this many names.
_NAMES = 8


class SearchHit(NamedTuple):
    """A passage that was found. Bytes `start` to `end` of what `address` names; `place` as in a citation.

    `score` is comparable within one result alone: a cosine (meaning), BM25 (words), a probability
    of personalised PageRank (graph), or the fused score (all).
    """

    concept: int
    score: float
    text: str
    title: str
    address: str
    start: int
    end: int
    place: str = ""


def search(
    view: ReadView,
    embedder: Embedder | None,
    query: str,
    mode: SearchMode,
    k: int,
    rank_all: Ranker,
) -> list[SearchHit]:
    """The `k` best passages for a query. `rank_all` ranks by all three together.

    Raises `InvalidValueError` for an unknown mode or a `k` below 1.
    """
    if k < 1:
        raise InvalidValueError(f"k is {k}; allowed: 1 and more")
    view = asked_in_its_language(view, query)
    if mode == "words":
        ranking = _pairs(*view.search_words(query, k))
    elif mode == "graph":
        ranking = _by_graph(view, query, k)
    elif mode == "meaning" and embedder is not None:
        ranking = _pairs(*view.search_vectors(embedder.encode([query])[0], k))
    elif mode == "all" and embedder is not None:
        ranking = rank_all(view, embedder, query, k)
    else:
        raise InvalidValueError(f"search mode is {mode!r}; allowed: meaning, words, graph, all")
    return _hits(view, ranking)


def _pairs(ids: Ids, scores: Floats) -> list[tuple[int, float]]:
    return [(int(i), float(s)) for i, s in zip(ids, scores, strict=True)]


def _by_graph(view: ReadView, query: str, k: int) -> list[tuple[int, float]]:
    """Passages near, in the graph, to the entities that the query names."""
    names, weights = view.search_words(query, _NAMES, unit="entity")
    if not len(names):
        return []
    seeds = dict(_pairs(names, weights))
    ids, scores = view.pagerank(seeds, k=20 * k)
    ranking: list[tuple[int, float]] = []
    for concept, pair in zip(view.concepts(ids), _pairs(ids, scores), strict=True):
        if "passage" in concept.roles:
            ranking.append(pair)
    return ranking[:k]


def _hits(view: ReadView, ranking: list[tuple[int, float]]) -> list[SearchHit]:
    concepts = view.concepts([concept for concept, _ in ranking])
    sources = view.sources([concept.source for concept in concepts])
    return [
        SearchHit(
            concept.id,
            score,
            concept.text,
            source.title,
            source.address,
            source.offset + concept.start,
            source.offset + concept.end,
            place_at(source.attributes, concept.start),
        )
        for concept, source, (_, score) in zip(concepts, sources, ranking, strict=True)
    ]
