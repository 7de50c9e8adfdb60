"""What all bodies have in common."""

from __future__ import annotations

import re
from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["WHOLE", "Page", "Problem", "Request", "Result", "WrittenTime"]

_T = TypeVar("_T")


def _whole(value: object) -> object:
    """A whole number as JSON has it: 6.0 is one too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""With a whole number that a caller sends."""

_DATE_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]", re.ASCII)


def _written(value: object) -> object:
    """A time as text that begins with a date: no number of seconds, not even a written one."""
    if not isinstance(value, str) or not _DATE_FIRST.match(value):
        raise ValueError("write the time as text, with its zone: 2024-05-01T00:00:00Z")
    return value


WrittenTime = Annotated[
    AwareDatetime, BeforeValidator(_written), Field(strict=False, examples=["2024-05-01T00:00:00Z"])
]
"""A date and time that a caller sends."""


class Request(BaseModel):
    """What a caller sends: no field but these, and each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Result(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class Page(Result, Generic[_T]):
    """A part of a list. Ask again with `cursor` for the next one."""

    items: list[_T]
    cursor: str | None = None
    """Where the next page begins; null at the end."""


class Problem(Result):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["urn:sutra:problem:unknown_concept"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no concept 7; take a number from a search or an answer"])
    code: str = Field(examples=["unknown_concept"])
    """Stable: the same in every release."""
    request_id: str = Field(examples=["0d4f8e9b2c6a4f4e8d0c5a3b1e2f6a7c"])
    """By which the service's log knows the request."""
    errors: list[dict[str, str]] | None = None
    """Each thing that is wrong with the request, with its place."""
