"""How sure an answer is: a logistic of parts, each of which can be shown. See docs/design/confidence.md.

Looks at evidence alone. Knows no stored constant, and gives 0 where there is no evidence at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sutra_core.ask.proposal import Route

__all__ = ["ROUTES", "Parts", "confidence"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What confidence is made of, each in [0, 1].

    `support`: how surely the evidence says it, over independent statements. `independence`: 1 - 1/n for
    n of them. `margin`: the lead over the best other answer. `coverage`: the share, by weight, of the
    question's words outside its names that the evidence has. `names`: the share of its names.
    `directness`: the share of all its words that the statement which says the answer has by itself,
    times how well an answer that is read off it is of the sort asked for.
    `similarity`: the cosine of the nearest evidence. `dispute`: the strength of what contradicts it.
    """

    support: float
    independence: float
    margin: float
    coverage: float
    names: float
    directness: float
    similarity: float
    dispute: float


@dataclass(frozen=True, slots=True)
class _Weights:
    bias: float
    support: float
    margin: float
    similarity: float
    coverage: float
    names: float
    directness: float
    plain: float
    independence: float = 0.5
    dispute: float = -3.0


# Fitted by logistic regression, within the bounds that docs/design/confidence.md gives. Every weight but
# the bias and the dispute's is at least 0, so more of a part never makes less sure.
_WEIGHTS: dict[Route, _Weights] = {
    "fact": _Weights(-7.0, 1.8, 1.3, 1.5, 0.0, 1.1, 1.0, 5.0),
    # As a fact, less one and a half for the step that only a sentence tells: set by hand, not fitted.
    "bridge": _Weights(-8.5, 1.8, 1.3, 1.5, 0.0, 1.1, 1.0, 5.0),
    "comparison": _Weights(-2.5, 3.0, 0.0, 0.5, 1.5, 1.5, 0.0, 0.5),
    "mention": _Weights(-6.3, 3.2, 2.5, 0.0, 0.0, 0.8, 1.4, 1.3),
    "sentence": _Weights(-7.2, 3.8, 0.5, 3.0, 0.3, 0.8, 0.3, 2.6),
}

ROUTES = tuple(_WEIGHTS)
"""The ways to an answer that have weights here; what a reader found is the judge's."""


def confidence(route: Route, parts: Parts) -> float:
    """The probability that an answer is right, in [0, 1]; 0 without support."""
    if parts.support <= 0:
        return 0.0
    weights = _WEIGHTS[route]
    plain = (parts.coverage * parts.names * parts.directness) ** 3
    logit = (
        weights.bias
        + weights.support * parts.support
        + weights.independence * parts.independence
        + weights.margin * parts.margin
        + weights.similarity * parts.similarity
        + weights.coverage * parts.coverage
        + weights.names * parts.names
        + weights.directness * parts.directness
        + weights.plain * plain
        + weights.dispute * parts.dispute
    )
    return 1 / (1 + math.exp(-logit))
