"""learn_collection: files are sent, and the job that learns them is waited for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sutra_client.calls import Call, Pause, Place, Steps
from sutra_client.files import HowRead, Upload, uploads
from sutra_client.job import ENDED, RESTING, Job
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs import jobs
from sutra_client.verbs.learning import asked, new_key
from sutra_client.verbs.looking import stats
from sutra_core.errors import InvalidValueError
from sutra_core.learn import LearnReport, Progress, Refusal
from sutra_core.learn.adapters import BadItem, collection_size
from sutra_core.types import Wait

__all__ = ["learn_collection", "upload_files"]


def learn_collection(
    place: Place,
    paths: Sequence[str | Path],
    *,
    how: HowRead,
    prefix: str | None,
    wait: Wait,
    on_progress: Callable[[Progress], None] | None,
    on_refusal: Callable[[Refusal], None] | None,
) -> Steps[LearnReport]:
    """Learns files and folders, a job after the other; Ctrl-C cancels the one that runs."""
    for path in paths:
        if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"the path is of type {type(path).__name__}; give a file or a folder")
    if not paths:
        raise InvalidValueError("there is no path; give the path of a file or a folder")
    collections = [Path(path) for path in paths]
    sizes = [collection_size(path, format_name=how.format_name, fields=how.fields) for path in collections]
    told = _Told(sum(sizes), on_progress, on_refusal)
    try:
        for path in collections:
            for found in uploads(path, prefix, how):
                if isinstance(found, BadItem):
                    told.refuse(Refusal(found.location, found.reason, found.code))
                else:
                    told.upload = found
                    yield from _learn(place, found, told, wait)
    except KeyboardInterrupt:
        told.report.interrupted = True
        if told.job is not None and told.upload is not None:
            job = yield from jobs.cancel(place, told.job.id)
            while job.state not in RESTING:
                yield Pause(jobs.POLL_SECONDS)
                job = yield from jobs.get(place, job.id)
            yield from _refused(place, job, told.upload, told)
            told.end(job, 0)
    report = told.report
    if report.sources or report.sources_known:
        report.transaction = (yield from stats(place, Path())).store.transaction
    report.seconds = time.monotonic() - told.began
    return report


def upload_files(place: Place, upload: Upload, wait: Wait = "indexed") -> Steps[Job]:
    """Sends files; the job that learns them has begun, or waits for its turn."""
    call = Call(
        "POST",
        place.path("learn", "files"),
        params=upload.how.params | asked(wait),
        files=upload.files,
        form={"prefix": upload.prefix},
        key=new_key(),
    )
    return read(Job, json_of((yield from answered(place, call))))


def _learn(place: Place, upload: Upload, told: _Told, wait: Wait) -> Steps[None]:
    """Sends files, and waits until they are learned. Raises the error for which their job fails."""
    job = yield from upload_files(place, upload, wait)
    told.show(job)
    while job.state not in ENDED:
        yield Pause(jobs.POLL_SECONDS)
        job = yield from jobs.get(place, job.id)
        told.show(job)
    yield from _refused(place, job, upload, told)
    told.end(job, upload.size)
    if job.state == "failed":
        raise jobs.failure(job)
    if job.state == "cancelled":
        told.report.interrupted = True


def _refused(place: Place, job: Job, upload: Upload, told: _Told) -> Steps[None]:
    """Tells of what a job refused; of more than the service keeps only the number is known."""
    refusals = (yield from jobs.refusals(place, job.id)) if job.refused else []
    for refusal in refusals:
        told.refuse(_located(refusal, upload))
    told.report.refused_count += max(0, job.refused - len(refusals))


def _located(refusal: Refusal, upload: Upload) -> Refusal:
    """The refusal with the place on this machine."""
    here = str(upload.root / refusal.location)
    return replace(refusal, location=here, reason=refusal.reason.replace(refusal.location, here, 1))


class _Told:
    """What learning has come to over all jobs, and who is told of it."""

    def __init__(
        self,
        bytes_total: int,
        on_progress: Callable[[Progress], None] | None,
        on_refusal: Callable[[Refusal], None] | None,
    ) -> None:
        self.report = LearnReport()
        self.began = time.monotonic()
        self.job: Job | None = None
        self.upload: Upload | None = None
        self._bytes_total = bytes_total
        self._bytes_done = 0
        self._on_progress = on_progress
        self._on_refusal = on_refusal

    def show(self, job: Job) -> None:
        """A job that is waited for, as it is now."""
        self.job = job
        if self._on_progress is not None:
            report = self.report
            self._on_progress(
                Progress(
                    min(self._bytes_done + job.bytes_done, self._bytes_total),
                    self._bytes_total,
                    report.sources + report.sources_known + job.sources + job.known,
                    report.sentences + job.sentences,
                    report.refused_count + job.refused,
                    time.monotonic() - self.began,
                )
            )

    def refuse(self, refusal: Refusal) -> None:
        """An item that was refused."""
        self.report.refuse(refusal)
        if self._on_refusal is not None:
            self._on_refusal(refusal)

    def end(self, job: Job, size: int) -> None:
        """A job has ended: what it did is in the report."""
        self.job = None
        self._bytes_done += size
        self.report.sources += job.sources
        self.report.sources_known += job.known
        self.report.sources_retired += job.retired
        self.report.sentences += job.sentences
