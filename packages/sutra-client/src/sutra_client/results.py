"""The service's JSON as the types of the engine: what comes back is what `ReasoningEngine` returns.

Fields that this version does not know are passed over, so that an older client reads a newer service.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar, cast

import httpx2
from pydantic import TypeAdapter, ValidationError

from sutra_client.errors import ServiceError

__all__ = ["JsonObject", "json_of", "known_fields", "microseconds", "moment", "read"]

_T = TypeVar("_T")
JsonObject = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017  (one name for both directions)


def read(kind: type[_T], told: object) -> _T:
    """A value of a type out of its JSON. Raises `ServiceError` for what is none."""
    try:
        return cast("_T", _reader(kind).validate_python(told))
    except ValidationError as error:
        raise _unexpected(f"what came is no {kind.__name__}: {error.errors()[0]['msg']}") from error


def json_of(response: httpx2.Response) -> JsonObject:
    """The JSON object that a response holds. Raises `ServiceError` where it holds none."""
    try:
        told: object = response.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _unexpected(f"what {response.url} answered is not from a service of Sutra")
    return cast("JsonObject", told)


def known_fields(kind: type[Any], told: JsonObject) -> JsonObject:
    """The fields that a named tuple has."""
    names: tuple[str, ...] = kind._fields
    return {name: told[name] for name in names if name in told}


def microseconds(told: str | None) -> int | None:
    """A date and time as microseconds since 1970 UTC."""
    if told is None:
        return None
    return (read(datetime, told) - _EPOCH) // timedelta(microseconds=1)


def moment(time: int | None) -> str | None:
    """Microseconds since 1970 UTC as a date and time; raises `OverflowError` beyond the calendar."""
    return None if time is None else (_EPOCH + timedelta(microseconds=time)).isoformat()


@lru_cache(32)
def _reader(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _unexpected(message: str) -> ServiceError:
    return ServiceError(message, code="unexpected_answer", status=200)
