"""What the reader is shown at most, in word pieces: as in its training (`tools/fit/reader/items.py`).

`[CLS] question [SEP] title: window [SEP]`; a title that is too long is left out, a question or a window
that is too long is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "EXACT_LAYERS",
    "LENGTH_MAX",
    "QUESTION_MAX",
    "SPANS_MAX",
    "SPAN_MAX",
    "TITLE_MAX",
    "WINDOW_MAX",
    "head_of",
    "whole_words",
]

LENGTH_MAX = 192
"""All of it, marks included."""
QUESTION_MAX = 64
TITLE_MAX = 24
"""With its colon."""
WINDOW_MAX = 150
SPAN_MAX = 25
"""The longest span."""
EXACT_LAYERS = 3
"""So many layers have their last product in single precision when the reader is quantised."""
SPANS_MAX = 5
"""How many spans a reading has at most."""


def head_of(title: str) -> str:
    """A title as it stands in front of its window."""
    return f"{title}:" if title else ""


def whole_words(words: Sequence[int | None], room: int) -> int:
    """How many pieces are kept where there is room for `room`, so that no word is cut if it can be helped.

    `words` numbers the word of each piece.

    >>> whole_words([0, 1, 1, 2], 4), whole_words([0, 1, 1, 2], 2), whole_words([0, 0, 0], 2)
    (4, 1, 2)
    """
    if len(words) <= room:
        return len(words)
    kept = room
    while kept and words[kept - 1] == words[kept]:
        kept -= 1
    return kept or room
