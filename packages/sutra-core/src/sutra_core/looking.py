"""Looking at what an engine knows: a part of `ReasoningEngine`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sutra_core.arguments import (
    NUMBER_MAX,
    check_number,
    check_relations,
    check_type,
    checked_id,
    is_unicode,
)
from sutra_core.errors import UnknownSourceError
from sutra_core.filters import Filter
from sutra_core.results import ConceptDetail, ConceptPath, ConceptPaths
from sutra_core.types import Association, Concept, Direction, KnowledgeStore, ReadView, Source

__all__ = ["PATHS_MAX", "STEPS_MAX", "Looking"]

_T = TypeVar("_T")

STEPS_MAX = 16
PATHS_MAX = 100
SOURCES_MAX = 10_000
NEIGHBORS_MAX = 1_000_000


class Looking(ABC):
    """Concepts, associations, paths and sources of a store."""

    @abstractmethod
    def _opened(self) -> KnowledgeStore: ...

    @abstractmethod
    def _read(self, call: Callable[[KnowledgeStore], _T]) -> _T: ...

    @abstractmethod
    def _view_of(
        self,
        store: KnowledgeStore,
        as_of: int | datetime | None,
        holds_at: datetime | None,
        narrowed_by: Filter | None,
    ) -> ReadView: ...

    def view(self) -> ReadView:
        """One immutable state of everything, for reading."""
        return self._opened().view()

    def get_concept(self, concept_id: int) -> ConceptDetail:
        """A concept, every place where it stands, and its other names."""
        view = self.view()
        concept = view.concepts([checked_id(concept_id)])[0]
        (places,) = view.supports([concept_id])
        sources = view.sources([place.source for place in places])
        named = view.expand([concept_id], "alias_of", direction="both")[0]
        aliases = tuple(other.text for other in view.concepts(named))
        return ConceptDetail(concept, tuple(zip(places, sources, strict=True)), aliases)

    def neighbors(
        self,
        concept_id: int,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 100,
        as_of: int | datetime | None = None,
        holds_at: datetime | None = None,
        filter: Filter | None = None,
    ) -> list[tuple[Association, Concept]]:
        """A concept's associations, strongest first, each with the concept at its other end.

        With `as_of`, `holds_at` or `filter`, which are those of `ask`, as their evidence alone makes them.
        """
        check_number("limit", limit, 0, NEIGHBORS_MAX)
        check_relations(relations)
        view = self._read(lambda store: self._view_of(store, as_of, holds_at, filter))
        (found,) = view.neighbors(
            [checked_id(concept_id)], direction=direction, relations=relations, limit=limit
        )
        ends = [edge.object if edge.subject == concept_id else edge.subject for edge in found]
        return list(zip(found, view.concepts(ends), strict=True))

    def paths(
        self, start: Sequence[int], end: Sequence[int], *, k: int = 5, max_steps: int = 6
    ) -> ConceptPaths:
        """The `k` best paths without loops from any concept of `start` to any of `end`."""
        check_number("k", k, 1, PATHS_MAX)
        check_number("max_steps", max_steps, 1, STEPS_MAX)
        view = self.view()
        starts, ends = [checked_id(each) for each in start], [checked_id(each) for each in end]
        view.concepts([*starts, *ends])
        found = view.paths(starts, ends, k=k, max_steps=max_steps)
        return ConceptPaths(
            tuple(
                ConceptPath(tuple(view.concepts(each.nodes)), each.steps, each.score) for each in found.paths
            ),
            found.exhausted,
        )

    def sources(
        self, *, address: str | None = None, after: int = 0, limit: int = 100, history: bool = False
    ) -> list[Source]:
        """The first `limit` sources with a number greater than `after`, by rising number.

        With `history` earlier versions are among them: `retired` says which transaction learned another text
        in their place. With an `address` only those of this address.
        """
        check_type("address", address, str | None, "a string that says where texts come from, or None")
        check_number("after", after, 0, NUMBER_MAX)
        check_number("limit", limit, 0, SOURCES_MAX)
        view = self.view()
        if address is None:
            return view.sources_after(after, limit, retired=history)
        found = view.sources_at(address, retired=history) if is_unicode(address) else []
        return view.sources(sorted(number for number in found if number > after)[:limit])

    def get_source(self, source_id: int) -> Source:
        """A source without its text; raises `UnknownSourceError`."""
        return self._source(self.view(), source_id)

    def source_text(self, source_id: int) -> str:
        """The whole text of a source, verbatim; raises `UnknownSourceError`."""
        view = self.view()
        return view.source_text(self._source(view, source_id).id)

    def _source(self, view: ReadView, source_id: int) -> Source:
        check_type("source", source_id, int, "its number, from a list or a citation")
        if 0 < source_id <= NUMBER_MAX:
            for source in view.sources_after(source_id - 1, 1, retired=True):
                if source.id == source_id:
                    return source
        raise UnknownSourceError(
            f"there is no source {source_id}; take a number from a list of sources or a citation"
        )
