"""What says the same: spans that were read and what the graph says, under one text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan

__all__ = ["UNREAD", "Group", "key_of", "overlap", "overlaps"]

UNREAD = -10.0
"""What stands for the score of a candidate that no window was read to have."""

_ARTICLE = re.compile(r"^(?:the|an?)\s+")
_NOT_WORDS = re.compile(r"[^\w\s]+")


@dataclass(slots=True)
class Group:
    """What says the same: spans, the surest first, and the best of what the graph says. `verdict` is the
    score of a yes or no, `window` the place of the window where it was read most surely. `items` is how many
    things it lists, 0 where it is no list.
    """

    text: str
    spans: list[FoundSpan] = field(default_factory=list[FoundSpan])
    fact: Proposal | None = None
    verdict: float | None = None
    window: int = 0
    items: int = 0

    @property
    def score(self) -> float:
        """The reader's score of it."""
        if self.verdict is not None:
            return self.verdict
        return self.spans[0].score if self.spans else UNREAD


@lru_cache(4096)  # the same few texts are compared with each other many times a question
def key_of(text: str) -> str:
    """What texts that say the same have in common.

    >>> key_of("The  Aln, at Alham") == key_of("aln at alham.")
    True
    """
    return _ARTICLE.sub("", " ".join(_NOT_WORDS.sub(" ", text.casefold()).split()))


def overlap(one: str, other: str) -> bool:
    """Whether one of two texts says the other's words too, in their order: "1982" and "in 1982"."""
    return overlaps(key_of(one), key_of(other))


def overlaps(one: str, other: str) -> bool:
    """`overlap` of two texts as `key_of` gives them."""
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "
