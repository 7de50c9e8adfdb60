"""reembed: what is known is embedded again by the service, with another embedder, as a job."""

from __future__ import annotations

from collections.abc import Callable

from sutra_client.calls import Call, Place, Steps
from sutra_client.job import Job
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs import jobs
from sutra_client.verbs.learning import new_key
from sutra_core.arguments import check_type
from sutra_core.learn.report import ReembedReport

__all__ = ["reembed"]


def reembed(
    place: Place, embedder: str, *, on_progress: Callable[[int, int], None] | None
) -> Steps[ReembedReport]:
    """Lets the service embed everything again, and waits for it; Ctrl-C cancels it.

    Raises the error for which it fails, and `ServiceError` (`job_cancelled`) where somebody else cancels it.
    """
    check_type("embedder", embedder, str, "the name of a profile")
    call = Call("POST", place.path("reembed"), body={"embedder": embedder}, key=new_key())
    told = json_of((yield from answered(place, call)))
    shown = 0

    def show(job: Job) -> None:
        nonlocal shown
        if on_progress and job.statements > shown:
            shown = job.statements
            on_progress(job.statements, job.statements_total)

    job = yield from jobs.finished(place, read(Job, told), show)
    if job.reembed is None:
        raise jobs.cancellation(job, "what it embedded stays; do it again for the rest")
    return job.reembed
