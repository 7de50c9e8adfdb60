"""What `ReasoningEngine` tells of concepts, of paths between them, and of itself. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sutra_core.types import Concept, Forgotten, PathStep, Source, StoreStats, Support

__all__ = ["Backlog", "ConceptDetail", "ConceptPath", "ConceptPaths", "EngineStats", "ForgettingRecord"]


@dataclass(frozen=True, slots=True)
class ConceptDetail:
    """A concept with where it stands. `aliases` are other names that texts give an entity."""

    concept: Concept
    supports: tuple[tuple[Support, Source], ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptPath:
    """A path between concepts; `score` in (0, 1] is the product of its steps' weights."""

    nodes: tuple[Concept, ...]
    steps: tuple[PathStep, ...]
    score: float


@dataclass(frozen=True, slots=True)
class ConceptPaths:
    """Paths, best first. `exhausted` says that the search was cut off before it had looked at all."""

    paths: tuple[ConceptPath, ...]
    exhausted: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far vectors are behind the texts; `vectors_pending` of the store's counts says how many wait.

    `watermark` is the last transaction all of whose statements have their vectors, or were refused by the
    embedder, for good: `failed` counts those, which wait on. `reason` says why the work does not go on, a
    code and words; it is empty while it does.
    """

    failed: int
    watermark: int
    reason: str


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What the store holds, what this process measured, and how the machine is.

    `metrics` and `health` are empty where the configuration switches them off; `backlog` says how far vectors
    are behind, None where a service of an earlier version does not.
    """

    store: StoreStats
    storage_path: Path
    embedder: str
    metrics: dict[str, float]
    health: dict[str, float]
    backlog: Backlog | None = None


@dataclass(frozen=True, slots=True)
class ForgettingRecord:
    """The receipt of one forgetting, which holds nothing of what went.

    `what` was asked is `sources`, a `concept`, an entity's `link` alone, what was learned `before` a time, or
    what was `retired` before one, which nobody asked for; `numbers` are the ids that were given. `hashes` are
    HMAC-SHA-256, the first 16 bytes, hexadecimal, of what went, keyed with the store's secret in `store.key`.
    `purged` is the time from which nothing of it was in the store's files; None as long as it may be.
    `backups` lists the places that are known to hold a backup from before, until
    `sutra backup PLACE --prune` writes them anew.
    """

    transaction: int
    time: datetime
    what: str
    numbers: tuple[int, ...]
    before: datetime | None
    forgotten: Forgotten
    hashes: tuple[str, ...]
    purged: datetime | None
    backups: tuple[str, ...] = ()
