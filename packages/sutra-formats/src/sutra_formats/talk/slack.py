"""A day of a channel as Slack exports it: an array of messages, `<channel>/<day>.json`.

Names are taken from the messages, or from `users.json` in the folder or the one above; without them a
speaker is called by the identifier that stands there. What Slack itself reports is passed over, and so are
the forms of its mark-up. Nothing that a message links to is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

from sutra_core.learn.adapters.base import BadItem, Item, shown
from sutra_core.learn.adapters.moments import moment
from sutra_formats.decoding import decoded_head, encoding_of, is_text
from sutra_formats.records.json_stream import Element, JsonStream, StreamError
from sutra_formats.rows import ending_at
from sutra_formats.talk.dialogue_head import first_values
from sutra_formats.talk.dialogue_shapes import Record, as_record
from sutra_formats.talk.json_dialogues import elements
from sutra_formats.talk.turns import STRETCH_BYTES, Session, Turn, conversation

__all__ = ["MESSAGE_CHARACTERS", "SlackAdapter"]

MESSAGE_CHARACTERS = 1024 * 1024
"""The longest message that is held."""

_SECONDS = re.compile(r"([0-9]{9,10})\.([0-9]{1,6})")
_SAID = frozenset({"", "bot_message", "file_comment", "file_share", "me_message", "thread_broadcast"})
_REFERENCE = re.compile(r"<([^<>|\n]{1,2000})(?:\|([^<>\n]{0,500}))?>")
_EMPHASIS = re.compile(r"(?<![\w*_~`])([*_~`]{1,3})(?=\S)([^\n*_~`]{1,300})(?<=\S)\1(?![\w*_~`])")
_CHARACTERS = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_USERS_BYTES = 16 * 1024 * 1024


class SlackAdapter:
    """Reads arrays of messages that have a type, a text and the seconds of Slack."""

    name = "Slack"

    def __init__(
        self, *, part_bytes: int = STRETCH_BYTES, message_characters: int = MESSAGE_CHARACTERS
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._message_characters = message_characters

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the first messages."""
        if path.suffix.lower() != ".json" or not is_text(head):
            return False
        text = decoded_head(head).lstrip("\ufeff \t\r\n")
        return text.startswith("[") and any(map(_is_message, first_values(text, 0)))

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Stretches of the day in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        channel = path.parent.name if moment(path.stem) is not None else path.stem
        session = Session(address, f"#{channel}" if channel else "", moment(path.stem))
        told: list[Item | BadItem] = []
        with path.open("rb") as file:
            stream = JsonStream(file, encoding_of(path), self._message_characters)
            turns = _turns(stream, _users_beside(path), location)
            try:
                for item in conversation(turns, lambda _: session, location, part_bytes=self._part_bytes):
                    told = [item]
                    yield item
            except StreamError as error:
                if not any(isinstance(last, BadItem) and last.reason == error.reason for last in told):
                    yield BadItem(f"{location}:{error.line}", error.reason, error.code, stream.bytes_done)
                return
        if not told:
            yield BadItem(f"{location}:1", "nobody says anything on this day", "empty_text")


def _is_message(value: object) -> bool:
    record = as_record(value)
    seconds = record.get("ts")
    return (
        record.get("type") == "message"
        and isinstance(seconds, str)
        and _SECONDS.fullmatch(seconds) is not None
        and ("text" in record or "user" in record)
    )


def _turns(stream: JsonStream, users: Mapping[str, str], location: str) -> Iterator[Turn | BadItem]:
    if not stream.peek():
        return
    for element in elements(stream):
        where = f"{location}:{element.line}"
        if element.code:
            yield BadItem(where, element.reason, element.code, stream.bytes_done)
            continue
        turn = _turn(element, users, stream.bytes_done)
        if turn and (_LONE_SURROGATE.search(turn.speaker) or _LONE_SURROGATE.search(turn.text)):
            reason = "the message holds half of a surrogate pair, which is no character"
            yield BadItem(where, reason, "invalid_text", stream.bytes_done)
        elif turn:
            yield turn


def _turn(element: Element, users: Mapping[str, str], done: int) -> Turn | None:
    record = as_record(element.value)
    text, subtype, seconds = (record.get(key) or "" for key in ("text", "subtype", "ts"))
    if not isinstance(text, str) or subtype not in _SAID or not text.strip():
        return None
    found = _SECONDS.fullmatch(seconds) if isinstance(seconds, str) else None
    time = int(found[1]) * 1_000_000 + int(found[2].ljust(6, "0")) if found else None
    place = datetime.fromtimestamp(int(found[1]), UTC).strftime("%H:%M UTC") if found else ""
    speaker = _speaker(record, users)
    said = _plain(text, users)
    if subtype == "me_message":
        speaker, said = "", f"{speaker} {said}"
    return Turn(speaker, said, place, time=time, line=element.line, end=done)


def _speaker(record: Record, users: Mapping[str, str]) -> str:
    user = record.get("user")
    named = _name_of(as_record(record.get("user_profile")))
    if not named and isinstance(user, str):
        named = users.get(user, "")
    for given in (named, record.get("username"), user, record.get("bot_id")):
        if isinstance(given, str) and given.strip():
            return " ".join(given.split())[:100]
    return ""


def _name_of(record: Record) -> str:
    for key in ("display_name", "real_name", "name"):
        given = record.get(key)
        if isinstance(given, str) and given.strip():
            return " ".join(given.split())
    return ""


def _plain(text: str, users: Mapping[str, str]) -> str:
    """The text without mark-up: what a link shows, the names of people and channels."""

    def reference(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith("@"):
            return f"@{label or users.get(target[1:], target[1:])}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if target.startswith("!"):
            return label or f"@{target[1:].partition('^')[0]}"
        return label or target

    text = _EMPHASIS.sub(lambda found: found[2], _REFERENCE.sub(reference, text))
    for written, meant in _CHARACTERS:
        text = text.replace(written, meant)
    return text


def _users_beside(path: Path) -> Mapping[str, str]:
    for folder in (path.parent, path.parent.parent):
        users = folder / "users.json"
        try:
            stat = users.stat()
        except OSError:
            continue
        if stat.st_size <= _USERS_BYTES:
            return _users(users, stat.st_mtime_ns)
    return {}


@lru_cache(maxsize=2)
def _users(path: Path, changed: int) -> Mapping[str, str]:  # noqa: ARG001
    """The names of people by their identifiers; none where the file cannot be read."""
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    names: dict[str, str] = {}
    for value in cast("list[object]", found) if isinstance(found, list) else []:
        record = as_record(value)
        key = record.get("id")
        if isinstance(key, str) and (name := _name_of(as_record(record.get("profile"))) or _name_of(record)):
            names[key] = name
    return names
