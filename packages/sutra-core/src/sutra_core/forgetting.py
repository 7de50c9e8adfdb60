"""Forgetting: what is to go, checked, found and taken out of a store."""

from __future__ import annotations

from datetime import datetime

from sutra_core.arguments import NUMBER_MAX, check_type, is_unicode
from sutra_core.errors import InvalidValueError, UnknownConceptError, UnknownReceiptError
from sutra_core.filters import microseconds_of, unknown_source
from sutra_core.types import Forgotten, KnowledgeStore, ReadView

__all__ = ["check_wanted", "forget", "unknown_concept", "unknown_receipt", "unknown_source"]


def forget(
    store: KnowledgeStore,
    source: int | str | None,
    concept: int | str | None,
    before: datetime | None,
    *,
    link_only: bool,
    dry_run: bool,
) -> Forgotten:
    """Forgets one of the three; see `ReasoningEngine.forget`."""
    check_wanted(source, concept, before, link_only=link_only)
    if concept is not None:
        return _forget_concept(store, concept, link_only=link_only, dry_run=dry_run)
    if before is not None:
        return _forget_before(store, before, dry_run=dry_run)
    assert source is not None
    forgotten = store.forget_sources(_sources(store.view(), source), dry_run=dry_run)
    if forgotten is None:
        raise unknown_source(source)
    return forgotten


def check_wanted(
    source: int | str | None, concept: int | str | None, before: datetime | None, *, link_only: bool
) -> None:
    """Refuses what does not say which one thing is to go. Raises `InvalidValueError`."""
    if sum(given is not None for given in (source, concept, before)) != 1:
        raise InvalidValueError("give what is to be forgotten: a source, a concept, or a time before which")
    if link_only and concept is None:
        raise InvalidValueError("only an entity can be forgotten alone; give a concept, or no link_only")
    if source is not None:
        check_type("source", source, int | str, "a number, or an address")
    if concept is not None:
        check_type("concept", concept, int | str, "its number, or the name of an entity")
    if before is not None:
        check_type("time", before, datetime, "a datetime")
        if before.tzinfo is None:
            raise InvalidValueError(f"the time {before} has no time zone; give one, datetime.UTC for example")


def unknown_concept(concept: int | str, *, link_only: bool) -> UnknownConceptError:
    """That no concept has this number, or no entity this number or name."""
    kind = "entity" if link_only or isinstance(concept, str) else "concept"
    return UnknownConceptError(
        f"there is no {kind} {concept!a}; take a number from a search, or the name of an entity"
    )


def unknown_receipt(transaction: int) -> UnknownReceiptError:
    """That this transaction forgot nothing."""
    return UnknownReceiptError(
        f"the transaction {transaction} forgot nothing; take a number from the list of receipts"
    )


def _sources(view: ReadView, source: int | str) -> list[int]:
    if isinstance(source, str):
        return view.sources_at(source, retired=True) if is_unicode(source) else []
    return [source] if 0 < source <= NUMBER_MAX else []


def _forget_concept(
    store: KnowledgeStore, concept: int | str, *, link_only: bool, dry_run: bool
) -> Forgotten:
    number = _entity(store.view(), concept) if isinstance(concept, str) else concept
    forgotten = None
    if 0 < number <= NUMBER_MAX:
        forgotten = store.forget_concept(number, link_only=link_only, dry_run=dry_run)
    if forgotten is None:
        raise unknown_concept(concept, link_only=link_only)
    return forgotten


def _entity(view: ReadView, name: str) -> int:
    return view.find_entities([name])[0] if is_unicode(name) else 0


def _forget_before(store: KnowledgeStore, before: datetime, *, dry_run: bool) -> Forgotten:
    forgotten = store.forget_before(microseconds_of(before), dry_run=dry_run)
    return forgotten or Forgotten(store.view().transaction, 0, 0, 0, 0, 0, 0, 0, 0, 0)
