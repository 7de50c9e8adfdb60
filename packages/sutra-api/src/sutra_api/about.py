"""What the work of a thread or a task is done for: a request, several that are one batch, or a job.

Every line of the log says so by itself. It goes along into threads where the work is handed over with its
context (`contextvars`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

__all__ = ["ABOUT", "about"]

ABOUT: ContextVar[Mapping[str, object]] = ContextVar("ABOUT", default=MappingProxyType({}))
"""The names and values that each line gets, such as `request` and its id."""


def about(**values: object) -> None:
    """Says, for the rest of this context, what it is about, in the place of what was said before."""
    ABOUT.set(values)
