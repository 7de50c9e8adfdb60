"""How much independent evidence there is for an answer.

A witness is a statement. One that repeats another, in the same words or nearly so, or that stands in the
same source, is no second witness: copies never make an answer surer, and each further independent
statement never makes it less sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sutra_core.ask.proposal import Proposal
from sutra_core.types import Association, ReadView

__all__ = ["Support", "independent", "support_of"]

_COPY_COSINE = 0.95
_SUPPORT_MAX = 0.99
# The surest so many are looked at: more could not make an answer surer than `_SUPPORT_MAX`.
_WITNESSES_MAX = 32
# Of an association that more statements than this support, the others are not read.
_EVIDENCE_MAX = 1000


@dataclass(frozen=True, slots=True)
class Support:
    """`strength` in [0, 0.99] is the noisy-or of the witnesses, `count` how many there are.

    Along a walk both are those of its weakest step: its strengths multiply, its least count counts.
    """

    strength: float
    count: int
    statements: tuple[int, ...]


def support_of(view: ReadView, best: Proposal, agreeing: Sequence[Proposal]) -> Support:
    """What supports a proposal. `agreeing` are those that say the same, itself among them."""
    if not best.steps:
        agreeing = agreeing[:_WITNESSES_MAX]
        kept = independent(view, [each.evidence[0] for each in agreeing])
        strength = _noisy_or([agreeing[at].weight for at in kept])
        return Support(strength, len(kept), tuple(agreeing[at].evidence[0] for at in kept))
    strength, stored, count = best.weight, 1.0, 0
    statements: list[int] = []
    for edge, _ in best.steps:
        certainty, witnesses = _step(view, edge)
        strength *= certainty
        stored *= edge.confidence
        count = min(count or len(witnesses), len(witnesses))
        statements += witnesses
    return Support(min(strength / stored, _SUPPORT_MAX), count, tuple(dict.fromkeys(statements)))


def independent(view: ReadView, statements: Sequence[int]) -> list[int]:
    """The positions of those that repeat no earlier one and stand in a source of their own."""
    vectors = view.vectors(statements)
    sources = [concept.source for concept in view.concepts(statements)]
    kept: list[int] = []
    for at, statement in enumerate(statements):
        repeated = any(
            statement == statements[other]
            or sources[at] == sources[other]
            or float(vectors[at] @ vectors[other]) >= _COPY_COSINE
            for other in kept
        )
        if not repeated:
            kept.append(at)
    return kept


def _step(view: ReadView, edge: Association) -> tuple[float, list[int]]:
    """How sure a step is by its independent evidence, and that evidence, the surest first."""
    (evidence,) = view.evidence([edge[:3]], limit=_EVIDENCE_MAX)
    evidence = sorted(evidence, key=lambda each: (-each.confidence, each.statement))[:_WITNESSES_MAX]
    kept = independent(view, [each.statement for each in evidence])
    return _noisy_or([evidence[at].confidence for at in kept]), [evidence[at].statement for at in kept]


def _noisy_or(strengths: Sequence[float]) -> float:
    doubt = 1.0
    for strength in strengths:
        doubt *= 1 - strength
    return min(1 - doubt, _SUPPORT_MAX)
