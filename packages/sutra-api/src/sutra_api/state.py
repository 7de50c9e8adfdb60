"""What the service itself has to remember, in one SQLite file beside the store: its
keys, its jobs, what was answered to requests that are made once, and when stores were verified.

Holds no knowledge: what was learned is in the stores alone. Every change is durable when its transaction
ends. Several processes may open the file (`sutra keys` does while the service runs).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sutra_core.errors import StoreIOError, UnsupportedFormatError

__all__ = ["STATE_FILE", "State"]

STATE_FILE = "service.db"
_VERSION = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    role TEXT NOT NULL,
    namespaces TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL,
    revoked REAL
) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    client TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    made REAL NOT NULL,
    status INTEGER,
    media_type TEXT,
    body BLOB,
    PRIMARY KEY (client, key)
) STRICT;
CREATE INDEX IF NOT EXISTS requests_made ON requests (made);
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL DEFAULT 'learning',
    namespace TEXT NOT NULL,
    prefix TEXT NOT NULL DEFAULT '',
    format TEXT NOT NULL DEFAULT '',
    map TEXT NOT NULL DEFAULT '',
    template TEXT NOT NULL DEFAULT '',
    prune INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    created REAL NOT NULL,
    finished REAL,
    bytes_done INTEGER NOT NULL DEFAULT 0,
    bytes_total INTEGER NOT NULL DEFAULT 0,
    sources INTEGER NOT NULL DEFAULT 0,
    sources_total INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    retired INTEGER NOT NULL DEFAULT 0,
    sentences INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    code TEXT,
    reason TEXT,
    backup TEXT,
    reindex TEXT,
    wait TEXT NOT NULL DEFAULT 'indexed',
    learned INTEGER NOT NULL DEFAULT 0,
    embedder TEXT NOT NULL DEFAULT '',
    statements INTEGER NOT NULL DEFAULT 0,
    statements_total INTEGER NOT NULL DEFAULT 0,
    reembed TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS verifications (
    namespace TEXT PRIMARY KEY,
    made REAL NOT NULL,
    faults INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusals (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    location TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (job, location)
) STRICT;
"""
_TEXT = "TEXT NOT NULL DEFAULT ''"
_ADDED = {
    2: {"format": _TEXT, "map": _TEXT, "template": _TEXT},
    3: {
        "kind": "TEXT NOT NULL DEFAULT 'learning'",
        "prune": "INTEGER NOT NULL DEFAULT 0",
        "retired": "INTEGER NOT NULL DEFAULT 0",
        "backup": "TEXT",
        "sources_total": "INTEGER NOT NULL DEFAULT 0",
        "reindex": "TEXT",
    },
    4: {"wait": "TEXT NOT NULL DEFAULT 'indexed'", "learned": "INTEGER NOT NULL DEFAULT 0"},
    5: {
        "embedder": _TEXT,
        "statements": "INTEGER NOT NULL DEFAULT 0",
        "statements_total": "INTEGER NOT NULL DEFAULT 0",
        "reembed": "TEXT",
    },
}
"""The columns of `jobs` that each version added to the one before."""
_WAIT_SECONDS = 10.0


class State:
    """The open file. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / STATE_FILE
        self._lock = threading.RLock()
        with self._told():
            self._connection = sqlite3.connect(
                self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self.path.chmod(0o600)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        self._settle()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """A transaction that is durable when it ends, and undone where an error leaves it."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # else SQLite has ended it by itself
                    self._connection.execute("ROLLBACK")
                raise

    def read(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock, self._told():
            return self._connection.execute(query, values).fetchall()

    def version(self) -> int:
        """A number that is another one when another process has changed the file."""
        with self._lock, self._told():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _settle(self) -> None:
        """Makes the tables that are missing; refuses a file of a later version."""
        with self.transaction() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise UnsupportedFormatError(
                    f"{self.path} is of version {version}, and this program reads up to {_VERSION}"
                )
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            for since, columns in _ADDED.items():
                if 0 < version < since:
                    for name, kind in columns.items():
                        connection.execute(f"ALTER TABLE jobs ADD COLUMN {name} {kind}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreIOError(f"{self.path}: {error}") from error
