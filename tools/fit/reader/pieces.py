"""Texts as word pieces, each text once: identifiers, where words and sentences begin, ranges of pieces.

A window of a text is a range of its pieces. Since the tokeniser parts words at white space first, the
pieces of a window that begins and ends at white space are those that the window's own text would have.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CLASSIFY, SEPARATE = 101, 102
"""BERT's marks: [CLS] and [SEP]."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9])|\n+")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text's word pieces.

    `starts` and `ends` are characters, `words` the pieces that follow white space (and the first), in order;
    `sentences` those of them that begin a sentence. Both end with the number of pieces.
    """

    text: str
    ids: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[int, ...]
    sentences: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def characters(self, low: int, high: int) -> str:
        """The text of the pieces `low` to `high`, the latter not included."""
        return self.text[self.starts[low] : self.ends[high - 1]] if low < high else ""

    def piece_range(self, low: int, high: int) -> tuple[int, int] | None:
        """The pieces that share a character with the range of characters; None where none does."""
        first, last = bisect_right(self.ends, low), bisect_left(self.starts, high)
        return (first, last) if first < last else None


class Pool:
    """Every text that was asked for, as pieces, each with a number in the order of first use."""

    def __init__(self, tokeniser: Tokenizer) -> None:
        self._tokeniser = tokeniser
        self._numbers: dict[str, int] = {}
        self._pieces: list[Pieces] = []

    def __len__(self) -> int:
        return len(self._pieces)

    def number(self, text: str) -> int:
        """The text's number."""
        if text not in self._numbers:
            self._numbers[text] = len(self._pieces)
            self._pieces.append(cut(self._tokeniser, text))
        return self._numbers[text]

    def pieces(self, text: str) -> Pieces:
        """The text's pieces."""
        return self._pieces[self.number(text)]

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """The identifiers of all texts one after the other, and where each text begins, with the end."""
        bounds = np.cumsum([0, *map(len, self._pieces)], dtype=np.int32)
        ids = np.fromiter((each for pieces in self._pieces for each in pieces.ids), np.int16, bounds[-1])
        return ids, bounds


def read_tokeniser(path: Path) -> Tokenizer:
    """The tokeniser of a model, without its limit of length."""
    from tokenizers import Tokenizer

    tokeniser = Tokenizer.from_file(str(path))
    tokeniser.no_truncation()
    tokeniser.no_padding()
    return tokeniser


def cut(tokeniser: Tokenizer, text: str) -> Pieces:
    """The pieces of a text, without marks at its ends."""
    encoding = tokeniser.encode(text, add_special_tokens=False)
    starts, ends = zip(*encoding.offsets, strict=True) if encoding.offsets else ((), ())
    return Pieces(text, tuple(encoding.ids), starts, ends, *_beginnings(text, starts, ends))


def _beginnings(
    text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    count = len(starts)
    words = [
        n
        for n in range(count)
        if n == 0 or text[ends[n - 1] : starts[n]].strip() != text[ends[n - 1] : starts[n]]
    ]
    at = set(words)
    sentences = {0} if count else set()
    for match in _SENTENCE_END.finditer(text):
        piece = bisect_left(starts, match.end())
        if piece in at:
            sentences.add(piece)
    return (*words, count), (*sorted(sentences), count)
