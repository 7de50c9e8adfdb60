"""Requests that are made once: with an `Idempotency-Key`, a request that is sent again changes nothing.

What was answered is kept durably for a day, for each client and key, and answered again. It is kept after the
work is durable; a crash between the two does the work again, and all work here can be done again.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Request, Response

from sutra_api.gate import LOOKING, Gate
from sutra_api.state import State
from sutra_core.errors import InvalidValueError, SutraError

__all__ = ["IdempotencyKey", "KeyInUseError", "KeyMismatchError", "Once"]

KEPT_SECONDS = 24 * 3600
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="A text of the caller's own: the same request sent again with it changes nothing.",
    ),
]


class KeyMismatchError(SutraError):
    """The key was sent with another request before."""

    code = "idempotency_key_mismatch"


class KeyInUseError(SutraError):
    """The first request with this key is still being answered."""

    code = "idempotency_key_in_use"


class Once:
    """What was answered, by client and key. Belongs to the event loop's thread, but for `forget_old`."""

    def __init__(self, state: State, gate: Gate) -> None:
        self._state = state
        self._gate = gate
        self._running: set[tuple[str, str]] = set()

    async def answer(
        self,
        request: Request,
        client: str,
        key: str | None,
        work: Callable[[], Awaitable[Response]],
        digest: bytes | None = None,
    ) -> Response:
        """What the work answers, or what it answered before.

        `digest` stands for the body where it is too large to be held. Raises `KeyMismatchError`,
        `KeyInUseError`, and what the work raises, which is not kept.
        """
        if key is None:
            return await work()
        if not _KEY.fullmatch(key):
            raise InvalidValueError(
                "the Idempotency-Key is not 1 to 200 printable ASCII characters without spaces"
            )
        place = (client, key)
        if place in self._running:
            raise KeyInUseError("a request with this Idempotency-Key is being answered; wait for it")
        self._running.add(place)
        try:
            content = await request.body() if digest is None else digest
            whole = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + content).digest()
            kept = await self._gate.run(LOOKING, lambda: self._kept(place, whole))
            if kept is not None:
                return kept
            response = await work()
            await self._gate.run(LOOKING, lambda: self._keep(place, whole, response))
            return response
        finally:
            self._running.discard(place)

    def forget_old(self) -> None:
        """Lets go of what is older than a day."""
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM requests WHERE made < ?", (time.time() - KEPT_SECONDS,))

    def _kept(self, place: tuple[str, str], digest: bytes) -> Response | None:
        rows = self._state.read("SELECT * FROM requests WHERE client = ? AND key = ?", *place)
        if not rows or rows[0]["made"] < time.time() - KEPT_SECONDS:
            return None
        row = rows[0]
        if bytes(row["digest"]) != digest:
            raise KeyMismatchError(
                "this Idempotency-Key was sent with another request before; take a new key for a new request"
            )
        return Response(
            bytes(row["body"]), row["status"], {"Idempotency-Replayed": "true"}, row["media_type"] or None
        )

    def _keep(self, place: tuple[str, str], digest: bytes, response: Response) -> None:
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *place,
                    digest,
                    time.time(),
                    response.status_code,
                    response.headers.get("content-type", ""),
                    bytes(response.body),
                ),
            )
