"""Namespaces: list, create, delete; and how the service is."""

from __future__ import annotations

from typing import Literal

from sutra_client.calls import Call, Place, Steps, safe
from sutra_client.results import json_of, read
from sutra_client.sending import answered

__all__ = ["Health", "create", "delete", "health", "list_all"]

Health = Literal["ready", "starting"]
_PATH = "/v1/namespaces"


def list_all(place: Place) -> Steps[list[str]]:
    """The namespaces that the key is for."""
    items = json_of((yield from answered(place, Call("GET", _PATH)))).get("items")
    return [each["name"] for each in read(list[dict[str, str]], items)]


def create(place: Place, name: str) -> Steps[None]:
    """Makes a new, empty namespace."""
    yield from answered(place, Call("POST", _PATH, body={"name": name}, repeatable=False))


def delete(place: Place, name: str) -> Steps[None]:
    """Deletes a namespace with all that it holds."""
    yield from answered(place, Call("DELETE", f"{_PATH}/{safe(name)}", repeatable=False))


def health(place: Place) -> Steps[Health]:
    """Whether the service can answer yet: it is starting until its models are open."""
    response = yield from answered(place, Call("GET", "/readyz", expected=frozenset({503})))
    return "ready" if json_of(response).get("status") == "ready" else "starting"
