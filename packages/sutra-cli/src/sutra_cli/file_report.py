"""What learning a file or a folder would make of it, as far as a little reading tells.

It opens no store, reads no text for facts, and prints nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sutra_core.errors import UnknownFormatError
from sutra_core.languages import LANGUAGE, with_language
from sutra_core.learn.adapters import BadItem, Item, UnreadableError, walk
from sutra_core.learn.adapters.base import HEAD_BYTES, shown
from sutra_core.learn.adapters.files import FileReader
from sutra_core.learn.adapters.members import ContainerAdapter
from sutra_core.learn.adapters.recognition import recognised_by, unreadable
from sutra_core.learn.adapters.registry import AnyAdapter, is_registered

__all__ = ["REFUSALS_SHOWN", "SECONDS_MAX", "FileReport", "LanguageBy", "Look"]

LanguageBy = Literal["file", "detection", ""]
"""Who says which language a text is in; "" where nobody can tell."""

SECONDS_MAX = 10.0
"""The longest that one path is read."""

REFUSALS_SHOWN = 20
"""How many refusals of a path are kept in full."""


@dataclass(slots=True)
class FileReport:
    """What a file or a folder is, and the beginning of what comes of it.

    Of a folder `formats` counts its files, and what says how one file is read is empty. `recognised_by` is
    `content`, `name`, or `option` where the caller has said the format. `encoding` is empty where nobody
    says. `languages` counts the items in each language, and by whom it is told. `complete` tells whether all
    of it was read.
    """

    path: str
    format: str = ""
    recognised_by: str = ""
    own_process: bool = False
    encoding: str = ""
    languages: Counter[tuple[str, LanguageBy]] = field(default_factory=Counter[tuple[str, LanguageBy]])
    bytes: int = 0
    formats: Counter[str] = field(default_factory=Counter[str])
    items: list[Item] = field(default_factory=list[Item])
    items_read: int = 0
    complete: bool = True
    refused: Counter[str] = field(default_factory=Counter[str])
    refusals: list[BadItem] = field(default_factory=list[BadItem])

    def refuse(self, bad: BadItem) -> None:
        """Something that would not be learned."""
        self.refused[bad.code] += 1
        if len(self.refusals) < REFUSALS_SHOWN:
            self.refusals.append(bad)


class Look:
    """Looks at paths one after another through one reader, which is the caller's to close."""

    def __init__(self, reader: FileReader, *, named: bool, items: int, limit: int) -> None:
        """`named` says that the caller told the format; `items` are shown of a path, `limit` are read."""
        self._reader = reader
        self._named = named
        self._items = items
        self._limit = limit

    def at(self, path: Path) -> FileReport:
        """What a file or a folder is. Where none of it can be read, that is among its refusals."""
        report = FileReport(shown(path))
        until = time.monotonic() + SECONDS_MAX
        try:
            for found in walk(path, self._reader):
                if isinstance(found, BadItem):
                    report.refuse(found)
                    continue
                file, adapter = found
                report.formats[adapter.name] += 1
                report.bytes += file.stat().st_size
                if file == path:
                    self._describe(report, file, adapter)
                if report.items_read < self._limit and time.monotonic() < until:
                    self._read(report, file, adapter, until)
                else:
                    report.complete = False
        except UnknownFormatError as error:
            report.refuse(BadItem(report.path, str(error), "unknown_format"))
        except UnreadableError as error:
            report.refuse(BadItem(report.path, str(error), "unreadable"))
        except OSError as error:
            report.refuse(BadItem(report.path, str(unreadable(path, error)), "unreadable"))
        if report.format and report.items:
            report.encoding = report.items[0].draft.attributes.get("encoding", report.encoding)
        return report

    def _describe(self, report: FileReport, file: Path, adapter: AnyAdapter) -> None:
        report.format = adapter.name
        archive = isinstance(adapter, ContainerAdapter)
        report.recognised_by = "option" if self._named and not archive else recognised_by(file, adapter)
        report.own_process = is_registered(adapter)
        report.encoding = "" if archive else _encoding(file)

    def _read(self, report: FileReport, file: Path, adapter: AnyAdapter, until: float) -> None:
        left = self._limit - report.items_read
        for number, found in enumerate(self._reader.read(file, adapter, file.name)):
            if number >= left or time.monotonic() >= until:
                report.complete = False
                return
            if isinstance(found, BadItem):
                if found.code == "reader_too_slow":  # the time was ours, and shorter than that of learning
                    report.complete = False
                else:
                    report.refuse(found)
                continue
            report.items_read += 1
            if len(report.items) < self._items:
                report.items.append(found)
            report.languages[_language(found)] += 1


def _language(item: Item) -> tuple[str, LanguageBy]:
    """The language with which an item would be learned."""
    if language := item.draft.attributes.get(LANGUAGE, ""):
        return language, "file"
    found = with_language({}, item.draft.text).get(LANGUAGE, "")
    return found, "detection" if found else ""


def _encoding(path: Path) -> str:
    """UTF-8 where the beginning of a file is that; nothing where it is something else, or binary."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"\0" in head:
        return ""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if len(head) < HEAD_BYTES or len(head) - error.start > 3:
            return ""
    return "UTF-8"
