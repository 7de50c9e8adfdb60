"""The service as an ASGI application: `create_app(service)` joins the routes, the bounds and the problems."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Scope

from sutra_api.access import in_default, in_named, is_known
from sutra_api.metered import Metered
from sutra_api.problems import PROBLEM_TYPE, STATUS, install_problems
from sutra_api.routes import IN_NAMESPACE, OF_SERVICE
from sutra_api.schemas.base import Problem
from sutra_api.service import Service
from sutra_api.traces import Traced
from sutra_api.transport import BoundedBody, Identified

__all__ = ["create_app"]

_UPLOADS = "/learn/files"
_DEFAULT = "/v1"
_NAMED = "/v1/namespaces/{namespace}"
_DESCRIPTION = """
Learn text the moment it arrives; ask; see every step and every source.

Every route of a namespace is there twice: under `/v1/namespaces/{namespace}/…`, and under `/v1/…` for the
default one. Send a key as `Authorization: Bearer …` or `X-API-Key: …`. What goes wrong is told as
`application/problem+json` with a stable `code`.
"""
_PROBLEMS = sorted({400, 408, 500, *STATUS.values()})


def create_app(service: Service) -> FastAPI:
    """The application; it starts the service with its first breath and closes it with its last."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(service.open)
        service.start()
        warming = asyncio.create_task(asyncio.to_thread(service.warm_up))
        try:
            yield
        finally:
            service.streams.stop()
            await asyncio.gather(warming, return_exceptions=True)
            await service.learning.finish()
            await asyncio.to_thread(service.close)

    app = FastAPIOffline(
        redoc_url=None,
        title="Sutra",
        version=version("sutra-api"),
        description=_DESCRIPTION,
        lifespan=life,
        separate_input_output_schemas=False,
        responses={
            status: {"model": Problem, "content": {PROBLEM_TYPE: {}}, "description": "A problem"}
            for status in _PROBLEMS
        },
    )
    app.state.service = service
    for prefix, entering, name in ((_DEFAULT, in_default, ""), (_NAMED, in_named, "namespace")):
        for router in IN_NAMESPACE:
            app.include_router(
                router,
                prefix=prefix,
                dependencies=[Depends(entering)],
                generate_unique_id_function=lambda route, at=name: _id(route.name, at),
            )
    for router in OF_SERVICE:
        app.include_router(router, generate_unique_id_function=lambda route: route.name)
    install_problems(app)
    config = service.config
    if config.api_cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.api_cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=[
                "Authorization",
                "X-API-Key",
                "Content-Type",
                "Idempotency-Key",
                "Last-Event-ID",
                "X-Request-ID",
            ],
            expose_headers=["X-Request-ID", "RateLimit", "RateLimit-Policy", "Retry-After"],
        )

    def largest(scope: Scope) -> int:
        # A body is read before the route looks at the key: who has none may not fill the disk meanwhile.
        if scope["path"].endswith(_UPLOADS) and is_known(service, scope):
            return config.api_upload_bytes_max
        return config.api_body_bytes_max

    app.add_middleware(BoundedBody, largest=largest)
    routes = (route for router in IN_NAMESPACE for route in router.routes if isinstance(route, APIRoute))
    prefixes = {route.endpoint: (_NAMED, _DEFAULT) for route in routes}
    app.add_middleware(Metered, meter=service.meter, prefixes=prefixes)
    if service.traces:
        app.add_middleware(Traced, traces=service.traces)
    app.add_middleware(Identified)
    return app


def _id(name: str, suffix: str) -> str:
    return f"{name}_in_{suffix}" if suffix else name
