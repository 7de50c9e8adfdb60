"""learn, learn_batch: texts, sent in batches that the service takes."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import JsonObject, json_of, moment, read
from sutra_client.sending import answered
from sutra_core.errors import InvalidValueError
from sutra_core.learn import LearnReport, Refusal
from sutra_core.types import SourceDraft, Wait

__all__ = ["asked", "learn", "learn_batch", "new_key"]

_TEXTS_MAX = 50
_BYTES_MAX = 2 << 20


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it is sent, its position in the whole, and about how many bytes it has."""

    position: int
    body: JsonObject
    size: int


def learn(
    place: Place,
    text: str,
    source: str | None,
    title: str,
    when: int | None,
    attributes: Mapping[str, str] | None,
    wait: Wait,
) -> Steps[LearnReport]:
    """Learns one text; without a `source` it is its own."""
    if source is None and not title and when is None and not attributes:
        return (yield from learn_batch(place, [text], wait))
    address = _own_address(text) if source is None else source
    draft = SourceDraft(address, text, title, 0, when, attributes or {})
    return (yield from learn_batch(place, [draft], wait))


def learn_batch(place: Place, texts: Iterable[str | SourceDraft], wait: Wait) -> Steps[LearnReport]:
    """Learns many texts; what cannot be learned is in the report's `refused`."""
    if isinstance(texts, str | bytes | SourceDraft):
        raise InvalidValueError("the batch is one text; give a list of strings or SourceDrafts")
    report, began = LearnReport(), time.monotonic()
    for group in _groups(_sendable(texts, report)):
        body = {"texts": [each.body for each in group]}
        call = Call("POST", place.path("learn", "batch"), params=asked(wait), body=body, key=new_key())
        told = json_of((yield from answered(place, call)))
        for text, found in zip(group, read(list[dict[str, Any]], told.get("texts")), strict=True):
            _count(report, text, found)
        report.seconds = time.monotonic() - began
    return report


def asked(wait: Wait) -> dict[str, str]:
    """The parameter that says what is waited for; none for what a service does anyway."""
    return {} if wait == "indexed" else {"wait": wait}


def _own_address(text: str) -> str:
    return f"text:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"


def new_key() -> str:
    """An Idempotency-Key: the same request sent again with it changes nothing."""
    return uuid.uuid4().hex


def _count(report: LearnReport, text: _Text, found: JsonObject) -> None:
    for part in read(list[dict[str, Any]], found.get("sources")):
        if part["known"]:
            report.sources_known += 1
        else:
            report.sources += 1
        report.sources_retired += part.get("retired", 0)
        report.sentences += part["sentences"]
        report.passages += part["passages"]
        report.transaction = max(report.transaction, part["transaction"])
    if refused := found.get("refused"):
        report.refuse(Refusal(f"text {text.position}", refused["reason"], refused["code"]))


def _sendable(texts: Iterable[str | SourceDraft], report: LearnReport) -> Iterator[_Text]:
    """Each text that can be sent; the report refuses the others, in the engine's words."""
    for position, text in enumerate(texts):
        if not isinstance(text, str | SourceDraft):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(
                f"text {position} of the batch is of type {type(text).__name__}; "
                "give a string or a SourceDraft"
            )
        draft = SourceDraft("", text) if isinstance(text, str) else text
        if draft.offset:
            raise InvalidValueError(
                f"text {position} of the batch begins at byte {draft.offset} of its source; "
                "the service learns whole texts"
            )
        refusal = None
        try:
            body: JsonObject = {"text": draft.text, "title": draft.title, "time": moment(draft.time)}
            size = sum(len(each.encode()) for each in (draft.text, draft.title, draft.address))
        except UnicodeEncodeError as error:
            found = f"character {error.start} of {error.object[:40]!a} is half of a surrogate pair"
            refusal = Refusal(f"text {position}", found, "invalid_text")
        except OverflowError:
            found = f"its time, {draft.time}, is beyond the calendar"
            refusal = Refusal(f"text {position}", found, "invalid_text")
        else:
            if not draft.text.strip():
                refusal = Refusal(f"text {position}", "its text has no words", "empty_text")
            else:
                body["attributes"] = dict(draft.attributes)
                if isinstance(text, SourceDraft):
                    body["source"] = draft.address
                yield _Text(position, body, size)
        if refusal is not None:
            report.refuse(refusal)


def _groups(texts: Iterator[_Text]) -> Iterator[list[_Text]]:
    """Texts in batches, each within what one request may hold."""
    group: list[_Text] = []
    size = 0
    for text in texts:
        if group and (len(group) == _TEXTS_MAX or size + text.size > _BYTES_MAX):
            yield group
            group, size = [], 0
        group.append(text)
        size += text.size
    if group:
        yield group
