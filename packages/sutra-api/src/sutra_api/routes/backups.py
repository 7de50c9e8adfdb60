"""`POST backups`: a job that writes what a namespace did under the place that the service has for backups."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.once import IdempotencyKey
from sutra_api.schemas.backups import BackupRequest
from sutra_api.schemas.jobs import Job

__all__ = ["router"]

router = APIRouter(tags=["operate"])


@router.post("/backups", status_code=202, response_model=Job)
async def back_up(
    request: Request,
    wanted: BackupRequest,
    namespace: Annotated[str, Depends(namespace_of)],
    caller: Annotated[Caller, Depends(Needs("admin"))],
    key: IdempotencyKey = None,
) -> Response:
    """Writes what the namespace's backup lacks, in the background, and reads it back; 202 with the job.

    Learning and asking go on meanwhile. Backups are written one after the other.
    """
    service = service_of(request)

    def add() -> Job:
        service.namespaces.check(namespace)
        return Job.of(service.jobs.add_backup(namespace, prune=wanted.prune))

    async def work() -> Response:
        job = await service.gate.run(LOOKING, add)
        return Response(job.model_dump_json(), 202, media_type="application/json")

    return await service.once.answer(request, caller.client, key, work)
