"""The last steps of a ranking: where a reader finds the answer (Mao et al. 2021); what was best at first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sutra_core.ask.read import Read
from sutra_core.ask.spread import Ranked
from sutra_core.ask.weights import READ, READ_SCALE, READ_SHARE

__all__ = ["keep_first", "rerank"]


def rerank(ranked: Sequence[Ranked], read: Read, share: float) -> list[tuple[int, float]]:
    """(passage, score), best first: the surest span adds at most `READ` of the best score to its passage's.

    `ranked` are passages in their order, of which the first were opened and read. `share` in [0, 1] is how
    much of the question the surest span's window has: one that has little of it is only one of the passages
    that are needed.
    """
    gains: dict[int, float] = {}
    if read.spans and share > READ_SHARE:
        span = read.spans[0]
        window = read.windows[span.window]
        found = ranked[window.chain]
        gain = READ * max(each.score for each in ranked) / (1 + math.exp(-span.score / READ_SCALE))
        gain *= (share - READ_SHARE) / (1 - READ_SHARE)
        gains = dict.fromkeys((found.passage, found.via) if window.led else (found.passage,), gain)
    scores = [(each.passage, each.score + gains.get(each.passage, 0.0)) for each in ranked]
    return sorted(scores, key=lambda each: -each[1])


def keep_first(ranking: list[tuple[int, float]], first: int) -> list[tuple[int, float]]:
    """The ranking with the passage that was best before any hop, `first`, in the second place at least.

    A question of one hop needs no other passage, and of several hops `first` is where they start.
    """
    place = next((at for at, (passage, _) in enumerate(ranking) if passage == first), 0)
    if place < 2:
        return ranking
    rest = [pair for pair in ranking if pair[0] != first]
    return [rest[0], (first, rest[0][1]), *rest[1:]]
