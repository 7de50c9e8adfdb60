"""ODT: the documents of LibreOffice and others, packed or flat, read as a stream.

A footnote comes behind the paragraph that it belongs to. What was deleted while changes were tracked is not
read; neither are comments, headers and footers. Nothing in it is run, and nothing outside it is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sutra_core.learn.adapters import BadItem, Block, Item
from sutra_core.learn.adapters.base import shown
from sutra_core.learn.adapters.blocks import BlockRole
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_formats.office.archives import ZIP, document_items, holds_part, said_of_itself
from sutra_formats.office.paragraphs import Paragraphs
from sutra_formats.trees import Element, local_attribute, local_name, release, walk, xml_events
from sutra_formats.zipped import MEMBER_BYTES_MAX, Archive, ArchiveError

__all__ = ["OdtAdapter"]

_TYPE = b"application/vnd.oasis.opendocument.text"
_CONTENT = "content.xml"
_SUFFIXES = frozenset({".odt", ".ott"})
_SKIPPED = frozenset(
    {"tracked-changes", "annotation", "master-styles", "table-of-content", "alphabetical-index"}
)
_APART = frozenset({"note", "annotation", "text-box", "ruby-text", "tracked-changes"})
_CAPTIONS = frozenset({"caption", "illustration", "table", "figure", "drawing", "text"})
_INHERITED_MAX = 20
_SPACES_MAX = 1000


class OdtAdapter:
    """Reads ODT, and flat ODT (one file of XML)."""

    name = "ODT"

    def __init__(self, *, part_bytes: int = PART_BYTES, member_bytes_max: int = MEMBER_BYTES_MAX) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._member_bytes_max = member_bytes_max

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the type that it says of itself, whatever it is called."""
        if head.startswith(ZIP):
            return _has_type(head) or (
                path.suffix.lower() in _SUFFIXES
                and head[30:38] != b"mimetype"
                and holds_part(path, head, _CONTENT.encode(), _SUFFIXES)
            )
        return b"<office:document" in head[:4096] and _TYPE in head[:16384]

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The document as one source, a long one in parts."""
        size = path.stat().st_size
        try:
            with path.open("rb") as file:
                packed = file.read(len(ZIP)) == ZIP
                if not packed:
                    file.seek(0)
                    blocks = _text_blocks(file, Paragraphs("", size))
                    yield from document_items(blocks, {}, path, address, part_bytes=self._part_bytes)
                    return
            with Archive(path, member_bytes_max=self._member_bytes_max) as archive:
                _refuse_locked(archive)
                said = said_of_itself(archive, "meta.xml")
                blocks = _packed_blocks(archive, size)
                yield from document_items(blocks, said, path, address, part_bytes=self._part_bytes)
        except ArchiveError as error:
            yield BadItem(shown(path), str(error), error.code, size)


def _refuse_locked(archive: Archive) -> None:
    name = "META-INF/manifest.xml"
    if name in archive and b"encryption-data" in archive.read(name):
        reason = "the document is protected by a password; save it without one"
        raise ArchiveError("password_protected", reason)


def _packed_blocks(archive: Archive, size: int) -> Iterator[Block]:
    with archive.opened(_CONTENT) as file:
        yield from _text_blocks(file, Paragraphs("", size))


def _text_blocks(file: IO[bytes], reading: Paragraphs) -> Iterator[Block]:
    """The blocks of a document. Raises `XmlError` and `ArchiveError`."""
    parents: dict[str, str] = {}
    notes: list[str] = []
    skipped = in_note = header_rows = 0
    for event, element in xml_events(file):
        name = local_name(element)
        step = 1 if event == "start" else -1
        if name in _SKIPPED:
            skipped += step
        in_note += step if name == "note" else 0
        header_rows += step if name == "table-header-rows" else 0
        if skipped:
            continue
        if event == "start":
            if name == "table":
                reading.begin_table()
            elif name == "table-row":
                reading.begin_row()
                if header_rows:
                    reading.name_header()
        elif name == "style":
            parents[local_attribute(element, "name")] = local_attribute(element, "parent-style-name")
        elif name in ("p", "h"):
            if in_note:
                notes.append(_said(element))
                continue
            role, level = _kind(element, name, parents)
            yield from reading.paragraph(_said(element), role, level)
            if notes:
                yield from reading.paragraph(" ".join(notes))
                notes.clear()
            release(element)
        elif name in ("table-cell", "covered-table-cell"):
            if name == "table-cell":
                spanned = local_attribute(element, "number-columns-spanned")
                reading.end_cell(columns=int(spanned) if spanned.isdecimal() and len(spanned) < 4 else 1)
        elif name == "table-row":
            yield from reading.end_row()
            release(element)
        elif name == "table":
            yield from reading.end_table()
            release(element)


def _kind(element: Element, name: str, parents: dict[str, str]) -> tuple[BlockRole, int]:
    """What a paragraph is, and of which level, by its element and its style."""
    if name == "h":
        level = local_attribute(element, "outline-level")
        return "heading", int(level) if level.isdecimal() and 0 < int(level[:2]) < 100 else 1
    style = local_attribute(element, "style-name")
    for _ in range(_INHERITED_MAX):
        plain = style.replace("_20_", " ").lower()
        if plain == "title":
            return "heading", 1
        if heading := re.fullmatch(r"heading (\d{1,2})", plain):
            return "heading", int(heading[1]) or 1
        if plain in _CAPTIONS:
            return "caption", 1
        if plain == "preformatted text":
            return "verbatim", 1
        style = parents.get(style, "")
    return "prose", 1


def _said(paragraph: Element) -> str:
    """The text of a paragraph, without its notes, comments and the boxes that hang on it."""
    pieces: list[str] = []
    events = walk(paragraph)
    for event, element in events:
        name = local_name(element)
        if event == "end":
            if element is not paragraph:
                pieces.append((element.tail or "").replace("\n", " "))
            continue
        if name in _APART:
            events.skip_subtree()
            continue
        if name == "s":
            count = local_attribute(element, "c")
            pieces.append(" " * (min(int(count), _SPACES_MAX) if count.isdecimal() and len(count) < 5 else 1))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        pieces.append((element.text or "").replace("\n", " "))
    return "".join(pieces)


def _has_type(head: bytes) -> bool:
    """Whether the first member of an archive says that it is a document of text."""
    named = b"mimetype" + _TYPE
    return head[30:].startswith(named) and head[30 + len(named) :].startswith(
        (b"PK", b"-template", b"-master")
    )
