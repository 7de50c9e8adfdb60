"""A reader that needs no model: names and numbers that the question does not have, near words that it has.

It is a real reader of a poor kind. Tests of what does not depend on the quality of reading use it, so that
they run on a machine without the model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from sutra_core.reader import Reading, Span, WindowText

_OFFER = re.compile(r"\b(?:[A-Z]\w+(?: [A-Z]\w+)*|\d[\d,.]*\d|\d)\b")
_WORD = re.compile(r"\w+")
_NEAR = 60  # characters on either side in which a word counts
_SPANS_MAX = 5


class WordReader:
    """Keeps `sutra_core.reader.Reader`."""

    fingerprint = hashlib.sha256(b"names and numbers near words of the question").hexdigest()

    def read_several(self, asked: Sequence[tuple[str, Sequence[WindowText]]]) -> list[list[Reading]]:
        return [self.read(question, windows) for question, windows in asked]

    def read(self, question: str, windows: Sequence[WindowText]) -> list[Reading]:
        asked = set(_WORD.findall(question.lower()))
        return [_read(asked, window.text) for window in windows]

    def close(self) -> None:
        """Holds nothing."""


def _read(asked: set[str], text: str) -> Reading:
    spans = [
        Span(found.start(), found.end(), _score(asked, text, found.start(), found.end()))
        for found in _OFFER.finditer(text)
        if not set(_WORD.findall(found.group().lower())) <= asked
    ]
    spans.sort(key=lambda each: (-each.score, each.start))
    shared = len(asked & set(_WORD.findall(text.lower()))) / max(1, len(asked))
    denied = re.search(r"\bno[t]?\b", text) is not None
    sure = 8 * shared - 4
    return Reading(tuple(spans[:_SPANS_MAX]), -sure if denied else sure, sure if denied else -sure)


def _score(asked: set[str], text: str, start: int, end: int) -> float:
    near = set(_WORD.findall(text[max(0, start - _NEAR) : end + _NEAR].lower()))
    return 10 * len(asked & near) / max(1, len(asked)) - 4
