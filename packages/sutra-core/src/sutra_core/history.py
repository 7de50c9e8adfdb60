"""What an engine remembers of its past, and forgets: a part of `ReasoningEngine`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sutra_core.arguments import NUMBER_MAX, check_number, check_unicode
from sutra_core.backup.known import backups_with
from sutra_core.behind import follows, note_following
from sutra_core.changes import Change, apply_changes, changes_since
from sutra_core.errors import EmbedderError
from sutra_core.filters import microseconds_of
from sutra_core.forgetting import forget, unknown_receipt
from sutra_core.narrowing import NarrowedViews
from sutra_core.observing import ForgettingWatch
from sutra_core.pending import embed_pending
from sutra_core.purging import PurgeClock
from sutra_core.results import ForgettingRecord
from sutra_core.types import Forgotten, KnowledgeStore, Went

if TYPE_CHECKING:
    from sutra_core.behind import Behind
    from sutra_core.cache import AnswerCache
    from sutra_core.config import ReasoningEngineConfig
    from sutra_core.learn import ReindexReport
    from sutra_core.models_in_use import ModelsInUse
    from sutra_core.observing import Observers

__all__ = ["History"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BY_TIME = ("before", "retired")


class History(ABC):
    """Forgetting, purging, and the changes of a store."""

    _answers: AnswerCache
    _behind: Behind
    _models: ModelsInUse
    _narrowed: NarrowedViews
    _observer: Observers
    _purges: PurgeClock
    config: ReasoningEngineConfig

    @abstractmethod
    def _opened(self) -> KnowledgeStore: ...

    # --- forgetting ---

    def forget(
        self,
        *,
        source: int | str | None = None,
        concept: int | str | None = None,
        before: datetime | None = None,
        link_only: bool = False,
        dry_run: bool = False,
    ) -> Forgotten:
        """Forgets one of three, at once from every search and answer; `dry_run` only says what would go.

        A `source`, by its number, or all sources of an address, with all that they alone said; what others
        say too stays. All that was learned `before` a time. Or a `concept`: a statement, wherever it is said,
        or an entity, by its number or name, with every statement and title that names it; their bytes become
        blanks. With `link_only` an entity goes alone, and the words that name it stay.

        A recorded answer that cited any of it is erased. From the files of the store it goes after
        `purge_hours`, or by `purge`. Raises `UnknownSourceError`, `UnknownConceptError`.
        """
        store, watch = self._opened(), ForgettingWatch(self._observer)
        view = store.view()
        behind = self._behind.backlog(view).watermark < view.transaction
        forgotten = forget(store, source, concept, before, link_only=link_only, dry_run=dry_run)
        if not dry_run:
            self._moved_on(forgotten.transaction)
            watch.ended(forgotten)
            self._purges.look(store)
            if forgotten.redacted and behind:
                self._behind.wake()
            elif forgotten.redacted:
                # Without its model what is left of a passage waits, and is found by its words meanwhile.
                with suppress(EmbedderError):
                    self.embed_pending()
        return forgotten

    def embed_pending(self) -> int:
        """Gives every statement that waits for a vector one, and says how many have one now.

        A passage of which parts were forgotten waits, and what was split by `sutra migrate`. Raises
        `ModelUnavailableError` without the embedder's model.
        """
        with self._behind.paused(), self._models.used() as embedder:
            given = embed_pending(self._opened(), embedder)
        self._moved_on(self._opened().view().transaction)
        return given

    def reindex(
        self, *, dry_run: bool = False, on_progress: Callable[[int, int], None] | None = None
    ) -> ReindexReport:
        """Reads all sources again where older rules than the present derived what is known; `dry_run` counts.

        Mentions, relations and what else the rules derive come anew, from the texts that are stored; what
        older rules found and these do not is retired, and can be asked as of before. Statements keep their
        numbers and vectors, and what a format links stays. An entity that was forgotten alone (`link_only`)
        is found again where words still name it. `on_progress` is told how many sources of all are done.
        Done again after an interruption it goes on from the beginning.
        """
        from sutra_core.learn import reindex

        report = reindex(self._opened(), dry_run=dry_run, on_progress=on_progress)
        self._moved_on(report.transaction)
        return report

    def expire(self) -> Forgotten | None:
        """Drops what was retired more than `history_retention` days ago; None where there is none of it.

        An engine that stays open does it once a day, `purge` before it purges. Nobody can ask as of the days
        before then. It has a receipt as forgetting has.
        """
        store = self._opened()
        before = datetime.now(UTC) - timedelta(days=self.config.history_retention)
        forgotten = store.forget_retired(microseconds_of(before))
        if forgotten is not None:
            self._answers.move_on(forgotten.transaction)
            self._narrowed.clear()
            self._purges.look(store)
        return forgotten

    def purge(self) -> datetime:
        """Writes the store's files anew, without anything that was forgotten, and tells when that was done.

        What is asked meanwhile is answered, and what is learned waits. Views that are older may be read for
        another minute. Earlier versions that are older than `history_retention` go with it. Raises
        `NoSpaceError` where there is no room for another store beside this one.
        """
        self.expire()
        try:
            return _time(self._opened().purge())
        finally:  # what they read are the old files
            self._narrowed.clear()

    def receipt(self, transaction: int) -> ForgettingRecord | None:
        """The receipt of the transaction that forgot something; None where it forgot nothing."""
        check_number("transaction", transaction, 0, NUMBER_MAX)
        receipt = self._opened().receipt(transaction)
        if receipt is None:
            return None
        return ForgettingRecord(
            transaction=transaction,
            time=_time(receipt.time),
            what=receipt.what,
            numbers=() if receipt.what in _BY_TIME else tuple(receipt.numbers),
            before=_time(receipt.numbers[0]) if receipt.what in _BY_TIME else None,
            forgotten=receipt.forgotten,
            hashes=tuple(receipt.hashes),
            purged=None if receipt.purged is None else _time(receipt.purged),
            backups=backups_with(self.config.storage_path, transaction),
        )

    def receipts(self) -> list[int]:
        """The transactions that forgot something, in order."""
        return [transaction for transaction, _ in self._opened().receipts()]

    def went(self, transaction: int, text: str, *, title: str = "") -> Went:
        """As what a text is among what a transaction forgot, by the hashes in its receipt.

        It may be a statement (a sentence, or a passage without a title), a passage under the `title`, the
        name of an entity, or the whole text of a source, exactly as it was, with or without white space at
        its ends. That it is none of these does not mean that it was never known. Where `key_fits` is False
        and nothing is found, this store cannot tell (see `Went`). A store knows its own receipts alone.

        Raises `UnknownReceiptError` for a transaction that forgot nothing, `InvalidValueError` for a text
        that is empty, `StoreIOError` where the store's `store.key` is missing.
        """
        check_number("transaction", transaction, 0, NUMBER_MAX)
        check_unicode("text", text)
        check_unicode("title", title, empty=True)
        went = self._opened().went(transaction, text, title=title)
        if went is None:
            raise unknown_receipt(transaction)
        return went

    # --- following ---

    def changes(self, since: int = 0, *, limit: int | None = None) -> Iterator[Change]:
        """The transactions after `since`, in order, for another engine to `follow`; at most `limit`.

        It ends with the last one; call it again from there. Raises `InvalidValueError` for a transaction
        that is not there yet.
        """
        return changes_since(self._opened(), since, limit)

    def follow(self, changes: Change | bytes | Iterable[Change | bytes]) -> int:
        """Applies changes of another engine, durably and in order, and tells the last transaction then.

        A new, empty store takes over the other one's history; one that learned on its own is refused
        (`HistoryMismatchError`), and so is one of another embedder (`EmbedderMismatchError`). Changes of
        which something was forgotten since are applied in one step with all up to their `settled`. Raises
        `InvalidChangeError` for what does not follow on the last transaction; what came before it stays
        applied.
        """
        transaction = self._opened().view().transaction
        self._behind.follow()
        if self.config.use_rust_storage and not follows(self.config.storage_path):
            note_following(self.config.storage_path, follows=True)
        for transaction in apply_changes(self._opened(), changes):
            self._moved_on(transaction)
        return transaction

    def _lead(self) -> None:
        """What is learned from now on is the store's own, whatever it followed."""
        if self._behind.lead() and self.config.use_rust_storage:
            note_following(self.config.storage_path, follows=False)

    def _moved_on(self, transaction: int) -> None:
        """Keeps nothing that is of an earlier state."""
        self._answers.move_on(transaction)
        self._narrowed.clear()


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
