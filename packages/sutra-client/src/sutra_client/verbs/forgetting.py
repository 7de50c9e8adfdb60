"""forget: by number, by address or name, or by time; sent again, it forgets nothing more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import json_of, known_fields, read
from sutra_client.sending import answered
from sutra_client.verbs.learning import new_key
from sutra_core.arguments import is_unicode
from sutra_core.forgetting import check_wanted, unknown_concept, unknown_source
from sutra_core.types import Forgotten

__all__ = ["forget"]

_NUMBERS = range(2**53)
"""What a number can be in JSON; no store reaches its end."""


def forget(
    place: Place,
    source: int | str | None,
    concept: int | str | None,
    before: datetime | None,
    *,
    link_only: bool,
    dry_run: bool,
) -> Steps[Forgotten]:
    """Forgets one of the three, and tells what went; see `ReasoningEngine.forget`."""
    check_wanted(source, concept, before, link_only=link_only)
    if source is not None and not _sendable(source):
        raise unknown_source(source)
    if concept is not None and not _sendable(concept):
        raise unknown_concept(concept, link_only=link_only)
    call = _call(place, source, concept, before, link_only=link_only, dry_run=dry_run)
    return read(Forgotten, known_fields(Forgotten, json_of((yield from answered(place, call)))))


def _sendable(wanted: int | str) -> bool:
    """Whether a service can be asked for it; what it cannot be asked for is nowhere."""
    return is_unicode(wanted) if isinstance(wanted, str) else wanted in _NUMBERS


def _call(
    place: Place,
    source: int | str | None,
    concept: int | str | None,
    before: datetime | None,
    *,
    link_only: bool,
    dry_run: bool,
) -> Call:
    key = new_key()
    params: dict[str, Any] = {"dry_run": dry_run}
    if isinstance(source, int):
        return Call("DELETE", place.path("sources", source), params=params, key=key)
    if isinstance(concept, int):
        params["link_only"] = link_only
        return Call("DELETE", place.path("concepts", concept), params=params, key=key)
    time = None if before is None else before.isoformat()
    body = {"source": source, "concept": concept, "before": time, "link_only": link_only, "dry_run": dry_run}
    return Call("POST", place.path("forget"), body=body, key=key)
