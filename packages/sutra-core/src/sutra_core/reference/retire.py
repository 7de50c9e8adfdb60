"""The rules of versions: which sources take the place of which, and what ends with those.

A source takes the place of those of its address with which it has bytes in common; the last of a text also of
what begins after it. Reads and changes a state that nobody else holds; forgets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from sutra_core.reference.state import AssociationKey, SourceKey, State
from sutra_core.types import Batch, SourceDraft

__all__ = ["displaced_by", "end_evidence", "retire_sources", "standing"]


def standing(batch: Batch, keys: Sequence[SourceKey]) -> list[bool]:
    """Per source of a batch whether it stands in the end: no later one takes its place.

    One that comes again stands or falls with the last of its kind.
    """
    stands: list[bool] = []
    for key, draft in zip(keys, batch.sources, strict=True):
        last = max(index for index, other in enumerate(keys) if other == key)
        later = [other for other in batch.sources[last + 1 :] if other.address == draft.address]
        stands.append(not any(_overlap(_extent(other), _bytes(draft)) for other in later))
    return stands


def displaced_by(batch: Batch, state: State, known: Sequence[int], stands: Sequence[bool]) -> set[int]:
    """The living sources whose place those of a batch take; `known` are the numbers of its own, 0 if new."""
    displaced: set[int] = set()
    for draft, own, stays in zip(batch.sources, known, stands, strict=True):
        if not stays:
            displaced.add(own)
            continue
        start, end = _extent(draft)
        if own:
            # It took the place of others when it was learned, but it may be the last by now.
            start = _bytes(draft)[1]
        for source in state.sources.values():
            if source.address == draft.address and source.retired is None and start < end:
                place = source.offset, source.offset + source.length
                if _overlap((start, end), place):
                    displaced.add(source.id)
    return displaced - {own for own, stays in zip(known, stands, strict=True) if stays} - {0}


def retire_sources(state: State, sources: Collection[int]) -> set[int]:
    """Retires sources, and gives the statements that stood there."""
    for source in sources:
        state.sources[source] = state.sources[source]._replace(retired=state.transaction)
    return {
        statement
        for statement, places in state.supports.items()
        if any(place.source in sources for place in places)
    }


def end_evidence(
    state: State, statements: Collection[int], told: Collection[tuple[AssociationKey, int]] = ()
) -> None:
    """Ends what is said no more, after `statements` have lost places.

    That is what was said by those that stand nowhere any more, or of them; and what those said that stand in
    sources of this transaction alone, where it is not `told` again.
    """
    gone: set[int] = set()
    renewed: set[int] = set()
    for statement in statements:
        places = state.living_places(statement)
        if not places:
            gone.add(statement)
        elif all(state.sources[place.source].learned == state.transaction for place in places):
            renewed.add(statement)
    for (key, statement), tellings in state.tellings.items():
        subject, _, object_ = key
        over = not gone.isdisjoint((statement, subject, object_))
        if over or (statement in renewed and (key, statement) not in told):
            *before, last = tellings
            if last.retired is None:
                state.tellings[key, statement] = (*before, last._replace(retired=state.transaction))


def _bytes(draft: SourceDraft) -> tuple[int, int]:
    return draft.offset, draft.offset + len(draft.text.encode())


def _extent(draft: SourceDraft) -> tuple[int, float]:
    """The bytes of its address that a source takes the place of."""
    start, end = _bytes(draft)
    return start, inf if draft.last else end


def _overlap(extent: tuple[float, float], other: tuple[float, float]) -> bool:
    return extent[0] < other[1] and other[0] < extent[1]
