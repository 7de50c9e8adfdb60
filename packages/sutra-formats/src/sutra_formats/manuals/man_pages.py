"""Manual pages: man(7) and mdoc(7) sources, packed with gzip or not, and pages formatted for a terminal.

Sections are headings, tags stand in front of what they explain, and examples are kept as they are. A macro
that somebody defines is not run, a file that is named not read. A page is held whole, up to `PAGE_BYTES`.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import is_text
from sutra_formats.manuals.macros import Page, page_of
from sutra_formats.rows import ending_at

__all__ = ["PAGE_BYTES", "ManPageAdapter"]

PAGE_BYTES = 16 * 1024 * 1024
"""The longest page that is read, unpacked."""

_GZIP = b"\x1f\x8b"
_NAME = re.compile(r"\.[1-9][a-zA-Z0-9]*(\.gz)?$|\.(man|mdoc)$")
_SOURCE = re.compile(rb"^[.'][ \t]*(?:TH[ \t]+\S|Dd[ \t]|Dt[ \t])", re.MULTILINE)
_SECTION = re.compile(rb"^[.'][ \t]*S[hHsS]\b", re.MULTILINE)
_FORMATTED = re.compile(r"\s*([\w.:+-]+\([1-9]\w*\))[^\n]*?\1[ \t]*\n(?:.*\n)*?NAME\n")
_OVERSTRUCK = re.compile("[^\n]\b")
_ESCAPED = re.compile("\x1b\\[[0-9;]*m")
_HEADING = re.compile(r"[A-Z][A-Z0-9 ,/_-]*$")


class ManPageAdapter:
    """Reads manual pages by their macros, or by the head and sections of a formatted page."""

    name = "manual page"

    def __init__(self, *, part_bytes: int = PART_BYTES, page_bytes: int = PAGE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._page_bytes = page_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the first macros; a page packed with gzip by its name too."""
        if head.startswith(_GZIP):
            if not _NAME.search(path.name):
                return False
            head = _unpacked(head)
        if not head or b"\0" in head:
            return False
        if _SOURCE.search(head) and _SECTION.search(head) and is_text(head):
            return True
        return _FORMATTED.match(_unstruck(head[:4096].decode("utf-8", "replace"))) is not None

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The page, in parts where it is long."""
        size = path.stat().st_size
        yield from ending_at(self._items(path, address, size), size)

    def _items(self, path: Path, address: str, size: int) -> Iterator[Item | BadItem]:
        location = shown(path)
        try:
            data = self._data(path)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield BadItem(location, f"the packed page is damaged: {error}", "damaged_file", size)
            return
        if len(data) > self._page_bytes:
            reason = f"the page has more than the {self._page_bytes} bytes allowed; split it"
            yield BadItem(location, reason, "too_large", size)
            return
        page = _page(_decoded(data))
        title = page.title or title_from_name(path).partition(".")[0]
        draft = SourceDraft(address, "", title, 0, moment(page.date))
        empty = True
        for item in compose(page.blocks, draft, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(location, "the page holds no text of its own", "empty_text", size)

    def _data(self, path: Path) -> bytes:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                return file.read(self._page_bytes + 1)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return unpacked.read(self._page_bytes + 1)


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, len(head))
    except zlib.error:
        return b""


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # the encoding of roff before there was Unicode


def _page(text: str) -> Page:
    if any(line[:1] in {".", "'"} for line in text.splitlines()) and not _FORMATTED.match(
        _unstruck(text[:4096])
    ):
        return page_of(text.splitlines())
    return _formatted(_unstruck(text).splitlines())


def _unstruck(text: str) -> str:
    """The text of a formatted page without what makes it bold on a terminal."""
    return _ESCAPED.sub("", _OVERSTRUCK.sub("", text))


def _formatted(lines: list[str]) -> Page:
    """A page as a terminal shows it: headings at the margin, paragraphs between blank lines."""
    first = next((line for line in lines if line.strip()), "")
    title = first.split()[0].lower() if first else ""
    page = Page(title)
    paragraph: list[str] = []
    for line in [*lines, ""]:
        text = line.strip()
        if line[:1].strip() and text.lower().endswith(title):
            continue  # the head and the foot of each page
        if text and line[0] != " " and _HEADING.fullmatch(text):
            page.blocks.append(Block(" ".join(paragraph)))
            page.blocks.append(Block(text.capitalize(), "heading", 1))
            paragraph = []
        elif text:
            joined = bool(paragraph) and paragraph[-1].endswith(("-", "‐"))
            if joined and paragraph[-1][-2:-1].isalpha():
                paragraph[-1] = paragraph[-1][:-1] + text
            else:
                paragraph.append(" ".join(text.split()))
        else:
            page.blocks.append(Block(" ".join(paragraph)))
            paragraph = []
    return page
