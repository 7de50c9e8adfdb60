"""What of a namespace is asked, as a service takes it.

What is not given is not sent, for an older service knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sutra_core.arguments import is_unicode
from sutra_core.errors import InvalidValueError
from sutra_core.filters import Filter, check_narrowing, unknown_source

__all__ = ["Narrowing"]

_NUMBERS = range(2**53)
"""What a number can be in JSON; no store reaches its end."""


class Narrowing(NamedTuple):
    """The three that `ReasoningEngine.ask` takes."""

    as_of: int | datetime | None = None
    holds_at: datetime | None = None
    filter: Filter | None = None

    def body(self) -> dict[str, object]:
        """As fields of a body. Raises `InvalidValueError` and `UnknownSourceError` for what is none."""
        told, by = self._told()
        if by is not None:
            listed: dict[str, object] = {
                "sources": by.sources,
                "attributes": by.attributes or None,
                "since": _written(by.since),
                "until": _written(by.until),
                "kinds": by.kinds,
            }
            told["filter"] = {name: value for name, value in listed.items() if value is not None}
        return told

    def params(self) -> dict[str, object]:
        """As parameters of a query. Raises as `body` does."""
        told, by = self._told()
        if by is not None:
            for name in by.attributes:
                if "=" in name:
                    raise InvalidValueError(f"a service takes no = in the name of an attribute: {name!a}")
            told |= {
                "source": [each for each in by.sources or () if isinstance(each, int)],
                "address": [each for each in by.sources or () if isinstance(each, str)],
                "attribute": [f"{name}={value}" for name, value in by.attributes.items()],
                "since": _written(by.since),
                "until": _written(by.until),
                "kind": list(by.kinds or ()),
            }
        return {name: value for name, value in told.items() if value not in (None, [])}

    def _told(self) -> tuple[dict[str, object], Filter | None]:
        as_of, holds_at, by = check_narrowing(*self)
        if by is not None and by.sources is not None:
            _check_sendable(by.sources)
        if isinstance(as_of, int) and as_of not in _NUMBERS:
            raise InvalidValueError(f"as_of is {as_of}, a transaction that is not there yet")
        told: dict[str, object] = {
            "as_of": _written(as_of) if isinstance(as_of, datetime) else as_of,
            "holds_at": _written(holds_at),
        }
        return {name: value for name, value in told.items() if value is not None}, by


def _check_sendable(sources: Sequence[int | str]) -> None:
    """Refuses what a service cannot be asked for: it is nowhere."""
    for each in sources:
        if not (is_unicode(each) if isinstance(each, str) else each in _NUMBERS):
            raise unknown_source(each)


def _written(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
