"""What the service is compared with: the engine and the embedder without it, each in a process of its own.

Fills the store, too, which needs no service.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

from service.corpus import CONCEPTS_A_TEXT, Drafts, questions, texts

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import open_embedder
from sutra_core.types import SourceDraft
from sutra_storage import Reader

__all__ = ["Bare", "apart", "ask", "embed", "fill"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bare:
    """How much was done, in how many seconds, and in how many of processor time."""

    done: int
    seconds: float
    processor_seconds: float

    def __add__(self, other: Bare) -> Bare:
        return Bare(
            self.done + other.done,
            self.seconds + other.seconds,
            self.processor_seconds + other.processor_seconds,
        )

    @property
    def rate(self) -> float:
        """How much was done in a second."""
        return self.done / self.seconds

    @property
    def processor_ms(self) -> float:
        """Milliseconds of processor time that one took."""
        return 1000 * self.processor_seconds / self.done


PIECE = 2000
"""So many texts are learned between two looks at how many concepts there are."""
PIECE_EMBEDDED = 50
WARM = 20
"""Questions that are asked before the clock starts."""


def apart(work: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """What the work returns, done in a new process, so that this one stays small."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service has it
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **named).result()


def _engine(folder: Path) -> ReasoningEngine:
    return ReasoningEngine(ReasoningEngineConfig.builder().with_storage(str(folder)).build())


def fill(folder: Path, concepts: int) -> tuple[int, int, float]:
    """Learns texts until there are so many concepts; how many texts and concepts there are, and seconds."""
    stream = texts()
    known, began = 0, time.perf_counter()
    with _engine(folder) as engine:
        while (found := engine.stats().store.concepts) < concepts:
            a_text = found / known if known else CONCEPTS_A_TEXT
            wanted = min(PIECE, max(1, round((concepts - found) / a_text)))
            report = engine.learn_batch(islice(stream, wanted))
            assert not report.refused, report.refused[:3]
            known += wanted
        return known, found, time.perf_counter() - began


def ask(folder: Path, known: int, skip: int, seconds: float, threads: int) -> Bare:
    """Questions asked by so many threads: those that the service gets, after the first `skip`."""
    stream = iter(list(questions(known, skip)))  # which threads can share
    with _engine(folder) as engine:
        for question in islice(questions(known, known), WARM):
            engine.ask(question)
        clock = _Clock()

        def work() -> int:
            done = 0
            while clock.seconds < seconds and (question := next(stream, None)) is not None:
                engine.ask(question)
                done += 1
            return done

        with ThreadPoolExecutor(threads) as pool:
            working = [pool.submit(work) for _ in range(threads)]
            return clock.told(sum(each.result() for each in working))


def embed(drafts: Drafts, skip: int, seconds: float) -> Bare:
    """Texts whose passages the bare embedder embedded: the service's own, after the first `skip`."""
    reader = Reader()
    embedder = open_embedder()
    stream = drafts(skip)
    embedder.encode(_passages(reader, next(stream)))
    done, clock = 0, _Clock()
    while clock.seconds < seconds:
        passages = [each for draft in islice(stream, PIECE_EMBEDDED) for each in _passages(reader, draft)]
        embedder.encode(passages)
        done += PIECE_EMBEDDED
    return clock.told(done)


class _Clock:
    """Runs from its making."""

    def __init__(self) -> None:
        self._began, self._used = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def told(self, done: int) -> Bare:
        return Bare(done, self.seconds, time.process_time() - self._used)


def _passages(reader: Reader, draft: SourceDraft) -> list[str]:
    data, reading = draft.text.encode(), reader.read(draft.text, draft.title)
    title = f"{draft.title}. " if draft.title else ""
    return [title + data[start:end].decode() for start, end, *_ in reading.passages]
