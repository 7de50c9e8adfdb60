"""A job: a collection that the service learns in the background, as it is at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["RESTING", "Job", "JobState"]

JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
RESTING: frozenset[JobState] = frozenset({"paused", "done", "failed", "cancelled"})
"""The states that a job does not leave by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is. `seconds` are those that it has worked.

    `sources` were learned and `known` were there before, to the byte; `sentences` are durable and found.
    `code` and `reason` say why it failed.
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
