"""PPTX: the slides of a presentation in their order, with their tables and what the speaker notes.

One slide is in memory at a time. Numbers of slides, dates and footers are left out. Nothing in it is run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Block, Item
from sutra_core.learn.adapters.base import shown
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_formats.office.archives import document_items, holds_part, is_locked, locked_item, said_of_itself
from sutra_formats.office.pptx_slide import notes_blocks, slide_blocks
from sutra_formats.trees import Element, XmlError, attribute, local_name, xml_tree
from sutra_formats.zipped import Archive, ArchiveError

__all__ = ["PptxAdapter"]

SLIDE_BYTES_MAX = 64 * 1024 * 1024
"""The largest slide that is read."""

_SUFFIXES = frozenset({".pptx", ".pptm", ".ppsx"})
_MAIN = "ppt/presentation.xml"


class PptxAdapter:
    """Reads PPTX."""

    name = "PPTX"

    def __init__(self, *, part_bytes: int = PART_BYTES, slide_bytes_max: int = SLIDE_BYTES_MAX) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._slide_bytes_max = slide_bytes_max

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its main part; under its suffix also one that is locked."""
        return holds_part(path, head, _MAIN.encode(), _SUFFIXES) or is_locked(path, head, _SUFFIXES)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The presentation as one source, a long one in parts; then the slides that could not be read."""
        if locked := locked_item(path):
            yield locked
            return
        bad: list[BadItem] = []
        try:
            with Archive(path, member_bytes_max=self._slide_bytes_max) as archive:
                said = said_of_itself(archive, "docProps/core.xml")
                blocks = _blocks(archive, path, bad)
                for item in document_items(blocks, said, path, address, part_bytes=self._part_bytes):
                    if not (isinstance(item, BadItem) and item.code == "empty_text" and bad):
                        yield item
        except ArchiveError as error:
            yield BadItem(shown(path), str(error), error.code, path.stat().st_size)
        yield from bad


def _blocks(archive: Archive, path: Path, bad: list[BadItem]) -> Iterator[Block]:
    size = path.stat().st_size
    related = _related(archive, _MAIN)
    ids = [_relation(slide) for slide in _tree(archive, _MAIN).iter("{*}sldId")]
    slides = [related[key][1] for key in ids if key in related]
    for number, name in enumerate(slides, 1):
        try:
            place, bytes_done = f"slide {number}", size * number // len(slides)
            yield from slide_blocks(_tree(archive, name), place, bytes_done)
            for kind, target in _related(archive, name).values():
                if kind == "notesSlide":
                    yield from notes_blocks(_tree(archive, target), place, bytes_done)
        except ArchiveError as error:
            bad.append(BadItem(f"{shown(path)} (slide {number})", str(error), error.code, size))


def _relation(slide: Element) -> str:
    """The relation by which a presentation names a slide."""
    return attribute(slide, "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id") or (
        attribute(slide, "{http://purl.oclc.org/ooxml/officeDocument/relationships}id")
    )


def _related(archive: Archive, name: str) -> dict[str, tuple[str, str]]:
    """The parts that a part names: kind and name, by their ids. What is outside the archive is left out."""
    folder, base = posixpath.split(name)
    listed = f"{folder}/_rels/{base}.rels"
    if listed not in archive:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for relation in _tree(archive, listed).iter():
        target = attribute(relation, "Target")
        if local_name(relation) == "relationship" and attribute(relation, "TargetMode") != "External":
            kind = attribute(relation, "Type").rpartition("/")[2]
            found[attribute(relation, "Id")] = (
                kind,
                posixpath.normpath(posixpath.join("/", folder, target))[1:],
            )
    return found


def _tree(archive: Archive, name: str) -> Element:
    try:
        return xml_tree(archive.read(name))
    except XmlError as error:
        raise ArchiveError("damaged_file", f"the part {name!r} is damaged: {error}") from error
