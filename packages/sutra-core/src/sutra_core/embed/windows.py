"""Cuts tokenised passages into windows that fit the encoder, and pools what the encoder gives.

A passage that fits is one window. A longer one is cut where sentences begin, each window led by the
title; only a sentence that is longer than a window is cut inside. Every token of the text is in
exactly one window: nothing is dropped. Pure functions, no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sutra_core.embed.protocol import Floats

__all__ = ["Window", "character_ranges", "cut", "pool", "sentence_of_each_token", "unit"]

# A title may take this part of a window; what is longer is left out of the tokens.
_TITLE_SHARE = 4


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens for one pass, marks at both ends included.

    `spans` holds (sentence, first token, one past the last) for the sentences with tokens here.
    """

    ids: list[int]
    spans: list[tuple[int, int, int]]


def character_ranges(text: str, ranges: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Ranges of UTF-8 bytes as ranges of characters.

    `ValueError` for a range that is empty, out of the text, inside a character, or that begins
    before its predecessor ends.
    """
    data = text.encode()
    last = 0
    for start, end in ranges:
        if not last <= start < end <= len(data):
            raise ValueError(f"sentence bytes {start} to {end} are empty, out of order or beyond the text")
        last = end
    if len(data) == len(text):
        return ranges
    begins = (np.frombuffer(data + b"\0", np.uint8) & 0xC0) != 0x80
    if not all(begins[start] and begins[end] for start, end in ranges):
        raise ValueError("a sentence begins or ends inside a character")
    character = np.cumsum(begins) - 1
    return [(int(character[start]), int(character[end])) for start, end in ranges]


def sentence_of_each_token(
    offsets: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """For each token, the sentence in whose character range it begins, or -1."""
    begins = np.fromiter((start for start, _ in offsets), np.int64, len(offsets))
    if not ranges:
        return np.full(len(offsets), -1, np.int64)
    starts, ends = np.array(ranges, np.int64).T
    sentence = np.searchsorted(starts, begins, side="right") - 1
    return np.where((sentence >= 0) & (begins < ends[sentence]), sentence, -1)


def cut(
    title: Sequence[int],
    tokens: Sequence[int],
    sentence: NDArray[np.int64],
    *,
    begin: int,
    end: int,
    max_tokens: int,
) -> list[Window]:
    """The windows of a passage; `begin` and `end` are the ids of the marks around each."""
    head = [begin, *title[: max_tokens // _TITLE_SHARE]]
    room = max_tokens - len(head) - 1
    windows: list[Window] = []
    ids, spans = list(head), list[tuple[int, int, int]]()
    for number, first, last in _pieces(sentence, room, whole=len(tokens) <= room):
        if len(ids) + last - first > max_tokens - 1:
            windows.append(Window([*ids, end], spans))
            ids, spans = list(head), []
        if number >= 0:
            spans.append((number, len(ids), len(ids) + last - first))
        ids.extend(tokens[first:last])
    windows.append(Window([*ids, end], spans))
    return windows


def _pieces(sentence: NDArray[np.int64], room: int, *, whole: bool) -> list[tuple[int, int, int]]:
    """(sentence, first token, one past the last) of each run of one sentence, at most `room` long."""
    borders = [0, *(np.flatnonzero(np.diff(sentence)) + 1).tolist(), len(sentence)]
    runs = [(int(sentence[a]), a, b) for a, b in pairwise(borders) if a < b]
    if whole:
        return runs
    return [
        (number, first, min(first + room, last))
        for number, start, last in runs
        for first in range(start, last, room)
    ]


def pool(windows: Sequence[Window], states: Sequence[Floats], sentences: int) -> tuple[Floats, Floats]:
    """The passage's vector `[dimension]` and its sentences' `[sentences, dimension]`.

    `states` are the encoder's last hidden states `[tokens, dimension]` for each window. Each vector
    is the mean over its tokens, at unit length; one without tokens or length is not finite.
    """
    dimension = states[0].shape[1]
    total = np.zeros(dimension, np.float32)
    sums = np.zeros((sentences, dimension), np.float32)
    for window, state in zip(windows, states, strict=True):
        total += state.sum(axis=0)
        for number, first, last in window.spans:
            sums[number] += state[first:last].sum(axis=0)
    return unit(total), unit(sums)


def unit(vectors: Floats) -> Floats:
    """Each vector at unit length; not finite where it has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        return (vectors / lengths).astype(np.float32, copy=False)
