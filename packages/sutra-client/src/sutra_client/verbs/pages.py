"""Lists that come in pages, read to their end or to as many as are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import JsonObject, json_of, read
from sutra_client.sending import answered

__all__ = ["all_items"]

_PAGE_MAX = 1000


def all_items(
    place: Place, path: str, params: Mapping[str, Any] | None = None, limit: int | None = None
) -> Steps[list[JsonObject]]:
    """The items of a list, at most `limit`."""
    found: list[JsonObject] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        wanted = _PAGE_MAX if limit is None else min(_PAGE_MAX, limit - len(found))
        asked = {**(params or {}), "limit": wanted, **({"cursor": cursor} if cursor else {})}
        page = json_of((yield from answered(place, Call("GET", path, params=asked))))
        found += read(list[dict[str, Any]], page.get("items"))
        cursor = page.get("cursor")
        if cursor is None:
            break
    return found
