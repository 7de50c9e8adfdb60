"""A job: what the service does in the background, as it is at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sutra_core.backup.report import BackupReport
from sutra_core.learn.report import ReembedReport, ReindexReport
from sutra_core.types import Wait

__all__ = ["ENDED", "RESTING", "Job", "JobKind", "JobState"]

JobKind = Literal["learning", "backup", "reindex", "reembed"]
"""A collection that is learned, a backup that is written, or what is known derived again by newer rules, or
embedded again by another embedder."""
JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})
RESTING: frozenset[JobState] = frozenset({*ENDED, "paused"})
"""The states that a job does not leave by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is. `seconds` are those that it has worked.

    `sources` were learned, `known` were there before, to the byte, and `retired` had their place taken by
    another text of their address; `sentences` are durable and found. The bytes are those of its files, or
    those written of a backup, of which nobody knows the total (0) before it is done; then `backup` says what
    it did. One of `reindex` has read `sources` of `sources_total` again since it last began, and has no
    bytes; `reindex` says what came of it once it is done. One of `reembed` has given `statements` of
    `statements_total` a vector of its `embedder`; `reembed` says what came of it.
    `code` and `reason` say why a job failed.
    Learning is done when it has what it is to `wait` for; `indexed` says whether all has its vectors.
    """

    id: str
    state: JobState
    created: datetime
    finished: datetime | None
    bytes_done: int
    bytes_total: int
    sources: int
    known: int
    sentences: int
    refused: int
    seconds: float
    sentences_per_second: float
    seconds_left: float | None
    code: str | None
    reason: str | None
    retired: int = 0
    kind: JobKind = "learning"
    backup: BackupReport | None = None
    sources_total: int = 0
    reindex: ReindexReport | None = None
    embedder: str = ""
    statements: int = 0
    statements_total: int = 0
    reembed: ReembedReport | None = None
    wait: Wait = "indexed"
    indexed: bool = False
