"""Passages in which a reader finds an answer move up, and those that led to them (Mao et al. 2021)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from sutra_core.ask.read import Read
from sutra_core.ask.spread import Ranked
from sutra_core.ask.weights import READ, READ_SCALE

__all__ = ["rerank"]


def rerank(ranked: Sequence[Ranked], read: Read) -> list[tuple[int, float]]:
    """(passage, score), best first: what was read adds at most `READ` of the best score to a passage's.

    `ranked` are passages in their order, of which the first were opened and read.
    """
    top = max((each.score for each in ranked), default=0.0)
    gains: defaultdict[int, float] = defaultdict(float)
    for span in read.spans:
        window = read.windows[span.window]
        found = ranked[window.chain]
        for passage in (found.passage, found.via if window.led else 0):
            gains[passage] = max(gains[passage], _chance(span.score))
    scores = [(each.passage, each.score + READ * top * gains.get(each.passage, 0.0)) for each in ranked]
    return sorted(scores, key=lambda each: -each[1])


def _chance(score: float) -> float:
    """How likely the reader holds that a window answers."""
    return 1 / (1 + math.exp(-score / READ_SCALE))
