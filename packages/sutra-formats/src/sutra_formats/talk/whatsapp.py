"""Chats as WhatsApp exports them: each day a source.

Whether the day or the month comes first is decided by the whole file: where a number over 12 stands. Where
none does, or both ways, no date is claimed, and the attribute "date_order" says "unknown". What the program
itself reports (who joined, what was left out) is said by nobody and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown
from sutra_core.learn.adapters.moments import moment
from sutra_formats.decoding import decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.rows import ending_at
from sutra_formats.talk.turns import STRETCH_BYTES, Session, Turn, conversation

__all__ = ["WhatsAppAdapter"]

_SPACE = r"[ \u202f\u00a0]"
_WHEN = (
    r"(?P<first{0}>\d{{1,4}})(?P<mark{0}>[./-])(?P<second{0}>\d{{1,2}})(?P=mark{0})(?P<third{0}>\d{{2,4}})"
    rf"\.?,?{_SPACE}(?P<clock{{0}}>\d{{{{1,2}}}}[:.]\d\d(?:[:.]\d\d)?)"
    rf"(?:{_SPACE}?(?P<half{{0}}>[AaPp])\.?{_SPACE}?[Mm]\.?)?"
)
_LINE = re.compile(rf"[\u200e\u200f\ufeff]*(?:\[{_WHEN.format(1)}\] |{_WHEN.format(2)} - )(?P<rest>.*)")
_SAID = re.compile(r"[\u200e\u200f~ \u202f\u00a0]*(?P<name>[^:“”\"\u200e\u200f]{1,60}):(?: (?P<text>.*)|$)")
_PLACEHOLDER = re.compile(
    r"<[^<>]{1,60}>|(?:image|video|audio|sticker|gif|document|contact card) omitted"
    r"|(?:this message was deleted|you deleted this message)\.?|\S+\.\w{2,4} \(file attached\)"
    r"|<attached: [^<>]{1,200}>",
    re.IGNORECASE,
)
_EDITED = re.compile(r"[\u200e ]*<this message was edited>$", re.IGNORECASE)
_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202c\u2066-\u2069]")
_LINES_OF_HEAD = 200
_TURN_CHARACTERS = 64 * 1024
_ATTRIBUTE = {"date_order": "unknown"}


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The three numbers of a date as they are written, and the time of the day."""

    day: str
    numbers: tuple[str, str, str]
    clock: str
    half: str


class WhatsAppAdapter:
    """Reads exported chats by the dates with which their lines begin."""

    name = "WhatsApp"

    def __init__(self, *, part_bytes: int = STRETCH_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the first lines, where the suffix is one of text."""
        if path.suffix.lower() not in {"", ".txt", ".text"} or not is_text(head):
            return False
        lines = [line for line in decoded_head(head).splitlines()[:_LINES_OF_HEAD] if line.strip()]
        if not lines or not _LINE.match(lines[0]):
            return False
        said = sum(1 for line in lines if (found := _LINE.match(line)) and _SAID.match(found["rest"]))
        return said > 1 or (said == 1 and len(lines) < 4)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Stretches of the days in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        encoding = encoding_of(path)
        order = _order(path, encoding)

        def describe(day: str) -> Session:
            time = moment(day)
            attributes = {} if time is not None else {**_ATTRIBUTE, "date": day}
            return Session(f"{address}#{day}", "", time, "" if time is not None else day, attributes)

        empty = True
        turns = _turns(path, encoding, order)
        for item in conversation(turns, describe, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(f"{location}:1", "nobody says anything in the chat", "empty_text")


def _stamped(line: str) -> tuple[_Stamp, str] | None:
    """When a line was written, and what stands behind that; None for a line that goes on."""
    found = _LINE.match(line)
    if not found:
        return None
    form = "1" if found["first1"] else "2"
    first, second, third = (found[f"{name}{form}"] for name in ("first", "second", "third"))
    mark = found[f"mark{form}"]
    half = (found[f"half{form}"] or "").lower()
    clock = found[f"clock{form}"].replace(".", ":")
    return _Stamp(f"{first}{mark}{second}{mark}{third}", (first, second, third), clock, half), found["rest"]


def _order(path: Path, encoding: str) -> str:
    """In which order the file writes dates: "ymd", "dmy", "mdy", or "" where nothing shows it."""
    orders: set[str] = set()
    for line in text_lines(path, encoding=encoding, limit=_TURN_CHARACTERS):
        if not (found := _stamped(line.text)):
            continue
        first, second, _ = found[0].numbers
        if len(first) > 2:
            orders.add("ymd")
        elif int(first) > 12:
            orders.add("dmy")
        elif int(second) > 12:
            orders.add("mdy")
    return orders.pop() if len(orders) == 1 else ""


def _date(stamp: _Stamp, order: str) -> str:
    """The day in ISO 8601, "" where it is not known or is none of the calendar."""
    if not order or (order == "ymd") != (len(stamp.numbers[0]) > 2):
        return ""
    parts = dict(zip(order, stamp.numbers, strict=True))
    year = parts["y"] if len(parts["y"]) == 4 else f"20{parts['y'][-2:]}"
    written = f"{year}-{int(parts['m']):02}-{int(parts['d']):02}"
    return written if moment(written) is not None else ""


def _turns(path: Path, encoding: str, order: str) -> Iterator[Turn | BadItem]:
    turn: Turn | None = None
    lines: list[str] = []
    size = 0
    for line in text_lines(path, encoding=encoding, limit=_TURN_CHARACTERS):
        fault = undecodable(line.text) or (
            "the line is longer than any turn; break it" if line.too_long else ""
        )
        begun = _stamped(line.text.rstrip("\r\n"))
        if turn and (begun or fault):
            yield from _ended(turn, lines)
            turn = None
        if fault:
            code = "line_too_long" if line.too_long else "invalid_utf8"
            yield BadItem(f"{shown(path)}:{line.number}", fault, code, line.end)
        elif begun:
            stamp, rest = begun
            if said := _SAID.match(rest):
                turn = replace(_begun(stamp, order, said["name"]), line=line.number, end=line.end)
                lines, size = [said["text"] or ""], len(rest)
        elif turn and size < _TURN_CHARACTERS:
            lines.append(line.text)
            size += len(line.text)
            turn = replace(turn, end=line.end)
    if turn:
        yield from _ended(turn, lines)


def _begun(stamp: _Stamp, order: str, name: str) -> Turn:
    date = _date(stamp, order)
    hours, minutes, *seconds = stamp.clock.split(":")
    if stamp.half:
        hours = str(int(hours) % 12 + (12 if stamp.half == "p" else 0))
    clock = ":".join([hours.zfill(2), minutes, *seconds])
    time = moment(f"{date}T{clock}") if date else None
    return Turn(" ".join(_MARKS.sub("", name).split()), "", clock, date or stamp.day, time)


def _ended(turn: Turn, lines: list[str]) -> Iterator[Turn]:
    """The turn with its lines, without what the program put in the place of a picture."""
    said = (_EDITED.sub("", _MARKS.sub("", line).strip()) for line in lines)
    text = "\n".join(line for line in said if not _PLACEHOLDER.fullmatch(line))
    if text.strip():
        yield replace(turn, text=text)
