"""How sure an answer is: a logistic of six parts, each of which can be shown. See docs/design/confidence.md.

Looks at evidence alone. Knows no stored constant, and gives 0 where there is no evidence at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sutra_core.ask.proposal import Route

__all__ = ["Parts", "confidence"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What confidence is made of, each in [0, 1].

    `support`: how surely the evidence says it, over independent statements. `independence`: 1 - 1/n for
    n of them. `margin`: the lead over the best other answer. `coverage`: the share, by weight, of the
    question's words outside its names that the evidence has. `names`: the share of its names.
    `similarity`: the cosine of the nearest evidence. `dispute`: the strength of what contradicts it.
    """

    support: float
    independence: float
    margin: float
    coverage: float
    names: float
    similarity: float
    dispute: float


@dataclass(frozen=True, slots=True)
class _Weights:
    bias: float
    support: float
    independence: float
    margin: float
    coverage: float
    names: float
    similarity: float
    dispute: float


# Every weight but the bias and the dispute's is at least 0, so more of a part never makes less sure.
_WEIGHTS: dict[Route, _Weights] = {
    "fact": _Weights(-7.5, 4.0, 0.8, 0.6, 4.0, 2.0, 1.2, -3.0),
    "comparison": _Weights(-6.0, 4.0, 0.8, 0.0, 2.0, 2.0, 1.0, -3.0),
    "mention": _Weights(-7.0, 3.0, 0.8, 1.0, 2.5, 1.5, 2.0, -3.0),
    "sentence": _Weights(-7.0, 3.0, 0.8, 1.0, 3.0, 1.5, 3.0, -3.0),
}


def confidence(route: Route, parts: Parts) -> float:
    """The probability that an answer is right, in [0, 1]; 0 without support."""
    if parts.support <= 0:
        return 0.0
    weights = _WEIGHTS[route]
    logit = (
        weights.bias
        + weights.support * parts.support
        + weights.independence * parts.independence
        + weights.margin * parts.margin
        + weights.coverage * parts.coverage
        + weights.names * parts.names
        + weights.similarity * parts.similarity
        + weights.dispute * parts.dispute
    )
    return 1 / (1 + math.exp(-logit))
