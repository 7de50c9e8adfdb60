"""Markdown: one source a file, or several, cut at headings, where the file is large.

The text is passed on verbatim, so the offset of a part is a byte of the file and a citation is a
byte range of it; what is prose in it is said beside it. Memory is bounded by one window (see
`markdown_windows`).

The title is the first heading of level 1, else the front matter's, else the first heading, else
the file's name. Front matter is read line by line as `key: value` or `key = value`; its `date`
becomes the time, other plain values attributes. Nested values are left out. A part that stands
wholly below some headings has them as its attribute `section`, joined by " > ".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.markdown_prose import Heading, Prose, find_prose
from sutra_core.learn.adapters.markdown_windows import Window, read_windows
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES, Fault, Part, sound_pieces
from sutra_core.types import SourceDraft

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})


@dataclass(slots=True)
class _Document:
    """What is known of a file once its first window is parsed, and which sections are open."""

    title: str
    time: int | None = None
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    open_sections: list[Heading] = field(default_factory=list[Heading])

    def section(self, headings: Sequence[Heading]) -> str:
        """The headings above everything in a part; then moves on behind that part."""
        paths: list[list[Heading]] = []
        if not headings or headings[0].line > 0:
            paths.append(self.open_sections)
        for heading in headings:
            above = [open_ for open_ in self.open_sections if open_.level < heading.level]
            self.open_sections = [*above, heading]
            paths.append(self.open_sections)
        common: list[str] = []
        for level in zip(*paths, strict=False):
            if any(heading is not level[0] for heading in level):
                break
            common.append(level[0].text)
        return " > ".join(common[1:] if common[:1] == [self.title] else common)


class MarkdownAdapter:
    """Reads `.md`, `.markdown`, `.mdown` and `.mkd`."""

    name = "Markdown"

    def __init__(self, *, part_bytes: int = PART_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the suffix, where the file is text."""
        return path.suffix.lower() in SUFFIXES and b"\0" not in head

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The file whole, or in parts cut at its headings."""
        document: _Document | None = None
        empty = True
        for window in read_windows(path, self._part_bytes):
            prose = find_prose(window.lines, window.tokens)
            document = document or _describe(window, prose, title_from_name(path))
            section = document.section(prose.headings)
            for piece in sound_pieces(window.part):
                if isinstance(piece, Fault):
                    empty = False
                    location = f"{shown(path)}:{piece.line}"
                    yield BadItem(location, piece.reason, "invalid_utf8", piece.end)
                elif not piece.data.decode().isspace():
                    empty = False
                    start = piece.offset - window.part.offset
                    yield _item(path, address, document, section, piece, prose, start)
        if empty:
            yield BadItem(f"{shown(path)}:1", "the file holds no text", "empty_text")


def _item(
    path: Path,
    address: str,
    document: _Document,
    section: str,
    piece: Part,
    prose: Prose,
    start: int,
) -> Item:
    """The item of a sound piece that begins `start` bytes into its window."""
    attributes = document.attributes | ({"section": section} if section else {})
    end = start + len(piece.data)
    draft = SourceDraft(
        address,
        piece.data.decode(),
        document.title,
        piece.offset,
        document.time,
        attributes,
    )
    return Item(
        draft,
        _within(prose.blocks, start, end),
        f"{shown(path)}:{piece.line}",
        piece.end,
        _within(prose.markup, start, end),
        _within(prose.labels, start, end),
    )


def _within(ranges: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    return [(a - start, b - start) for a, b in ranges if start <= a and b <= end]


def _describe(window: Window, prose: Prose, name: str) -> _Document:
    fields = dict(window.front_matter)
    given = fields.pop("title", "")
    first = next((heading.text for heading in prose.headings if heading.text), "")
    top = next((heading.text for heading in prose.headings if heading.level == 1), "")
    document = _Document(top or given or first or name)
    for key in ("time", "date"):
        if document.time is None and key in fields:
            document.time = moment(fields[key])
            if document.time is not None:
                del fields[key]
    document.attributes = fields
    return document
