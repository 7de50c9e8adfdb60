"""Views narrowed to what a question is asked of, and the last few of them kept.

A narrowed view is made of all that the admitted sources say, so the next question with the same narrowing
takes the one that is there, as long as nothing was learned or forgotten. Decides nothing about answers, and
nothing that answers is told of it: an answer is marked afterwards with what it was asked of.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from sutra_core.arguments import NUMBER_MAX, is_unicode
from sutra_core.ask import Answer
from sutra_core.ask.answer import answer_id
from sutra_core.errors import InvalidValueError
from sutra_core.filters import Filter, check_narrowing, microseconds_of, unknown_source
from sutra_core.types import KnowledgeStore, ReadView

__all__ = ["NarrowedViews", "Narrowing", "narrowing_of"]

_KEPT = 2
"""Narrowed views that are kept; each has a graph of its own."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is asked of one state: the learned of it by the transaction `as_of`, what holds at `holds_at`, and
    what the sources of `filter` say. None where all is meant.
    """

    as_of: int | None
    holds_at: datetime | None
    filter: Filter | None

    def within(self, view: ReadView) -> ReadView:
        """The view narrowed to it. Raises `UnknownSourceError`."""
        wanted = self.filter or Filter()
        return view.within(
            sources=None if wanted.sources is None else sorted(_numbers(view, wanted)),
            attributes=wanted.attributes or None,
            since=None if wanted.since is None else microseconds_of(wanted.since),
            until=None if wanted.until is None else microseconds_of(wanted.until),
            # All that there is was learned by the last transaction.
            as_of=None if self.as_of == view.transaction else self.as_of,
            holds_at=None if self.holds_at is None else microseconds_of(self.holds_at),
            kinds=wanted.kinds,
        )

    def narrows(self, view: ReadView) -> bool:
        """Whether anything of this state is left out."""
        whole = self.as_of is None or self.as_of == view.transaction
        return not whole or self.holds_at is not None or self.filter is not None

    def marked(self, answer: Answer, store: KnowledgeStore) -> Answer:
        """The answer, with what it was asked of."""
        forgettings = 0
        if self.as_of is not None:
            later = store.receipts(after=self.as_of)
            forgettings = sum(
                transaction <= answer.transaction and not _expired(store, transaction)
                for transaction, _ in later
            )
        marked = replace(
            answer,
            as_of=self.as_of,
            forgettings_after=forgettings,
            holds_at=self.holds_at,
            filter=self.filter,
        )
        return replace(marked, id=answer_id(marked))

    def addressed(self, view: ReadView) -> list[int]:
        """The sources that the filter names by their addresses: these words are theirs."""
        listed = self.filter.sources if self.filter and self.filter.sources else ()
        return [
            number
            for each in listed
            if isinstance(each, str)
            for number in view.sources_at(each, retired=True)
        ]


def narrowing_of(
    store: KnowledgeStore,
    view: ReadView,
    as_of: int | datetime | None,
    holds_at: datetime | None,
    narrowed_by: Filter | None,
) -> Narrowing | None:
    """What is asked of a view of the store; None where that is all of it.

    A time is that of the last transaction made at or before it. Raises `InvalidValueError`, also for a
    transaction that is not there yet.
    """
    as_of, holds_at, narrowed_by = check_narrowing(as_of, holds_at, narrowed_by)
    if narrowed_by is not None and narrowed_by.admits_all:
        narrowed_by = None
    if isinstance(as_of, datetime):
        as_of = min(store.transaction_at(microseconds_of(as_of)), view.transaction)
    if as_of is not None and as_of > view.transaction:
        raise InvalidValueError(
            f"as_of is {as_of}, a transaction that is not there yet; allowed: 0 to {view.transaction}"
        )
    if as_of is None and holds_at is None and narrowed_by is None:
        return None
    return Narrowing(as_of, holds_at, narrowed_by)


class NarrowedViews:
    """The last few narrowed views of the present state. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._transaction = -1
        self._views: OrderedDict[tuple[str, Narrowing], ReadView] = OrderedDict()

    def __len__(self) -> int:
        """How many are kept."""
        with self._lock:
            return len(self._views)

    def narrowed(self, view: ReadView, narrowing: Narrowing | None) -> ReadView:
        """The view, narrowed. Raises `UnknownSourceError`."""
        if narrowing is None or not narrowing.narrows(view):
            return view
        transaction, key = view.transaction, (view.fingerprint, narrowing)
        with self._lock:
            self._move_on(transaction)
            if transaction == self._transaction and key in self._views:
                self._views.move_to_end(key)
                return self._views[key]
        made = narrowing.within(view)
        with self._lock:
            self._move_on(transaction)
            if transaction == self._transaction:
                self._views[key] = made
                while len(self._views) > _KEPT:
                    self._views.popitem(last=False)
        return made

    def clear(self) -> None:
        """Keeps none: they may be of a state that is no more, and hold its files open."""
        with self._lock:
            self._views.clear()

    def _move_on(self, transaction: int) -> None:
        if transaction > self._transaction:
            self._transaction = transaction
            self._views.clear()


def _expired(store: KnowledgeStore, transaction: int) -> bool:
    """Whether a transaction dropped only what had been retired so long ago that nobody can ask for it."""
    receipt = store.receipt(transaction)
    return receipt is not None and receipt.what == "retired"


def _numbers(view: ReadView, wanted: Filter) -> set[int]:
    """The sources that a filter lists, by their numbers."""
    numbers: set[int] = set()
    for each in wanted.sources or ():
        if isinstance(each, str):
            found = view.sources_at(each, retired=True) if is_unicode(each) else []
        else:
            known = view.sources_after(each - 1, 1, retired=True) if 0 < each <= NUMBER_MAX else []
            found = [source.id for source in known if source.id == each]
        if not found:
            raise unknown_source(each)
        numbers.update(found)
    return numbers
