"""The answer as a record: what is said, how sure, by which steps, from which bytes of which source.

Immutable. Holds no text that is neither verbatim from a source nor the name of a concept, apart from
"I don't know", the yes, no or named choice of a comparison, commas and "and" between the items of a list, a
number of them, and a day that a text counts from its own ("yesterday"). Reads no store: a record is all
there is to know about an answer, and its JSON gives exactly the same record back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic import TypeAdapter

from sutra_core.errors import UnsupportedFormatError
from sutra_core.filters import Filter

__all__ = [
    "Alternative",
    "Answer",
    "AnswerKind",
    "AnswerPath",
    "AnswerStep",
    "Citation",
    "OtherValue",
    "Reading",
    "WithoutSource",
]

AnswerKind = Literal["entity", "span", "passage", "list", "count", "unknown"]

RECORD_VERSION = 5
_SINCE_5: Mapping[str, object] = {"as_of": None, "forgettings_after": 0, "holds_at": None, "filter": None}
_SINCE_4: Mapping[str, object] = {"other_times": (), "without_best": None, "read_as": (), **_SINCE_5}
# What a record of an earlier version does not say, and what that means.
_LATER_FIELDS: Mapping[int, Mapping[str, object]] = {
    1: {"search_cut_off": False, "reading": None, **_SINCE_4},
    2: {"reading": None, **_SINCE_4},
    3: _SINCE_4,
    4: _SINCE_5,
}
UNKNOWN_TEXT = "I don't know"
_LISTED = 10  # sources of a filter


@dataclass(frozen=True, slots=True)
class Citation:
    """Verbatim bytes `start` to `end` of what `address` names; `text` is what stands there.

    Where the text was taken out of a document, the bytes are those of the text, and `place` says where in
    the document they stand, as people call it ("page 3").
    """

    source: int
    address: str
    title: str
    start: int
    end: int
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """One association on the way, between the texts of its ends, with the statement that shows it.

    `inverse` is set when it was walked from `object` to `subject`.
    """

    subject: str
    relation: str
    object: str
    inverse: bool
    confidence: float
    evidence: Citation


@dataclass(frozen=True, slots=True)
class AnswerPath:
    """Steps from a concept of the question to the answer; `score` in (0, 1] falls with their number."""

    steps: tuple[AnswerStep, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer that was weighed, and the best statement for it."""

    text: str
    confidence: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class OtherValue:
    """What is said of an `earlier` time than the answer's, or of a later one, and where."""

    text: str
    earlier: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class WithoutSource:
    """What the answer would be if what `address` names did not count, how sure, and where that is said."""

    address: str
    title: str
    text: str
    confidence: float
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a reader read the answer: characters `start` to `end` of the text `window` under `title`.

    For a yes or no, the window that decided, with no range. `score` is how much likelier than "not
    answered here" the reader held it, as a difference of logits; `windows` how many it read in all, of
    which `agreeing` have the answer as their best span, and `disagreeing` hold something else likelier than
    that nothing there answers. `sources` are those in which a sentence of the window stands.
    """

    title: str
    window: str
    start: int
    end: int
    score: float
    windows: int
    agreeing: int = 0
    disagreeing: int = 0
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with everything it rests on.

    `kind` says whether `text` names an entity (also "yes", "no"), is a span of a sentence, repeats a
    passage, joins several spans or names, says how many of them there are (both as far as is known), or is
    "I don't know". `confidence` in [0, 1] follows from `confidence_parts` as
    docs/design/confidence.md says. For an unknown one `citations` are the nearest evidence, `missing` what
    none of it holds. `reading` says where a reader read it, if one did, and `without_best` what the answer
    would be if the source of the first citation did not count (None where no reader reads).
    `other_times` have what is said of earlier or later times than the answer is of.
    `read_as` has each word of the question that was taken for a slip of another, as written and as read.
    `search_cut_off` is set when the search for paths ended before it had looked at all that might be
    better. `transaction`, `embedder` and `rules` name the state that was asked, `timings_ms` each step's
    time.

    Of that state only a part may have been asked: what was learned by the transaction `as_of`, of which
    `forgettings_after` later transactions took what they forgot away, for what is forgotten is gone at every
    date; what holds at `holds_at`; what the sources of `filter` say. None where all was.
    """

    id: str
    question: str
    text: str
    kind: AnswerKind
    confidence: float
    confidence_parts: Mapping[str, float]
    citations: tuple[Citation, ...]
    paths: tuple[AnswerPath, ...]
    search_cut_off: bool
    reading: Reading | None
    alternatives: tuple[Alternative, ...]
    other_times: tuple[OtherValue, ...]
    without_best: WithoutSource | None
    read_as: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    transaction: int
    embedder: str
    rules: int
    timings_ms: Mapping[str, float]
    as_of: int | None = None
    forgettings_after: int = 0
    holds_at: datetime | None = None
    filter: Filter | None = None

    def sources(self) -> list[int]:
        """The numbers of all sources that some of its words come from, each once."""
        cited = [citation.source for citation in self.citations]
        cited += [step.evidence.source for path in self.paths for step in path.steps]
        cited += [each.citation.source for each in (*self.alternatives, *self.other_times)]
        cited += self.reading.sources if self.reading else ()
        if self.without_best:
            cited += [citation.source for citation in self.without_best.citations]
        return sorted(set(cited))

    def to_json(self) -> str:
        """The record as JSON, with the version of its format."""
        record = {"version": RECORD_VERSION, **_fields(self)}
        return json.dumps(record, ensure_ascii=False, default=_as_json)

    @classmethod
    def from_json(cls, record: str) -> Answer:
        """The answer that `to_json` wrote, in this version or an earlier one.

        Raises `UnsupportedFormatError` for a record of another version, or none.
        """
        try:
            fields = cast(dict[str, object], json.loads(record))
            version = fields.pop("version")
            if version in _LATER_FIELDS:
                fields |= _LATER_FIELDS[cast("int", version)]
            elif version != RECORD_VERSION:
                raise UnsupportedFormatError(
                    f"this record of an answer has version {version!r}, this program reads {RECORD_VERSION}"
                )
            return _reader().validate_python(fields)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise UnsupportedFormatError("this is no record of an answer") from error

    def to_text(self) -> str:
        """The answer for people to read: plain lines, no colours."""
        lines = [self.text, f"confidence {self.confidence:.2f}"]
        if self.kind in {"list", "count"}:
            lines.append("as far as is known")
        if self.read_as:
            lines.append("read as: " + ", ".join(read for _, read in self.read_as))
        if self.missing:
            lines.append("not found: " + ", ".join(self.missing))
        if self.citations:
            lines += ["", "nearest evidence" if self.kind == "unknown" else "evidence"]
            lines += [_cited(number, each) for number, each in enumerate(self.citations, 1)]
        if self.reading and self.kind != "unknown":
            lines += ["", *_read_as(self.reading)]
        for number, path in enumerate(self.paths, 1):
            lines += ["", f"path {number} ({path.score:.2f})", *map(_stepped, path.steps)]
        if self.search_cut_off:
            lines += ["", "the search for paths was cut off; there may be better ones"]
        for other in self.other_times:
            place = f"{other.citation.address}, bytes {other.citation.start} to {other.citation.end}"
            lines += ["", f"{'earlier' if other.earlier else 'later'}: {other.text} ({place})"]
        if self.alternatives:
            lines += ["", "alternatives"]
            lines += [f"  {each.text} ({each.confidence:.2f})" for each in self.alternatives]
        if self.without_best:
            left = self.without_best
            lines += ["", f"without {left.address}: {left.text} ({left.confidence:.2f})"]
        lines += ["", *self.asked_of(), f"answer {self.id}, transaction {self.transaction}"]
        return "\n".join(lines)

    def asked_of(self) -> list[str]:
        """What part of the state was asked, in plain lines; none where all was."""
        lines: list[str] = []
        if self.as_of is not None:
            lines.append(f"as of transaction {self.as_of}")
        if self.forgettings_after:
            times = "once" if self.forgettings_after == 1 else f"{self.forgettings_after} times"
            lines.append(f"without what was forgotten after it ({times})")
        if self.holds_at:
            lines.append(f"what holds at {self.holds_at.isoformat()}")
        if self.filter:
            lines.append(f"from {_filtered(self.filter)}")
        return lines


def answer_id(answer: Answer) -> str:
    """The id that belongs to a record: a hash of all of it but the id itself and the timings."""
    content = _fields(answer)
    del content["id"], content["timings_ms"]
    said = json.dumps(content, sort_keys=True, default=_as_json)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _as_json(value: object) -> object:
    """What JSON has no word for: a time as it is written, a record as its fields."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    return _fields(value)


def _fields(record: object) -> dict[str, object]:
    """The fields of a record by name, as they are."""
    return {name: getattr(record, name) for name in _names_of(type(record))}


@lru_cache(32)
def _names_of(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@lru_cache(1)
def _reader() -> TypeAdapter[Answer]:
    """Checks a record's fields and their types."""
    return TypeAdapter(Answer)


def _filtered(by: Filter) -> str:
    """The sources that a filter admits, in words."""
    said = [] if by.sources is None else [", ".join(map(str, by.sources[:_LISTED])) or "none"]
    if by.sources and len(by.sources) > _LISTED:
        said = [f"{said[0]} and {len(by.sources) - _LISTED} more"]
    said += [f"{name}={value}" for name, value in by.attributes.items()]
    said += [f"since {by.since.isoformat()}"] if by.since else []
    said += [f"until {by.until.isoformat()}"] if by.until else []
    said += [f"associations that are {' or '.join(by.kinds) or 'none'}"] if by.kinds is not None else []
    return f"sources: {'; '.join(said)}"


def _read_as(reading: Reading) -> list[str]:
    """The window with the answer in angle quotes, and how sure the reader was."""
    text, start, end = reading.window, reading.start, reading.end
    shown = f"{text[:start]}«{text[start:end]}»{text[end:]}" if end else text
    title = f"{reading.title}: " if reading.title else ""
    windows = "one window" if reading.windows == 1 else f"the best of {reading.windows} windows"
    agreed = f", {reading.agreeing} agree, {reading.disagreeing} disagree" if reading.windows > 1 else ""
    return [f"read in {windows}, margin {reading.score:.1f}{agreed}", f"  {title}{shown}"]


def _cited(number: int, citation: Citation) -> str:
    named = f"{citation.place}, " if citation.place else ""
    place = f"{citation.address}, {named}bytes {citation.start} to {citation.end}"
    title = f"{citation.title}: " if citation.title else ""
    return f"  [{number}] {title}{citation.text}\n      {place}"


def _stepped(step: AnswerStep) -> str:
    ends = (step.object, step.subject) if step.inverse else (step.subject, step.object)
    arrow = f"<-{step.relation}-" if step.inverse else f"-{step.relation}->"
    start, end = (_short(text) for text in ends)
    return f"  {start} {arrow} {end}"


def _short(text: str, length: int = 72) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
