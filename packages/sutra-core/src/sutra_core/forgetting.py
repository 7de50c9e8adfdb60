"""Forgetting: what is to go, found and taken out of a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sutra_core.arguments import NUMBER_MAX, check_type
from sutra_core.errors import InvalidValueError, UnknownConceptError, UnknownSourceError
from sutra_core.types import Forgotten, KnowledgeStore, ReadView

__all__ = ["forget"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    if sum(given is not None for given in (source, concept, before)) != 1:
        raise InvalidValueError("give what is to be forgotten: a source, a concept, or a time before which")
    if link_only and concept is None:
        raise InvalidValueError("only an entity can be forgotten alone; give a concept, or no link_only")
    if concept is not None:
        return _forget_concept(store, concept, link_only=link_only, dry_run=dry_run)
    if before is not None:
        return _forget_before(store, before, dry_run=dry_run)
    check_type("source", source, int | str, "a number, or an address")
    assert source is not None
    forgotten = store.forget_sources(_sources(store.view(), source), dry_run=dry_run)
    if forgotten is None:
        raise UnknownSourceError(
            f"there is no source {source!a}; take a number or an address from a list of sources or a citation"
        )
    return forgotten


def _sources(view: ReadView, source: int | str) -> list[int]:
    if isinstance(source, str):
        return view.sources_at(source)
    return [source] if 0 < source <= NUMBER_MAX else []


def _forget_concept(
    store: KnowledgeStore, concept: int | str, *, link_only: bool, dry_run: bool
) -> Forgotten:
    check_type("concept", concept, int | str, "its number, or the name of an entity")
    number = store.view().find_entities([concept])[0] if isinstance(concept, str) else concept
    forgotten = None
    if 0 < number <= NUMBER_MAX:
        forgotten = store.forget_concept(number, link_only=link_only, dry_run=dry_run)
    if forgotten is None:
        kind = "entity" if link_only or isinstance(concept, str) else "concept"
        raise UnknownConceptError(
            f"there is no {kind} {concept!a}; take a number from a search, or the name of an entity"
        )
    return forgotten


def _forget_before(store: KnowledgeStore, before: datetime, *, dry_run: bool) -> Forgotten:
    check_type("time", before, datetime, "a datetime")
    if before.tzinfo is None:
        raise InvalidValueError(f"the time {before} has no time zone; give one, datetime.UTC for example")
    microseconds = (before - _EPOCH) // timedelta(microseconds=1)
    forgotten = store.forget_before(microseconds, dry_run=dry_run)
    return forgotten or Forgotten(store.view().transaction, 0, 0, 0, 0, 0, 0, 0, 0, 0)
