"""`GET|POST|DELETE namespaces`: bodies of knowledge that share nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from sutra_api.access import Caller, Needs, service_of
from sutra_api.gate import LOOKING
from sutra_api.namespaces import DEFAULT, NAMESPACE_PATTERN
from sutra_api.once import IdempotencyKey
from sutra_api.schemas.base import Page
from sutra_api.schemas.knowledge import Namespace, NewNamespace

__all__ = ["router"]

router = APIRouter(prefix="/v1/namespaces", tags=["namespaces"])


@router.get("")
async def list_namespaces(
    request: Request, caller: Annotated[Caller, Depends(Needs("read", "write", "audit", "admin"))]
) -> Page[Namespace]:
    """The namespaces that the key is for."""
    service = service_of(request)
    names = await service.gate.run(LOOKING, service.namespaces.names)
    return Page[Namespace](items=[Namespace(name=name) for name in names if caller.opens(name)])


@router.post("", status_code=201, response_model=Namespace)
async def create_namespace(
    request: Request,
    body: NewNamespace,
    caller: Annotated[Caller, Depends(Needs("admin"))],
    key: IdempotencyKey = None,
) -> Response:
    """Makes a new, empty namespace."""
    caller.enter(body.name)
    service = service_of(request)

    async def work() -> Response:
        await service.gate.run(LOOKING, lambda: service.namespaces.create(body.name))
        return Response(Namespace(name=body.name).model_dump_json(), 201, media_type="application/json")

    return await service.once.answer(request, caller.client, key, work)


@router.delete("/{namespace}", status_code=204)
async def delete_namespace(
    request: Request,
    namespace: Annotated[str, Path(pattern=NAMESPACE_PATTERN)],
    caller: Annotated[Caller, Depends(Needs("admin"))],
) -> Response:
    """Deletes a namespace with all that it holds."""
    caller.enter(namespace)
    service = service_of(request)

    def delete() -> None:
        if service.namespaces.exists(namespace) and namespace != DEFAULT:
            service.jobs.remove_all(namespace)

        def forget() -> None:
            service.meter.forget(namespace)
            service.checks.forget(namespace)

        service.namespaces.delete(namespace, forget=forget)

    await service.gate.run(LOOKING, delete)
    return Response(status_code=204)
