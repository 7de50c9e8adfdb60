"""What the aggregating steps pass on: one possible answer with the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sutra_core.types import Association

__all__ = ["Proposal", "Route"]

Route = Literal["fact", "comparison", "bridge", "mention", "sentence", "span", "verdict", "list", "count"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A possible answer.

    `concept` is its entity or statement, 0 for yes and no. `evidence` are the statements it rests on,
    the one that says it first. `strength` in [0, 1] is how surely these say it, `fit` in [0, 1] how well
    it is of the sort asked for. `steps` are the typed associations that lead to it, each with whether
    it was walked from object to subject; none where it was read off a sentence.
    """

    text: str
    concept: int
    route: Route
    evidence: tuple[int, ...]
    strength: float
    fit: float
    steps: tuple[tuple[Association, bool], ...] = ()
    rivals: float = 0.0
    """The strength of what contradicts it, in [0, 1]."""

    @property
    def weight(self) -> float:
        """What proposals are ranked by before their confidence is known."""
        return self.strength * self.fit
