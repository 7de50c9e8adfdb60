"""What the work of a thread or a task is done for: a request, several that are one batch, or a job.

Every line of the log says so by itself. It goes along into threads where the work is handed over with its
context (`contextvars`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import Context, ContextVar
from types import MappingProxyType

__all__ = ["ABOUT", "JOINED", "about"]

ABOUT: ContextVar[Mapping[str, object]] = ContextVar("ABOUT", default=MappingProxyType({}))
"""The names and values that each line gets, such as `request` and its id."""

JOINED: ContextVar[Sequence[Context]] = ContextVar("JOINED", default=())
"""The contexts of the other requests that the same work is done for."""


def about(**values: object) -> None:
    """Says, for the rest of this context, what it is about, in the place of what was said before."""
    ABOUT.set(values)
