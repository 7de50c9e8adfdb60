"""The view of one question: what is looked up by number or by text is fetched once.

The steps of asking look at the same concepts, places and words again and again. What a step fetches in one
call for all that it is going to look at, it and the later ones then have. Decides nothing, and changes no
answer: what it keeps never changes in a view. Belongs to one question, and goes with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import repeat

import numpy as np

from sutra_core.ask.kept import kept
from sutra_core.types import (
    Association,
    Concept,
    Direction,
    Evidence,
    Floats,
    Ids,
    ReadView,
    Source,
    StoreStats,
    Support,
    Walk,
)

__all__ = ["QuestionView"]

_How = tuple[str, Direction, int | None]
"""Over which relation, which way, and how many of each concept at most."""


class QuestionView:
    """A `ReadView` of the same state. What it gives is shared: it is to be read, and not to be changed."""

    def __init__(self, view: ReadView) -> None:
        self._view = view
        self._stats: StoreStats | None = None
        self._concepts: dict[int, Concept] = {}
        self._sources: dict[int, Source] = {}
        # As arrays that came in one call, and the row in these.
        self._vectors: dict[int, tuple[Floats, int]] = {}
        self._weights: dict[str, dict[str, float]] = {}
        # By what they were asked with, and then by what they were asked of.
        self._supports: defaultdict[Hashable, dict[int, list[Support]]] = defaultdict(dict)
        self._neighbors: defaultdict[Hashable, dict[int, list[Association]]] = defaultdict(dict)
        self._expanded: defaultdict[Hashable, dict[int, list[int]]] = defaultdict(dict)
        self._evidence: defaultdict[Hashable, dict[tuple[int, str, int], list[Evidence]]] = defaultdict(dict)
        # Nothing of this is asked twice.
        self.source_text = view.source_text
        self.statements_in = view.statements_in
        self.markup = view.markup
        self.outdated = view.outdated
        self.sources_after = view.sources_after
        self.find_source = view.find_source
        self.sources_at = view.sources_at
        self.find_entities = view.find_entities
        self.search_vectors = view.search_vectors
        self.languages = view.languages
        self.in_language = view.in_language
        self.within = view.within
        self.search_vectors_each = view.search_vectors_each
        self.search_words = view.search_words
        self.search_words_each = view.search_words_each
        self.score_words = view.score_words
        self.near_words = view.near_words
        self.pending = view.pending
        self.degrees = view.degrees
        self.pagerank = view.pagerank
        self.paths = view.paths

    @property
    def transaction(self) -> int:
        """The last transaction in this state."""
        return self._view.transaction

    @property
    def fingerprint(self) -> str:
        """That of the embedder whose vectors it has."""
        return self._view.fingerprint

    def stats(self) -> StoreStats:
        """How much the state holds."""
        if self._stats is None:
            self._stats = self._view.stats()
        return self._stats

    def concepts(self, ids: Sequence[int] | Ids) -> list[Concept]:
        """The concepts with these ids, in this order."""
        return kept(self._concepts, _numbers(ids), self._view.concepts)

    def sources(self, ids: Sequence[int]) -> list[Source]:
        """The sources with these ids, in this order."""
        return kept(self._sources, ids, self._view.sources)

    def supports(self, ids: Sequence[int] | Ids, *, limit: int | None = None) -> list[list[Support]]:
        """For each statement the first places where it stands."""
        return kept(self._supports[limit], _numbers(ids), lambda each: self._view.supports(each, limit=limit))

    def word_weights(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The analysed terms of each text with their inverse document frequency."""
        return kept(self._weights, texts, self._view.word_weights)

    def vectors(self, ids: Sequence[int] | Ids) -> Floats:
        """The stored vectors."""
        numbers = _numbers(ids)
        if self._vectors.keys().isdisjoint(numbers):
            found = self._view.vectors(ids)  # as one array, of many candidates
            self._vectors.update(zip(numbers, _rows(found), strict=True))
            return found
        places = kept(self._vectors, numbers, lambda each: _rows(self._view.vectors(each)))
        return np.stack([rows[at] for rows, at in places])

    def neighbors(
        self,
        ids: Sequence[int] | Ids,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> list[list[Association]]:
        """For each concept its strongest associations."""
        how = (direction, None if relations is None else tuple(relations), limit)

        def fetch(missing: list[int]) -> list[list[Association]]:
            return self._view.neighbors(missing, direction=direction, relations=relations, limit=limit)

        return kept(self._neighbors[how], _numbers(ids), fetch)

    def expand(
        self,
        ids: Sequence[int] | Ids,
        relation: str,
        *,
        direction: Direction = "out",
        limit: int | None = None,
    ) -> list[list[int]]:
        """For each concept, those at the other end of its strongest associations of one relation."""

        def fetch(missing: list[int]) -> list[list[int]]:
            return self._view.expand(missing, relation, direction=direction, limit=limit)

        return kept(self._expanded[relation, direction, limit], _numbers(ids), fetch)

    def expand_each(self, walks: Sequence[Walk]) -> list[list[list[int]]]:
        """`expand` of each walk; what is missing of all of them is fetched in one call."""
        asked: list[tuple[Sequence[int], _How]] = [
            (_numbers(ids), (relation, direction, limit)) for ids, relation, direction, limit in walks
        ]
        missing: defaultdict[_How, dict[int, None]] = defaultdict(dict)
        for ids, how in asked:
            known = self._expanded[how]
            missing[how].update((each, None) for each in ids if each not in known)
        lacking = [(list(ids), how) for how, ids in missing.items() if ids]
        if lacking:
            fetched = self._view.expand_each([(ids, *how) for ids, how in lacking])
            for (ids, how), found in zip(lacking, fetched, strict=True):
                self._expanded[how].update(zip(ids, found, strict=True))
        return [[self._expanded[how][each] for each in ids] for ids, how in asked]

    def evidence(
        self, associations: Sequence[tuple[int, str, int]], *, limit: int | None = None
    ) -> list[list[Evidence]]:
        """What supports each association."""
        return kept(self._evidence[limit], associations, lambda each: self._view.evidence(each, limit=limit))


def _rows(vectors: Floats) -> Iterator[tuple[Floats, int]]:
    return zip(repeat(vectors), range(len(vectors)))


def _numbers(ids: Sequence[int] | Ids) -> Sequence[int]:
    return ids.tolist() if isinstance(ids, np.ndarray) else ids
