"""Forgetting: what is to go, found and taken out of a store."""

from __future__ import annotations

from sutra_core.arguments import NUMBER_MAX
from sutra_core.errors import UnknownSourceError
from sutra_core.types import Forgotten, KnowledgeStore, ReadView

__all__ = ["forget_source"]


def forget_source(store: KnowledgeStore, source: int | str, *, dry_run: bool) -> Forgotten:
    """Forgets a source, by its number, or all of an address, and says what went; `dry_run` only says it.

    Raises `UnknownSourceError` where there is none.
    """
    forgotten = store.forget_sources(_numbers(store.view(), source), dry_run=dry_run)
    if forgotten is None:
        raise UnknownSourceError(
            f"there is no source {source!a}; take a number or an address from a list of sources or a citation"
        )
    return forgotten


def _numbers(view: ReadView, source: int | str) -> list[int]:
    if isinstance(source, str):
        return view.sources_at(source)
    return [source] if 0 < source <= NUMBER_MAX else []
