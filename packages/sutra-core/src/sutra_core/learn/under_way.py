"""What of a run is under way: texts that were taken on, and are neither durable nor refused yet.

Keeps the order in which the texts of an address came, because each takes the place of those before it with
which it has bytes in common. Looks into no store, and is not safe to use from two threads at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from sutra_core.types import SourceDraft

__all__ = ["Met", "UnderWay"]


class Met(Enum):
    """What is under way where a text comes."""

    NOTHING = "nothing"
    """Nothing that has bytes in common with it: the store says whether it is known."""
    SAME = "same"
    """The same text, whose place nothing has taken since."""
    OTHER = "other"
    """Something in whose place it comes: whatever the store says by now, it has to be written after that."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A text that is under way: its bytes of the address and those that it takes the place of."""

    draft: SourceDraft
    end: float
    locations: list[str]

    def is_same(self, draft: SourceDraft) -> bool:
        """Whether another draft of its address changes nothing after it."""
        mine = self.draft
        return mine.offset == draft.offset and mine.text == draft.text and (mine.last or not draft.last)

    def overlaps(self, start: int, end: float) -> bool:
        """Whether one of two takes the place of the other."""
        return self.draft.offset < end and start < self.end


class UnderWay:
    """The texts that are under way, with all places where they came. A draft is known by the object it is."""

    def __init__(self) -> None:
        self._by_address: dict[str, list[_Waiting]] = {}

    def __len__(self) -> int:
        """How many places are told of what becomes of a text."""
        return sum(len(each.locations) for waiting in self._by_address.values() for each in waiting)

    def meet(self, draft: SourceDraft, location: str) -> Met:
        """What is under way where a text comes; where it is the same, its place is told of it too."""
        waiting = self._by_address.get(draft.address)
        if not waiting:
            return Met.NOTHING
        end = _end(draft)
        for each in reversed(waiting):
            if each.is_same(draft):
                each.locations.append(location)
                return Met.SAME
            if each.overlaps(draft.offset, end):
                return Met.OTHER
        return Met.NOTHING

    def add(self, draft: SourceDraft, location: str) -> None:
        """Takes a text on."""
        waiting = self._by_address.setdefault(draft.address, [])
        waiting.append(_Waiting(draft, _end(draft), [location]))

    def settle(self, draft: SourceDraft) -> list[str]:
        """Lets go of a text of which it is known what became of it; the places where it came."""
        waiting = self._by_address[draft.address]
        (at,) = (at for at, each in enumerate(waiting) if each.draft is draft)
        locations = waiting.pop(at).locations
        if not waiting:
            del self._by_address[draft.address]
        return locations


def _end(draft: SourceDraft) -> float:
    """One past the last byte of its address whose place a text takes."""
    return inf if draft.last else draft.offset + len(draft.text.encode())
