"""What the service measures of itself."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from sutra_api.schemas.base import Result

__all__ = ["Monitoring", "NamespaceFigures", "PersistenceTest"]


class NamespaceFigures(Result):
    """A namespace that is open."""

    concepts: int
    learned: int
    """Concepts that were learned since `since`."""
    forgotten: int
    """Concepts that were forgotten since `since`."""
    since: datetime | None = None
    """None where nobody counts (`SUTRA_METRICS` is false)."""
    checksum_validation_status: float | None = None
    """1 where neither the last reading of everything nor the last sample found a fault, else 0."""
    checksum_validation_age_seconds: float | None = None
    """How long ago everything was read."""


class Monitoring(Result):
    """The figures of the service, over all namespaces; one that nothing was observed of is not there."""

    at: datetime
    started: datetime
    window_seconds: float
    """Learning and asking are those of so many seconds up to now."""
    figures: dict[str, float] = Field(examples=[{"query_latency_p95": 62.5, "disk_space_free_gb": 80.1}])
    namespaces: dict[str, NamespaceFigures]


class PersistenceTest(Result):
    """What the test of persistence found."""

    confidence: float
    """Of the answer after the store was opened again; 0 where it is another answer."""
    seconds: float
    fault: str
    """What went wrong, in words; empty where nothing did."""
