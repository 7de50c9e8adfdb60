"""A view of the reference store: one state, read by looping over it.

Changes nothing and caches nothing but what lives, what it is narrowed to, and the words of the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import get_args

import numpy as np

from sutra_core.errors import InvalidValueError, UnknownConceptError
from sutra_core.languages import LANGUAGE, language_code
from sutra_core.reference.graph import Graph
from sutra_core.reference.part import Part, living, said, stands
from sutra_core.reference.state import State, name_key, source_key
from sutra_core.reference.words import ENGLISH, Documents
from sutra_core.types import (
    Association,
    AssociationKind,
    Concept,
    Direction,
    Evidence,
    Floats,
    GraphPaths,
    Ids,
    Source,
    StoreStats,
    Support,
    Unit,
    Walk,
)


class ReferenceView:
    """A `ReadView` of a state that nobody changes any more."""

    def __init__(
        self,
        state: State,
        dimension: int,
        fingerprint: str,
        asked_in: str = ENGLISH,
        narrowed: Part | None = None,
    ) -> None:
        """`narrowed` is what searches find; without it all that lives."""
        self._state = state
        self._dimension = dimension
        self.fingerprint = fingerprint
        self._asked_in = asked_in
        self._living = living(state)
        self._part = self._living if narrowed is None else narrowed

    @property
    def transaction(self) -> int:
        """The last transaction in this state."""
        return self._state.transaction

    def stats(self) -> StoreStats:
        """How much the state holds."""
        state, part = self._state, self._living
        statements = part.supports.keys()
        return StoreStats(
            transaction=state.transaction,
            sources=sum(source.retired is None for source in state.sources.values()),
            concepts=len(statements) + len(part.entities),
            statements=len(statements),
            entities=len(part.entities),
            passages=sum("passage" in state.concepts[number].roles for number in statements),
            associations=len(part.associations),
            evidence=sum(map(len, part.evidence.values())),
            vectors=len(statements & state.vectors.keys()),
            dimension=self._dimension,
            bytes_on_disk=0,
        )

    def concepts(self, ids: Sequence[int] | Ids) -> list[Concept]:
        """The concepts with these ids, in this order."""
        return [self._concept(number) for number in _numbers(ids)]

    def sources(self, ids: Sequence[int]) -> list[Source]:
        """The sources with these ids, in this order."""
        found = [self._source(number) for number in ids]
        return [source._replace(attributes=dict(source.attributes)) for source in found]

    def source_text(self, source: int) -> str:
        """The whole text of a source."""
        return self._state.texts[self._source(source).id].decode()

    def statements_in(self, source: int) -> list[tuple[int, int, int, bool, bool]]:
        """The statements of a source, by start, with their roles anywhere."""
        placed = [
            (place.start, number, place.end)
            for number, places in self._state.supports.items()
            for place in places
            if place.source == source
        ]
        roles = {number: self._state.concepts[number].roles for _, number, _ in placed}
        return [
            (number, start, end, "sentence" in roles[number], "passage" in roles[number])
            for start, number, end in sorted(placed)
        ]

    def markup(self, source: int) -> list[tuple[int, int]]:
        """What of a source's text is markup."""
        return list(self._state.markup.get(source, ()))

    def outdated(self, rules: int) -> int:
        """How many pieces of evidence were derived by rules before this version."""
        return sum(tellings[-1].is_outdated(rules) for tellings in self._state.tellings.values())

    def sources_after(self, after: int, limit: int, *, retired: bool = False) -> list[Source]:
        """The first sources after one, by rising id; with `retired` those too that were retired."""
        found = [source for source in self._state.sources.values() if retired or source.retired is None]
        return self.sources([source.id for source in found if source.id > after][:limit])

    def find_source(self, address: str, offset: int, text: str) -> int:
        """Exactly this source, 0 where it was not learned or was retired."""
        return self._state.find_source(source_key(address, offset, text))

    def sources_at(self, address: str, *, retired: bool = False) -> list[int]:
        """The sources of an address, by rising offset; with `retired` those too that were retired."""
        sources = self._state.sources.values()
        found = [source for source in sources if source.address == address]
        found.sort(key=lambda source: (source.offset, source.id))
        return [source.id for source in found if retired or source.retired is None]

    def supports(self, ids: Sequence[int] | Ids, *, limit: int | None = None) -> list[list[Support]]:
        """The first places where each statement stands, by source and start."""
        numbers = [self._concept(number).id for number in _numbers(ids)]
        # What is looked up by its number is found however narrow the view is.
        places = [self._part.supports.get(each) or self._living.supports.get(each, ()) for each in numbers]
        return [list(each)[:limit] for each in places]

    def find_entities(self, names: Sequence[str]) -> list[int]:
        """The entity of each name, 0 where there is none."""
        found = [self._state.entity_ids.get(name_key(name), 0) for name in names]
        return [number if number in self._part else 0 for number in found]

    def search_vectors(
        self, query: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> tuple[Ids, Floats]:
        """The nearest by cosine; always exact."""
        del exact
        _check_word("unit", unit, ("passage", "sentence"))
        if len(query) != self._dimension or not np.isfinite(query).all() or not query.any():
            raise InvalidValueError(
                f"query vector is {query!r}; allowed: {self._dimension} finite numbers, not all zero"
            )
        wide = query.astype(np.float64)
        wide /= np.sqrt((wide * wide).sum())
        return _ranking(
            {
                number: float(vector.astype(np.float64) @ wide)
                for number, vector in self._state.vectors.items()
                if number in self._part and unit in self._concept(number).roles
            },
            k,
        )

    def search_vectors_each(
        self, queries: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> list[tuple[Ids, Floats]]:
        """The nearest to each query; always exact."""
        return [self.search_vectors(query, k, unit=unit, exact=exact) for query in queries]

    def languages(self) -> dict[str, int]:
        """How many passages are in each language."""
        return self._passages.languages()

    def in_language(self, language: str) -> ReferenceView:
        """The same state, asked in a language."""
        return ReferenceView(
            self._state, self._dimension, self.fingerprint, language_code(language), self._part
        )

    def within(
        self,
        *,
        sources: Sequence[int] | None = None,
        attributes: Mapping[str, str] | None = None,
        since: int | None = None,
        until: int | None = None,
        as_of: int | None = None,
        holds_at: int | None = None,
        kinds: Sequence[AssociationKind] | None = None,
    ) -> ReferenceView:
        """The same state narrowed to what some sources say, and what that supports."""
        if as_of and not self._state.kept_from <= as_of <= self._state.transaction:
            raise InvalidValueError(
                f"as_of is {as_of}; allowed: a transaction that was made, and of which what it knew is still "
                "kept (SUTRA_HISTORY_RETENTION says for how long)"
            )
        admitted = {
            source.id
            for source in self._state.sources.values()
            if (sources is None or source.id in sources)
            and all(source.attributes.get(name) == value for name, value in (attributes or {}).items())
            and (since is None or (source.time is not None and source.time >= since))
            and (until is None or (source.time is not None and source.time < until))
            and stands(source, as_of)
        }

        def holds(piece: Evidence) -> bool:
            return holds_at is None or (
                (piece.valid_from is None or piece.valid_from <= holds_at)
                and (piece.valid_to is None or holds_at < piece.valid_to)
            )

        part = said(self._state, admitted, as_of, holds, kinds)
        return ReferenceView(self._state, self._dimension, self.fingerprint, self._asked_in, part)

    def search_words(self, query: str, k: int, *, unit: Unit = "passage") -> tuple[Ids, Floats]:
        """The best passages or entities by BM25."""
        _check_word("unit", unit, ("passage", "entity"))
        documents = self._passages if unit == "passage" else self._names
        scores = documents.scores(query)
        return _ranking({number: score for number, score in scores.items() if number in self._part}, k)

    def search_words_each(
        self, queries: Sequence[str], k: int, *, unit: Unit = "passage"
    ) -> list[tuple[Ids, Floats]]:
        """The best for each query."""
        return [self.search_words(query, k, unit=unit) for query in queries]

    def score_words(self, queries: Sequence[str], ids: Sequence[int] | Ids) -> Floats:
        """BM25 of the given passages for each query, 0 for everything else."""
        numbers = _numbers(ids)
        scores = [self._passages.scores(query) for query in queries]
        rows = [[found.get(number, 0.0) for number in numbers] for found in scores]
        return np.array(rows, np.float32).reshape(len(queries), len(numbers))

    def word_weights(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The terms of each text with their inverse document frequency over passages."""
        return [self._passages.weights(text) for text in texts]

    def near_words(self, words: Sequence[str], *, limit: int = 3) -> list[list[tuple[str, int]]]:
        """The best words of passages that each word may be a slip of, with how many passages have each."""
        return [self._passages.near(word)[:limit] for word in words]

    def vectors(self, ids: Sequence[int] | Ids) -> Floats:
        """The stored vectors, zeros where there is none."""
        rows = np.zeros((len(ids), self._dimension), np.float32)
        for row, number in zip(rows, _numbers(ids), strict=True):
            row[:] = self._state.vectors.get(self._concept(number).id, 0)
        return rows

    def pending(self, *, after: int = 0, limit: int = 1000) -> list[int]:
        """Statements without a vector."""
        without = [number for number in self._living.supports if number not in self._state.vectors]
        return sorted(number for number in without if number > after)[:limit]

    def neighbors(
        self,
        ids: Sequence[int] | Ids,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> list[list[Association]]:
        """Each concept's associations, strongest first, then by subject, relation, object."""
        _check_word("direction", direction, get_args(Direction))
        numbers = [self._concept(number).id for number in _numbers(ids)]
        return [self._neighbors(number, direction, relations)[:limit] for number in numbers]

    def _neighbors(
        self, concept: int, direction: Direction, relations: Sequence[str] | None
    ) -> list[Association]:
        found = [
            association
            for association in self._part.associations.values()
            if concept in _ends(association, direction)
            and (relations is None or association.relation in relations)
        ]
        found.sort(key=lambda found: (-found.confidence, found.subject, found.relation, found.object))
        return found

    def expand(
        self,
        ids: Sequence[int] | Ids,
        relation: str,
        *,
        direction: Direction = "out",
        limit: int | None = None,
    ) -> list[list[int]]:
        """For each concept, those at the other end of its strongest associations of one relation."""
        _check_word("direction", direction, get_args(Direction))
        expanded: list[list[int]] = []
        for number in _numbers(ids):
            strength: dict[int, float] = {}
            for association in self._part.associations.values():
                if association.relation == relation and number in _ends(association, direction):
                    end = association.object if association.subject == number else association.subject
                    strength[end] = max(strength.get(end, 0.0), association.confidence)
            expanded.append(sorted(sorted(strength, key=lambda end: (-strength[end], end))[:limit]))
        return expanded

    def expand_each(self, walks: Sequence[Walk]) -> list[list[list[int]]]:
        """For each walk what is at the other ends."""
        return [
            self.expand(ids, relation, direction=direction, limit=limit)
            for ids, relation, direction, limit in walks
        ]

    def degrees(self, ids: Sequence[int] | Ids, relation: str, *, direction: Direction = "out") -> list[int]:
        """For each concept, how many associations of one relation it has, out and in added."""
        _check_word("direction", direction, get_args(Direction))
        return [
            sum(
                _ends(association, direction).count(number)
                for association in self._part.associations.values()
                if association.relation == relation
            )
            for number in _numbers(ids)
        ]

    def evidence(
        self, associations: Sequence[tuple[int, str, int]], *, limit: int | None = None
    ) -> list[list[Evidence]]:
        """What supports each association, by rising statement."""
        return [list(self._part.evidence.get(key, ()))[:limit] for key in associations]

    def pagerank(
        self,
        seeds: Mapping[int, float],
        *,
        damping: float = 0.5,
        k: int = 100,
        weights: Mapping[str, float] | None = None,
    ) -> tuple[Ids, Floats]:
        """Personalised PageRank over the undirected graph."""
        if not 0 <= damping < 1:
            raise InvalidValueError(f"damping is {damping}; allowed: 0 up to, not including, 1")
        return _ranking(self._graph(weights).pagerank(seeds, damping), k)

    def paths(
        self,
        sources: Sequence[int],
        targets: Sequence[int],
        *,
        k: int = 5,
        max_steps: int = 6,
        weights: Mapping[str, float] | None = None,
    ) -> GraphPaths:
        """The best loop-free paths from any source to any target; every one is tried, none is cut off."""
        return GraphPaths(self._graph(weights).paths(sources, targets, k, max_steps), exhausted=False)

    def _graph(self, weights: Mapping[str, float] | None) -> Graph:
        return Graph(list(self._part.associations.values()), list(self._state.relations), weights)

    def _concept(self, number: int) -> Concept:
        if number not in self._state.concepts:
            raise UnknownConceptError(
                f"there is no concept {number}; take a number from a search, an answer or a receipt"
            )
        concept = self._state.concepts[number]
        if places := self._part.supports.get(number):
            first = places[0]
            return concept._replace(source=first.source, start=first.start, end=first.end)
        return concept

    def _source(self, number: int) -> Source:
        if number not in self._state.sources:
            raise InvalidValueError(f"source is {number}; allowed: the number of a learned source")
        return self._state.sources[number]

    @cached_property
    def _passages(self) -> Documents:
        """Those that live, and those of this part that were retired since."""
        first = {number: places[0] for number, places in self._part.supports.items()}
        first |= {number: places[0] for number, places in self._living.supports.items()}
        passages = [self._concept(number) for number in first]
        passages = [concept for concept in passages if "passage" in concept.roles]
        sources = {concept.id: self._source(first[concept.id].source) for concept in passages}
        return Documents(
            {concept.id: f"{_title(concept, sources[concept.id])}\n{concept.text}" for concept in passages},
            {
                number: language_code(source.attributes.get(LANGUAGE, ENGLISH))
                for number, source in sources.items()
            },
            self._asked_in,
        )

    @cached_property
    def _names(self) -> Documents:
        return Documents(
            {number: self._concept(number).text for number in self._living.entities | self._part.entities}
        )


def _numbers(ids: Sequence[int] | Ids) -> list[int]:
    return [int(number) for number in ids]


def _ends(association: Association, direction: Direction) -> tuple[int, ...]:
    """The ends from which an association is seen in a direction."""
    ends = {"out": (association.subject,), "in": (association.object,)}
    return ends.get(direction, (association.subject, association.object))


def _ranking(scores: Mapping[int, float], k: int) -> tuple[Ids, Floats]:
    """The `k` best by falling score in single precision, equal scores by rising id."""
    best = sorted(((-np.float32(score), number) for number, score in scores.items()))[:k]
    ids = np.array([number for _, number in best], np.uint64)
    return ids, np.array([-score for score, _ in best], np.float32)


def _check_word(what: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise InvalidValueError(f"{what} is {word!r}; allowed: {', '.join(allowed)}")


def _title(passage: Concept, source: Source) -> str:
    """The title under which a passage is one; a sentence is one under any."""
    return "" if "sentence" in passage.roles else source.title
