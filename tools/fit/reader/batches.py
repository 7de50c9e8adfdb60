"""Which rows make up each batch: lengths in turn by their share, and a fixed share of made negatives.

Every row of a part comes once before any comes again. The same seed gives the same batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from fit.reader.prepared import Rows


class Turns:
    """Numbers in random order without end, all of them once before any comes again."""

    def __init__(self, numbers: np.ndarray, draw: np.random.Generator) -> None:
        self._numbers = numbers
        self._draw = draw
        self._left = np.empty(0, numbers.dtype)

    def next(self, count: int) -> np.ndarray:
        """The next `count` numbers; none at all where there are none."""
        if not len(self._numbers):
            return self._numbers
        while len(self._left) < count:
            self._left = np.append(self._left, self._draw.permutation(self._numbers))
        taken, self._left = self._left[:count], self._left[count:]
        return taken


def size_of(length: int, tokens: int) -> int:
    """How many rows of a padded length make up a batch of so many tokens: a multiple of eight."""
    return max(8, tokens // length // 8 * 8)


def batches(
    rows: Mapping[int, Rows], tokens: int, negatives: float, seed: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields, without end, a padded length and the numbers of its rows that make up the batch.

    `negatives` is the share of made negatives, where a length has both kinds.
    """
    draw = np.random.default_rng(seed)
    lengths = list(rows)
    shares = np.array([len(rows[length]) * length for length in lengths], float)
    turns = {
        length: (
            Turns(np.flatnonzero(rows[length].made), draw),
            Turns(np.flatnonzero(~rows[length].made), draw),
        )
        for length in lengths
    }
    while True:
        length = lengths[draw.choice(len(lengths), p=shares / shares.sum())]
        count = size_of(length, tokens)
        made, others = turns[length]
        first = made.next(round(count * negatives))
        rest = others.next(count - len(first))
        yield length, np.concatenate([first, rest, made.next(count - len(first) - len(rest))])
