"""`GET|DELETE jobs[/{id}]`, pause, resume, refusals, and progress as it happens.

Of a backup, a reindexing and an embedding again everybody who may learn sees how far it is, and an
administrator alone changes that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.job import Job as KnownJob
from sutra_api.job import JobState, UnknownJobError
from sutra_api.paging import Cursor, Limit, page, position
from sutra_api.problems import ForbiddenError
from sutra_api.schemas.base import Page
from sutra_api.schemas.jobs import Job, JobRefusal
from sutra_api.service import Service

__all__ = ["router"]

_needs_write = Needs("write")
router = APIRouter(tags=["jobs"], dependencies=[Depends(_needs_write)])
_Id = Annotated[str, Path(max_length=100, examples=["0f4bd1c6e1b14d0a8a8a3a5a7d1c2e3f"])]
_Namespace = Annotated[str, Depends(namespace_of)]
_POLL_SECONDS = 0.25
RESTING: frozenset[JobState] = frozenset({"paused", "done", "failed", "cancelled"})


async def known_job(request: Request, job_id: _Id, namespace: _Namespace) -> KnownJob:
    """The job that the address names."""
    service = service_of(request)
    return await service.gate.run(LOOKING, lambda: service.jobs.get(namespace, job_id))


_Known = Annotated[KnownJob, Depends(known_job)]


async def changeable_job(job: _Known, caller: Annotated[Caller, Depends(_needs_write)]) -> KnownJob:
    """The same, where the caller may change it; raises `ForbiddenError`."""
    if job.kind != "learning" and not caller.may("admin"):
        raise ForbiddenError(
            f"a job of kind {job.kind} is an administrator's to stop; this key may only see how far it is"
        )
    return job


_Changeable = Annotated[KnownJob, Depends(changeable_job)]


async def _watermark(service: Service, namespace: str, jobs: Sequence[KnownJob]) -> int:
    """Up to which transaction all statements of a namespace have vectors, if one of these asks for it."""
    if not any(job.kind == "learning" and job.state == "done" and job.wait == "durable" for job in jobs):
        return 0
    stats = await service.work(LOOKING, namespace, lambda engine: engine.stats())
    return stats.backlog.watermark if stats.backlog else 0


@router.get("/jobs")
async def list_jobs(
    request: Request, namespace: _Namespace, cursor: Cursor = None, limit: Limit = 100
) -> Page[Job]:
    """The jobs, the oldest first."""
    service, after = service_of(request), position("jobs", cursor)
    found = await service.gate.run(LOOKING, lambda: service.jobs.list(namespace, after, limit + 1))
    numbers = [job.number for job in found]
    watermark = await _watermark(service, namespace, found)
    return page("jobs", [Job.of(job, watermark) for job in found], limit, lambda _: numbers[limit - 1])


@router.get("/jobs/{job_id}")
async def get_job(request: Request, job: _Known) -> Job:
    """How far a job is."""
    return Job.of(job, await _watermark(service_of(request), job.namespace, [job]))


@router.delete("/jobs/{job_id}", responses={204: {"description": "It had ended, and is forgotten."}})
async def delete_job(request: Request, job: _Changeable, response: Response) -> Job | None:
    """Cancels a job; what it learned or derived again stays, and a backup is as before. One that has ended is
    forgotten.
    """
    service = service_of(request)
    left = await service.gate.run(LOOKING, lambda: service.jobs.remove(job.namespace, job.id))
    if left is None:
        response.status_code = 204
        return None
    return Job.of(left)


@router.post("/jobs/{job_id}/pause")
async def pause_job(request: Request, job: _Changeable) -> Job:
    """Stops a job where it is, to go on with it later."""
    service = service_of(request)
    return Job.of(await service.gate.run(LOOKING, lambda: service.jobs.pause(job.namespace, job.id)))


@router.post("/jobs/{job_id}/resume")
async def resume_job(request: Request, job: _Changeable) -> Job:
    """Goes on with a job that was paused, or has failed; a backup and a reindexing begin again."""
    service = service_of(request)
    return Job.of(await service.gate.run(LOOKING, lambda: service.jobs.resume(job.namespace, job.id)))


@router.get("/jobs/{job_id}/refusals")
async def list_job_refusals(
    request: Request, job_id: _Id, namespace: _Namespace, cursor: Cursor = None, limit: Limit = 100
) -> Page[JobRefusal]:
    """The items that a job refused, each with its place and its reason."""
    service, start = service_of(request), position("refusals", cursor)
    found = await service.gate.run(
        LOOKING, lambda: service.jobs.refusals(namespace, job_id, start, limit + 1)
    )
    items = [JobRefusal.model_validate(each) for each in found]
    return page("refusals", items, limit, lambda _: start + limit)


@router.get("/jobs/{job_id}/events", response_class=EventSourceResponse)
async def watch_job(request: Request, job: _Known) -> AsyncGenerator[ServerSentEvent]:
    """A job's progress as it happens, until it has ended or rests: events `progress`, then one `end`."""
    service = service_of(request)
    last: KnownJob | None = None
    while True:
        ended = job.state in RESTING
        if job != last:
            told = Job.of(job, await _watermark(service, job.namespace, [job]))
            yield ServerSentEvent(data=told.model_dump(mode="json"), event="end" if ended else "progress")
        if ended:
            return
        last = job
        await asyncio.sleep(_POLL_SECONDS)
        try:
            job = await service.gate.run_at_once(
                LOOKING, lambda known=job: service.jobs.get(known.namespace, known.id)
            )
        except UnknownJobError:
            return
