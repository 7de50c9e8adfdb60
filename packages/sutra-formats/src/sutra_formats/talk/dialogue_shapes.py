"""The shapes in which JSON holds a conversation: an object with a list of turns, or with sessions of them.

It looks at values alone and reads no file. What is no turn (a person who joins, a call of a tool) says
nothing and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from sutra_formats.talk.dates import said_moment
from sutra_formats.talk.turns import Turn

__all__ = [
    "SESSION",
    "TURN_LISTS",
    "Record",
    "Sitting",
    "as_record",
    "identity",
    "is_turn",
    "sittings",
    "turn_of",
]

Record = Mapping[str, object]

TURN_LISTS = ("messages", "conversation", "conversations", "dialogue", "dialog", "turns", "utterances")
"""The names of a list of turns, in the order in which they are looked for."""

SESSION = re.compile(r"session_\d{1,6}")
"""The name of a list of turns beside others."""

_SPEAKERS = ("speaker", "role", "from", "name", "author", "sender")
_TEXTS = ("text", "content", "value", "utterance")
_TIMES = ("time", "timestamp", "date", "created_at")
_KEYS = ("id", "sample_id", "conversation_id", "dialogue_id", "dialog_id")
_NAMES = ("title", "name")
_LINE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Sitting:
    """A list of turns that belong together, with its key ("" for the only one) and its date as written."""

    key: str
    turns: list[object]
    date: str = ""


def as_record(value: object) -> Record:
    """An object of JSON; an empty one for any other value."""
    return cast("Record", value) if isinstance(value, dict) else {}


def is_turn(value: object) -> bool:
    """Whether a value is what somebody said."""
    return turn_of(value) is not None


def turn_of(value: object) -> Turn | None:
    """The turn that a value is, with its own key as its place; None for any other value."""
    record = as_record(value)
    speaker = next(filter(None, (_name(record.get(key)) for key in _SPEAKERS)), "")
    text = next(filter(None, (_text(record.get(key)) for key in _TEXTS)), "")
    caption = _line(record.get("blip_caption"))
    if not speaker or not (text.strip() or caption):
        return None
    time = next((found for key in _TIMES if (found := said_moment(_line(record.get(key)))) is not None), None)
    place = _line(record.get("dia_id")) or next(filter(None, (_line(record.get(key)) for key in _TIMES)), "")
    return Turn(speaker, text, place, time=time, caption=caption)


def sittings(record: Record) -> Iterator[Sitting]:
    """The lists of turns of an object, each with its date."""
    inner = as_record(record.get("conversation")) or record
    keyed = [key for key, value in inner.items() if SESSION.fullmatch(key) and isinstance(value, list)]
    for key in sorted(keyed, key=lambda key: int(key.rpartition("_")[2])):
        yield Sitting(key, cast("list[object]", inner[key]), _line(inner.get(f"{key}_date_time")))
    if keyed:
        return
    for key in TURN_LISTS:
        value = record.get(key)
        if isinstance(value, list):
            turns = cast("list[object]", value)
            if any(map(is_turn, turns)):
                date = next(filter(None, (_line(record.get(time)) for time in _TIMES)), "")
                yield Sitting("", turns, date)
                return


def identity(record: Record) -> tuple[str, str]:
    """The key of a conversation and its name, "" where it has none."""
    key = next(filter(None, (_line(record.get(key)) for key in _KEYS)), "")
    return key, next(filter(None, (_line(record.get(key)) for key in _NAMES)), "")


def _name(value: object) -> str:
    record = as_record(value)
    named = next(filter(None, (_line(record.get(key)) for key in ("nickname", "name", "role"))), "")
    return named or (_line(value) if isinstance(value, str) else "")


def _line(value: object) -> str:
    """A string or a whole number on one line; "" for any other value."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    if isinstance(value, int) and abs(value) >= 10**30:
        return ""
    return " ".join(str(value).split())[:_LINE_CHARACTERS]


def _text(value: object) -> str:
    """A text, or the texts of a list of pieces, as programs write them that know links and pictures."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    pieces = (
        one if isinstance(one, str) else as_record(one).get("text") for one in cast("list[object]", value)
    )
    return "".join(piece for piece in pieces if isinstance(piece, str))
