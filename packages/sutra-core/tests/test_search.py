"""Search: each mode ranks passages by its own score, and cites them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.embed import Embedder
from sutra_core.errors import InvalidValueError
from sutra_core.learn import learn
from sutra_core.learn.adapters import Item
from sutra_core.reference import ReferenceStore
from sutra_core.search import SearchHit, SearchMode, search
from sutra_core.types import ReadView, SourceDraft

DRAFTS = [
    SourceDraft("file.txt", "The Aln rises at Alham. It is long.", "Aln", offset=100),
    SourceDraft("b", "The bridge over the Aln is old.", "Bridge"),
    SourceDraft("c", "Coffee grows on hills."),
]


def items() -> Iterator[Item]:
    for draft in DRAFTS:
        yield Item(draft, None, draft.address, 0)


@pytest.fixture(scope="module")
def view() -> ReadView:
    store = ReferenceStore(fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    assert learn(store, WordEmbedder(), items(), batch_size=10).sources == 3
    return store.view()


def no_ranking(view: ReadView, embedder: Embedder, query: str, k: int) -> list[tuple[int, float]]:
    raise AssertionError("only the mode `all` ranks by everything")


def find(
    view: ReadView, query: str, mode: SearchMode, k: int = 10, embedder: Embedder | None = None
) -> list[SearchHit]:
    return search(view, embedder, query, mode, k, no_ranking)


def test_words_rank_by_bm25(view: ReadView) -> None:
    hits = find(view, "bridge", "words")
    assert [hit.address for hit in hits] == ["b"]
    assert hits[0].score == pytest.approx(float(view.score_words(["bridge"], [hits[0].concept])[0][0]))
    assert find(view, "nowhere", "words") == []


def test_meaning_ranks_by_cosine(view: ReadView) -> None:
    hits = find(view, "coffee grows on hills", "meaning", embedder=WordEmbedder())
    assert hits[0].address == "c"
    assert hits[0].score == pytest.approx(1, abs=1e-3)
    assert len(hits) == 3


def test_graph_ranks_passages_near_the_names_of_the_query(view: ReadView) -> None:
    hits = find(view, "where does the Aln rise", "graph")
    assert {hit.address for hit in hits} == {"file.txt", "b"}
    assert all(0 < hit.score < 1 for hit in hits)
    assert find(view, "nowhere", "graph") == []


def test_everything_is_ranked_by_what_the_caller_gives(view: ReadView) -> None:
    asked: list[tuple[str, int]] = []

    def rank(view: ReadView, embedder: Embedder, query: str, k: int) -> list[tuple[int, float]]:
        asked.append((query, k))
        return [(1, 0.75)]

    (hit,) = search(view, WordEmbedder(), "the Aln", "all", 4, rank)
    assert asked == [("the Aln", 4)]
    assert (hit.concept, hit.score) == (1, 0.75)


def test_a_hit_cites_bytes_of_what_its_address_names(view: ReadView) -> None:
    (hit,) = find(view, "alham", "words")
    expected = ("The Aln rises at Alham. It is long.", "Aln", "file.txt", 100, 135)
    assert (hit.text, hit.title, hit.address, hit.start, hit.end) == expected


@pytest.mark.parametrize("mode", ["words", "graph", "meaning"])
def test_k_bounds_what_is_found(view: ReadView, mode: SearchMode) -> None:
    whole = find(view, "the Aln", mode, embedder=WordEmbedder())
    assert len(whole) >= 2
    assert find(view, "the Aln", mode, k=1, embedder=WordEmbedder()) == whole[:1]


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_misuse(view: ReadView, k: int) -> None:
    with pytest.raises(InvalidValueError, match="1 and more"):
        find(view, "the Aln", "words", k)


def test_an_unknown_mode_is_misuse(view: ReadView) -> None:
    with pytest.raises(InvalidValueError, match="meaning, words, graph, all"):
        find(view, "the Aln", "smell")  # type: ignore[arg-type]
