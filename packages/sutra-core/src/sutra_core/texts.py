"""Texts as they are given to an engine, as what `learn` takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sutra_core.arguments import check_type
from sutra_core.types import SourceDraft

if TYPE_CHECKING:
    from sutra_core.learn import Item

__all__ = ["check_text", "items_of", "own_address"]


def own_address(text: str) -> str:
    """The address of a text that names no source: its own content."""
    return f"text:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"


def items_of(texts: Iterable[str | SourceDraft]) -> Iterator[Item]:
    """Each text with the address that it has, or its own; raises `InvalidValueError` for what is no text."""
    from sutra_core.learn import Item

    for position, text in enumerate(texts):
        check_text(position, text)
        draft = text if isinstance(text, SourceDraft) else SourceDraft(own_address(text), text)
        yield Item(draft, None, f"text {position}", 0)


def check_text(position: int, text: object) -> None:
    """Refuses what is no text; it stands at this position of a batch."""
    check_type(f"text {position} of the batch", text, str | SourceDraft, "a string or a SourceDraft")
