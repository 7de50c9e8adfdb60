"""DOCX: the documents of Word, read as a stream; their footnotes and endnotes come behind the text.

Nothing in the archive is run, and nothing that it names outside itself is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Block, Item
from sutra_core.learn.adapters.base import shown
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_formats.office.archives import document_items, holds_part, is_locked, locked_item, said_of_itself
from sutra_formats.office.docx_body import Styles, read_styles, text_blocks
from sutra_formats.office.paragraphs import Paragraphs
from sutra_formats.trees import XmlError
from sutra_formats.zipped import MEMBER_BYTES_MAX, Archive, ArchiveError

__all__ = ["DocxAdapter"]

_SUFFIXES = frozenset({".docx", ".docm", ".dotx"})
_BODY = "word/document.xml"
_NOTES = (("word/footnotes.xml", "footnotes"), ("word/endnotes.xml", "endnotes"))


class DocxAdapter:
    """Reads DOCX."""

    name = "DOCX"

    def __init__(self, *, part_bytes: int = PART_BYTES, member_bytes_max: int = MEMBER_BYTES_MAX) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._member_bytes_max = member_bytes_max

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its main part; under its suffix also one that is locked."""
        return holds_part(path, head, _BODY.encode(), _SUFFIXES) or is_locked(path, head, _SUFFIXES)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The document as one source, a long one in parts."""
        if locked := locked_item(path):
            yield locked
            return
        try:
            with Archive(path, member_bytes_max=self._member_bytes_max) as archive:
                said = said_of_itself(archive, "docProps/core.xml")
                blocks = _blocks(archive, path.stat().st_size)
                yield from document_items(blocks, said, path, address, part_bytes=self._part_bytes)
        except ArchiveError as error:
            yield BadItem(shown(path), str(error), error.code, path.stat().st_size)


def _blocks(archive: Archive, size: int) -> Iterator[Block]:
    styles: Styles = {}
    if "word/styles.xml" in archive:
        with suppress(ArchiveError, XmlError):
            styles = read_styles(archive.read("word/styles.xml"))
    parts = [(_BODY, ""), *((name, place) for name, place in _NOTES if name in archive)]
    for name, place in parts:
        with archive.opened(name) as file:
            yield from text_blocks(file, styles, Paragraphs(place, size))
