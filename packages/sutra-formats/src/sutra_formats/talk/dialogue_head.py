"""Whether a document of JSON holds conversations, by its beginning alone.

It goes along the members of the first object without looking inside those that are no turns. A document that
ends too early is looked at as far as it goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sutra_formats.talk.dialogue_shapes import SESSION, TURN_LISTS, as_record, is_turn

__all__ = ["first_values", "holds_conversations"]

_KEY = re.compile(r'\s*"([^"\\]*(?:\\.[^"\\]*)*)"\s*:\s*', re.DOTALL)
_COMMA = re.compile(r"\s*,\s*")
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()
_LOOKED_AT = 5


def holds_conversations(text: str) -> bool:
    """Whether the first object has turns, or it is a list of turns; never JSON Lines."""
    start = _past_space(text, 0)
    if text[start : start + 1] == "[":
        if any(_is_plain_turn(value) for value in first_values(text, start)):
            return True
        start = _past_space(text, start + 1)
    elif _is_one_of_several(text, start):
        return False
    return text[start : start + 1] == "{" and _has_turns(text, start)


def first_values(text: str, start: int) -> Iterator[object]:
    """The first values of the array that begins at `start`, as far as they are whole."""
    at = _past_space(text, start + 1)
    for _ in range(_LOOKED_AT):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
        comma = _COMMA.match(text, at)
        if not comma:
            return
        at = comma.end()


def _has_turns(text: str, start: int) -> bool:
    for key, at in _members(text, start):
        begins = text[at : at + 1]
        if begins == "[" and (key in TURN_LISTS or SESSION.fullmatch(key)):
            if any(map(is_turn, first_values(text, at))):
                return True
        elif (
            key == "conversation"
            and begins == "{"
            and any(
                SESSION.fullmatch(inner) and any(map(is_turn, first_values(text, where)))
                for inner, where in _members(text, at)
                if text[where : where + 1] == "["
            )
        ):
            return True
    return False


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The names of an object that begins at `start`, each with where its value begins."""
    at = start + 1
    while found := _KEY.match(text, at):
        yield found[1], found.end()
        try:
            _, at = _DECODER.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return
        comma = _COMMA.match(text, at)
        if not comma:
            return
        at = comma.end()


def _is_plain_turn(value: object) -> bool:
    """Whether an object is a turn by its names alone: in a list of anything, many look like one."""
    record = as_record(value)
    named = {"role", "content"} <= record.keys() or (
        "speaker" in record and {"text", "utterance"} & record.keys()
    )
    return bool(named) and is_turn(record)


def _is_one_of_several(text: str, start: int) -> bool:
    """Whether another object follows the first one: JSON Lines."""
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return False
    return text[_past_space(text, end) :][:1] == "{"


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
