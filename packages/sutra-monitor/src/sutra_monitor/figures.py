"""What is measured: the names of the monitoring contract, and one measurement of them. Measures nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["GROUPS", "NAMES", "Count", "Measurement", "Origin"]

GROUPS: dict[str, tuple[str, ...]] = {
    "learning": ("concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"),
    "query": ("query_latency_p95", "query_confidence_avg", "query_error_rate"),
    "system": (
        "memory_usage_percent",
        "disk_space_free_gb",
        "cpu_usage_percent",
        "storage_file_size_mb",
    ),
    "integrity": (
        "checksum_validation_status",
        "persistence_test_confidence",
        "concept_count_variance",
        "concept_count_stability",
    ),
}
"""The names, by what they tell of."""

NAMES: tuple[str, ...] = tuple(name for names in GROUPS.values() for name in names)
"""Every name that a rule can be about."""

Origin = Literal["service", "store"]


@dataclass(frozen=True, slots=True)
class Count:
    """The concepts of a namespace, and those learned and forgotten since `since`.

    `since` is empty where nobody counts: the store was read without a service. `started` is when the service
    that counts was.
    """

    concepts: int
    learned: int = 0
    forgotten: int = 0
    since: str = ""
    started: str = ""


@dataclass(slots=True)
class Measurement:
    """What was measured of `target` at one moment (seconds since 1970 UTC).

    `missing` says for each name without a figure why. Those in `quiet` were looked for by a service that has
    seen nothing of the kind lately, so that an alert about them is over. `notes` say more about a figure.
    """

    target: str
    at: float
    origin: Origin
    figures: dict[str, float] = field(default_factory=dict[str, float])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    quiet: set[str] = field(default_factory=set[str])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    counts: dict[str, Count] = field(default_factory=dict[str, Count])
    unreachable: str = ""
    """Why a service that should be there cannot be reached; empty where none is missed."""
