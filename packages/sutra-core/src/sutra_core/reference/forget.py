"""The rules of forgetting: what only the forgotten said goes with it, and what others say too stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sutra_core.reference.learn import reinforce
from sutra_core.reference.state import State
from sutra_core.types import Evidence

__all__ = ["forget"]


def forget(state: State, sources: Collection[int]) -> None:
    """Takes sources out of a state that nobody else holds."""
    for source in sources:
        del state.sources[source], state.texts[source]
    state.source_ids = {key: source for key, source in state.source_ids.items() if source in state.sources}
    gone: set[int] = set()
    for statement, places in list(state.supports.items()):
        left = tuple(place for place in places if place.source in state.sources)
        if not left:
            gone.add(statement)
            del state.supports[statement]
        elif left != places:
            state.supports[statement] = left
            first, concept = left[0], state.concepts[statement]
            state.concepts[statement] = concept._replace(
                source=first.source, start=first.start, end=first.end
            )
    _weaken(state, gone)
    ends = {end for subject, _, object_ in state.associations for end in (subject, object_)}
    gone |= {entity for entity in state.entity_ids.values() if entity not in ends}
    for number in gone:
        del state.concepts[number]
        state.vectors.pop(number, None)
    state.statement_ids = {key: number for key, number in state.statement_ids.items() if number not in gone}
    state.entity_ids = {key: number for key, number in state.entity_ids.items() if number not in gone}


def _weaken(state: State, gone: Collection[int]) -> None:
    """Takes statements out of all evidence, and associations that have lost an end or their last evidence."""
    for key, pieces in list(state.evidence.items()):
        subject, _, object_ = key
        left = tuple(piece for piece in pieces if piece.statement not in gone)
        if not left or subject in gone or object_ in gone:
            del state.evidence[key], state.associations[key]
        elif left != pieces:
            state.evidence[key] = left
            state.associations[key] = state.associations[key]._replace(
                confidence=_united(left), evidence_count=len(left)
            )


def _united(pieces: Iterable[Evidence]) -> float:
    confidence = 0.0
    for piece in pieces:
        confidence = reinforce(confidence, piece.confidence)
    return confidence
