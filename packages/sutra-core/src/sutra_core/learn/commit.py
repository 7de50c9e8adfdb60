"""Step: commit batches behind the embedder's back.

One thread writes; at most one batch waits for it, so memory stays bounded and a slow disk slows
learning down instead of losing anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from sutra_core.types import Batch, KnowledgeStore, Receipt

__all__ = ["BackgroundCommitter"]


class BackgroundCommitter:
    """Commits batches in order, one at a time; tells of each once it is durable, with the seconds it took.

    A failed commit is raised by the next `submit` or by leaving the context; nothing is committed
    after it.
    """

    def __init__(self, store: KnowledgeStore, acknowledge: Callable[[Batch, Receipt, float], None]) -> None:
        self._store = store
        self._acknowledge = acknowledge
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._running: Future[None] | None = None

    def submit(self, batch: Batch) -> None:
        """Hands over a batch; waits for the one before."""
        self.wait()
        self._running = self._thread.submit(self._commit, batch)

    def wait(self) -> None:
        """Waits until everything handed over is durable."""
        if self._running is not None:
            self._running.result()
            self._running = None

    def _commit(self, batch: Batch) -> None:
        started = time.perf_counter()
        receipt = self._store.commit(batch)
        self._acknowledge(batch, receipt, time.perf_counter() - started)

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
