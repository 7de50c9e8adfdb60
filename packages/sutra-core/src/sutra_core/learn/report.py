"""What learning tells: how far it is, what it refused, what it did."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["REFUSALS_KEPT", "LearnReport", "Learned", "Progress", "ReembedReport", "Refusal", "ReindexReport"]

REFUSALS_KEPT = 1000
"""How many refused items a report holds in full."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that was not learned: where (`file:line`), why, and a stable code."""

    location: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Learned:
    """An item, or a part of a long one, that is durable and found by the next question.

    `source` is its number in the store, `known` whether it was there before, byte for byte. `sentences` and
    `passages` count what it was cut into, and 0 where it was known. `transaction` is one that holds it.
    `retired` counts the sources of its address whose place was taken then; of several items of an address in
    one transaction the last is told of them all.
    """

    location: str
    source: int
    known: bool
    sentences: int
    passages: int
    transaction: int
    retired: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a collection is. `bytes_total` is 0 where nobody knows.

    `sentences` counts what is durable and found by the next question; `sources` also those that
    were known already. `seconds` since the start.
    """

    bytes_done: int
    bytes_total: int
    sources: int
    sentences: int
    refused: int
    seconds: float

    @property
    def sentences_per_second(self) -> float:
        """Durable sentences a second so far."""
        return self.sentences / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; `None` where nobody knows."""
        if not self.bytes_total or not self.bytes_done:
            return None
        return max(0.0, self.seconds * (self.bytes_total - self.bytes_done) / self.bytes_done)


@dataclass(slots=True)
class LearnReport:
    """What learning did. Everything that it counts is durable.

    `sources_retired` counts those whose place another text of their address took. `concepts` and
    `associations` count what was new; `sentences` and `passages` those of the new
    sources. `transaction` is the last one that holds any of it. `refused` holds the first `REFUSALS_KEPT`
    items that were not learned, `refused_count` counts all of them, `refused_by` by their codes; `failed`
    those that an error, which was raised, has kept from being learned. `stage_seconds` says where the time
    went; steps overlap, so they add up to more than `seconds`.
    """

    sources: int = 0
    sources_known: int = 0
    sources_retired: int = 0
    sentences: int = 0
    passages: int = 0
    concepts: int = 0
    associations: int = 0
    transaction: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    refused: list[Refusal] = field(default_factory=list[Refusal])
    refused_count: int = 0
    refused_by: dict[str, int] = field(default_factory=dict[str, int])
    failed: int = 0
    stage_seconds: dict[str, float] = field(default_factory=dict[str, float])

    def refuse(self, refusal: Refusal) -> None:
        """Counts an item that was not learned, and keeps it in full if it is one of the first."""
        self.refused_count += 1
        self.refused_by[refusal.code] = self.refused_by.get(refusal.code, 0) + 1
        if len(self.refused) < REFUSALS_KEPT:
            self.refused.append(refusal)


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What came of deriving again by the present `rules`, a version.

    `outdated` pieces of evidence were derived by older ones. `sources` were read again; 0 in a dry run and
    where nothing was outdated. `retired` of the outdated pieces are not derived any more. `transaction` is
    the last one.
    """

    rules: int
    outdated: int
    sources: int
    retired: int
    transaction: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ReembedReport:
    """What came of embedding again: `statements` have a vector, `embedded` by this run; `waiting` none."""

    statements: int
    embedded: int
    waiting: int
    seconds: float
