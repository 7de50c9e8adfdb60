"""A verb as steps: what to send and how long to wait, told to whoever does the sending.

A verb is a generator that yields a `Call` and is sent the response, or yields a `Pause` and is sent nothing.
So one code is a verb of the blocking client and of the asynchronous one. Nothing here sends or sleeps.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx2

__all__ = ["Call", "Pause", "Place", "Step", "Steps", "safe"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `files` are sent as a form with `form`, each as (name, path), read while they are sent.

    `key` makes the service do it once however often it is sent. What is not `repeatable` is sent again only
    where it surely was not done. A response with a status in `expected` is no error.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: object = None
    files: Sequence[tuple[str, Path]] = ()
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str | None = None
    repeatable: bool = True
    expected: frozenset[int] = frozenset()

    @contextmanager
    def opened(self) -> Generator[dict[str, Any]]:
        """What `build_request` of a client takes, with the files open."""
        values: dict[str, Any] = {"method": self.method, "url": self.path}
        if self.params:
            values["params"] = self.params
        headers: dict[str, str] = {}
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        if self.body is not None:
            # Halves of surrogate pairs are sent as they are, for the service to refuse.
            text = json.dumps(self.body, ensure_ascii=False, allow_nan=False)
            values["content"] = text.encode(errors="surrogatepass")
            headers["Content-Type"] = "application/json"
        values["headers"] = headers
        with ExitStack() as stack:
            if self.files:
                values["data"] = self.form
                values["files"] = [
                    ("files", (name, stack.enter_context(path.open("rb")))) for name, path in self.files
                ]
            yield values


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for so many seconds."""

    seconds: float


Step: TypeAlias = Call | Pause
Steps: TypeAlias = Generator[Step, "httpx2.Response | None", _T]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the routes of a namespace begin, and how often a request is tried again."""

    namespace: str
    retries: int

    def path(self, *parts: object) -> str:
        """The address of a route of the namespace."""
        return "/".join(("/v1/namespaces", safe(self.namespace), *(safe(part) for part in parts)))


def safe(part: object) -> str:
    """A part of a path, in which nothing leads elsewhere."""
    return quote(str(part), safe="", errors="replace")
