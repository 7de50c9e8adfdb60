"""A collection: one file or a folder of files, read as one stream.

Files come in the order of their paths, folder by folder, so that a second reading meets the same
items in the same order. Files and folders whose names begin with a dot are left out. A link to a
folder is followed once: a folder that was visited is not visited again, so loops end. Only regular
files are opened. What cannot be read is reported and passed over; only a collection that is itself
missing or of an unknown format is an error.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sutra_core.errors import UnknownFormatError
from sutra_core.learn.adapters.base import (
    HEAD_BYTES,
    BadItem,
    DatasetAdapter,
    Item,
    UnreadableError,
    shown,
)
from sutra_core.learn.adapters.json_lines import JsonLinesAdapter
from sutra_core.learn.adapters.markdown import MarkdownAdapter
from sutra_core.learn.adapters.plain_text import PlainTextAdapter

ADAPTERS: Sequence[DatasetAdapter] = (JsonLinesAdapter(), MarkdownAdapter(), PlainTextAdapter())
"""Every adapter, in the order in which they are asked: those that look at the content first."""

SUPPORTED = (
    "JSON Lines (an object with a text on each line), Markdown (.md, .markdown, .mdown, .mkd), "
    "plain text (.txt, .text, no suffix), all in UTF-8"
)

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def adapter_for(path: Path) -> DatasetAdapter:
    """The adapter that reads a file, by its content and then its name.

    UTF-16 is refused rather than decoded: a citation is a byte range of the file as it is, and
    there would be none. Raises `UnknownFormatError`, which says what was seen and what is
    supported, and `UnreadableError`.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UnknownFormatError(f"{shown(path)} is not a regular file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not head.startswith(_UTF16_MARKS):
        for adapter in ADAPTERS:
            if adapter.recognises(path, head):
                return adapter
    raise UnknownFormatError(f"{shown(path)} holds {_seen(path, head)}; convert it to one of {SUPPORTED}")


def walk(path: Path) -> Iterator[tuple[Path, DatasetAdapter] | BadItem]:
    """The files of a collection, each with its adapter, and those that no adapter reads.

    `bytes_done` of what is passed over is its size.
    """
    if not path.is_dir():
        yield path, adapter_for(path)
        return
    for found in _files(path, set()):
        if isinstance(found, BadItem):
            yield found
            continue
        try:
            str(found).encode()
            yield found, adapter_for(found)
        except UnicodeEncodeError:
            reason = "the name of the file is not UTF-8; rename it"
            yield BadItem(shown(found), reason, "invalid_file_name", _size(found))
        except UnknownFormatError as error:
            yield BadItem(shown(found), str(error), "unknown_format", _size(found))
        except UnreadableError as error:
            yield BadItem(shown(found), str(error), "unreadable", _size(found))


def read_collection(path: Path, address_prefix: str | None = None) -> Iterator[Item | BadItem]:
    """Every item of a file or a folder; `bytes_done` counts over all its files.

    The address of a file is its absolute POSIX path, links in front of the collection resolved. So
    learning the same folder again, from whichever working directory and by whichever relative
    path, meets the same sources and changes nothing. A caller whose folder moves from machine to
    machine gives `address_prefix`, which then stands for the folder, or for the folder of the file.

    Raises `UnreadableError` and `UnknownFormatError` for the collection itself.
    """
    root = path if path.is_dir() else path.parent
    prefix = root.resolve().as_posix() if address_prefix is None else address_prefix
    before = 0
    for found in walk(path):
        if isinstance(found, BadItem):
            before += found.bytes_done
            yield replace(found, bytes_done=before)
            continue
        file, adapter = found
        address = f"{prefix.rstrip('/')}/{file.relative_to(root).as_posix()}"
        try:
            size = file.stat().st_size
            for item in adapter.read(file, address):
                yield _moved(item, before)
        except OSError as error:
            yield BadItem(shown(file), str(_unreadable(file, error)), "unreadable", before)
        else:
            before += size


def read_collections(paths: Sequence[Path], sizes: Sequence[int]) -> Iterator[Item | BadItem]:
    """Several collections as one stream; `sizes` are theirs, and `bytes_done` counts over all of them."""
    before = 0
    for path, size in zip(paths, sizes, strict=True):
        for item in read_collection(path):
            yield _moved(item, before)
        before += size


def check_collection(path: Path) -> None:
    """Raises for a collection that cannot be read at all: the errors of `read_collection`, at once."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            adapter_for(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise UnreadableError(f"{shown(path)} cannot be read: {error}") from error


def collection_size(path: Path) -> int:
    """How many bytes the files of a collection hold, those that are passed over too; opens none in a folder.

    Raises what `check_collection` raises.
    """
    check_collection(path)
    if not path.is_dir():
        return _size(path)
    return sum(_size(found) for found in _files(path, set()) if not isinstance(found, BadItem))


def _size(path: Path) -> int:
    """The bytes of a regular file; 0 for anything else, and where nobody can say."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _moved(item: Item | BadItem, before: int) -> Item | BadItem:
    return replace(item, bytes_done=before + item.bytes_done)


def _files(folder: Path, visited: set[tuple[int, int]]) -> Iterator[Path | BadItem]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        yield BadItem(shown(folder), str(_unreadable(folder, error)), "unreadable")
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files(entry, visited)
        else:
            yield entry


def _unreadable(path: Path, error: OSError) -> UnreadableError:
    return UnreadableError(f"{shown(path)} cannot be read: {error.strerror or error}")


def _seen(path: Path, head: bytes) -> str:
    """What a file holds, in words, for a message."""
    if head.startswith(_UTF16_MARKS):
        return "UTF-16 text (it begins with a byte order mark), of which no bytes could be cited"
    if b"\0" in head:
        return f"binary data (a NUL byte at position {head.index(0)})"
    if not head:
        return f"nothing, under the suffix {path.suffix!r}"
    try:
        head[: len(head) - 3 if len(head) == HEAD_BYTES else None].decode()
    except UnicodeDecodeError as error:
        if len(head) - error.start > 3:
            return f"bytes that are not UTF-8 (the first at position {error.start})"
    return f"text under the suffix {path.suffix!r}"
