"""Plain text: everything is prose, and a large file becomes several sources.

It never interprets the text. Line ends, of whichever kind, stay as they are, so the offset of a
part is a byte of the file and a citation is a byte range of it. A byte order mark is not text: the
first part then begins at byte 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.parts import (
    PART_BYTES,
    Fault,
    cut_parts,
    open_after_mark,
    sound_pieces,
)
from sutra_core.types import SourceDraft

SUFFIXES = frozenset({"", ".txt", ".text"})


class PlainTextAdapter:
    """Reads text without mark-up: `.txt`, `.text`, and files without a suffix."""

    name = "plain text"

    def __init__(self, *, part_bytes: int = PART_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the suffix, where the file is text."""
        return path.suffix.lower() in SUFFIXES and b"\0" not in head

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The file whole, or in parts cut behind its paragraphs."""
        title = title_from_name(path)
        empty = True
        with open_after_mark(path) as (file, mark):
            for part in cut_parts(file, mark, self._part_bytes):
                for piece in sound_pieces(part):
                    location = f"{shown(path)}:{piece.line}"
                    if isinstance(piece, Fault):
                        empty = False
                        yield BadItem(location, piece.reason, "invalid_utf8", piece.end)
                        continue
                    text = piece.data.decode()
                    if text.isspace():
                        continue
                    empty = False
                    draft = SourceDraft(address, text, title, piece.offset)
                    yield Item(draft, None, location, piece.end)
        if empty:
            yield BadItem(f"{shown(path)}:1", "the file holds no text", "empty_text")
