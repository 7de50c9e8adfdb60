"""What the asking steps require of a reader: spans of a window that may answer a question.

A reader generates nothing. What it gives are ranges of the text that it was shown, and how sure it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

__all__ = ["Reader", "Reading", "Span", "WindowText"]


@dataclass(frozen=True, slots=True)
class WindowText:
    """A piece of a source, with the title that it stands under (empty where there is none)."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (not included) of a window's text.

    `score` is the start's and the end's logit less those of "not answered here": above 0 the span is
    likelier than that nothing in the window answers.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one window.

    `spans` are the best, by falling score, at most a few; none where the window has no words. `yes` and
    `no` are the logits of the two verdicts less that of "neither": what the window says to a question
    that wants yes or no.
    """

    spans: tuple[Span, ...]
    yes: float
    no: float


@runtime_checkable
class Reader(Protocol):
    """Reads windows for the answer to a question. Safe to use from many threads."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) over what decides the readings: weights, vocabulary, network."""
        ...

    def read(self, question: str, windows: Sequence[WindowText]) -> list[Reading]:
        """One reading for each window, in their order; the same window always gives the same one.

        A window that is too long for the reader is read as far as it goes.
        """
        ...

    def read_several(self, asked: Sequence[tuple[str, Sequence[WindowText]]]) -> list[list[Reading]]:
        """`read` of several questions, each with windows of its own, at the same time."""
        ...

    def close(self) -> None:
        """Ends what it holds; it must not be used afterwards."""
        ...
