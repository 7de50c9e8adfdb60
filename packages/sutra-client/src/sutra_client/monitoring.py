"""What a service measures of itself, as it is at one moment. Measures nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Monitoring", "NamespaceFigures", "PersistenceTest"]


@dataclass(frozen=True, slots=True)
class NamespaceFigures:
    """A namespace that is open: what it holds, and what was `learned` and `forgotten` since `since`, which
    is None where the service does not count.

    `checksum_validation_status` is 1 where the last deep verification found no fault, 0 where it did, and
    None where there was none yet.
    """

    concepts: int
    learned: int
    forgotten: int
    since: datetime | None
    checksum_validation_status: float | None = None
    checksum_validation_age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The figures over all namespaces and the last `window_seconds`; one without an observation is absent."""

    at: datetime
    started: datetime
    window_seconds: float
    figures: dict[str, float]
    namespaces: dict[str, NamespaceFigures]


@dataclass(frozen=True, slots=True)
class PersistenceTest:
    """What was learned, asked, closed, opened and asked again: the second answer's confidence.

    It is 0 with a `fault` in words where the second answer is not the first.
    """

    confidence: float
    seconds: float
    fault: str
