"""Reads one file through its adapter: here, or in a process of its own, or the members of an archive.

A `FieldMap` is for the formats with fields; what stands beside them in a folder or an archive is read as
it is. A file that changes while it is read is told of, and one that grows faster than it is read is left: its
items so far stand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType

from sutra_core.errors import InvalidValueError, UnknownFormatError
from sutra_core.learn.adapters.base import BadItem, DatasetAdapter, Item, UnreadableError, shown, with_ends
from sutra_core.learn.adapters.field_map import FieldMap, MappedAdapter
from sutra_core.learn.adapters.isolation import SILENCE_SECONDS, IsolatedReader
from sutra_core.learn.adapters.members import ContainerAdapter, Member
from sutra_core.learn.adapters.recognition import adapter_for, unreadable
from sutra_core.learn.adapters.registry import AnyAdapter, adapter_named, is_registered
from sutra_core.learn.adapters.unpacking import Budget

__all__ = ["ARCHIVES_DEEP", "FileReader"]

ARCHIVES_DEEP = 3
"""How many archives may stand in each other."""

_GROWTH_BYTES = 64 << 20
"""How far past its size a growing file is read."""


class FileReader:
    """Reads files one after another; ends the process that it may have started when it is left."""

    def __init__(
        self,
        *,
        format_name: str = "",
        fields: FieldMap | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """`format_name` names what reads every file that is no archive, whatever it looks like.

        `silence_seconds` is how long a process of its own may go without an item.

        Raises `UnknownFormatError`, and `InvalidValueError` where that format takes no `fields`.
        """
        self._adapter = adapter_named(format_name) if format_name else None
        self._fields = fields if fields is not None and fields.names else None
        if self._adapter is not None:
            self.check_fields(self._adapter)
        self._isolated = IsolatedReader(silence_seconds=silence_seconds)

    def adapter_for(self, path: Path) -> AnyAdapter:
        """Which adapter reads a file; raises as `recognition.adapter_for`."""
        if self._adapter is None or isinstance(self._adapter, ContainerAdapter):
            return self._adapter or adapter_for(path)
        try:
            found = adapter_for(path)
        except UnknownFormatError:
            return self._adapter
        return found if isinstance(found, ContainerAdapter) else self._adapter

    def check_fields(self, adapter: AnyAdapter) -> None:
        """Raises `InvalidValueError` where fields are mapped, and the adapter's format has none."""
        if self._fields is None or isinstance(adapter, MappedAdapter | ContainerAdapter):
            return
        raise InvalidValueError(
            f"{adapter.name} has no fields that could be mapped; leave the map out, or name another format"
        )

    def read(self, path: Path, adapter: AnyAdapter, address: str) -> Iterator[Item | BadItem]:
        """The file's items; `bytes_done` counts in the file. Raises OSError where it cannot be read."""
        before = path.stat()
        for item in self._read(path, adapter, address, shown(path), 0, Budget(before.st_size)):
            yield item
            if item.bytes_done > before.st_size + _GROWTH_BYTES:
                break
        after = path.stat()
        if _state(before) != _state(after):
            yield BadItem(
                shown(path),
                "it changed while it was read; learn it again to learn all of it",
                "changed_while_read",
                before.st_size,
            )

    def close(self) -> None:
        """Ends what reads in a process of its own."""
        self._isolated.close()

    def __enter__(self) -> FileReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(
        self, path: Path, adapter: AnyAdapter, address: str, location: str, depth: int, budget: Budget
    ) -> Iterator[Item | BadItem]:
        if not isinstance(adapter, ContainerAdapter):
            yield from with_ends(self._of_file(path, adapter, address))
            return
        if depth == ARCHIVES_DEEP:
            reason = f"archives stand in each other more than {ARCHIVES_DEEP} deep; unpack it by hand"
            yield BadItem(location, reason, "too_large")
            return
        for member in adapter.members(path, location, budget):
            if isinstance(member, BadItem):
                yield member
                continue
            place = f"{location}!/{member.name}"
            for item in self._of_member(member, f"{address}!/{member.name}", place, depth + 1, budget):
                yield replace(item, bytes_done=member.bytes_done, location=_moved(item, member.path, place))

    def _of_file(self, path: Path, adapter: DatasetAdapter, address: str) -> Iterator[Item | BadItem]:
        fields = self._fields if isinstance(adapter, MappedAdapter) else None
        if is_registered(adapter):
            named = None if fields is None else asdict(fields)
            yield from self._isolated.read(adapter.name, path, address, named)
            return
        if fields is not None and isinstance(adapter, MappedAdapter):
            adapter = adapter.mapped(fields)
        yield from adapter.read(path, address)

    def _of_member(
        self, member: Member, address: str, place: str, depth: int, budget: Budget
    ) -> Iterator[Item | BadItem]:
        try:
            yield from self._read(member.path, self.adapter_for(member.path), address, place, depth, budget)
        except UnknownFormatError as error:
            yield BadItem(place, str(error).replace(shown(member.path), place), "unknown_format")
        except UnreadableError as error:
            yield BadItem(place, str(error).replace(shown(member.path), place), "unreadable")
        except OSError as error:
            yield BadItem(place, str(unreadable(Path(place), error)), "unreadable")


def _moved(item: Item | BadItem, unpacked: Path, place: str) -> str:
    """The item's location, with its member's place instead of that of the unpacked file."""
    return (
        place + item.location.removeprefix(shown(unpacked))
        if item.location.startswith(shown(unpacked))
        else item.location
    )


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
