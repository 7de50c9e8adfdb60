"""Logs of IRC as irssi, ZNC, WeeChat and their like write them: each day a source.

A day is claimed where the log says it: in a line of its own, before each time, or in the name of the file.
Who came and went is passed over; what somebody does ("* ann waves") is told with the name. Zones are not
known: a time is taken for UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown
from sutra_core.learn.adapters.moments import moment
from sutra_formats.decoding import decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.rows import ending_at
from sutra_formats.talk.turns import STRETCH_BYTES, Session, Turn, conversation

__all__ = ["IrcAdapter"]

_WHEN = r"[\[(]?(?:(?P<date>\d{4}-\d\d-\d\d)[ T])?(?P<clock>\d\d:\d\d(?::\d\d)?)[\])]?"
_NICK = r"[^\s<>:,@+%&~!]{1,32}"
_SAID = re.compile(
    rf"{_WHEN}(?:[ \t]+<[ @+%&~!]?(?P<nick>{_NICK})>[ \t]?(?P<text>.*)"
    rf"|[ \t]+\*[ \t]+(?P<doer>{_NICK})[ \t]+(?P<deed>\S.*)"
    rf"|\t[@+%&~!]?(?P<tabbed>[^\s<>:,@+%&~!*-][^\s<>:,]{{0,31}})\t(?P<tabtext>.*)"
    rf"|\t ?\*\t(?P<tabdoer>{_NICK}) (?P<tabdeed>.*))"
)
_EVENT = re.compile(rf"{_WHEN}(?:[ \t]+(?:-!-|\*\*\*|-->|<--|[<>-]{{2,3}}|=!=) |\t(?:-->|<--|--)\t)")
_HEAD = re.compile(
    r"(?:--- (?:Log (?:opened|closed)|Day changed)|\*{4} (?:BEGIN|ENDING) LOGGING AT"
    r"|Session (?:Start|Close|Ident|Time):)[ \t]*(?P<when>.*)"
)
_DAY = re.compile(r"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2})\b.*?\b(?P<year>(?:19|20)\d\d)\b")
_NAME_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")
_COLOURED = re.compile(rb"[\x02\x03\x0f\x11\x16\x1d-\x1f]")
_LINE_BYTES = 64 * 1024
_LINES_OF_HEAD = 400
_SUFFIXES = frozenset({"", ".log", ".txt", ".text", ".irc", ".weechatlog", ".irclog"})


class IrcAdapter:
    """Reads logs whose lines are a time, a name (in angle brackets, or between tabs) and a text."""

    name = "IRC"

    def __init__(self, *, part_bytes: int = STRETCH_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the lines of its head, where the suffix is one of text or logs."""
        if path.suffix.lower() not in _SUFFIXES or not is_text(_COLOURED.sub(b"", head)):
            return False
        lines = [line for line in decoded_head(head).lstrip("\ufeff").splitlines() if line.strip()]
        lines = lines[:_LINES_OF_HEAD]
        said = [found for line in lines if (found := _SAID.match(line))]
        known = len(said) + sum(1 for line in lines if _EVENT.match(line) or _HEAD.match(line))
        tabbed = [found for found in said if found["tabbed"]]
        if len(tabbed) * 2 > len(said) and not all(found["date"] for found in tabbed):
            return False
        return bool(said) and len(lines) > 1 and known * 5 > len(lines) * 4 and (len(said) > 2 or known > 2)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Stretches of the days in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        name = path.stem if path.stem.startswith("#") else ""

        def describe(day: str) -> Session:
            return Session(f"{address}#{day}" if day else address, name, moment(day))

        empty = True
        for item in conversation(_turns(path), describe, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(f"{location}:1", "nobody says anything in the log", "empty_text")


def _turns(path: Path) -> Iterator[Turn | BadItem]:
    named = _NAME_DAY.search(path.stem)
    day = f"{named[1]}-{named[2]}-{named[3]}" if named else ""
    if moment(day) is None:
        day = ""
    for line in text_lines(path, encoding=encoding_of(path), limit=_LINE_BYTES):
        if fault := undecodable(line.text) or ("the line is too long to be one" if line.too_long else ""):
            code = "line_too_long" if line.too_long else "invalid_utf8"
            yield BadItem(f"{shown(path)}:{line.number}", fault, code, line.end)
            continue
        text = line.text.rstrip("\r\n")
        if head := _HEAD.match(text):
            day = _day(head["when"]) or day
        elif found := _SAID.match(text):
            written = found["date"] if found["date"] and moment(found["date"]) is not None else day
            time = moment(f"{written}T{found['clock']}") if written else None
            yield _said(found, written, time, line.number, line.end)


def _said(found: re.Match[str], day: str, time: int | None, line: int, end: int) -> Turn:
    speaker = found["nick"] or found["tabbed"] or ""
    text = found["text"] or found["tabtext"] or ""
    if doer := found["doer"] or found["tabdoer"]:
        text = f"{doer} {found['deed'] or found['tabdeed']}"
    return Turn(speaker, _COLOURS.sub("", text), found["clock"], day, time, line, end)


def _day(written: str) -> str:
    """The day that a line of the log's own names, in ISO 8601; "" where it names none."""
    found = _DAY.search(written)
    if not found or found["month"] not in _MONTHS:
        return ""
    day = f"{found['year']}-{_MONTHS.index(found['month']) + 1:02}-{int(found['day']):02}"
    return day if moment(day) is not None else ""
