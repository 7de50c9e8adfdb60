"""The words of the engine as Python types. Plain data: no I/O, no logic.

What the engine returns are named tuples, which cost little to make; what it takes are data classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Association",
    "AssociationKind",
    "Batch",
    "Change",
    "Concept",
    "ConceptKind",
    "Direction",
    "EntityType",
    "Evidence",
    "Floats",
    "ForgettingReceipt",
    "Forgotten",
    "GraphPath",
    "GraphPaths",
    "Ids",
    "LostSources",
    "PathStep",
    "Preparation",
    "Receipt",
    "Role",
    "SalvageReport",
    "Source",
    "SourceDraft",
    "StoreStats",
    "Support",
    "TextKind",
    "Unit",
    "VerifyReport",
    "Walk",
    "Went",
]

AssociationKind = Literal["semantic", "causal", "temporal", "hierarchical", "compositional"]
ConceptKind = Literal["statement", "entity"]
EntityType = Literal["thing", "person", "place", "organisation", "work", "date", "number"]
Direction = Literal["out", "in", "both"]
Role = Literal["sentence", "passage"]
TextKind = Literal["statement", "passage", "entity", "source"]
Unit = Literal["passage", "sentence", "entity"]

# By name: numpy need not be loaded to speak of its arrays.
Floats: TypeAlias = "NDArray[np.float32]"
Ids: TypeAlias = "NDArray[np.uint64]"

Walk: TypeAlias = "tuple[Sequence[int] | Ids, str, Direction, int | None]"
"""Concepts to expand, over which relation, which way, and how many of each at most (None for all)."""


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source to learn: one document, or one part of a large one.

    `address` says where it came from (a path, a URL, a name given by the caller; `#…` names a
    record inside a file), `offset` at which byte of it `text` begins, `time` the document's own
    time in microseconds since 1970-01-01 UTC. It takes the place of what has bytes of its address in
    common with it; the `last` part of a text, or a whole one, also of what begins after it.
    """

    address: str
    text: str
    title: str = ""
    offset: int = 0
    time: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    last: bool = True


@dataclass(slots=True)
class Batch:
    """One atomic change, described before it has ids.

    A *reference* counts concepts: the statements first, then the entities, then `known`: statements
    that are known, by number. `markup` holds (position in `sources`, first byte, one past the last
    byte) of what says nothing between words that do, by position and byte. `statements` holds
    (position in `sources`, first byte, one past the last byte, is a sentence, is a passage);
    `entities` (name, type); `relations` (name, kind); `associations` (subject reference, position
    in `relations`, object reference, reference of the supporting statement, confidence in (0, 1],
    valid from, valid to, version of the rules that derived it or 0 where it was given); `vectors`
    float32 `[len(vector_references), dimension]`.

    What a statement of `known` supports takes the place of what older rules derived from it; one that
    is gone meanwhile supports nothing.

    A statement is sentence and passage at once only where its source has no title.
    """

    sources: list[SourceDraft] = field(default_factory=list[SourceDraft])
    statements: list[tuple[int, int, int, bool, bool]] = field(
        default_factory=list[tuple[int, int, int, bool, bool]]
    )
    entities: list[tuple[str, EntityType]] = field(default_factory=list[tuple[str, EntityType]])
    relations: list[tuple[str, AssociationKind]] = field(default_factory=list[tuple[str, AssociationKind]])
    associations: list[tuple[int, int, int, int, float, int | None, int | None, int]] = field(
        default_factory=list[tuple[int, int, int, int, float, int | None, int | None, int]]
    )
    vector_references: list[int] = field(default_factory=list[int])
    vectors: Floats | None = None
    known: list[int] = field(default_factory=list[int])
    markup: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])


class Receipt(NamedTuple):
    """What a commit did. `concepts[reference]` is the id of each concept of the batch.

    `transaction` is the number of the transaction that holds it; when everything was known
    already, the last one. `retired_sources` counts those whose place others took, some of the
    batch's own among them.
    """

    transaction: int
    concepts: list[int]
    sources: list[int]
    new_sources: int
    new_concepts: int
    new_associations: int
    retired_sources: int = 0


class Preparation(NamedTuple):
    """How far the model of another embedder is: statements that have a vector of it, and that wait."""

    fingerprint: str
    dimension: int
    ready: int
    waiting: int


class Change(NamedTuple):
    """One transaction, for another store to apply.

    `time` is when it was made, in microseconds since 1970-01-01 UTC. What it learned and forgot is counted
    as it was then, whatever was forgotten since. A follower applies it together with all up to transaction
    `settled`, which is its own, or a later one where something of it was forgotten since. `data` is the
    change itself.
    """

    transaction: int
    time: int
    learned_sources: int
    learned_concepts: int
    forgotten_sources: int
    forgotten_concepts: int
    settled: int
    data: bytes


class Forgotten(NamedTuple):
    """What forgetting took, or would take: how much less the store holds, how many answers it erased.

    `transaction` is the number of the transaction that forgot it. `redacted` counts the sources of which
    parts were blanked, `staying` the statements that were said there and stay, because other sources say
    them too.
    """

    transaction: int
    sources: int
    statements: int
    entities: int
    associations: int
    evidence: int
    vectors: int
    answers: int
    redacted: int
    staying: int


class ForgettingReceipt(NamedTuple):
    """What is known of one forgetting. It holds nothing of what went.

    `time` says when, in microseconds since 1970 UTC, `what` was asked (`sources`, a `concept`, an entity's
    `link` alone, or what was learned `before`) by `numbers`: ids, or a time. `hashes` are keyed with the
    secret in `store.key` and tell whoever has that and a text whether it went. `purged` is the time from
    which nothing of it was in the store's files; None as long as it may be.
    """

    time: int
    what: str
    numbers: list[int]
    forgotten: Forgotten
    hashes: list[str]
    purged: int | None


class Went(NamedTuple):
    """As what a text is among what a receipt tells of.

    `found` lists it: as a `statement` (a sentence, or a passage without a title), as a `passage` under the
    title that was given, as the name of an `entity`, as the whole text of a `source`; empty where it is none
    of these. `key_fits` says whether `store.key` is known to be the one that the receipt was made with. Where
    it is False, an empty `found` says nothing: the key was replaced, or the receipt is from before receipts
    showed that.
    """

    found: list[TextKind]
    key_fits: bool


class Concept(NamedTuple):
    """A node. `text` is the verbatim statement, or the entity's name as first written.

    For a statement, `source`, `start` and `end` say where it was first learned (byte range of that
    source's text) and `roles` which parts it plays; for an entity they are 0 and empty.
    `has_vector` says whether `ReadView.vectors` has a row for it.
    """

    id: int
    kind: ConceptKind
    text: str
    entity_type: EntityType | None
    roles: tuple[Role, ...]
    source: int
    start: int
    end: int
    learned: int
    has_vector: bool


class Source(NamedTuple):
    """A source as stored, without its text. `sha256` is hexadecimal, of the text.

    `redacted` says that parts of its text or title were forgotten, and are blanks. `retired` is the
    transaction that learned another text in its place, None while it stands.
    """

    id: int
    address: str
    offset: int
    title: str
    sha256: str
    length: int
    time: int | None
    attributes: dict[str, str]
    learned: int
    redacted: bool = False
    retired: int | None = None


class Support(NamedTuple):
    """A place where a statement stands: bytes `start` to `end` of a source's text."""

    source: int
    start: int
    end: int


class Association(NamedTuple):
    """A typed, directed edge; `confidence` in (0, 0.99] is the noisy-or of its evidence."""

    subject: int
    relation: str
    object: int
    kind: AssociationKind
    confidence: float
    evidence_count: int


class Evidence(NamedTuple):
    """One statement that supports an association, and when the fact holds by it (µs, UTC)."""

    statement: int
    confidence: float
    valid_from: int | None
    valid_to: int | None


class PathStep(NamedTuple):
    """One step of a path. `inverse` is set when the edge was walked from object to subject."""

    association: Association
    inverse: bool


class GraphPath(NamedTuple):
    """A loop-free path; `score` is the product of its steps' weights, in (0, 1]."""

    nodes: tuple[int, ...]
    steps: tuple[PathStep, ...]
    score: float


class GraphPaths(NamedTuple):
    """The paths that a search found, best first.

    `exhausted` is set when it was cut off, having looked at as many edges as it may: others may be as good.
    """

    paths: list[GraphPath]
    exhausted: bool


class StoreStats(NamedTuple):
    """Counts at one transaction; `bytes_on_disk` is 0 for a store in memory."""

    transaction: int
    sources: int
    concepts: int
    statements: int
    entities: int
    passages: int
    associations: int
    evidence: int
    vectors: int
    dimension: int
    bytes_on_disk: int

    @property
    def vectors_pending(self) -> int:
        """Statements that wait for a vector: found by words and by graph, and not by meaning."""
        return self.statements - self.vectors


class VerifyReport(NamedTuple):
    """What a verification looked at, and every fault that it found, in words."""

    checked: dict[str, int]
    faults: list[str]

    @property
    def clean(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


class LostSources(NamedTuple):
    """Sources of a damaged store that could not be taken out of it: those numbered `first` to `last`.

    `address` is where it came from, as far as that can still be read; then `first` is `last`.
    """

    first: int
    last: int
    address: str | None
    reason: str


class SalvageReport(NamedTuple):
    """What was taken out of a damaged store into a new one, and what could not be.

    What was taken is counted as the new store holds it; `transaction` is its last one. `statements_lost`
    and `evidence_lost` (what statements say of associations) belonged to sources that were taken;
    `vectors_lost` statements were taken without the vector that they had. `faults` are words for what else
    could not be read. `older` says that it is the state before the last commit.
    """

    transaction: int
    sources: int
    statements: int
    entities: int
    associations: int
    evidence: int
    vectors: int
    receipts: int
    sources_lost: list[LostSources]
    statements_lost: int
    evidence_lost: int
    vectors_lost: int
    faults: list[str]
    older: bool

    @property
    def clean(self) -> bool:
        """Whether all was taken that was learned and not forgotten."""
        lost = self.sources_lost or self.statements_lost or self.evidence_lost or self.vectors_lost
        return not (lost or self.faults or self.older)

    @property
    def vectors_pending(self) -> int:
        """How many statements of the new store wait for a vector."""
        return self.statements - self.vectors
