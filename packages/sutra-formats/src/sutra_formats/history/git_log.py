"""Histories as `git log` prints them, in its default form and by `--format=fuller`: a commit a source.

The subject is the title and the first paragraph, the body follows; what changed in which file is passed
over. It runs no git and looks for no repository. A commit is held whole, without its changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import LINE_BYTES, decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.history.paragraphs import paragraphs
from sutra_formats.rows import ending_at

__all__ = ["GitHistoryAdapter"]

_COMMIT = re.compile(r"commit ([0-9a-f]{7,64})(?: \(.*\))?\s*$")
_BEGINS = re.compile(r"commit [0-9a-f]{7,64}(?: \([^\n]*\))?\r?\n(?:Merge: [^\n]*\n)?Author: ")
_HEADER = re.compile(r"(Merge|Author|AuthorDate|Commit|CommitDate|Date):\s*(.*?)\s*$")
_DATE = re.compile(r"\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) ([+-]\d{4})$")
_ISO_ZONE = re.compile(r" (?=[+-]\d{4}$)")
_TRAILER = re.compile(r"[A-Z][A-Za-z-]+-by: ")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INDENT = "    "


@dataclass(slots=True)
class _Commit:
    name: str
    line: int
    end: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    message: list[str] = field(default_factory=list[str])
    fault: str = ""


class GitHistoryAdapter:
    """Reads files that begin as the output of `git log` does."""

    name = "Git history"

    def __init__(self, *, part_bytes: int = PART_BYTES, line_bytes: int = LINE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._line_bytes = line_bytes

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """By the first lines."""
        return is_text(head) and _BEGINS.match(decoded_head(head[:4096]).lstrip("\ufeff\r\n")) is not None

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each commit in the order of the file."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        empty = True
        for commit in self._commits(path):
            empty = False
            location = f"{shown(path)}:{commit.line}"
            if commit.fault:
                yield BadItem(location, commit.fault, "invalid_utf8", commit.end)
                continue
            said = list(paragraphs(commit.message))
            if not said:
                yield BadItem(location, "the commit has no message", "empty_text", commit.end)
                continue
            draft = SourceDraft(
                f"{address}#{commit.name}", "", said[0], 0, _time(commit), _attributes(commit)
            )
            blocks = (
                Block(text, "cell" if _TRAILER.match(text) else "prose", bytes_done=commit.end)
                for text in said
            )
            yield from compose(blocks, draft, location, part_bytes=self._part_bytes)
        if empty:
            yield BadItem(f"{shown(path)}:1", "the history holds no commit", "empty_text")

    def _commits(self, path: Path) -> Iterator[_Commit]:
        commit: _Commit | None = None
        for line in text_lines(path, encoding=encoding_of(path), limit=self._line_bytes):
            text = line.text.rstrip("\r\n")
            if begins := _COMMIT.match(text):
                if commit:
                    yield commit
                commit = _Commit(begins[1], line.number)
            if commit is None:
                continue
            commit.end = line.end
            if text.startswith(_INDENT) and not line.too_long:
                commit.message.append(text)
                commit.fault = commit.fault or undecodable(text)
            elif not text:
                commit.message.append("")
            elif (header := _HEADER.match(text)) and not any(commit.message):
                commit.headers[header[1]] = header[2]
                commit.fault = commit.fault or undecodable(text)
        if commit:
            yield commit


def _time(commit: _Commit) -> int | None:
    written = commit.headers.get("AuthorDate") or commit.headers.get("Date", "")
    if (found := _DATE.match(written)) and found[1] in _MONTHS:
        month = _MONTHS.index(found[1]) + 1
        written = f"{found[4]}-{month:02}-{int(found[2]):02} {found[3]}{found[5]}"
    return moment(_ISO_ZONE.sub("", written))


def _attributes(commit: _Commit) -> dict[str, str]:
    names = {"Author": "author", "Commit": "committer", "Merge": "merge"}
    found = {name: commit.headers[header] for header, name in names.items() if commit.headers.get(header)}
    date = commit.headers.get("AuthorDate") or commit.headers.get("Date", "")
    return {"hash": commit.name, **found, **({"date": date} if date else {})}
