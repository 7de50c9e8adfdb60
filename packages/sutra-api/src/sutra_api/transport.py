"""What holds for every request before any route sees it: its id, its headers, the bounds of its body.

Plain ASGI, so that streams pass through piece by piece.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sutra_api.about import about

__all__ = ["BoundedBody", "Identified"]

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_IDLE_SECONDS = 20.0
"""How long a body may bring nothing."""


class Identified:
    """Gives each request an id (the caller's own, if it is a decent one) and each response its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        number = given.decode() if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope["request_id"] = number
        about(request=number)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", number.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                    *((name.encode(), value.encode()) for name, value in scope.get("reply_headers", [])),
                ]
            await send(message)

        await self._app(scope, receive, named)


class BoundedBody:
    """Ends a request whose body is too large, or does not come. `largest` is asked for each request."""

    def __init__(self, app: ASGIApp, largest: Callable[[Scope], int]) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._largest(scope)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and (len(told) > 19 or int(told) > largest):
            scope["too_large"] = largest
        size = 0
        ended = False

        async def bounded() -> Message:
            nonlocal size, ended
            if "too_large" in scope:
                raise _too_large(largest)
            if ended:
                return await receive()
            try:
                async with asyncio.timeout(_IDLE_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the body brought nothing for {_IDLE_SECONDS:g} seconds") from None
            size += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if size > largest:
                raise _too_large(largest)
            return message

        await self._app(scope, bounded, send)


def _too_large(largest: int) -> HTTPException:
    return HTTPException(
        413, f"the body has more than {largest} bytes; send less at once", {"Connection": "close"}
    )
