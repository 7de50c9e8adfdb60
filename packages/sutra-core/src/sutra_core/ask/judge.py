"""How likely each candidate is right: one fitted model over features that every way to an answer has.

A question's candidates compete with each other and with "none of them is right" (a conditional logit,
McFadden 1974): the odds of a candidate against none are the exponential of a weighted sum of its terms. What
they share is the probability; candidates of which one says the other's words share theirs. Knows no question,
no set, and no rule of its own: `judge.json` holds the weights, and `make fit-confidence` writes that file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Judge", "fitted_judge", "terms_of"]

_LOGIT_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Judge:
    """`weights` are those of the terms by name, see `terms_of`; `bias` is that of no term.

    `slope` and `shift` calibrate the logit of the probability that the chosen candidate is right.
    `threshold` is the confidence from which on four answers in five are right, of questions as hard as
    those of public sets.
    """

    weights: Mapping[str, float]
    bias: float
    slope: float
    shift: float
    threshold: float

    def logit(self, features: Mapping[str, float]) -> float:
        """The logarithm of the odds that a candidate, and not none, is right. Candidates are ranked by it."""
        terms = terms_of(features)
        return self.bias + sum(weight * terms[name] for name, weight in self.weights.items())

    def confidence(self, logits: Sequence[float], agreeing: Sequence[bool]) -> float:
        """The probability, in (0, 1), that those of a question's candidates which agree are right."""
        odds = [math.exp(max(-_LOGIT_MAX, min(_LOGIT_MAX, logit))) for logit in logits]
        said = sum(each for each, agrees in zip(odds, agreeing, strict=True) if agrees)
        if said == 0:
            return 0.0
        logit = math.log(said / (1 + sum(odds) - said))
        return 1 / (1 + math.exp(-(self.slope * logit + self.shift)))


def terms_of(features: Mapping[str, float]) -> dict[str, float]:
    """The features, and products of those that only count together."""
    terms = dict(features)
    span = (1 - features["verdict"]) * features["read"]
    terms["span score"] = span * features["score"]
    terms["span score when sure"] = span * max(features["score"], 0.0)
    terms["verdict score"] = features["verdict"] * features["score"]
    terms["score and names"] = span * features["score"] * features["names"]
    terms["score and coverage"] = span * features["score"] * features["coverage"]
    terms["plain"] = (features["coverage"] * features["names"] * features["directness"]) ** 2
    terms["every name"] = features["named"] * (features["names"] >= 1)
    terms["no name"] = features["named"] * (features["names"] <= 0)
    terms["sort known"] = features["sorted"] * features["sort"]
    terms["hop alone"] = features["hop"] * (1 - features["linked"])
    terms["fact and coverage"] = features["fact"] * features["coverage"] * features["names"]
    terms["fact alone"] = features["fact"] * (1 - features["read"])
    return terms


@cache
def fitted_judge() -> Judge:
    """The judge that is shipped."""
    return Judge(**json.loads((files("sutra_core.ask") / "judge.json").read_text("utf-8")))
