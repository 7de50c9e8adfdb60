"""Cuts windows out of a text's pieces: around an answer, or where there is none. Never in mid-word.

Half of the windows are whole sentences, as the engine offers them; the others begin and end anywhere
between words, so that neither place nor length tells where an answer stands.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from fit.reader.pieces import Pieces

Range = tuple[int, int]


def around(pieces: Pieces, low: int, high: int, size: int, draw: random.Random) -> Range | None:
    """A window of at most `size` pieces that holds `low` to `high`; None where the range is too long."""
    if draw.random() < 0.5 and (window := _sentences_around(pieces, low, high, size, draw)):
        return window
    return _words_around(pieces, low, high, size, draw)


def apart(
    pieces: Pieces, taken: Sequence[Range], size: int, draw: random.Random, least: int = 12
) -> Range | None:
    """A window of whole sentences, `least` to `size` pieces, that shares none with the ranges `taken`.

    None where there is no such window.
    """
    free = [
        (low, high)
        for low, high in pairwise(pieces.sentences)
        if not any(low < end and start < high for start, end in taken)
    ]
    draw.shuffle(free)
    ends = dict(free)
    for low, high in free:
        wanted = draw.randint(least, max(least, size))
        while high - low < wanted and high in ends and ends[high] - low <= size:
            high = ends[high]
        if least <= high - low <= size:
            return low, high
    return None


def overlapping(pieces: Pieces, size: int, stride: int) -> list[Range]:
    """Windows of at most `size` pieces that cover the text, each begun `stride` or fewer after the last."""
    windows: list[Range] = []
    low = 0
    while low < len(pieces):
        high = _word_before(pieces, low + size) if low + size < len(pieces) else len(pieces)
        if high <= low:
            high = min(len(pieces), low + size)
        windows.append((low, high))
        if high == len(pieces):
            break
        step = _word_before(pieces, low + stride)
        low = step if step > low else high
    return windows


def _sentences_around(pieces: Pieces, low: int, high: int, size: int, draw: random.Random) -> Range | None:
    marks = pieces.sentences
    first, last = bisect_right(marks, low) - 1, bisect_left(marks, high)
    if marks[last] - marks[first] > size:
        return None
    for _ in range(draw.randint(0, 3)):
        if draw.random() < 0.5:
            first -= first > 0 and marks[last] - marks[first - 1] <= size
        else:
            last += last + 1 < len(marks) and marks[last + 1] - marks[first] <= size
    return marks[first], marks[last]


def _words_around(pieces: Pieces, low: int, high: int, size: int, draw: random.Random) -> Range | None:
    low, high = _word_before(pieces, low), _word_after(pieces, high)
    if high - low > size:
        return None
    if len(pieces) <= size:
        return 0, len(pieces)
    start = _word_before(pieces, draw.randint(max(0, high - size), min(low, len(pieces) - size)))
    end = _word_before(pieces, start + size)
    if end < high:
        start, end = low, _word_before(pieces, low + size)
    return (start, end) if end >= high else None


def _word_before(pieces: Pieces, piece: int) -> int:
    return pieces.words[bisect_right(pieces.words, piece) - 1]


def _word_after(pieces: Pieces, piece: int) -> int:
    return pieces.words[bisect_left(pieces.words, piece)]
