"""When a document says that it was written, for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["moment_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(microseconds: int | None) -> str:
    """A document's own time; a number where no calendar has it."""
    if microseconds is None:
        return ""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).isoformat()
    except OverflowError:
        return f"{microseconds} microseconds since 1970"
