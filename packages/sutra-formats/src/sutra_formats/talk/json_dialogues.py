"""Conversations in JSON: an object with a list of turns or with sessions of them, many such, or a bare list.

Each session is a source. A conversation is held whole, and refused over `OBJECT_CHARACTERS`; a list of turns
is taken apart as it is read. JSON Lines belong to the adapter of the core, other documents to that of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

from sutra_core.learn.adapters.base import HEAD_BYTES, BadItem, Item, shown
from sutra_formats.decoding import decoded_head, encoding_of, is_text
from sutra_formats.records.json_stream import Element, JsonStream, StreamError
from sutra_formats.rows import ending_at
from sutra_formats.talk.dates import said_moment
from sutra_formats.talk.dialogue_head import holds_conversations
from sutra_formats.talk.dialogue_shapes import TURN_LISTS, as_record, identity, is_turn, sittings, turn_of
from sutra_formats.talk.turns import STRETCH_BYTES, Session, Turn, conversation

__all__ = ["OBJECT_CHARACTERS", "JsonDialogueAdapter", "elements"]

OBJECT_CHARACTERS = 16 * 1024 * 1024
"""The longest conversation that is held."""

_SUFFIXES = frozenset({".json", "", ".txt", ".text"})
_LOOKED_AT_BYTES = 1024 * 1024
_LOOKED_AT = 100
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonDialogueAdapter:
    """Reads JSON whose first object holds turns: who speaks, and what is said."""

    name = "JSON dialogues"

    def __init__(
        self, *, part_bytes: int = STRETCH_BYTES, object_characters: int = OBJECT_CHARACTERS
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._object_characters = object_characters

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the first object, which is looked for beyond the head where something long stands before it."""
        if path.suffix.lower() not in _SUFFIXES or not is_text(head):
            return False
        text = decoded_head(head).lstrip("\ufeff")
        if not text.lstrip().startswith(("{", "[")):
            return False
        if holds_conversations(text):
            return True
        if len(head) < HEAD_BYTES or path.suffix.lower() != ".json":
            return False
        with suppress(OSError), path.open("rb") as file:
            return holds_conversations(decoded_head(file.read(_LOOKED_AT_BYTES)).lstrip("\ufeff"))
        return False

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Stretches of the sessions in the order of the document."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        item: Item | BadItem | None = None
        with path.open("rb") as file:
            stream = JsonStream(file, encoding_of(path), self._object_characters)
            try:
                whole = path.stat().st_size <= self._object_characters
                for item in self._document(stream, address, location, whole):
                    yield item
                if item and stream.peek():
                    reason = "something follows the document, which was not read"
                    raise StreamError(stream.line, "invalid_json", reason)
            except StreamError as error:
                if not (isinstance(item, BadItem) and item.reason == error.reason):
                    item = BadItem(f"{location}:{error.line}", error.reason, error.code, stream.bytes_done)
                    yield item
        if item is None:
            yield BadItem(f"{location}:1", "nobody says anything in the document", "empty_text")

    def _document(
        self, stream: JsonStream, address: str, location: str, whole: bool
    ) -> Iterator[Item | BadItem]:
        first = stream.peek()
        if first == "{" and whole:
            yield from self._told(stream.value(), stream, address, location)
        elif first == "{":
            yield from self._large(stream, address, location)
        elif first == "[":
            yield from self._array(stream, address, location)
        elif first:
            stream.take("[{")

    def _array(self, stream: JsonStream, address: str, location: str) -> Iterator[Item | BadItem]:
        """The conversations of an array, or its turns, which then are one conversation."""
        values = elements(stream)
        first: list[Element] = []
        for element in values:
            first.append(element)
            if not element.code or len(first) == _LOOKED_AT:
                break
        numbered = enumerate(chain(first, values), start=1)
        if first and is_turn(first[-1].value) and not any(sittings(as_record(first[-1].value))):
            turns = (
                turn for number, element in numbered for turn in self._turn(element, stream, number, location)
            )
            yield from self._stretches(turns, Session(address), location)
            return
        for number, element in numbered:
            yield from self._told(element, stream, address, location, str(number))

    def _large(self, stream: JsonStream, address: str, location: str) -> Iterator[Item | BadItem]:
        """The turns of an object that is too large to be held; what stands behind them does not name it."""
        known: dict[str, object] = {}
        stream.take("{")
        if stream.peek() == "}":
            stream.take("}")
            return
        while True:
            key = stream.value().value
            stream.take(":")
            if key in TURN_LISTS and stream.peek() == "[":
                numbered = enumerate(elements(stream), start=1)
                turns = (
                    turn
                    for number, element in numbered
                    for turn in self._turn(element, stream, number, location)
                )
                yield from self._stretches(turns, Session(address, _sound(identity(known)[1])), location)
            else:
                element = stream.value()
                if isinstance(key, str) and isinstance(element.value, (str, int)):
                    known[key] = element.value
                elif isinstance(key, str) and any(sittings({key: element.value})):
                    told = replace(element, value={**known, key: element.value})
                    yield from self._told(told, stream, address, location)
                elif element.code and key in TURN_LISTS:
                    yield from self._told(element, stream, address, location)
            if stream.take(",}") == "}":
                return

    def _told(
        self, element: Element, stream: JsonStream, address: str, location: str, number: str = ""
    ) -> Iterator[Item | BadItem]:
        """The sessions of one conversation; `number` is where among others it stands."""
        where, done = f"{location}:{element.line}", stream.bytes_done
        if element.code:
            yield BadItem(where, element.reason, element.code, done)
            return
        record = as_record(element.value)
        key, name = map(_sound, identity(record))
        empty = True
        for sitting in sittings(record):
            fragment = "/".join(filter(None, (number and (key or number), sitting.key)))
            date = _sound(sitting.date)
            known = {"conversation": key, "session": sitting.key, "date": date}
            session = Session(
                f"{address}#{fragment}" if fragment else address,
                name,
                said_moment(date),
                "",
                {name: value for name, value in known.items() if value},
            )
            turns = (
                turn
                for place, value in enumerate(sitting.turns, start=1)
                for turn in self._turn(Element(element.line, value), stream, place, location)
            )
            for item in self._stretches(turns, session, location):
                empty = False
                yield item
        if empty:
            yield BadItem(where, "nobody says anything in the conversation", "empty_text", done)

    def _stretches(
        self, turns: Iterable[Turn | BadItem], session: Session, location: str
    ) -> Iterator[Item | BadItem]:
        return conversation(turns, lambda _: session, location, part_bytes=self._part_bytes)

    def _turn(
        self, element: Element, stream: JsonStream, number: int, location: str
    ) -> Iterator[Turn | BadItem]:
        """The turn that a value is; nothing where it is none."""
        where = f"{location}:{element.line}"
        if element.code:
            yield BadItem(where, element.reason, element.code, stream.bytes_done)
            return
        turn = turn_of(element.value)
        if turn is None:
            return
        if any(map(_LONE_SURROGATE.search, (turn.speaker, turn.text, turn.place, turn.caption))):
            reason = "the turn holds half of a surrogate pair, which is no character"
            yield BadItem(where, reason, "invalid_text", stream.bytes_done)
            return
        place = turn.place or f"turn {number}"
        yield replace(turn, place=place, line=element.line, end=stream.bytes_done)


def elements(stream: JsonStream) -> Iterator[Element]:
    """The values of the array with which a stream goes on; where that breaks, one that says so is the last.

    Raises `StreamError` behind it.
    """
    try:
        stream.take("[")
        if stream.peek() == "]":
            stream.take("]")
            return
        while True:
            yield stream.value()
            if stream.take(",]") == "]":
                return
    except StreamError as error:
        yield Element(error.line, None, error.code, error.reason)
        raise


def _sound(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)
