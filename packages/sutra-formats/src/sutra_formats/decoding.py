"""In which encoding a file of text is, and its lines in that encoding.

A byte order mark decides, then what the format declares, then UTF-8, then statistics. A file is read in
pieces and never held whole. A byte that is no character in the encoding becomes a lone surrogate, so that
`undecodable` finds the line that has one; it is never dropped and never replaced in silence.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["LINE_BYTES", "TextLine", "decoded_head", "encoding_of", "is_text", "text_lines", "undecodable"]

LINE_BYTES = 16 * 1024 * 1024
"""The longest line that is held."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE_BYTES = 1024 * 1024
_SAMPLE_BYTES = 32 * 1024
# Encodings of texts that people still have, the common ones first: a short text fits many others by chance.
_LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line with its end; `number` from 1, `end` the byte of the file behind it.

    Where the line is longer than allowed, `too_long` says so and `text` is its beginning.
    """

    number: int
    text: str
    end: int
    too_long: bool = False


def is_text(head: bytes) -> bool:
    """Whether a file that begins so holds text: nothing but characters, or a mark of Unicode."""
    return marked(head) != "" or not _CONTROL.search(head)


def marked(head: bytes) -> str:
    """The encoding that a byte order mark names; "" without one."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


def decoded_head(head: bytes) -> str:
    """The beginning of a file as text, for recognising it: UTF-8 where it is that, else byte by byte."""
    encoding = marked(head) or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        return decoder.decode(head)
    except UnicodeDecodeError:
        return head.decode("latin-1")


def encoding_of(path: Path, declared: str = "") -> str:
    """The name of the encoding, as `codecs` has it. Reads the file once, in pieces.

    A file that has characters of UTF-8 before its first fault is damaged UTF-8, not another encoding.
    """
    with path.open("rb") as file:
        if found := marked(file.read(4)):
            return found
        file.seek(0)
        if declared and (found := _declared(declared)) and found != "utf-8":
            return found
        return _by_content(file)


def _declared(name: str) -> str:
    try:
        found = codecs.lookup(name)
        b"".decode(found.name)  # a codec of Python need not be one of text
    except (LookupError, ValueError):
        return ""
    return found.name


def _by_content(file: BinaryIO) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    foreign = False
    while piece := file.read(_PIECE_BYTES):
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            if foreign or any(byte > 0x7F for byte in error.object[: error.start]):
                return "utf-8"
            sample = error.object[max(0, error.start - _SAMPLE_BYTES // 2) :][:_SAMPLE_BYTES]
            return _by_statistics(sample)
        foreign = foreign or not piece.isascii()
    return "utf-8"


def _by_statistics(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=_LEGACY)
    best = found.best()
    if best is None:
        return _LEGACY[0]
    rank = (best.chaos, best.coherence)
    tied = {name for one in found if (one.chaos, one.coherence) == rank for name in one.could_be_from_charset}
    return next((name for name in _LEGACY if name in tied), best.encoding)


def text_lines(path: Path, *, encoding: str, limit: int = LINE_BYTES) -> Iterator[TextLine]:
    r"""Lines, each with its end (`\n` or `\r\n`), as `TextLine`; of one over `limit` bytes the beginning."""
    with path.open("rb") as file:
        if encoding in {"utf-16", "utf-32"}:
            yield from _wide_lines(file, encoding, limit)
            return
        if encoding == "utf-8-sig":
            file.seek(len(codecs.BOM_UTF8))
        plain = "utf-8" if encoding == "utf-8-sig" else encoding
        number, end = 0, file.tell()
        while data := file.readline(limit):
            number += 1
            end += len(data)
            too_long = False
            if len(data) == limit and not data.endswith(b"\n"):
                while rest := file.readline(_PIECE_BYTES):
                    too_long = True
                    end += len(rest)
                    if rest.endswith(b"\n"):
                        break
            yield TextLine(number, data.decode(plain, "surrogateescape"), end, too_long)


def _wide_lines(file: BinaryIO, encoding: str, limit: int) -> Iterator[TextLine]:
    """Of an encoding in which a line's end is more than one byte; a fault becomes U+FFFD."""
    with io.TextIOWrapper(file, encoding, "replace", newline="\n") as lines:
        number = 0
        while text := lines.readline(limit):
            number += 1
            too_long = False
            if len(text) == limit and not text.endswith("\n"):
                while rest := lines.readline(_PIECE_BYTES):
                    too_long = True
                    if rest.endswith("\n"):
                        break
            yield TextLine(number, text, file.tell(), too_long)


def undecodable(text: str) -> str:
    """Says which byte of a line is none of its encoding, and what to do; "" where all of them are."""
    if text.isascii() or not (found := _BAD_BYTE.search(text)):
        return ""
    byte = ord(found[0]) - 0xDC00
    return f"byte 0x{byte:02X} is no character in the file's encoding; save the file as UTF-8"
