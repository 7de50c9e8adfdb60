"""Databases of the DICT protocol (RFC 2229), as dictd keeps them: `x.index` beside `x.dict` or `x.dict.dz`.

Each entry is a source, its text as it stands. The first headword that leads to it is its title; the others
are explained there too, which need not make them other names of it. What stands in braces refers to another
entry. Both are associations. Entries are read in the order of the text, which is unpacked once, as a stream;
of the index only places and headwords are held.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

from sutra_core.learn.adapters import BadItem, Block, Item, Link, compose
from sutra_core.learn.adapters.base import shown
from sutra_core.types import SourceDraft

__all__ = ["DictAdapter"]

ENTRY_BYTES = 4 * 1024 * 1024
"""The longest entry that is read."""

_DIGITS = {
    character: value
    for value, character in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_TEXT_SUFFIXES = (".dict.dz", ".dict")
_REFERENCE = re.compile(rb"\{([^{}]{1,200})\}")
_LINE = re.compile(rb"[^\t\n]+\t[A-Za-z0-9+/]{1,8}\t[A-Za-z0-9+/]{1,8}(?:\t[^\n]*)?")
_ABOUT = "00-database"
_INDEX_LINE_BYTES = 64 * 1024


class DictAdapter:
    """Reads the text files of DICT databases; their indexes are read with them."""

    name = "DICT"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the two files that belong together, and the lines of the index."""
        if path.suffix == ".index":
            beside = any(path.with_name(path.stem + suffix).is_file() for suffix in _TEXT_SUFFIXES)
            return beside and _LINE.match(head) is not None
        index = _index_of(path)
        if index is None or not index.is_file():
            return False
        with index.open("rb") as file:
            return _LINE.match(file.readline(_INDEX_LINE_BYTES)) is not None

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The entries in the order of the text."""
        index = _index_of(path)
        if index is None:
            return
        entries = _entries(index)
        with ExitStack() as stack:
            text: IO[bytes] = stack.enter_context(path.open("rb"))
            raw = text
            if path.suffix == ".dz":
                text = cast("IO[bytes]", stack.enter_context(gzip.open(raw)))
            at = 0
            try:
                for (offset, length), words in sorted(entries.items()):
                    location = f"{shown(path)}:{offset} ({words[0]})"
                    if length > ENTRY_BYTES or offset < at:
                        reason = "its place in the index is wrong, or it is too long"
                        yield BadItem(location, reason, "invalid_record", raw.tell())
                        continue
                    _skip(text, offset - at)
                    data = text.read(length)
                    at = offset + len(data)
                    if len(data) < length:
                        reason = "the text ends before this entry does; fetch the database again"
                        yield BadItem(location, reason, "damaged_file", raw.tell())
                        return
                    yield from _items(data, words, f"{address}#{offset}", location, raw.tell())
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                reason = f"the text is damaged here ({error}); fetch the database again"
                yield BadItem(f"{shown(path)}:{at}", reason, "damaged_file", raw.tell())


def _index_of(path: Path) -> Path | None:
    for suffix in _TEXT_SUFFIXES:
        if path.name.endswith(suffix):
            return path.with_name(path.name.removesuffix(suffix) + ".index")
    return None


def _entries(index: Path) -> dict[tuple[int, int], list[str]]:
    """The headwords of each place (offset, length), the plainest first."""
    found: dict[tuple[int, int], list[str]] = {}
    with index.open("rb") as file:
        while line := file.readline(_INDEX_LINE_BYTES):
            fields = line.decode(errors="replace").rstrip("\n").split("\t")
            if len(fields) < 3 or fields[0].startswith(_ABOUT):
                continue
            place = _number(fields[1]), _number(fields[2])
            # A fourth column holds the headword as it is written.
            word = (fields[3] if len(fields) > 3 else fields[0]).strip()
            words = found.setdefault(place, [])
            if word and word not in words:
                words.append(word)
    return {place: words for place, words in found.items() if words and place[1] > 0}


def _number(digits: str) -> int:
    """A number to the base of 64; 0 for anything else."""
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS.get(digit, 0)
    return value


def _skip(text: IO[bytes], count: int) -> None:
    while count > 0:
        block = text.read(min(count, 1 << 20))
        if not block:
            return
        count -= len(block)


def _items(data: bytes, words: list[str], address: str, location: str, done: int) -> Iterator[Item | BadItem]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        data = text.encode()
    title, *others = words
    links = [Link(title, "explained_under", subject=other, confidence=0.95) for other in others]
    for found in _REFERENCE.finditer(data):
        target = " ".join(found[1].decode(errors="replace").split())
        links.append(Link(target, "see_also", at=found.start()))
    draft = SourceDraft(address, "", title)
    empty = True
    for item in compose([Block(text, links=links)], draft, location, bytes_done=done):
        empty = False
        yield item
    if empty:
        yield BadItem(location, "the entry is empty", "empty_text", done)
