"""The change feed: the call whose response tells transactions, and the change that an event tells of."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

import httpx2

from sutra_client.calls import Call, Place
from sutra_client.results import read
from sutra_core.changes import Change

__all__ = ["told", "watching"]


def watching(place: Place, since: int, wait: int) -> Call:
    """The call whose response tells the transactions after one as they happen."""
    return Call("GET", place.path("changes"), params={"since": since, "wait": wait})


def told(event: httpx2.ServerSentEvent) -> Change:
    """The change that an event tells of; raises `ServiceError` where it tells of none."""
    fields = dict(read(dict[str, Any], event.json()))
    return read(
        Change, fields | {"time": read(datetime, fields.get("time")), "data": _bytes(fields.get("data"))}
    )


def _bytes(text: object) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except binascii.Error:
        return None
