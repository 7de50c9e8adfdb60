"""How likely each candidate is right: one fitted model over features that every way to an answer has.

A question's candidates compete with each other and with "none of them is right" (a conditional logit,
McFadden 1974): the odds of a candidate against none are the exponential of a sum over small trees, which see
its features. What they share is the probability; candidates of which one says the other's words share theirs.
Knows no question, no set, and no rule of its own: `judge.json` holds the trees, and `make fit-confidence`
writes that file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from sutra_core.ask.trees import Trees

__all__ = ["Judge", "fitted_judge"]

_LOGIT_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Judge:
    """`names` are the features that the trees see, in their order; `bias` is added to what they say.

    `slope` and `shift` calibrate the logit of the probability that the chosen candidate is right.
    `threshold` is the confidence from which on four answers in five are right, of questions as hard as
    those of public sets; `settled` has, for each stage of reading but the last, that from which on reading
    more changes next to nothing.
    """

    names: tuple[str, ...]
    trees: Trees
    bias: float
    slope: float
    shift: float
    threshold: float
    settled: tuple[float, ...]

    def logits(self, candidates: Sequence[Mapping[str, float]]) -> list[float]:
        """Of each candidate, the logarithm of the odds that it, and not none, is right."""
        if not candidates:
            return []
        rows = np.array([[features[name] for name in self.names] for features in candidates])
        return [self.bias + float(each) for each in self.trees.sums(rows)]

    def settles(self, stage: int, confidence: float) -> bool:
        """Whether reading may stop after a stage, counted from 0, with this confidence."""
        return stage >= len(self.settled) or confidence >= self.settled[stage]

    def confidence(self, logits: Sequence[float], agreeing: Sequence[bool]) -> float:
        """The probability, in (0, 1), that those of a question's candidates which agree are right."""
        odds = [math.exp(max(-_LOGIT_MAX, min(_LOGIT_MAX, logit))) for logit in logits]
        said = sum(each for each, agrees in zip(odds, agreeing, strict=True) if agrees)
        if said == 0:
            return 0.0
        logit = math.log(said / (1 + sum(odds) - said))
        return 1 / (1 + math.exp(-(self.slope * logit + self.shift)))


@cache
def fitted_judge() -> Judge:
    """The judge that is shipped."""
    record = json.loads((files("sutra_core.ask") / "judge.json").read_text("utf-8"))
    lists = {"names": tuple(record["names"]), "settled": tuple(record["settled"])}
    return Judge(**record | lists | {"trees": Trees.of(record["trees"])})
