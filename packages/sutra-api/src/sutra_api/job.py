"""A job: work in the background, as it is at one moment, and as it is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from sqlite3 import Row
from typing import Any, Literal

from sutra_api.state import State
from sutra_core.backup.report import BackupReport
from sutra_core.errors import SutraError
from sutra_core.learn import Learned, Progress, Refusal
from sutra_core.learn.report import ReembedReport, ReindexReport
from sutra_core.types import Wait

__all__ = [
    "ENDED",
    "Job",
    "JobConflictError",
    "JobKind",
    "JobRefusal",
    "JobState",
    "Running",
    "UnknownJobError",
    "job_of",
]

JobKind = Literal["learning", "backup", "reindex", "reembed"]
"""A collection that is learned, a backup that is written, or what is known derived again by newer rules, or
embedded again by another embedder."""
JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})
REFUSALS_KEPT = 10_000
_KEEP_SECONDS = 1.0


class UnknownJobError(SutraError, LookupError):
    """No job has this id in this namespace."""

    code = "unknown_job"


class JobConflictError(SutraError):
    """A job is not in a state in which this can be done."""

    code = "job_conflict"


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is. Times are seconds since 1970 UTC, `seconds` those that it has worked.

    One of `learning` has files of the format called `format` ("" recognises each), whose fields are as `map`
    and `template` say. `sources` were learned, `known` were there before and `retired` had their place taken;
    `sentences` are durable and found, all of them at transaction `learned`. It is done once they have what it
    is to `wait` for. One of a `backup` takes out of it what was forgotten since where it is to `prune`; its
    bytes are those that are written, of which nobody knows the total before it is done, and `backup` is what
    it did then. One of `reindex` has read `sources` of `sources_total` again since it last began, and has no
    bytes; `reindex` is what came of it once it is done. One of `reembed` gives what is known vectors of an
    `embedder`, and has done `statements` of `statements_total`; `reembed` is what came of it.
    `code` and `reason` say why a job failed.
    """

    number: int
    id: str
    kind: JobKind
    namespace: str
    prefix: str
    format: str
    map: str
    template: str
    prune: bool
    state: JobState
    created: float
    finished: float | None
    bytes_done: int
    bytes_total: int
    sources: int
    sources_total: int
    known: int
    retired: int
    sentences: int
    refused: int
    seconds: float
    code: str | None
    reason: str | None
    backup: BackupReport | None
    reindex: ReindexReport | None
    wait: Wait
    learned: int
    embedder: str
    statements: int
    statements_total: int
    reembed: ReembedReport | None

    def is_indexed(self, watermark: int) -> bool:
        """Whether it is done, and all that it learned has its vectors in a store with this watermark."""
        done = self.kind == "learning" and self.state == "done"
        return done and (self.wait == "indexed" or self.learned <= watermark)

    @property
    def sentences_per_second(self) -> float:
        """Durable sentences a second of work."""
        return self.sentences / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None where nobody knows."""
        done, total = self.bytes_done, self.bytes_total
        if self.kind == "reindex":
            done, total = self.sources, self.sources_total
        elif self.kind == "reembed":
            done, total = self.statements, self.statements_total
        if self.state not in {"running", "paused"} or not done or not total:
            return None
        return max(0.0, self.seconds * (total - done) / done)


@dataclass(frozen=True, slots=True)
class JobRefusal:
    """An item of a job that was not learned."""

    location: str
    code: str
    reason: str


class Running:
    """A job that runs: counts what becomes of it, and keeps that about once a second."""

    def __init__(self, job: Job, state: State, show: Callable[[Job], None]) -> None:
        self.job = job
        self._state = state
        self._show = show
        self._before = job
        self._seen_known = 0
        self._began = self._kept = time.monotonic()
        self._refusals: list[Refusal] = []
        self._refusals_kept = 0

    def progressed(self, progress: Progress) -> None:
        """How far learning is."""
        self._become(bytes_done=progress.bytes_done)
        if time.monotonic() - self._kept >= _KEEP_SECONDS:
            self.keep()

    def learned(self, learned: Learned) -> None:
        """An item is durable."""
        self._seen_known += learned.known
        self._become(
            sources=self.job.sources + (not learned.known),
            # What it learned itself, before it was cut off, is no news.
            known=max(0, self._seen_known - self._before.sources),
            retired=self.job.retired + learned.retired,
            sentences=self.job.sentences + learned.sentences,
            learned=max(self.job.learned, learned.transaction),
        )

    def refused(self, refusal: Refusal) -> None:
        """An item was refused."""
        self._refusals.append(refusal)
        self._become(refused=self.job.refused + 1)

    def wrote(self, bytes_written: int) -> None:
        """So much of a backup is written."""
        self._become(bytes_done=bytes_written)
        if time.monotonic() - self._kept >= _KEEP_SECONDS:
            self.keep()

    def backed_up(self, report: BackupReport) -> None:
        """A backup is whole."""
        written = report.bytes_written
        self._become(bytes_done=written, bytes_total=written, backup=report)

    def read_again(self, sources: int, total: int) -> None:
        """So many sources of all are read again."""
        self._become(sources=sources, sources_total=total)
        if time.monotonic() - self._kept >= _KEEP_SECONDS:
            self.keep()

    def derived_again(self, report: ReindexReport) -> None:
        """What older rules derived is derived again."""
        self._become(sources=report.sources, sources_total=report.sources, reindex=report)

    def embedded_again(self, statements: int, total: int) -> None:
        """So many statements of all have a vector of the other embedder."""
        self._become(statements=statements, statements_total=total)
        if time.monotonic() - self._kept >= _KEEP_SECONDS:
            self.keep()

    def has_embedder(self, report: ReembedReport) -> None:
        """The store has the other embedder."""
        self._become(statements=report.statements, statements_total=report.statements, reembed=report)

    def ends(self, state: JobState) -> None:
        """It has come to its end, or was stopped; that shows once it is kept."""
        done = self.job.bytes_total if state == "done" else self.job.bytes_done
        finished = time.time() if state in ENDED else None
        self.job = replace(self.job, state=state, bytes_done=done, finished=finished)

    def fails(self, code: str, reason: str) -> None:
        """It cannot go on; that shows once it is kept."""
        self.job = replace(self.job, state="failed", code=code, reason=reason)

    def keep(self) -> None:
        """Makes durable how far it is."""
        self._kept = time.monotonic()
        job, refusals, self._refusals = self.job, self._refusals, []
        refusals = refusals[: REFUSALS_KEPT - self._refusals_kept]
        self._refusals_kept += len(refusals)
        with self._state.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, finished = ?, bytes_done = ?, bytes_total = ?, sources = ?,"
                " sources_total = ?, known = ?, retired = ?, sentences = ?, refused = ?, seconds = ?,"
                " code = ?, reason = ?, backup = ?, reindex = ?, learned = ?,"
                " statements = ?, statements_total = ?, reembed = ? WHERE number = ?",
                (
                    job.state,
                    job.finished,
                    job.bytes_done,
                    job.bytes_total,
                    job.sources,
                    job.sources_total,
                    job.known,
                    job.retired,
                    job.sentences,
                    job.refused,
                    job.seconds,
                    job.code,
                    job.reason,
                    None if job.backup is None else json.dumps(asdict(job.backup)),
                    None if job.reindex is None else json.dumps(asdict(job.reindex)),
                    job.learned,
                    job.statements,
                    job.statements_total,
                    None if job.reembed is None else json.dumps(asdict(job.reembed)),
                    job.number,
                ),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO refusals SELECT number, ?, ?, ? FROM jobs WHERE number = ?",
                [(each.location, each.code, each.reason, job.number) for each in refusals],
            )

    def _become(self, **changes: object) -> None:
        seconds = self._before.seconds + time.monotonic() - self._began
        self.job = replace(self.job, seconds=seconds, **changes)
        self._show(self.job)


def job_of(row: Row) -> Job:
    """A job as the state keeps it."""
    values: dict[str, Any] = {key: row[key] for key in row.keys()}  # noqa: SIM118  (a row is no mapping)
    values["prune"] = bool(values["prune"])
    if values["backup"] is not None:
        told: dict[str, Any] = json.loads(values["backup"])
        told["rewritten"] = tuple(told["rewritten"])
        values["backup"] = BackupReport(**told)
    if values["reindex"] is not None:
        values["reindex"] = ReindexReport(**json.loads(values["reindex"]))
    if values["reembed"] is not None:
        values["reembed"] = ReembedReport(**json.loads(values["reembed"]))
    return Job(**values)
