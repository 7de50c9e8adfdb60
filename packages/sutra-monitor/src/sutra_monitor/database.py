"""`monitor.db`: what the monitor remembers between its runs, in SQLite. Several monitors may share it.

Knows no figure and no rule; what is remembered is said by history.py, alerts.py and outbox.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sutra_core.errors import StoreIOError

__all__ = ["FILE", "Database"]

FILE = "monitor.db"
_VERSION = 2
_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE measurements (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, at REAL NOT NULL, origin TEXT NOT NULL,
    figures TEXT NOT NULL
);
CREATE INDEX measured ON measurements (target, at);
CREATE TABLE counts (
    measurement INTEGER NOT NULL REFERENCES measurements (id) ON DELETE CASCADE, namespace TEXT NOT NULL,
    concepts INTEGER NOT NULL, learned INTEGER NOT NULL, forgotten INTEGER NOT NULL, since TEXT NOT NULL,
    started TEXT NOT NULL DEFAULT '', PRIMARY KEY (measurement, namespace)
) WITHOUT ROWID;
CREATE TABLE verifications (
    target TEXT NOT NULL, namespace TEXT NOT NULL, at REAL NOT NULL, faults TEXT NOT NULL,
    PRIMARY KEY (target, namespace)
) WITHOUT ROWID;
CREATE TABLE alerts (
    target TEXT NOT NULL, name TEXT NOT NULL, level TEXT NOT NULL, message TEXT NOT NULL,
    raised REAL NOT NULL, told REAL NOT NULL, PRIMARY KEY (target, name)
) WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, alert TEXT NOT NULL, at REAL NOT NULL,
    claimed REAL NOT NULL DEFAULT 0
);
"""
# What brings a file of the version before to each version.
_CHANGES = {2: "ALTER TABLE counts ADD COLUMN started TEXT NOT NULL DEFAULT ''"}


class Database:
    """The file in a folder, made where there is none; a context manager.

    Raises `StoreIOError` where it cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise StoreIOError(
                f"the monitor's state in {folder} cannot be written: {error.strerror or error}; "
                "name another folder with --state"
            ) from error
        with self._told():
            self._connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._told():
                self._connection.execute("PRAGMA foreign_keys = ON")
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """All that is done in it is done together, or nothing of it."""
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # else SQLite has ended it by itself
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Lets go of the file. Closing twice does nothing."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        with self.transaction() as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
            else:
                for number in range(version + 1, _VERSION + 1):
                    connection.execute(_CHANGES[number])
            if version < _VERSION:
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        if version > _VERSION:
            raise StoreIOError(
                f"{self.path} was written by a newer version of Sutra; use that one, or another --state"
            )

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreIOError(
                f"the monitor's state in {self.path} cannot be used: {error}; if it is broken, put it aside, "
                "and the monitor begins a new one"
            ) from error
