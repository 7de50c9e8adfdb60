"""Changelogs: Keep a Changelog and its like, GNU's, Debian's, and versions as headings: an entry a source.

An entry is known by its version and its day; what it says stays in its own order, a list item a block. It
does not read what a link leads to. An entry is held whole, and a line over the limit is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import LINE_BYTES, decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.history.paragraphs import paragraphs
from sutra_formats.rows import ending_at

__all__ = ["ChangelogAdapter"]

_FILE = re.compile(r"(?:change[-_ ]?log|changes|history|news|releases?|release[-_ ]?notes)(?:\.\w+)?$", re.I)
_VERSION = r"\[?(?P<version>v?\d+(?:\.\d+)+[\w.+~-]*|unreleased)\]?(?:\([^)\s]*\))?"
_DAY = r"(?P<date>\d{4}-\d\d-\d\d)"
_HEADING = re.compile(
    rf"(?:\#{{1,3}} +|(?:version|release) +|(?=v?\d+\.\d))(?:version +|release +)?{_VERSION}"
    rf"(?:[ \t]*[-–—:,(]*[ \t]*(?:released +(?:on +)?)?{_DAY}\)?)?[ \t:)#]*$",
    re.IGNORECASE,
)
_GNU = re.compile(rf"{_DAY}[ \t]+(?P<author>\S.*?<[^<>@\s]+@[^<>\s]+>)\s*$")
_DEBIAN = re.compile(r"(?P<package>[a-z0-9][a-z0-9+.-]*) \((?P<version>[^()\s]+)\) [^;]*; urgency=\w+", re.I)
_SIGNED = re.compile(r" -- (?P<author>.*?)  \w{3}, +(?P<day>\d{1,2}) (?P<month>\w{3}) (?P<year>\d{4}) ")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNDERLINE = re.compile(r"[=~^-]{3,}\s*$")
_REFERENCE = re.compile(r"\[[^\]]+\]:\s+\S+")
_SECTION = re.compile(r"#{2,6} +(?P<name>.*?)[ #]*$")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)|\[([^\]]*)\]\[[^\]]*\]|\*\*([^*]+)\*\*|`([^`]+)`")


@dataclass(slots=True)
class _Entry:
    """What was found of one entry; `said` are its lines."""

    line: int
    title: str
    attributes: dict[str, str]
    end: int = 0
    said: list[str] = field(default_factory=list[str])
    fault: str = ""


class ChangelogAdapter:
    """Reads changelogs by the heading of an entry, in a file that is called like one or begins with it."""

    name = "changelog"

    def __init__(self, *, part_bytes: int = PART_BYTES, line_bytes: int = LINE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._line_bytes = line_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the first line of GNU's and Debian's; else by the name and a heading with a version."""
        if not is_text(head):
            return False
        lines = [line for line in decoded_head(head).lstrip("\ufeff").splitlines() if line.strip()]
        if lines and (_GNU.match(lines[0]) or _DEBIAN.match(lines[0])):
            return True
        return _FILE.match(path.name) is not None and any(map(_HEADING.match, lines))

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each entry in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        taken: dict[str, int] = {}
        empty = True
        for entry in self._entries(path):
            location = f"{shown(path)}:{entry.line}"
            if entry.fault:
                empty = False
                yield BadItem(location, entry.fault, "invalid_utf8", entry.end)
                continue
            key = entry.attributes.get("version") or entry.attributes.get("date", "")
            taken[key] = taken.get(key, 0) + 1
            fragment = key if taken[key] == 1 else f"{key}-{taken[key]}"
            time = moment(entry.attributes.get("date", ""))
            draft = SourceDraft(f"{address}#{fragment}", "", entry.title, 0, time, entry.attributes)
            for item in compose(_blocks(entry), draft, location, part_bytes=self._part_bytes):
                empty = False
                yield item
        if empty:
            yield BadItem(f"{shown(path)}:1", "the changelog holds no entry with a text", "empty_text")

    def _entries(self, path: Path) -> Iterator[_Entry]:
        """The entries; what stands above the first one belongs to none."""
        entry: _Entry | None = None
        for line in text_lines(path, encoding=encoding_of(path), limit=self._line_bytes):
            text = line.text.rstrip()
            if begun := _begun(text, line.number):
                if entry:
                    yield entry
                entry = begun
            elif entry and (signed := _SIGNED.match(text)):
                entry.attributes["author"] = signed["author"]
                if signed["month"] in _MONTHS:
                    month = _MONTHS.index(signed["month"]) + 1
                    entry.attributes["date"] = f"{signed['year']}-{month:02}-{int(signed['day']):02}"
            elif entry and not line.too_long and not (_UNDERLINE.match(text) or _REFERENCE.match(text)):
                entry.said.append(text)
            if entry:
                entry.end = line.end
                entry.fault = entry.fault or undecodable(text)
        if entry:
            yield entry


def _begun(text: str, line: int) -> _Entry | None:
    """The entry that a line is the heading of."""
    found = _GNU.match(text) or _DEBIAN.match(text) or _HEADING.match(text)
    if not found:
        return None
    attributes = {name: value for name, value in found.groupdict().items() if value}
    if "author" in attributes:
        return _Entry(
            line, f"{attributes['date']} {attributes['author'].partition('<')[0].strip()}", attributes
        )
    version = attributes["version"]
    return _Entry(line, " ".join(filter(None, (attributes.get("package", "Version"), version))), attributes)


def _blocks(entry: _Entry) -> Iterator[Block]:
    for section, lines in groupby(entry.said, key=lambda line: _SECTION.match(line)):
        if section:
            yield Block(section["name"], "heading", 2, bytes_done=entry.end)
            continue
        for text in paragraphs(lines):
            plain = _MARKS.sub(lambda found: next(filter(None, found.groups()), ""), text)
            yield Block(plain, bytes_done=entry.end)
