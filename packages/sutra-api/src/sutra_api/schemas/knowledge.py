"""Concepts, associations and paths of the graph; what a store holds; namespaces."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from sutra_api.namespaces import NAMESPACE_PATTERN
from sutra_api.schemas.base import WHOLE, Request, Result
from sutra_core.types import AssociationKind, ConceptKind, EntityType, Role

__all__ = [
    "Concept",
    "ConceptDetail",
    "Namespace",
    "Neighbor",
    "NewNamespace",
    "Paths",
    "PathsWanted",
    "Stats",
]

ConceptId = Annotated[int, Field(ge=0, le=2**53 - 1), WHOLE]
Name = Annotated[str, StringConstraints(pattern=NAMESPACE_PATTERN)]


class Concept(Result):
    """A node: a statement, verbatim, or an entity by its name."""

    id: int = Field(examples=[7])
    kind: ConceptKind
    text: str = Field(examples=["Alham"])
    entity_type: EntityType | None
    roles: list[Role]
    source: int
    """For a statement, where it was first learned: bytes `start` to `end` of this source; else 0."""
    start: int
    end: int
    learned: int
    """The transaction that learned it."""
    has_vector: bool
    """Whether it is found by meaning, too."""


class Place(Result):
    """A place where a statement stands."""

    source: int
    address: str
    title: str
    start: int
    end: int
    place: str
    """Where in its document it stands, as in a citation."""


class ConceptDetail(Concept):
    """A concept, every place where it stands, and its other names."""

    supports: list[Place]
    aliases: list[str]


class Association(Result):
    """A typed, directed edge."""

    subject: int
    relation: str = Field(examples=["rises_at"])
    object: int
    kind: AssociationKind
    confidence: float
    evidence_count: int


class Neighbor(Result):
    """An association, and the concept at its other end."""

    association: Association
    concept: Concept


class PathsWanted(Request):
    """Between which concepts to look for paths."""

    start: Annotated[list[ConceptId], Field(min_length=1, max_length=100, examples=[[7]])]
    end: Annotated[list[ConceptId], Field(min_length=1, max_length=100, examples=[[9]])]
    k: Annotated[int, Field(ge=1, le=100), WHOLE] = 5
    """How many paths."""
    max_steps: Annotated[int, Field(ge=1, le=16), WHOLE] = 6


class PathStep(Result):
    """One step; `inverse` where the edge is walked from its object to its subject."""

    association: Association
    inverse: bool


class Path(Result):
    """A path without loops; `score` is the product of its steps' weights."""

    nodes: list[Concept]
    steps: list[PathStep]
    score: float


class Paths(Result):
    """The best paths, best first; `cut_off` where the search ended before all was looked at."""

    paths: list[Path]
    cut_off: bool


class Counts(Result):
    """What a store holds at one transaction."""

    transaction: int
    sources: int
    concepts: int
    statements: int
    entities: int
    passages: int
    associations: int
    evidence: int
    vectors: int
    vectors_pending: int
    """Statements that wait for a vector: found by words and by graph, and not by meaning."""
    dimension: int
    bytes_on_disk: int


class Backlog(Result):
    """How far vectors are behind what was learned with `wait=durable`."""

    failed: int
    """Statements that the embedder refused; they are among those that wait."""
    watermark: int
    """The last transaction all of whose statements have their vectors, or were refused."""
    reason: str
    """Why the work does not go on, a code and words; empty while it does."""


class Stats(Result):
    """What a namespace holds, and what the service measured of it since it was opened."""

    store: Counts
    embedder: str
    metrics: dict[str, float]
    health: dict[str, float]
    backlog: Backlog


class NewNamespace(Request):
    """A namespace to make."""

    name: Annotated[Name, Field(examples=["support"])]


class Namespace(Result):
    """A namespace that there is."""

    name: str = Field(examples=["support"])
