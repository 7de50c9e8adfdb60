"""`POST reembed`: a job that embeds everything in a namespace again, with another embedder."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.once import IdempotencyKey
from sutra_api.schemas.jobs import Job
from sutra_api.schemas.reembedding import ReembedRequest

__all__ = ["router"]

router = APIRouter(tags=["operate"])


@router.post("/reembed", status_code=202, response_model=Job)
async def reembed(
    request: Request,
    wanted: ReembedRequest,
    namespace: Annotated[str, Depends(namespace_of)],
    caller: Annotated[Caller, Depends(Needs("admin"))],
    key: IdempotencyKey = None,
) -> Response:
    """Embeds everything in the namespace again with another embedder, in the background; 202 with the job.

    Learning and asking go on meanwhile with the vectors that there are; at the end the namespace changes over
    in one step. Cancelled, what is embedded stays, and the same request goes on there. Followers and backups
    of before begin anew. Namespaces are done one after the other.
    """
    service = service_of(request)

    def add() -> Job:
        service.namespaces.check(namespace)
        return Job.of(service.jobs.add_reembed(namespace, wanted.embedder))

    async def work() -> Response:
        told = await service.gate.run(LOOKING, add)
        return Response(told.model_dump_json(), 202, media_type="application/json")

    return await service.once.answer(request, caller.client, key, work)
