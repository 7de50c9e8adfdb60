"""Questions, answers and what they rest on; searches and what they find."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from sutra_api.schemas.base import WHOLE, Result
from sutra_api.schemas.narrowing import AskedFilter, Narrowed
from sutra_core.ask.answer import AnswerKind
from sutra_core.types import SearchMode

__all__ = ["Answer", "Hit", "Hits", "Query", "Question"]

_Words = Annotated[str, Field(min_length=1, max_length=2000)]


class Question(Narrowed):
    """A question in plain words."""

    question: Annotated[_Words, Field(examples=["Where does the Aln rise?"])]
    max_steps: Annotated[int, Field(ge=1, le=16), WHOLE] = 6
    """The most steps of a path."""
    num_paths: Annotated[int, Field(ge=0, le=100), WHOLE] = 3
    """How many paths are shown."""
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    """The confidence below which the answer is "I don't know"; the service's own where it is null."""


class Citation(Result):
    """Verbatim bytes of a source."""

    source: int
    address: str
    title: str
    start: int
    end: int
    text: str
    place: str
    """Where in its document they stand ("page 3"), where the text was taken out of one."""


class Step(Result):
    """One association on the way; `inverse` where it was walked from its object to its subject."""

    subject: str
    relation: str
    object: str
    inverse: bool
    confidence: float
    evidence: Citation


class Path(Result):
    """Steps from what the question names to the answer."""

    steps: list[Step]
    score: float


class Alternative(Result):
    """Another answer that was weighed."""

    text: str
    confidence: float
    citation: Citation


class OtherValue(Result):
    """What is said of an earlier time than the answer's, or of a later one."""

    text: str
    earlier: bool
    citation: Citation


class WithoutSource(Result):
    """What the answer would be if the source of its first citation did not count."""

    address: str
    title: str
    text: str
    confidence: float
    citations: list[Citation]


class Reading(Result):
    """Where a reader read the answer: characters `start` to `end` of `window`."""

    title: str
    window: str
    start: int
    end: int
    score: float
    windows: int
    agreeing: int
    disagreeing: int
    sources: list[int]


class Answer(Result):
    """An answer with everything that it rests on."""

    id: str = Field(examples=["b1aaaf463d2dced69454f06af9bab136"])
    """By which it can be explained again."""
    question: str = Field(examples=["Where does the Aln rise?"])
    text: str = Field(examples=["Alham"])
    kind: AnswerKind = Field(examples=["span"])
    confidence: float = Field(examples=[0.93])
    """The probability that it is right, from 0 to 1."""
    confidence_parts: dict[str, float]
    citations: list[Citation]
    paths: list[Path]
    search_cut_off: bool
    reading: Reading | None
    alternatives: list[Alternative]
    other_times: list[OtherValue]
    without_best: WithoutSource | None
    read_as: list[tuple[str, str]]
    """Words of the question that were taken for slips, as written and as read."""
    missing: list[str]
    """What of the question no evidence has."""
    transaction: int
    """The state that was asked."""
    embedder: str
    rules: int
    timings_ms: dict[str, float]
    as_of: int | None
    """The transaction as of which it was asked; null where as of the state."""
    forgettings_after: int
    """How many later transactions took what they forgot away; what is forgotten is gone at every date."""
    holds_at: datetime | None
    """The time at which the facts were to hold."""
    filter: AskedFilter | None
    """The sources that it was asked of; null where of all."""


class Query(Narrowed):
    """What to look for."""

    query: Annotated[_Words, Field(examples=["rivers that rise in the hills"])]
    mode: SearchMode = "all"
    """By meaning, words, graph, or all three together."""
    k: Annotated[int, Field(ge=1, le=1000), WHOLE] = 10
    """How many passages."""


class Hit(Result):
    """A passage that was found: bytes `start` to `end` of what `address` names."""

    concept: int
    score: float
    """Comparable within one result alone."""
    text: str
    title: str
    address: str
    start: int
    end: int
    place: str
    """Where in its document it stands, as in a citation."""


class Hits(Result):
    """What was found, best first."""

    hits: list[Hit]
