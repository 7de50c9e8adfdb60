"""The namespaces of a service: a store of its own for each, opened when first used, closed when idle.

What was forgotten in one is purged before it is closed: nobody would do it then.

The default namespace is the storage folder itself, the others are folders in `namespaces/` there. What is
learned in one can be found in no other: they share models and the room for cached answers, and no data.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import InvalidValueError, SutraError
from sutra_core.observing import Observer
from sutra_core.shared import Shared

__all__ = [
    "DEFAULT",
    "FOLDER",
    "NAMESPACE_PATTERN",
    "NamespaceBusyError",
    "NamespaceExistsError",
    "Namespaces",
    "UnknownNamespaceError",
    "checked_name",
]

DEFAULT = "default"
NAMESPACE_PATTERN = "^[a-z0-9][a-z0-9_-]{0,62}$"
FOLDER = "namespaces"
_T = TypeVar("_T")
_log = logging.getLogger(__name__)
# A folder that is being made or deleted: no namespace can have such a name.
_UNFINISHED = "."


class UnknownNamespaceError(SutraError, LookupError):
    """There is no namespace of this name."""

    code = "unknown_namespace"


class NamespaceExistsError(SutraError):
    """There is a namespace of this name already."""

    code = "namespace_exists"


class NamespaceBusyError(SutraError):
    """A namespace is used, and cannot be deleted at this moment."""

    code = "namespace_busy"


def checked_name(name: str) -> str:
    """The name of a namespace; raises `InvalidValueError` for what cannot be one."""
    if not re.match(NAMESPACE_PATTERN, name):
        raise InvalidValueError(
            f"the namespace is {name!a}; give 1 to 63 small letters, digits, - and _, a letter or digit first"
        )
    return name


@dataclass(slots=True)
class _Open:
    """A namespace that is open, or about to be. `users` count those who hold it."""

    opening: threading.Lock = field(default_factory=threading.Lock)
    engine: ReasoningEngine | None = None
    users: int = 0
    used: float = 0.0


class Namespaces:
    """The open stores of a service. Safe to use from many threads.

    `shared` is what their engines share, and is the caller's to close, after this. `observer` says for a
    namespace who is told of what is done in it.
    """

    def __init__(
        self,
        config: ReasoningEngineConfig,
        shared: Shared,
        observer: Callable[[str], Observer | None] = lambda _: None,
    ) -> None:
        self._config = config
        self._shared = shared
        self._observer = observer
        self._lock = threading.Condition()
        self._open: dict[str, _Open] = {}
        self._closing: set[str] = set()
        self._deleting: set[str] = set()
        self._clear_unfinished()

    def names(self) -> list[str]:
        """All namespaces by name, the default one first."""
        folder = self._config.storage_path / FOLDER
        found = [each.name for each in folder.iterdir() if self._is_one(each)] if folder.is_dir() else []
        return [DEFAULT, *sorted(found)]

    def folder(self, name: str) -> Path:
        """The folder of a namespace; raises `InvalidValueError` for what cannot be a name."""
        if checked_name(name) == DEFAULT:
            return self._config.storage_path
        return self._config.storage_path / FOLDER / name

    def exists(self, name: str) -> bool:
        """Whether there is such a namespace; the default one always is."""
        return name == DEFAULT or self._is_one(self.folder(name))

    def check(self, name: str) -> None:
        """Raises `UnknownNamespaceError` where there is no such namespace."""
        if not self.exists(name):
            raise _unknown(name)

    @contextmanager
    def engine(self, name: str) -> Generator[ReasoningEngine]:
        """The engine of a namespace, for as long as it is needed; opens it where it is not open.

        Raises `UnknownNamespaceError`, and what opening a store raises.
        """
        held = self._hold(name)
        try:
            with held.opening:
                if held.engine is None:
                    held.engine = self._opened(name)
            yield held.engine
        finally:
            with self._lock:
                held.users -= 1
                held.used = time.monotonic()
                self._lock.notify_all()

    def open_names(self) -> list[str]:
        """The namespaces that are open, or about to be."""
        with self._lock:
            return list(self._open)

    def of_open(self, work: Callable[[ReasoningEngine], _T]) -> dict[str, _T]:
        """What the work returns for each namespace that is open; it keeps none of them open any longer.

        A namespace for which it raises is left out, and the log says so: the others are no worse for it.
        """
        found: dict[str, _T] = {}
        for name in self.open_names():
            with self._lock:
                held = self._open.get(name)
                if held is None or held.engine is None:
                    continue
                held.users += 1
            try:
                found[name] = work(held.engine)
            except (SutraError, OSError) as error:
                _log.warning("the namespace %s cannot be looked at: %s", name, error)
            finally:
                with self._lock:
                    held.users -= 1
                    self._lock.notify_all()
        return found

    def create(self, name: str) -> None:
        """Makes a new, empty namespace; raises `NamespaceExistsError`."""
        folder = self.folder(name)
        with self._lock:
            if self.exists(name) or name in self._deleting:
                raise NamespaceExistsError(f"there is a namespace {name!r} already; choose another name")
            folder.mkdir(parents=True)

    def delete(
        self, name: str, *, wait_seconds: float = 10.0, forget: Callable[[], None] = lambda: None
    ) -> None:
        """Deletes a namespace with all that it holds, once nobody uses it any more.

        Nobody new gets in meanwhile, and nobody makes another one of the name before `forget` has returned.
        Raises `UnknownNamespaceError`, `NamespaceBusyError` when it is still
        used after `wait_seconds`, and `InvalidValueError` for the default one.
        """
        if name == DEFAULT:
            raise InvalidValueError("the default namespace is the storage folder, which stays")
        folder = self.folder(name)
        with self._lock:
            if not self.exists(name) or name in self._deleting:
                raise _unknown(name)
            self._deleting.add(name)
        try:
            with self._lock:
                self._lock.wait_for(lambda: name not in self._closing)
                held = self._open.get(name)
                if held and not self._lock.wait_for(lambda: held.users == 0, wait_seconds):
                    raise NamespaceBusyError(f"the namespace {name!r} is still used; try again in a moment")
                self._open.pop(name, None)
            if held and held.engine:
                held.engine.close()
            gone = folder.with_name(f"{_UNFINISHED}{name}")
            folder.rename(gone)
            forget()
            shutil.rmtree(gone)
        finally:
            with self._lock:
                self._deleting.discard(name)

    def close_idle(self) -> list[str]:
        """Closes what nobody has used for `namespace_idle_seconds`, but for the default one; their names.

        What was forgotten there is purged first; where that fails the namespace stays open until the next
        time. A store in memory is never closed: nothing of it would be left.
        """
        if not self._config.use_rust_storage:
            return []
        oldest = time.monotonic() - self._config.namespace_idle_seconds
        with self._lock:
            idle = [
                name
                for name, held in self._open.items()
                if name != DEFAULT and not held.users and held.used < oldest
            ]
            closing = {name: self._open.pop(name) for name in idle}
            self._closing.update(idle)
        closed: list[str] = []
        try:
            for name, held in closing.items():
                if held.engine and not _purged(name, held.engine):
                    continue
                closed.append(name)
                if held.engine:
                    held.engine.close()
        finally:
            with self._lock:
                self._open.update({name: closing[name] for name in idle if name not in closed})
                self._closing.difference_update(idle)
                self._lock.notify_all()
        return closed

    def close(self) -> None:
        """Closes every store. What is still used fails."""
        with self._lock:
            closing, self._open = list(self._open.values()), {}
        for held in closing:
            if held.engine:
                held.engine.close()

    def _hold(self, name: str) -> _Open:
        with self._lock:
            # What is being closed is opened again once it is.
            self._lock.wait_for(lambda: name not in self._closing)
            if name in self._deleting or not self.exists(name):
                raise _unknown(name)
            held = self._open.setdefault(name, _Open())
            held.users += 1
            return held

    def _opened(self, name: str) -> ReasoningEngine:
        config = self._config.model_copy(update={"storage_path": self.folder(name)})
        return ReasoningEngine(config, shared=self._shared, observer=self._observer(name))

    def _is_one(self, folder: Path) -> bool:
        return folder.is_dir() and re.match(NAMESPACE_PATTERN, folder.name) is not None

    def _clear_unfinished(self) -> None:
        """Ends deletions that were begun."""
        folder = self._config.storage_path / FOLDER
        for each in folder.glob(f"{_UNFINISHED}*") if folder.is_dir() else ():
            shutil.rmtree(each)


def _purged(name: str, engine: ReasoningEngine) -> bool:
    """Purges what is still in the files; whether nothing is any more, as far as is known."""
    try:
        newest = engine.receipt(engine.receipts()[-1]) if engine.receipts() else None
        if newest is not None and newest.purged is None:
            engine.purge()
    except SutraError as error:
        _log.warning("the namespace %s stays open, for it cannot be purged: %s", name, error)
        return False
    return True


def _unknown(name: str) -> UnknownNamespaceError:
    return UnknownNamespaceError(f"there is no namespace {name!a}; GET /v1/namespaces lists them")
