"""Another embedder for what is known: every statement is embedded again, then the store changes in one step.

Meanwhile the store learns and answers with the vectors that it has. What is embedded stays so: a run that
was interrupted goes on where it was. Passages and their sentences are embedded together, as when they were
learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Protocol

import numpy as np

from sutra_core.embed import Embedder, PassageText, UnembeddableTextError
from sutra_core.learn.report import ReembedReport
from sutra_core.learn.rereading import Numbers, known_item, numbers_of
from sutra_core.learn.vectors import embed_items
from sutra_core.low_priority import at_low_priority
from sutra_core.turns import TURNS
from sutra_core.types import Floats, KnowledgeStore, Preparation, ReadView, Source

__all__ = ["Preparing", "prepare", "reembed"]

_PAGE = 16
"""Sources whose vectors become durable together."""


class Preparing(KnowledgeStore, Protocol):
    """A store that takes vectors of another embedder while it goes on with its own: `Engine`."""

    def prepare_model(self, fingerprint: str, dimension: int) -> Preparation: ...
    def preparation(self) -> Preparation | None: ...
    def unprepared(self, *, after: int = 0, limit: int = 1000) -> list[int]: ...
    def give_prepared(self, statements: Sequence[int], vectors: Floats, *, read: int) -> int: ...
    def give_up_preparation(self) -> bool: ...
    def use_prepared(self) -> None: ...


def reembed(
    store: Preparing, embedder: Embedder, *, on_progress: Callable[[int, int], None] | None = None
) -> ReembedReport:
    """Gives every statement a vector of an embedder, those too that were retired; the store has it then.

    Views of before have the vectors that they had. What it refuses waits for one, and is found by its words.
    The history is a new one: who follows begins anew, and so does a backup. `on_progress` is called with the
    statements that are done and the number of all. Raises `InvalidValueError` for the embedder that the store
    has, `NoSpaceError` where there is no room for another store beside this one.
    """
    started = perf_counter()
    report = prepare(store, embedder, on_progress=on_progress)
    store.use_prepared()
    return replace(report, seconds=perf_counter() - started)


def prepare(
    store: Preparing,
    embedder: Embedder,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    threads: int = 0,
) -> ReembedReport:
    """What `reembed` does before the store changes; on so many `threads` of low priority, if any."""
    started = perf_counter()
    begun = store.prepare_model(embedder.fingerprint, embedder.dimension)
    left = begun
    if threads:
        embedder = _AtLowPriority(embedder, threads)
    while left.waiting and _pass(store, embedder, left, on_progress):
        left = store.preparation() or left
    return ReembedReport(left.ready, left.ready - begun.ready, left.waiting, perf_counter() - started)


class _AtLowPriority:
    """An embedder that embeds what is learned on threads of low priority, each a passage at a time."""

    def __init__(self, embedder: Embedder, threads: int) -> None:
        self._embedder = embedder
        self._threads = threads
        self.dimension = embedder.dimension
        self.fingerprint = embedder.fingerprint
        self.encode = embedder.encode

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        vectors = np.empty((len(passages), self.dimension), np.float32)
        sentences: list[Floats] = [np.empty((0, self.dimension), np.float32)] * len(passages)
        failures: dict[int, str] = {}
        line = iter(range(len(passages)))  # of C, so that each number is taken once

        def work() -> None:
            for at in line:
                try:
                    (vectors[at],), (sentences[at],) = self._embedder.encode_passages([passages[at]])
                except UnembeddableTextError as error:
                    failures[at] = error.failures[0]

        at_low_priority(work, min(self._threads, len(passages)))
        if failures:
            raise UnembeddableTextError(dict(sorted(failures.items())))
        return vectors, sentences


def _pass(
    store: Preparing,
    embedder: Embedder,
    state: Preparation,
    on_progress: Callable[[int, int], None] | None,
) -> int:
    """Embeds what waits in all sources that there are now, and says how many statements that were."""
    given, total = 0, state.ready + state.waiting
    for view, sources in _pages(store):
        waiting = [source for source in sources if _waits(store, view, source)]
        if not waiting:
            continue
        given += _embed(store, embedder, view, waiting)
        if on_progress:
            done = state.ready + given
            on_progress(done, max(done, total))
    return given


def _pages(store: Preparing) -> Iterator[tuple[ReadView, list[Source]]]:
    """All sources, those that were retired too, each page with a view of the present state."""
    after = 0
    while page := (view := store.view()).sources_after(after, _PAGE, retired=True):
        yield view, page
        after = page[-1].id


def _waits(store: Preparing, view: ReadView, source: Source) -> bool:
    """Whether a statement of a source has no vector yet."""
    statements = {number for number, *_ in view.statements_in(source.id)}
    return any(store.unprepared(after=number - 1, limit=1) == [number] for number in statements)


def _embed(store: Preparing, embedder: Embedder, view: ReadView, sources: list[Source]) -> int:
    items, places = zip(*(known_item(view, source) for source in sources), strict=True)
    TURNS.give_way()
    embedded, _ = embed_items(embedder, items)
    of_item: dict[int, Numbers] = {id(item): numbers for item, numbers in zip(items, places, strict=True)}
    numbers = numbers_of(embedded.batch, [of_item[id(item)] for item in embedded.items])
    rows = [
        (number, row)
        for row, reference in enumerate(embedded.batch.vector_references)
        if (number := numbers[reference]) is not None
    ]
    if not rows or embedded.batch.vectors is None:
        return 0
    vectors = embedded.batch.vectors[[row for _, row in rows]]
    return store.give_prepared([number for number, _ in rows], vectors, read=view.transaction)
