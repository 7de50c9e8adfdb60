"""The reader that runs an ONNX network in this process, on CPUs.

One session serves all threads, and each pass takes one window on one thread: there is no padding, and a
window's reading never depends on its neighbours. The longest windows go first, which keeps the threads
level. Reading belongs to asking, so learning gives way to it (`sutra_core.turns`).

Downloads nothing, builds nothing: `open_reader` gives it the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sutra_core.embed.session import FAILURES
from sutra_core.errors import ReaderError
from sutra_core.reader.protocol import Reading, Span, WindowText
from sutra_core.reader.spans import best_spans
from sutra_core.turns import TURNS

__all__ = ["LaidOut", "Logits", "Network", "OnnxReader"]


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A question and a window as the network takes them.

    `segments` are the token types, a number for each of `ids`. The pieces from `low` on that `places` has
    a range for are the window's, and each range is of characters of the window's text.
    """

    ids: Sequence[int]
    segments: Sequence[int]
    low: int
    places: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Logits:
    """What the network says: `start` and `end` [tokens], and `verdict` [3] (neither, yes, no)."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    verdict: NDArray[np.float32]


class Network(Protocol):
    """A network with its tokeniser; its methods may be called from many threads."""

    def lay_out(self, question: str, windows: Sequence[WindowText]) -> list[LaidOut]:
        """The question with each of the windows."""
        ...

    def run(self, laid: LaidOut) -> Logits:
        """One pass."""
        ...


class OnnxReader:
    """A `Reader` over a network. See `Reader` for the methods.

    `threads` is how many windows are read at once.
    """

    def __init__(self, network: Network, *, fingerprint: str, threads: int) -> None:
        self.fingerprint = fingerprint
        self._network = network
        self._threads = threads
        self._workers = TURNS.lane(threads)

    def read(self, question: str, windows: Sequence[WindowText]) -> list[Reading]:
        """One reading for each window; `ReaderError` when the network fails on one."""
        return self.read_several([(question, windows)])[0]

    def read_several(self, asked: Sequence[tuple[str, Sequence[WindowText]]]) -> list[list[Reading]]:
        """The readings of each question; `ReaderError` when the network fails on a window."""
        with TURNS.question():
            try:
                laid = [
                    (window.text, each)
                    for question, windows in asked
                    for window, each in zip(windows, self._network.lay_out(question, windows), strict=True)
                ]
            except UnicodeEncodeError as error:
                raise ReaderError(f"the question or a window is not valid Unicode: {error}") from error
            order = sorted(range(len(laid)), key=lambda at: -len(laid[at][1].ids))

            def read(at: int) -> Reading:
                return self._read(*laid[at])

            several = len(order) > 1 and self._threads > 1
            readings = dict(
                zip(order, self._workers.map(read, order) if several else map(read, order), strict=True)
            )
        place = iter(range(len(laid)))
        return [[readings[next(place)] for _ in windows] for _, windows in asked]

    def close(self) -> None:
        """Ends the threads; the reader must not be used afterwards."""
        self._workers.close()

    def _read(self, text: str, laid: LaidOut) -> Reading:
        try:
            logits = self._network.run(laid)
        except FAILURES as error:
            raise ReaderError(f"the reader failed on a window: {error}") from error
        if not all(np.isfinite(each).all() for each in (logits.start, logits.end, logits.verdict)):
            raise ReaderError("the reader gave logits that are no numbers")
        spans: list[Span] = []
        for first, last, score in best_spans(logits.start, logits.end, laid.low, laid.low + len(laid.places)):
            start, end = laid.places[first - laid.low][0], laid.places[last - laid.low][1]
            shown = text[start:end]
            if shown.strip():
                start, end = end - len(shown.lstrip()), start + len(shown.rstrip())
                spans.append(Span(start, end, score))
        neither, yes, no = (float(each) for each in logits.verdict)
        return Reading(tuple(spans), yes - neither, no - neither)
