"""Jobs: list, get, pause, resume, cancel, wait for one, their refusals, and the call that watches one."""

from __future__ import annotations

from collections.abc import Callable

import httpx2

from sutra_client.calls import Call, Pause, Place, Steps
from sutra_client.errors import ServiceError, error_for
from sutra_client.job import ENDED, Job
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs.pages import all_items
from sutra_core.errors import SutraError
from sutra_core.learn import Refusal

__all__ = [
    "POLL_SECONDS",
    "cancel",
    "cancellation",
    "failure",
    "finished",
    "get",
    "list_all",
    "pause",
    "refusals",
    "resume",
    "watched",
    "watching",
]

POLL_SECONDS = 0.2
"""How long is waited before a job is looked at again."""


def list_all(place: Place) -> Steps[list[Job]]:
    """The jobs of the namespace, the oldest first."""
    return [read(Job, each) for each in (yield from all_items(place, place.path("jobs")))]


def get(place: Place, job_id: str) -> Steps[Job]:
    """How far a job is."""
    return (yield from _told(place, Call("GET", place.path("jobs", job_id))))


def pause(place: Place, job_id: str) -> Steps[Job]:
    """Stops a job where it is, to go on with it later."""
    return (yield from _told(place, Call("POST", place.path("jobs", job_id, "pause"))))


def resume(place: Place, job_id: str) -> Steps[Job]:
    """Goes on with a job that was paused, or has failed."""
    return (yield from _told(place, Call("POST", place.path("jobs", job_id, "resume"))))


def cancel(place: Place, job_id: str) -> Steps[Job]:
    """Cancels a job that has not ended; one that has ended stays as it is."""
    job = yield from get(place, job_id)
    if job.state in {"done", "cancelled"}:
        return job
    call = Call("DELETE", place.path("jobs", job_id), repeatable=False)
    response = yield from answered(place, call)
    if response.status_code == 204:  # it ended between the two
        return job
    return read(Job, json_of(response))


def refusals(place: Place, job_id: str) -> Steps[list[Refusal]]:
    """The items that a job refused, each with its place in what was sent and its reason."""
    items = yield from all_items(place, place.path("jobs", job_id, "refusals"))
    return [read(Refusal, each) for each in items]


def finished(place: Place, job: Job, show: Callable[[Job], None] = lambda _: None) -> Steps[Job]:
    """The job once it has ended; Ctrl-C cancels it. `show` is told of it each time that it is looked at.

    Raises the error for which it fails.
    """
    try:
        while job.state not in ENDED:
            yield Pause(POLL_SECONDS)
            job = yield from get(place, job.id)
            show(job)
    except KeyboardInterrupt:
        yield from cancel(place, job.id)
        raise
    if job.state == "failed":
        raise failure(job)
    return job


def cancellation(job: Job, left: str) -> ServiceError:
    """The error for a job that somebody else has cancelled; `left` says how things are now."""
    return ServiceError(f"the job {job.id} was cancelled, and {left}", code="job_cancelled", status=200)


def failure(job: Job) -> SutraError:
    """The error for which a job has failed."""
    reason = job.reason or "the service does not say why"
    return error_for(job.code or "job_failed", f"the job {job.id} failed: {reason}", 200)


def watching(place: Place, job_id: str) -> Call:
    """The call whose response tells a job's progress as it happens."""
    return Call("GET", place.path("jobs", job_id, "events"))


def watched(event: httpx2.ServerSentEvent) -> Job:
    """The job that an event tells of."""
    return read(Job, event.json())


def _told(place: Place, call: Call) -> Steps[Job]:
    return read(Job, json_of((yield from answered(place, call))))
