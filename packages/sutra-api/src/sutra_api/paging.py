"""Lists in pages: a cursor is where the next page begins, and means nothing else to who holds it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query

from sutra_api.schemas.base import Page
from sutra_core.errors import InvalidValueError

__all__ = ["Cursor", "Limit", "page", "position"]

_T = TypeVar("_T")

Cursor = Annotated[str | None, Query(max_length=200, description="The `cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]


def page(what: str, found: list[_T], limit: int, at: Callable[[_T], int]) -> Page[_T]:
    """The first `limit` of what was found, with a cursor where there are more; `at` is the place of one."""
    items = found[:limit]
    cursor = None
    if len(found) > limit:
        cursor = base64.urlsafe_b64encode(f"{what}:{at(items[-1])}".encode()).decode()
    return Page[_T](items=items, cursor=cursor)


def position(what: str, cursor: str | None) -> int:
    """The place after which a page begins, 0 without a cursor. Raises `InvalidValueError`."""
    if cursor is None:
        return 0
    try:
        kind, _, place = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        kind = place = ""
    if kind != what or not (place.isascii() and place.isdigit()) or len(place) > 19:
        raise InvalidValueError(f"the cursor is {cursor!a}; give the one that came with a page of {what}")
    return int(place)
