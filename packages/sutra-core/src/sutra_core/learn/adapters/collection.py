"""A collection: one file or a folder of files, read as one stream.

Files come in the order of their paths, folder by folder, so that a second reading meets the same
items in the same order. Files and folders whose names begin with a dot are left out. A link to a
folder is followed once: a folder that was visited is not visited again, so loops end. Only regular
files are opened. What cannot be read is reported and passed over; only a collection that is itself
missing or of an unknown format is an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sutra_core.arguments import check_type
from sutra_core.errors import InvalidValueError, UnknownFormatError
from sutra_core.learn.adapters.base import BadItem, Item, UnreadableError, shown
from sutra_core.learn.adapters.field_map import FieldMap
from sutra_core.learn.adapters.files import FileReader
from sutra_core.learn.adapters.recognition import unreadable
from sutra_core.learn.adapters.registry import AnyAdapter


def walk(path: Path, reader: FileReader | None = None) -> Iterator[tuple[Path, AnyAdapter] | BadItem]:
    """The files of a collection, each with its adapter, and those that no adapter reads.

    `bytes_done` of what is passed over is its size. `reader` may have been told of a format and of fields.
    """
    reader = reader or FileReader()
    recognise = reader.adapter_for
    if not path.is_dir():
        adapter = recognise(path)
        reader.check_fields(adapter)
        yield path, adapter
        return
    for found in _files(path, set()):
        if isinstance(found, BadItem):
            yield found
            continue
        try:
            str(found).encode()
            yield found, recognise(found)
        except UnicodeEncodeError:
            reason = "the name of the file is not UTF-8; rename it"
            yield BadItem(shown(found), reason, "invalid_file_name", _size(found))
        except UnknownFormatError as error:
            yield BadItem(shown(found), str(error), "unknown_format", _size(found))
        except UnreadableError as error:
            yield BadItem(shown(found), str(error), "unreadable", _size(found))


def read_collection(
    path: Path,
    address_prefix: str | None = None,
    *,
    format_name: str = "",
    fields: FieldMap | None = None,
) -> Iterator[Item | BadItem]:
    """Every item of a file or a folder; `bytes_done` counts over all its files.

    The address of a file is its absolute POSIX path, links in front of the collection resolved. So
    learning the same folder again, from whichever working directory and by whichever relative
    path, meets the same sources and changes nothing. A caller whose folder moves from machine to
    machine gives `address_prefix`, which then stands for the folder, or for the folder of the file.
    `format_name` names the adapter of every file that is no archive; "" recognises each. `fields` says which
    fields are text, title, key and time, in the files of formats that have fields.

    Raises `UnreadableError` and `UnknownFormatError` for the collection itself, and `InvalidValueError` where
    `fields` are given for a format, or a single file, that has none.
    """
    with FileReader(format_name=format_name, fields=fields) as reader:
        yield from _read_collection(path, address_prefix, reader)


def _read_collection(path: Path, address_prefix: str | None, reader: FileReader) -> Iterator[Item | BadItem]:
    root = path if path.is_dir() else path.parent
    prefix = root.resolve().as_posix() if address_prefix is None else address_prefix
    before = 0
    for found in walk(path, reader):
        if isinstance(found, BadItem):
            before += found.bytes_done
            yield replace(found, bytes_done=before)
            continue
        file, adapter = found
        address = f"{prefix.rstrip('/')}/{file.relative_to(root).as_posix()}"
        try:
            size = file.stat().st_size
            for item in reader.read(file, adapter, address):
                yield _moved(item, before)
        except OSError as error:
            yield BadItem(shown(file), str(unreadable(file, error)), "unreadable", before)
        else:
            before += size


def read_collections(
    paths: Sequence[str | Path], *, format_name: str = "", fields: FieldMap | None = None
) -> tuple[Iterator[Item | BadItem], int]:
    """Several collections as one stream, in which `bytes_done` counts over all of them, and their size.

    Raises at once what `collection_size` raises, and `InvalidValueError` for what are no paths.
    """
    for path in paths:
        check_type("path", path, str | os.PathLike, "the path of a file or a folder")
    check_type("format's name", format_name, str, "the name of a format, a string")
    check_type("field map", fields, FieldMap | None, "a FieldMap, or None")
    if not paths:
        raise InvalidValueError("there is no path; give the path of a file or a folder")
    collections = [Path(path) for path in paths]
    sizes = [collection_size(path, format_name=format_name, fields=fields) for path in collections]

    def items() -> Iterator[Item | BadItem]:
        before = 0
        for path, size in zip(collections, sizes, strict=True):
            for item in read_collection(path, format_name=format_name, fields=fields):
                yield _moved(item, before)
            before += size

    return items(), sum(sizes)


def check_collection(path: Path, *, format_name: str = "", fields: FieldMap | None = None) -> None:
    """Raises for a collection that cannot be read at all: the errors of `read_collection`, at once."""
    reader = FileReader(format_name=format_name, fields=fields)
    try:
        if path.is_dir():
            next(path.iterdir(), None)
            return
        adapter = reader.adapter_for(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise UnreadableError(f"{shown(path)} cannot be read: {error}") from error
    reader.check_fields(adapter)


def collection_size(path: Path, *, format_name: str = "", fields: FieldMap | None = None) -> int:
    """How many bytes the files of a collection hold, those that are passed over too; opens none in a folder.

    Raises what `check_collection` raises.
    """
    check_collection(path, format_name=format_name, fields=fields)
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
        yield BadItem(shown(folder), str(unreadable(folder, error)), "unreadable")
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files(entry, visited)
        else:
            yield entry
