"""Cuts a stream of bytes into parts of bounded size, and sets aside what is not UTF-8.

No byte is dropped, added or changed: the parts of a stream, put together, are the stream. Memory
is bounded by two parts, whatever the length of the stream or of its lines.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sutra_core.types import SourceDraft

PART_BYTES = 64 * 1024
"""The most bytes of text that one source holds."""

UTF8_MARK = b"\xef\xbb\xbf"

# The places where a part may end, best first: after a blank line, a sentence, a line, a word.
_BOUNDARIES = (
    re.compile(rb"\n[ \t\r]*\n[ \t\r\n]*"),
    re.compile(rb"(?:[.!?][\"')\]]{0,3}\s+|\xe3\x80\x82\s*)"),
    re.compile(rb"\n"),
    re.compile(rb"\s+"),
)
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of bytes: `offset` and `line` (from 1) say where in the file it begins."""

    offset: int
    line: int
    data: bytes

    @property
    def end(self) -> int:
        """One past the last byte, in the file."""
        return self.offset + len(self.data)


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that are not UTF-8: a part's paragraphs around them, and the first such byte."""

    offset: int
    line: int
    end: int
    reason: str


@contextmanager
def open_after_mark(path: Path) -> Generator[tuple[BinaryIO, int]]:
    """Opens a file behind its UTF-8 byte order mark; also gives the byte at which that is."""
    with path.open("rb") as file:
        mark = len(UTF8_MARK) if file.read(len(UTF8_MARK)) == UTF8_MARK else 0
        file.seek(mark)
        yield file, mark


def cut_point(data: bytes, limit: int) -> int:
    """Where to end a part of at most `limit` bytes: behind the last paragraph that fits.

    Without one, behind the last sentence, line or word; failing all, between two characters. The
    result is in 1 to `limit` (`limit` is at least 4, the longest character).
    """
    if len(data) <= limit:
        return len(data)
    for boundary in _BOUNDARIES:
        last = 0
        for match in boundary.finditer(data, 0, limit):
            last = match.end()
        if last:
            return last
    cut = limit
    while cut > limit - 3 and data[cut] & 0xC0 == 0x80:
        cut -= 1
    return limit if data[cut] & 0xC0 == 0x80 else cut


def cut_parts(file: BinaryIO, offset: int = 0, limit: int = PART_BYTES) -> Iterator[Part]:
    """The rest of the file in parts of at most `limit` bytes; `offset` is where it stands."""
    line = 1
    buffer = b""
    while True:
        while len(buffer) <= limit and (block := file.read(limit)):
            buffer += block
        if not buffer:
            return
        cut = cut_point(buffer, limit)
        part = Part(offset, line, buffer[:cut])
        yield part
        buffer = buffer[cut:]
        offset = part.end
        line += part.data.count(b"\n")


def cut_draft(draft: SourceDraft, limit: int = PART_BYTES) -> Iterator[SourceDraft]:
    """A source, or its parts of at most `limit` bytes, each with the byte of the text at which it begins.

    Parts of nothing but white space are left out, unless that is all there is. Of the last part nothing comes
    after it, where nothing comes after the source.
    """
    if len(draft.text) * 4 <= limit or len(data := draft.text.encode()) <= limit:
        yield draft
        return
    held: SourceDraft | None = None
    for part in cut_parts(io.BytesIO(data), limit=limit):
        text = part.data.decode()
        if not text.isspace():
            if held is not None:
                yield held
            held = replace(draft, text=text, offset=draft.offset + part.offset, last=False)
    yield draft if held is None else replace(held, last=draft.last)


def sound_pieces(part: Part) -> Iterator[Part | Fault]:
    """The part, cut so that paragraphs with bytes that are not UTF-8 stand by themselves.

    A sound part comes back whole. Pieces and faults cover the part in order, without gaps.
    """
    try:
        part.data.decode()
    except UnicodeDecodeError:
        pass
    else:
        yield part
        return
    for start, end, reason in _runs(part):
        line = part.line + part.data.count(b"\n", 0, start)
        if reason is None:
            yield Part(part.offset + start, line, part.data[start:end])
        else:
            yield Fault(part.offset + start, line, part.offset + end, reason)


def _runs(part: Part) -> Iterator[tuple[int, int, str | None]]:
    """Neighbouring paragraphs of one kind, joined: (start, end, what is wrong or None)."""
    start = end = 0
    reason: str | None = None
    for paragraph_end in [*(m.end() for m in _BLANK_LINE.finditer(part.data)), len(part.data)]:
        found = _fault(part, end, paragraph_end)
        if end > start and (found is None) != (reason is None):
            yield start, end, reason
            start = end
        if start == end:
            reason = found
        end = paragraph_end
    if end > start:
        yield start, end, reason


def _fault(part: Part, start: int, end: int) -> str | None:
    try:
        part.data[start:end].decode()
    except UnicodeDecodeError as error:
        return not_utf8(part.data[start + error.start], part.offset + start + error.start)
    return None


def not_utf8(byte: int, position: int) -> str:
    """Says which byte of the file is not UTF-8, and what to do."""
    return f"byte 0x{byte:02X} at position {position} of the file is not valid UTF-8; save the file as UTF-8"
