"""Vectors behind the texts: what was learned without its vectors gets them in the background.

Which statements wait is the store's own, durable state, so nothing is lost when a process ends: whoever opens
the folder for writing goes on. It embeds on all processors, with threads of low priority where the system
allows it, and only while something waits. It never holds a lock while it embeds, and keeps nobody alive: when
the engine goes, it ends.
"""

from __future__ import annotations

import atexit
import logging
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from sutra_core.embed import Embedder, processors
from sutra_core.errors import EmbedderError, InternalError, StoreClosedError, SutraError
from sutra_core.low_priority import lower_priority
from sutra_core.pending import Given, give_some
from sutra_core.results import Backlog
from sutra_core.types import KnowledgeStore, ReadView

__all__ = ["Behind", "follows", "note_following"]

_OPENING_SECONDS = 2.0
"""How long after opening it begins: who opens a store for less has other things to do."""
_AGAIN_SECONDS = 30.0
"""After how long it tries again where the disk or the model fails."""
_SOON_SECONDS = 1.0
_PAGE = 1000
_FOLLOWER = "follower"
"""The empty file in the folder of a store that follows another one."""
_log = logging.getLogger(__name__)


class Behind:
    """The worker of one engine. Safe to use from many threads.

    `store`, `embedder` and `moved_on` are bound methods of the engine: the first raises `StoreClosedError`
    once it is closed, the second `ModelUnavailableError` without a model, the third is told of a new state.
    With `writes` off it never works: a store that is read alone, or follows another, gets its vectors from
    elsewhere.
    """

    def __init__(
        self,
        store: Callable[[], KnowledgeStore],
        embedder: Callable[[], Embedder],
        moved_on: Callable[[int], None],
        *,
        writes: bool,
    ) -> None:
        self._store = weakref.WeakMethod(store)
        self._embedder = weakref.WeakMethod(embedder)
        self._moved_on = weakref.WeakMethod(moved_on)
        self._changed = threading.Condition()
        self._writes = writes
        self._thread: threading.Thread | None = None
        self._closed = False
        self._woken = 0
        """How often it was woken: what comes while it looks is looked at again."""
        self._pauses = 0
        self._failed: dict[int, str] = {}
        self._failure: SutraError | None = None
        _WORKERS.add(self)

    def open(self, store: KnowledgeStore) -> None:
        """Goes on with what was left, in a moment."""
        if self._writes and store.view().pending(limit=1):
            self._begin(_OPENING_SECONDS)

    def wake(self) -> None:
        """Something waits for its vector."""
        self._begin(0.0)

    def stop(self) -> None:
        """Ends after the passage that is under way; what is embedded by then is kept."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def follow(self) -> None:
        """Works no more: the store follows another one, whose vectors come with its changes."""
        self._writes = False
        self.stop()

    def lead(self) -> bool:
        """Works, for what is learned here is the store's own; whether it did not before."""
        with self._changed:
            led, self._writes = self._writes, True
            if led:
                return False
            self._closed = False
        self.wake()
        return True

    def backlog(self, view: ReadView) -> Backlog:
        """How far a state of the store is behind."""
        with self._changed:
            failed = set(self._failed)
            reason = "" if self._failure is None else f"{self._failure.code}: {self._failure}"
        first, after = 0, 0
        while not first and (page := view.pending(after=after, limit=_PAGE)):
            first = next((number for number in page if number not in failed), 0)
            after = page[-1]
        still = sum(view.pending(after=number - 1, limit=1) == [number] for number in failed)
        watermark = view.concepts([first])[0].learned - 1 if first else view.transaction
        return Backlog(still, watermark, reason)

    @contextmanager
    def paused(self) -> Generator[None]:
        """Works on nothing meanwhile."""
        with self._changed:
            self._pauses += 1
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        try:
            yield
        finally:
            with self._changed:
                self._pauses -= 1
            self.wake()

    @contextmanager
    def renewed(self) -> Generator[None]:
        """The same, and then it tries again what was refused before: there is another embedder."""
        with self.paused():
            yield
            with self._changed:
                self._failed.clear()
                self._failure = None

    # --- the thread ---

    def _begin(self, seconds: float) -> None:
        with self._changed:
            if not self._writes or self._halts():
                return
            self._woken += 1
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, args=(seconds, self._woken), name="vectors", daemon=True
                )
                self._thread.start()

    def _work(self, seconds: float, woken: int) -> None:
        lower_priority()
        while True:
            self._rest(seconds, woken)
            with self._changed:
                woken = self._woken
            seconds, failure = self._pass()
            with self._changed:
                self._failure = failure
                ends = self._halts() or (self._woken == woken and not seconds)
                if ends:
                    self._thread = None
            if ends:
                return

    def _halts(self) -> bool:
        return self._closed or self._pauses > 0

    def _rest(self, seconds: float, woken: int) -> None:
        """Waits, unless it is woken or stopped meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._halts() or self._woken != woken, seconds)

    def _pass(self) -> tuple[float, SutraError | None]:
        """Gives vectors until nothing waits; for how long to rest before another try, and what failed."""
        after = 0
        try:
            while not self._halts() and (some := self._some(after)) is not None and not some.ended:
                after = some.after
                with self._changed:
                    self._failed |= some.refused
                    self._failure = None
        except StoreClosedError:  # for good, or because other files took the place of those that it read
            return _SOON_SECONDS, None
        except EmbedderError as error:  # tried again when something is learned
            return 0.0, error
        except SutraError as error:
            return _AGAIN_SECONDS, error
        except Exception as error:  # noqa: BLE001  (a fault of an embedder ends no thread that others wait for)
            _log.exception("vectors stay behind")
            return 0.0, InternalError(f"embedding failed: {error!r}; the log tells more")
        return 0.0, None

    def _some(self, after: int) -> Given | None:
        """Looks at some of what waits; None where the engine is gone."""
        store, embedder = self._store(), self._embedder()
        if store is None or embedder is None:
            return None
        opened = store()
        if not opened.view().pending(after=after, limit=1):
            return None  # no model is opened for nothing
        some = give_some(
            opened,
            embedder(),
            after,
            known=self._failed.__contains__,
            stops=self._halts,
            threads=processors(),
        )
        if some.given and (moved_on := self._moved_on()) is not None:
            moved_on(opened.view().transaction)
        return some


def follows(folder: Path) -> bool:
    """Whether the store of a folder follows another one."""
    return (folder / _FOLLOWER).exists()


def note_following(folder: Path, *, follows: bool) -> None:
    """Keeps whether the store of a folder follows another one: vectors of its own would end that."""
    if follows:
        (folder / _FOLLOWER).touch()
    else:
        (folder / _FOLLOWER).unlink(missing_ok=True)


_WORKERS: weakref.WeakSet[Behind] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """No thread is cut off in the middle of a transaction when the interpreter ends."""
    for worker in list(_WORKERS):
        worker.stop()
