"""Backups, which the service writes as jobs."""

from __future__ import annotations

from sutra_client.calls import Call, Place, Steps
from sutra_client.job import Job
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs import jobs
from sutra_client.verbs.learning import new_key
from sutra_core.backup.report import BackupReport

__all__ = ["back_up"]


def back_up(place: Place, *, prune: bool) -> Steps[BackupReport]:
    """Lets the service write what the namespace's backup lacks, and waits for it; Ctrl-C cancels it.

    Raises the error for which it fails, and `ServiceError` (`job_cancelled`) where somebody else cancels it.
    """
    call = Call("POST", place.path("backups"), body={"prune": prune}, key=new_key())
    job = read(Job, json_of((yield from answered(place, call))))
    job = yield from jobs.finished(place, job)
    if job.backup is None:
        raise jobs.cancellation(job, "the backup is as it was; make it again")
    return job.backup
