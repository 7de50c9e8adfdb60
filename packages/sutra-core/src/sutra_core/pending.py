"""Vectors for statements that were stored without one, some at a time, on one thread or several.

They are learned ones that did not wait for it, redacted ones, and those that a migration split. A passage and
those of its sentences that wait are embedded in one pass, as when they are learned with their vectors; a
sentence whose passage has its vector is embedded by itself. No vector is ever made up: what the embedder
refuses waits on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import numpy as np

from sutra_core.embed import Embedder, PassageText, UnembeddableTextError
from sutra_core.low_priority import at_low_priority
from sutra_core.types import Concept, Floats, KnowledgeStore, ReadView, Source

__all__ = ["STATEMENTS_MAX", "Given", "embed_pending", "embed_sources", "give_some"]

STATEMENTS_MAX = 64
"""How many statements of each thread get their vectors in one transaction, and those of its last passage."""
_BYTES_MAX = 256 * 1024
_SECONDS_MAX = 0.5
"""How long is embedded for one transaction, and the passage that is under way then."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of some statements: how many have a vector now, and why others have none.

    All that wait up to statement `after` were looked at; `ended` where none waits after it.
    """

    given: int
    refused: dict[int, str]
    after: int
    ended: bool


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is embedded in one pass: a passage, or a sentence, and the statements that get its vectors.

    `sentences[i]` is the statement of the `i`-th range of `text`.
    """

    statement: int
    text: PassageText
    sentences: Sequence[int] = ()


def embed_pending(store: KnowledgeStore, embedder: Embedder) -> int:
    """Embeds every statement that waits for a vector, and says how many have one now."""
    given, after = 0, 0
    while True:
        some = give_some(store, embedder, after)
        given += some.given
        if some.ended:
            return given
        after = some.after


def give_some(
    store: KnowledgeStore,
    embedder: Embedder,
    after: int,
    *,
    known: Callable[[int], bool] = lambda _: False,
    stops: Callable[[], bool] = lambda: False,
    threads: int = 0,
) -> Given:
    """Embeds some of the statements that wait after one, and gives them their vectors in one transaction.

    On so many `threads` of low priority; with 0 on the one that calls. At most `STATEMENTS_MAX` for each,
    256 KiB of text, and what half a second allows, but one passage at least. What is `known` to be refused is
    passed over. When it `stops`, what is embedded by then is given.
    """
    view = store.view()
    page = view.pending(after=after, limit=STATEMENTS_MAX * max(1, threads))
    if not page:
        return Given(0, {}, after, ended=True)
    asked = [number for number in page if not known(number)]
    given, refused, whole = _give(store, view, embedder, asked, stops, threads)
    return Given(given, refused, page[-1] if whole else after, ended=False)


def embed_sources(store: KnowledgeStore, embedder: Embedder, sources: Sequence[int]) -> int:
    """Embeds the statements of some sources that wait for a vector, on the thread that calls.

    Tells the last transaction then. What the embedder refuses waits on.
    """
    if store.view().pending(limit=1):
        for source in dict.fromkeys(sources):
            refused: dict[int, str] = {}
            while waiting := _waiting_in(view := store.view(), source, refused):
                refused |= _give(store, view, embedder, waiting, lambda: False)[1]
    return store.view().transaction


def _waiting_in(view: ReadView, source: int, refused: Collection[int]) -> list[int]:
    numbers = sorted({number for number, *_ in view.statements_in(source)} - set(refused))
    waiting = [number for number in numbers if view.pending(after=number - 1, limit=1) == [number]]
    return waiting[:STATEMENTS_MAX]


def _give(
    store: KnowledgeStore,
    view: ReadView,
    embedder: Embedder,
    asked: Sequence[int],
    stops: Callable[[], bool],
    threads: int = 0,
) -> tuple[int, dict[int, str], bool]:
    """How many of some statements have a vector now, which were refused, and whether that is all of them."""
    round_ = _Round(_units(view, asked), embedder, stops, STATEMENTS_MAX * max(1, threads))
    if threads:
        at_low_priority(round_.work, threads)
    else:
        round_.work()
    vectors, given = round_.vectors, 0
    if vectors:
        given = store.give_vectors(list(vectors), np.stack(list(vectors.values())), read=view.transaction)
    # Some may wait on: of their sources something was blanked after they were read.
    return given, round_.refused, round_.whole and given == len(vectors)


class _Round:
    """What is embedded for one transaction, by all threads that `work` on it: each takes the next unit."""

    def __init__(
        self, units: Iterator[_Unit], embedder: Embedder, stops: Callable[[], bool], statements_max: int
    ) -> None:
        self.vectors: dict[int, Floats] = {}
        self.refused: dict[int, str] = {}
        self.whole = True
        """Whether nothing of it was left."""
        self._units = units
        self._embedder = embedder
        self._stops = stops
        self._statements_max = statements_max
        self._lock = threading.Lock()
        self._began = monotonic()
        self._statements = self._size = 0

    def work(self) -> None:
        """Embeds units until none is left, or as much as one transaction takes is embedded."""
        try:
            while (unit := self._next()) is not None:
                self._embed(unit)
        except BaseException:
            self.whole = False  # the other threads take no more
            raise

    def _next(self) -> _Unit | None:
        with self._lock:
            full = (
                self._statements >= self._statements_max
                or self._size >= _BYTES_MAX
                or monotonic() - self._began >= _SECONDS_MAX
            )
            unit = next(self._units, None) if self.whole else None
            if unit is None:
                return None
            if (full and self._statements) or self._stops():
                self.whole = False
                return None
            self._statements += 1 + len(unit.sentences)
            self._size += len(unit.text.text)
            return unit

    def _embed(self, unit: _Unit) -> None:
        """Embeds one unit on the thread that calls."""
        try:
            (vector,), (of_sentences,) = self._embedder.encode_passages([unit.text])
        except UnembeddableTextError as error:
            with self._lock:
                self.refused |= dict.fromkeys((unit.statement, *unit.sentences), error.failures[0])
            return
        with self._lock:
            self.vectors[unit.statement] = vector
            for number, row in zip(unit.sentences, of_sentences, strict=True):
                self.vectors.setdefault(number, row)


def _units(view: ReadView, waiting: Sequence[int]) -> Iterator[_Unit]:
    """What to embed for statements that wait, in their order."""
    concepts = view.concepts(waiting)
    numbers = sorted({each.source for each in concepts})
    sources = {source.id: source for source in view.sources(numbers)}
    passages: dict[int, _Unit] = {}
    of_sentence: dict[int, int] = {}
    for number in numbers:
        mine = [each for each in concepts if each.source == number]
        for unit in _passages(view, sources[number], mine):
            passages[unit.statement] = unit
            of_sentence |= dict.fromkeys(unit.sentences, unit.statement)
    done: set[int] = set()
    for concept in concepts:
        if concept.id in done:
            continue
        # A sentence goes with its passage, where that waits too.
        unit = passages.get(concept.id) or passages.get(of_sentence.get(concept.id, 0))
        if unit is None:
            title = "" if "sentence" in concept.roles else sources[concept.source].title
            unit = _Unit(concept.id, PassageText(title, concept.text))
        done |= {unit.statement, *unit.sentences}
        yield unit


def _passages(view: ReadView, source: Source, waiting: Sequence[Concept]) -> Iterator[_Unit]:
    """The passages of a source that wait, each with its sentences."""
    texts = {each.id: each for each in waiting if "passage" in each.roles}
    if not texts:
        return
    placed = sorted(view.statements_in(source.id), key=lambda each: (each[1], -each[2]))
    markup = view.markup(source.id)
    reach = 0
    for at, (number, start, end, sentence, passage) in enumerate(placed):
        # A sentence of this source may be all that another one says.
        is_passage = passage and not (sentence and (source.title or end <= reach))
        reach = max(reach, end)
        concept = texts.get(number)
        if not is_passage or concept is None:
            continue
        inside = [
            (first - start, last - start, each)
            for each, first, last, spoken, _ in islice(placed, at + 1, None)
            if spoken and first < end and last <= end
        ]
        apart = [
            each for before, each in zip([(0, 0, 0), *inside], inside, strict=False) if each[0] >= before[1]
        ]
        text = _readable(concept.text, start, markup)
        ranges = [(first, last) for first, last, _ in apart]
        yield _Unit(number, PassageText(source.title, text, ranges), [each for *_, each in apart])
        del texts[number]


def _readable(text: str, start: int, markup: Sequence[tuple[int, int]]) -> str:
    """What is read of a passage that begins at a byte of its source: mark-up is blanked."""
    data = text.encode()
    end = start + len(data)
    blanked = bytearray(data)
    for first, last in markup:
        if first < end and start < last:
            a, b = max(first, start) - start, min(last, end) - start
            blanked[a:b] = (b"\x0c" if b"\n" in data[a:b] else b" ") * (b - a)
    return blanked.decode()
