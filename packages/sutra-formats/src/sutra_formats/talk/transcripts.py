"""Transcripts in plain text: "Name: what is said", with or without a time before or behind the name.

Who speaks is found by looking through the whole file once: a name stands before several turns, or beside a
time. A line that begins with no such name goes on with the turn above it; below a blank line it is nobody's.
A file is held nowhere, a turn is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.moments import moment
from sutra_formats.decoding import decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.rows import ending_at
from sutra_formats.talk.speakers import KEYS, is_conversation
from sutra_formats.talk.turns import STRETCH_BYTES, Session, Turn, conversation

__all__ = ["TranscriptAdapter"]

_SUFFIXES = frozenset({"", ".txt", ".text", ".transcript"})
_CLOCK = (
    r"(?:(?P<date{0}>\d{{4}}-\d\d-\d\d)[ T])?"
    r"(?P<clock{0}>\d{{1,3}}:\d\d(?::\d\d)?(?:[.,]\d{{1,3}})?(?: ?[AaPp][Mm])?)"
)
_TIMED = re.compile(
    rf"\s*(?:\[{_CLOCK.format(1)}\]|\({_CLOCK.format(2)}\)|{_CLOCK.format(3)})[ \t]+(?:-[ \t]+)?"
    r"(?P<name>[^\W\d_][^\s:<>\[\](){}\"=]{0,30}(?: [^\s:<>\[\](){}\"=]{1,30}){0,3}):(?:[ \t]+|$)(?P<text>.*)"
)
_WORD = r"(?:[^\W\d_a-z][\w'’.-]{0,30}|\d{1,3}|de|van|von|der|del|la|al|bin)"
_NAMED = re.compile(
    rf"\s*(?P<name>[^\W\d_a-z][\w'’.-]{{0,30}}(?: {_WORD}){{0,3}})"
    rf"(?:[ \t]*[\[(]{_CLOCK.format(1)}[\])])?:(?:[ \t]+|$)(?P<text>.*)"
)
_TURN_CHARACTERS = 64 * 1024
_NAMES = 10_000


class TranscriptAdapter:
    """Reads text whose lines begin with the names of a few speakers."""

    name = "transcript"

    def __init__(self, *, part_bytes: int = STRETCH_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the speakers in its head, where the suffix is one of text."""
        if path.suffix.lower() not in _SUFFIXES or not is_text(head):
            return False
        lines = decoded_head(head).lstrip("\ufeff").splitlines()
        return is_conversation([(bool(line.strip()), _turn(line)) for line in lines[:2000]])

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Stretches of turns in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        encoding = encoding_of(path)
        session = Session(address, title_from_name(path))
        empty = True
        turns = _turns(path, encoding, _speakers(path, encoding))
        for item in conversation(turns, lambda _: session, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(f"{location}:1", "nobody says anything in the transcript", "empty_text")


def _turn(line: str) -> Turn | None:
    """The turn that begins on a line; its place is the time on it."""
    line = line[:_TURN_CHARACTERS]
    timed = _TIMED.match(line)
    found = timed or _NAMED.match(line)
    if not found:
        return None
    groups = found.groupdict()
    clock = next((value for key, value in groups.items() if key.startswith("clock") and value), "")
    date = next((value for key, value in groups.items() if key.startswith("date") and value), "")
    when = moment(f"{date}T{clock.zfill(5)}") if date else None
    if when is None and date:
        when = moment(date)
    return Turn(found["name"].strip(), found["text"], f"{date} {clock}".strip(), time=when)


def _speakers(path: Path, encoding: str) -> frozenset[str]:
    names: Counter[str] = Counter()
    for line in text_lines(path, encoding=encoding, limit=_TURN_CHARACTERS):
        turn = _turn(line.text)
        if turn and turn.speaker.lower() not in KEYS and (turn.speaker in names or len(names) < _NAMES):
            names[turn.speaker] += 2 if turn.place else 1
    return frozenset(name for name, count in names.items() if count > 1)


def _turns(path: Path, encoding: str, speakers: frozenset[str]) -> Iterator[Turn | BadItem]:
    turn: Turn | None = None
    size = number = 0
    lines: list[str] = []
    blank = False
    for line in text_lines(path, encoding=encoding, limit=_TURN_CHARACTERS):
        text = line.text.rstrip("\r\n")
        fault = undecodable(text) or ("the line is longer than any turn; break it" if line.too_long else "")
        found = None if fault else _turn(text)
        if found and found.speaker not in speakers:
            found = None
        if turn and (fault or found or (blank and text.strip()) or size > _TURN_CHARACTERS):
            yield replace(turn, text="\n".join(lines))
            turn = None
        if fault:
            code = "line_too_long" if line.too_long else "invalid_utf8"
            yield BadItem(f"{shown(path)}:{line.number}", fault, code, line.end)
        elif turn is None and text.strip():
            number += found is not None
            turn = found or Turn("", text)
            place = turn.place or (f"turn {number}" if found else "")
            lines, size = [turn.text], len(turn.text)
            turn = replace(turn, place=place, line=line.number, end=line.end)
        elif turn and text.strip():
            lines.append(text)
            size += len(text)
            turn = replace(turn, end=line.end)
        blank = not text.strip()
    if turn:
        yield replace(turn, text="\n".join(lines))
