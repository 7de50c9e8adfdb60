"""reindex: what older rules derived is derived again by the service, as a job."""

from __future__ import annotations

from collections.abc import Callable

from sutra_client.calls import Call, Place, Steps
from sutra_client.job import Job
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs import jobs
from sutra_client.verbs.learning import new_key
from sutra_core.learn.report import ReindexReport

__all__ = ["reindex"]


def reindex(
    place: Place, *, dry_run: bool, on_progress: Callable[[int, int], None] | None
) -> Steps[ReindexReport]:
    """Lets the service read all sources again, and waits for it; Ctrl-C cancels it. `dry_run` only counts.

    Raises the error for which it fails, and `ServiceError` (`job_cancelled`) where somebody else cancels it.
    """
    call = Call("POST", place.path("reindex"), body={"dry_run": dry_run}, key=new_key())
    told = json_of((yield from answered(place, call)))
    if dry_run:
        return read(ReindexReport, told)
    shown = 0

    def show(job: Job) -> None:
        nonlocal shown
        if on_progress and job.sources > shown:
            shown = job.sources
            on_progress(job.sources, job.sources_total)

    job = yield from jobs.finished(place, read(Job, told), show)
    if job.reindex is None:
        raise jobs.cancellation(job, "what it derived again stays; do it again for the rest")
    return job.reindex
