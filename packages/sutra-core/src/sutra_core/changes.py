"""The change feed: what each transaction did, told by one store and applied by another.

Nothing is embedded and nothing is read here: a change brings its vectors with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast, runtime_checkable

from sutra_core.arguments import NUMBER_MAX, check_number, check_type
from sutra_core.errors import ConfigError, InvalidChangeError
from sutra_storage import decode_change
from sutra_storage import types as storage

__all__ = ["Change", "apply_changes", "changes_since"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 256
"""Changes that are fetched from the store at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction, for another store to apply.

    What it learned and forgot is counted as it was then, whatever was forgotten since. `settled` is the
    transaction up to which a follower has to go in one step: its own, or a later one where something of it
    was forgotten since. `data` is the change itself, in a form that other processes read.
    """

    transaction: int
    time: datetime
    learned_sources: int
    learned_concepts: int
    forgotten_sources: int
    forgotten_concepts: int
    settled: int
    data: bytes

    @classmethod
    def decode(cls, data: bytes) -> Change:
        """The change that these bytes are; raises `InvalidChangeError` where they are none."""
        check_type("change", data, bytes, "the bytes of a change")
        return _told(decode_change(data))


@runtime_checkable
class _Feed(Protocol):
    """A store that tells its changes, and takes those of another."""

    def changes_since(self, since: int, limit: int) -> list[storage.Change]: ...
    def apply_changes(self, changes: list[bytes]) -> int: ...


def changes_since(store: object, since: int, limit: int | None) -> Iterator[Change]:
    """The transactions after `since`, in order, to the last: at most `limit`, fetched some at a time.

    Raises `InvalidValueError` for a transaction that is not there yet, before the first is told.
    """
    check_number("since", since, 0, NUMBER_MAX)
    if limit is not None:
        check_number("limit", limit, 0, NUMBER_MAX)
    feed = _feed_of(store)
    return _pages(feed, feed.changes_since(since, _page(limit)), limit)


def _pages(feed: _Feed, page: list[storage.Change], limit: int | None) -> Iterator[Change]:
    told = 0
    while page:
        yield from map(_told, page)
        told += len(page)
        page = feed.changes_since(page[-1].transaction, _page(None if limit is None else limit - told))


def _page(left: int | None) -> int:
    return _PAGE if left is None else min(left, _PAGE)


def apply_changes(store: object, changes: object) -> Iterator[int]:
    """Applies changes in order, those that belong together in one step; the last transaction after each step.

    Raises `InvalidChangeError`, `HistoryMismatchError` or `EmbedderMismatchError` for what does not follow;
    what came before it is applied.
    """
    feed = _feed_of(store)
    if isinstance(changes, Change | bytes):
        changes = (changes,)
    check_type("changes", changes, Iterable, "a Change, its bytes, or several")
    waiting: list[bytes] = []
    settled = last = 0
    for each in cast("Iterable[object]", changes):
        check_type("change", each, Change | bytes, "a Change, or its bytes")
        change = each if isinstance(each, Change) else Change.decode(cast("bytes", each))
        waiting.append(change.data)
        settled, last = max(settled, change.settled), change.transaction
        if last >= settled:
            yield feed.apply_changes(waiting)
            waiting, settled = [], 0
    if waiting:
        raise InvalidChangeError(
            f"something of the changes up to transaction {last} was forgotten since; apply them together "
            f"with all up to transaction {settled}; none of them was applied"
        )


def _feed_of(store: object) -> _Feed:
    if not isinstance(store, _Feed):
        raise ConfigError(
            "the reference store (use_rust_storage is off) keeps no changes; follow and be followed with the "
            "Rust engine"
        )
    return store


def _told(change: storage.Change) -> Change:
    return Change(
        change.transaction,
        _EPOCH + timedelta(microseconds=change.time),
        change.learned_sources,
        change.learned_concepts,
        change.forgotten_sources,
        change.forgotten_concepts,
        change.settled,
        change.data,
    )
