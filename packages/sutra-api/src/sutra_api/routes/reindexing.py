"""`POST reindex`: a job that derives again, by the present rules, what older ones derived in a namespace."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.once import IdempotencyKey
from sutra_api.schemas.jobs import Job
from sutra_api.schemas.reindexing import Reindexed, ReindexRequest
from sutra_core import ReasoningEngine

__all__ = ["router"]

router = APIRouter(tags=["operate"])


@router.post(
    "/reindex",
    status_code=202,
    response_model=Job,
    responses={200: {"model": Reindexed, "description": "The counts of a dry run."}},
)
async def reindex(
    request: Request,
    wanted: ReindexRequest,
    namespace: Annotated[str, Depends(namespace_of)],
    caller: Annotated[Caller, Depends(Needs("admin"))],
    key: IdempotencyKey = None,
) -> Response:
    """Reads all sources of the namespace again where older rules derived any of what is known, in the
    background; 202 with the job. With `dry_run` it only counts what is outdated; 200 with the counts.

    Learning and asking go on meanwhile. Namespaces are done one after the other.
    """
    service = service_of(request)

    def add() -> Job:
        service.namespaces.check(namespace)
        return Job.of(service.jobs.add_reindex(namespace))

    def count(engine: ReasoningEngine) -> Reindexed:
        return Reindexed.model_validate(engine.reindex(dry_run=True))

    async def work() -> Response:
        if wanted.dry_run:
            told, status = await service.work(LOOKING, namespace, count), 200
        else:
            told, status = await service.gate.run(LOOKING, add), 202
        return Response(told.model_dump_json(), status, media_type="application/json")

    return await service.once.answer(request, caller.client, key, work)
