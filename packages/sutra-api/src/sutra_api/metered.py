"""Each request counted, timed and logged when it has ended. Plain ASGI, so that streams pass through.

A line of the log has the route and not the address: what stands in the place of its parameters, or behind its
question mark, is the caller's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sutra_api.meter import Meter, method_name
from sutra_core.daily_log import fields

__all__ = ["Metered"]

_UNKNOWN = "unknown"
_BUSY = "too_busy"
_log = logging.getLogger(__name__)


class Metered:
    """Tells the meter and the log of each request.

    `prefixes` says for what answers on a route (its endpoint) what stands before the route's own path, with
    and without the name of a namespace.
    """

    def __init__(
        self, app: ASGIApp, meter: Meter, prefixes: Mapping[Callable[..., Any], tuple[str, str]]
    ) -> None:
        self._app = app
        self._meter = meter
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # what is raised is told as that, further out

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        if self._meter.enabled:
            self._meter.requests.running.inc()
        try:
            await self._app(scope, receive, heard)
        finally:
            self._ended(scope, status, time.perf_counter() - started)

    def _ended(self, scope: Scope, status: int, seconds: float) -> None:
        path = scope["route_name"] = self._route(scope)
        code = cast("str | None", scope.get("problem"))
        if self._meter.enabled:
            self._meter.requests.running.dec()
            refused = code if status < 500 or code == _BUSY else None
            self._meter.requests.ended(scope["method"], path, status, seconds, refused)
        told = {"code": code} if code else {}
        _log.info(
            "request",
            extra=fields(
                method=method_name(scope["method"]),
                route=path,
                status=status,
                seconds=round(seconds, 6),
                client=scope.get("caller", "nobody"),
                **told,
            ),
        )

    def _route(self, scope: Scope) -> str:
        route = scope.get("route")
        if not isinstance(route, APIRoute):
            return _UNKNOWN
        named, unnamed = self._prefixes.get(route.endpoint, ("", ""))
        return (named if "namespace" in scope.get("path_params", {}) else unnamed) + route.path
