"""Archives that documents are kept in: members are read as streams, and never more of them than is sane.

A member is refused by its declared size and ratio, and again by what really comes out of it. Nothing is ever
written to disk, and no name of a member is taken for a path.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

__all__ = ["MEMBER_BYTES_MAX", "Archive", "ArchiveError"]

MEMBER_BYTES_MAX = 512 * 1024 * 1024
"""The most bytes that one member may hold."""

RATIO_MAX = 200
RATIO_FREE_BYTES = 10 * 1024 * 1024
MEMBERS_MAX = 100_000

_ENCRYPTED = 0x1
_FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)


class ArchiveError(Exception):
    """An archive or a member that is not read; `code` says of which kind, the message why."""

    def __init__(self, code: Literal["damaged_file", "password_protected", "too_large"], reason: str) -> None:
        super().__init__(reason)
        self.code: Literal["damaged_file", "password_protected", "too_large"] = code


class Archive:
    """A zip file that is open; a context manager. Raises `ArchiveError` where it cannot be read."""

    def __init__(self, path: Path, *, member_bytes_max: int = MEMBER_BYTES_MAX) -> None:
        self._member_bytes_max = member_bytes_max
        try:
            self._zip = zipfile.ZipFile(path)
        except _FAILURES as error:
            raise ArchiveError("damaged_file", f"the archive cannot be opened: {error}") from error
        self._members = {info.filename: info for info in self._zip.infolist()}
        if len(self._members) > MEMBERS_MAX:
            self._zip.close()
            raise ArchiveError("too_large", f"the archive has over {MEMBERS_MAX} members")

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> list[str]:
        """The names of the members, in the order of the archive."""
        return list(self._members)

    def packed_size(self, name: str) -> int:
        """How many bytes of the archive a member takes; 0 for one that is not there."""
        info = self._members.get(name)
        return info.compress_size if info else 0

    @contextmanager
    def opened(self, name: str) -> Generator[IO[bytes]]:
        """A member as a stream. Raises `ArchiveError`, here and from reading."""
        info = self._members.get(name)
        if info is None:
            raise ArchiveError("damaged_file", f"the part {name!r} is missing")
        if info.flag_bits & _ENCRYPTED:
            raise ArchiveError(
                "password_protected", f"the part {name!r} is encrypted; save it without a password"
            )
        _check(name, info.file_size, info.compress_size, self._member_bytes_max)
        try:
            member = self._zip.open(info)
        except (*_FAILURES, OSError) as error:
            raise ArchiveError("damaged_file", f"the part {name!r} cannot be read: {error}") from error
        with member:
            yield io.BufferedReader(
                _Counted(member, name, info.compress_size, self._member_bytes_max), 64 * 1024
            )

    def read(self, name: str) -> bytes:
        """A member whole. Raises `ArchiveError`."""
        with self.opened(name) as file:
            return file.read()


class _Counted(io.RawIOBase):
    """A member that counts what comes out of it, whatever its header says."""

    def __init__(self, member: IO[bytes], name: str, packed: int, bytes_max: int) -> None:
        self._member = member
        self._name = name
        self._packed = packed
        self._bytes_max = bytes_max
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        try:
            data = self._member.read(len(buffer))
        except (*_FAILURES, OSError) as error:
            raise ArchiveError("damaged_file", f"the part {self._name!r} cannot be read: {error}") from error
        self._done += len(data)
        _check(self._name, self._done, self._packed, self._bytes_max)
        buffer[: len(data)] = data
        return len(data)


def _check(name: str, size: int, packed: int, bytes_max: int) -> None:
    if size > bytes_max:
        raise ArchiveError("too_large", f"the part {name!r} holds over {bytes_max} bytes")
    if size > RATIO_FREE_BYTES and size > RATIO_MAX * max(packed, 1):
        raise ArchiveError("too_large", f"the part {name!r} unpacks to over {RATIO_MAX} times its size")
