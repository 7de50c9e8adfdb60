"""What some sources of a state say at one transaction: the part of it that a view reads.

Derived from what is kept, and never kept itself: associations from their evidence, entities from their
associations, where a statement stands from the sources that are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np

from sutra_core.reference.state import AssociationKey, State, Telling
from sutra_core.types import Association, AssociationKind, Evidence, Source, Support

CONFIDENCE_MAX = np.float32(0.99)
"""The most that evidence can amount to."""


@dataclass(frozen=True, slots=True)
class Part:
    """Statements with their places, by source and start, what they support, and the entities of that."""

    supports: dict[int, tuple[Support, ...]]
    evidence: dict[AssociationKey, tuple[Evidence, ...]]
    """By rising statement. Also that of associations of which an end is not in this part."""
    associations: dict[AssociationKey, Association]
    entities: frozenset[int]

    def __contains__(self, concept: int) -> bool:
        return concept in self.supports or concept in self.entities


def living(state: State) -> Part:
    """What was not retired."""
    return said(state, {source.id for source in state.sources.values() if source.retired is None})


def said(
    state: State,
    sources: Collection[int],
    as_of: int | None = None,
    holds: Callable[[Evidence], bool] = lambda _: True,
    kinds: Collection[AssociationKind] | None = None,
) -> Part:
    """What these sources said after a transaction, or say at present; of their evidence what `holds`, of
    associations those of these `kinds`.
    """
    supports: dict[int, tuple[Support, ...]] = {}
    for statement, places in state.supports.items():
        if left := tuple(place for place in places if place.source in sources):
            supports[statement] = left
    pieces: dict[AssociationKey, list[Evidence]] = {}
    for (key, statement), tellings in sorted(state.tellings.items()):
        for telling in tellings:
            if statement in supports and stands(telling, as_of) and holds(telling.evidence):
                pieces.setdefault(key, []).append(telling.evidence)
    evidence = {key: tuple(told) for key, told in pieces.items()}
    associations: dict[AssociationKey, Association] = {}
    entities: set[int] = set()
    for key, told in evidence.items():
        subject, relation, object_ = key
        outside = {end for end in (subject, object_) if end not in supports}
        if all(state.concepts[end].kind == "entity" for end in outside):
            kind = state.relations[relation]
            if kinds is not None and kind not in kinds:
                continue
            associations[key] = Association(subject, relation, object_, kind, united(told), len(told))
            entities |= outside
    return Part(supports, evidence, associations, frozenset(entities))


def stands(told: Source | Telling, as_of: int | None = None) -> bool:
    """Whether a source or a telling stood after a transaction; without one, whether it stands at present."""
    if as_of is None:
        return told.retired is None
    return told.learned <= as_of and (told.retired is None or told.retired > as_of)


def reinforce(confidence: float, evidence: float) -> float:
    """Noisy-or, capped, in the single precision in which confidences are stored."""
    one = np.float32(1)
    both = one - (one - np.float32(confidence)) * (one - np.float32(evidence))
    return float(min(both, CONFIDENCE_MAX))


def united(pieces: Iterable[Evidence]) -> float:
    """The confidence of all of these together."""
    confidence = 0.0
    for piece in pieces:
        confidence = reinforce(confidence, piece.confidence)
    return confidence
