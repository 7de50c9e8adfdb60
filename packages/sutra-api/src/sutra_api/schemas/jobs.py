"""Jobs, and what they refused."""

from __future__ import annotations

from datetime import datetime, timezone

from pydantic import Field

from sutra_api import job as known
from sutra_api.schemas.backups import Backup
from sutra_api.schemas.base import Result
from sutra_api.schemas.reembedding import Reembedded
from sutra_api.schemas.reindexing import Reindexed
from sutra_core.types import Wait

__all__ = ["Job", "JobRefusal"]


class Job(Result):
    """Work in the background: a collection that is learned, a backup that is written, or what is known, which
    is derived again by newer rules, or embedded again by another embedder.
    """

    id: str = Field(examples=["0f4bd1c6e1b14d0a8a8a3a5a7d1c2e3f"])
    kind: known.JobKind = Field(examples=["learning"])
    state: known.JobState = Field(examples=["running"])
    created: datetime
    finished: datetime | None
    bytes_done: int
    """Read of the files, or written of a backup."""
    bytes_total: int
    """0 for a backup that is not done: nobody knows it before. Nothing is counted in bytes of a `reindex`."""
    sources: int
    """How many were learned; of a `reindex`, how many were read again since it last began."""
    sources_total: int
    """How many a `reindex` has to read, as far as it is known; 0 before it begins, and for other kinds."""
    known: int
    """How many were there already, to the byte."""
    retired: int
    """How many had their place taken by another text of their address."""
    sentences: int
    refused: int
    seconds: float
    """How long it has worked."""
    sentences_per_second: float
    seconds_left: float | None
    code: str | None
    """Why it failed, as a code; `reason` says it in words."""
    reason: str | None
    backup: Backup | None
    """What a backup did; null until it is done, and for other kinds."""
    reindex: Reindexed | None
    """What came of a `reindex`; null until it is done, and for other kinds."""
    embedder: str
    """Whose vectors a `reembed` makes; empty for other kinds."""
    statements: int
    """How many have a vector of it; 0 for other kinds."""
    statements_total: int
    """How many a `reembed` has to embed, as far as it is known."""
    reembed: Reembedded | None
    """What came of a `reembed`; null until it is done, and for other kinds."""
    wait: Wait = Field(examples=["indexed"])
    """What learning waits for before it is done: that all is durable, or that it has its vectors, too."""
    indexed: bool
    """Whether it is done, and all that it learned has its vectors."""

    @classmethod
    def of(cls, job: known.Job, watermark: int = 0) -> Job:
        """The job as a caller gets it, of a store with this watermark."""
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            created=_moment(job.created),
            finished=None if job.finished is None else _moment(job.finished),
            bytes_done=job.bytes_done,
            bytes_total=job.bytes_total,
            sources=job.sources,
            sources_total=job.sources_total,
            known=job.known,
            retired=job.retired,
            sentences=job.sentences,
            refused=job.refused,
            seconds=job.seconds,
            sentences_per_second=job.sentences_per_second,
            seconds_left=job.seconds_left,
            code=job.code,
            reason=job.reason,
            backup=None if job.backup is None else Backup.model_validate(job.backup),
            reindex=None if job.reindex is None else Reindexed.model_validate(job.reindex),
            embedder=job.embedder,
            statements=job.statements,
            statements_total=job.statements_total,
            reembed=None if job.reembed is None else Reembedded.model_validate(job.reembed),
            wait=job.wait,
            indexed=job.is_indexed(watermark),
        )


class JobRefusal(Result):
    """An item that was not learned: its file and line, and why."""

    location: str = Field(examples=["notes.jsonl:7"])
    code: str = Field(examples=["invalid_json"])
    reason: str


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)  # noqa: UP017  (as in `learning`)
