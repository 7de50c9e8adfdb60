"""A narrowed view in which whatever is said stands where the narrowing admits it.

The engine's own narrowed view finds what the admitted sources say, and tells of each statement every place
and of each association every piece of evidence. Here only those are told that are admitted, so that nothing
is cited from elsewhere, or from later. Reads, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sutra_core.types import Concept, Evidence, Ids, ReadView, Source, Support

__all__ = ["Admission", "admitted_view"]


@dataclass(frozen=True, slots=True)
class Admission:
    """Which sources, statements and pieces of evidence are admitted; times in microseconds since 1970 UTC."""

    sources: Collection[int] | None
    attributes: Mapping[str, str]
    since: int | None
    until: int | None
    as_of: int | None
    holds_at: int | None

    def admits(self, source: Source) -> bool:
        """Whether a source counts."""
        time = source.time
        return (
            (self.sources is None or source.id in self.sources)
            and (self.as_of is None or source.learned <= self.as_of)
            and all(source.attributes.get(name) == value for name, value in self.attributes.items())
            and (self.since is None or (time is not None and time >= self.since))
            and (self.until is None or (time is not None and time < self.until))
        )

    def holds(self, piece: Evidence) -> bool:
        """Whether a piece of evidence holds at the time asked for, as far as it says when."""
        if self.holds_at is None:
            return True
        begun = piece.valid_from is None or piece.valid_from <= self.holds_at
        return begun and (piece.valid_to is None or self.holds_at < piece.valid_to)


def admitted_view(whole: ReadView, admission: Admission) -> ReadView:
    """A view narrowed to what is admitted, which cites nothing else."""
    narrowed = whole.within(
        sources=None if admission.sources is None else sorted(admission.sources),
        attributes=admission.attributes or None,
        since=admission.since,
        until=admission.until,
        as_of=admission.as_of,
        holds_at=admission.holds_at,
    )
    return cast("ReadView", _AdmittedView(narrowed, admission, {}))


class _AdmittedView:
    """All but what is below is the view's own."""

    def __init__(self, view: ReadView, admission: Admission, known: dict[int, bool]) -> None:
        self._view = view
        self._admission = admission
        self._known = known
        """Whether a source is admitted, of those that were looked at."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(self._view, name)

    def in_language(self, language: str) -> _AdmittedView:
        return _AdmittedView(self._view.in_language(language), self._admission, self._known)

    def concepts(self, ids: Sequence[int] | Ids) -> list[Concept]:
        """Each statement with the first place of it that is admitted."""
        concepts = self._view.concepts(ids)
        admitted = self._admitted({concept.source for concept in concepts if concept.source})
        return [
            concept if concept.source in admitted or not concept.source else self._placed(concept)
            for concept in concepts
        ]

    def supports(self, concept: int, *, limit: int | None = None) -> list[Support]:
        """The places that are admitted; all of what is not admitted anywhere, and was looked up by number."""
        places = self._view.supports(concept, limit=limit)
        found = self._among(places)
        if not found and len(places) == limit:
            places = self._view.supports(concept)
            found = self._among(places)
        return (found or places)[:limit]

    def evidence(
        self, subject: int, relation: str, object: int, *, limit: int | None = None
    ) -> list[Evidence]:
        """The pieces that are admitted and hold."""
        pieces = self._view.evidence(subject, relation, object, limit=limit)
        found = self._said(pieces)
        if not found and len(pieces) == limit:
            found = self._said(self._view.evidence(subject, relation, object))
        return found[:limit]

    def _placed(self, concept: Concept) -> Concept:
        places = self._among(self._view.supports(concept.id))
        if not places:
            return concept
        source, start, end = places[0]
        return concept._replace(source=source, start=start, end=end)

    def _among(self, places: list[Support]) -> list[Support]:
        admitted = self._admitted({place.source for place in places})
        return [place for place in places if place.source in admitted]

    def _said(self, pieces: list[Evidence]) -> list[Evidence]:
        last = self._admission.as_of
        held = [piece for piece in pieces if self._admission.holds(piece)]
        concepts = self.concepts([piece.statement for piece in held])
        admitted = self._admitted({concept.source for concept in concepts})
        return [
            piece
            for piece, concept in zip(held, concepts, strict=True)
            if concept.source in admitted and (last is None or concept.learned <= last)
        ]

    def _admitted(self, sources: set[int]) -> set[int]:
        unknown = [source for source in sources if source not in self._known]
        for source in self._view.sources(unknown):
            self._known[source.id] = self._admission.admits(source)
        return {source for source in sources if self._known[source]}
