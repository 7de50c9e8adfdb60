"""Text in sections without mark-up: its headings by their form, its paragraphs each on one line.

Whether a text is in sections, and which form its headings have, its first `HEAD_BYTES` bytes tell. A text
that is not stays one of plain text. It holds a paragraph, and a row of headings.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sutra_core.learn.adapters.base import HEAD_BYTES, BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import LINE_BYTES, TextLine, decoded_head, encoding_of, is_text, text_lines
from sutra_formats.rows import ending_at
from sutra_formats.sections.headings import contents, is_figure, list_items, possible_heading
from sutra_formats.sections.outline import outlined
from sutra_formats.sections.pages import Paragraph, page_margins, paragraphs
from sutra_formats.sections.scheme import Scheme, scheme_of

__all__ = ["SectionedTextAdapter"]

_SUFFIXES = frozenset({"", ".txt", ".text"})
_TITLE_PARAGRAPHS = 4
_TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Head:
    """What the beginning of a text tells of all of it."""

    scheme: Scheme
    margins: frozenset[str]
    title: str


class SectionedTextAdapter:
    """Reads text whose sections have titles that can be told from its form alone."""

    name = "sectioned text"

    def __init__(self, *, part_bytes: int = PART_BYTES, line_bytes: int = LINE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._line_bytes = line_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By at least two headings of one form with prose below them, where the suffix is one of text."""
        if path.suffix.lower() not in _SUFFIXES or not is_text(head):
            return False
        return bool(_head_of(decoded_head(head).lstrip("\ufeff")).scheme.kinds)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The text in parts, cut between its paragraphs."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        with path.open("rb") as file:
            head = _head_of(decoded_head(file.read(HEAD_BYTES)).lstrip("\ufeff"))
        location = shown(path)
        draft = SourceDraft(address, "", head.title or title_from_name(path))
        reading = _Reading(location)
        lines = text_lines(path, encoding=encoding_of(path), limit=self._line_bytes)
        blocks = reading.blocks(paragraphs(lines, head.margins), head.scheme)
        empty = True
        for item in compose(blocks, draft, location, part_bytes=self._part_bytes):
            empty = False
            yield from reading.refused()
            yield item
        for bad in reading.refused():
            empty = False
            yield bad
        if empty:
            yield BadItem(f"{location}:1", "the file holds no text", "empty_text")


@dataclass(slots=True)
class _Reading:
    """One pass over a text: its blocks, and what it had to refuse meanwhile."""

    location: str
    bad: list[BadItem] = field(default_factory=list[BadItem])

    def refused(self) -> Iterator[BadItem]:
        """What was refused since the last time."""
        bad, self.bad = self.bad, []
        yield from bad

    def blocks(self, found: Iterator[Paragraph], scheme: Scheme) -> Iterator[Block]:
        """The text's blocks. Of neighbouring paragraphs that cannot be read the first is told of."""
        told = False
        for section, paragraph in outlined(found, scheme.kinds, scheme.forms):
            end = paragraph.end
            if paragraph.fault:
                if not told:
                    code = "line_too_long" if paragraph.fault.startswith("the line") else "invalid_utf8"
                    place = f"{self.location}:{paragraph.number}"
                    self.bad.append(BadItem(place, paragraph.fault, code, end))
                told = True
                continue
            told = False
            if section is not None:
                yield Block(section.text, "heading", section.level, bytes_done=end)
            elif entries := contents(paragraph):
                yield from (Block(entry, "cell", bytes_done=end) for entry in entries)
            elif is_figure(paragraph):
                yield Block(_kept(paragraph), "verbatim", bytes_done=end)
            else:
                yield from (Block(text, bytes_done=end) for text in list_items(paragraph))


def _kept(paragraph: Paragraph) -> str:
    margin = min(len(line) - len(line.lstrip()) for line in paragraph.lines)
    return "\n".join(line[margin:] for line in paragraph.lines)


def _head_of(text: str) -> _Head:
    lines = io.StringIO(text).readlines()
    if len(text.encode(errors="replace")) >= HEAD_BYTES - 4:
        lines = lines[:-1]  # it may be cut
    margins = page_margins(lines)
    found = list(paragraphs((TextLine(at, line, 0) for at, line in enumerate(lines, 1)), margins))
    scheme = scheme_of(found)
    return _Head(scheme, margins, _title(found, scheme))


def _title(found: list[Paragraph], scheme: Scheme) -> str:
    """The first underlined heading above everything, else the first line or two that are no sentence."""
    for paragraph in found[:_TITLE_PARAGRAPHS]:
        if is_figure(paragraph):
            continue
        heading = possible_heading(paragraph, scheme.kinds - {"margin", "capitals"})
        if heading is not None:
            return heading.text if heading.kind == "underlined" else ""
        text = paragraph.text
        short = len(paragraph.lines) < 3 and len(text) <= _TITLE_CHARACTERS
        return text if short and not text.endswith((".", ":", ",", ";")) and not contents(paragraph) else ""
    return ""
