"""Step: commit batches behind the embedder's back.

One thread writes; at most one batch waits for it, so memory stays bounded and a slow disk slows
learning down instead of losing anything. What the store refuses is narrowed down to the items that it
refuses: a batch that is refused is committed in halves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType

from sutra_core.errors import InvalidBatchError
from sutra_core.learn.reading import ReadItem
from sutra_core.learn.vectors import EmbeddedBatch
from sutra_core.types import Batch, KnowledgeStore, Receipt

__all__ = ["BackgroundCommitter"]


class BackgroundCommitter:
    """Commits batches in order, one at a time; tells of each once it is durable, with the seconds it took.

    `refuse` is told of each item that the store refuses, while its neighbours are committed. A commit that
    fails in another way is raised by the next `submit` or by leaving the context; nothing is committed
    after it.
    """

    def __init__(
        self,
        store: KnowledgeStore,
        acknowledge: Callable[[Batch, Receipt, float], None],
        refuse: Callable[[ReadItem, InvalidBatchError], None],
    ) -> None:
        self._store = store
        self._acknowledge = acknowledge
        self._refuse = refuse
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._running: Future[None] | None = None

    def submit(self, batch: EmbeddedBatch, held: ExitStack | None = None) -> None:
        """Hands over a batch, with what is held until it is durable; waits for the one before."""
        self.wait()
        self._running = self._thread.submit(self._commit_holding, batch, (held or ExitStack()).pop_all())

    def wait(self) -> None:
        """Waits until everything handed over is durable."""
        if self._running is not None:
            self._running.result()
            self._running = None

    def _commit_holding(self, embedded: EmbeddedBatch, held: ExitStack) -> None:
        with held:
            self._commit(embedded)

    def _commit(self, embedded: EmbeddedBatch) -> None:
        started = time.perf_counter()
        try:
            receipt = self._store.commit(embedded.batch)
        except InvalidBatchError as error:
            if len(embedded.items) == 1:
                self._refuse(*embedded.items, error)
                return
            for half in embedded.halves():
                self._commit(half)
            return
        self._acknowledge(embedded.batch, receipt, time.perf_counter() - started)

    def __enter__(self) -> BackgroundCommitter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()
