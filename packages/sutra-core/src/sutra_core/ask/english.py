"""Common English words: what is among them is no slip of another word, though no text has it.

Looks nothing up in a store. The list, and whose it is: `english.txt`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

__all__ = ["is_english"]


def is_english(stem: str) -> bool:
    """Whether a stem, as the index has it, is that of a common English word of four letters or more."""
    return stem in _stems()


@lru_cache(1)
def _stems() -> frozenset[str]:
    text = files("sutra_core.ask").joinpath("english.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
