"""ZIP, tar and single compressed files, unpacked a member at a time into a temporary folder.

No member's name is trusted: only its last part becomes a name on disk, and one that leads out of the
archive is refused. What a member or a whole archive may unpack to is bounded (`unpacking`), so a bomb costs
no more than that. Links, devices and hidden files are passed over, as in a folder.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from sutra_core.learn.adapters.base import BadItem
from sutra_core.learn.adapters.members import Member
from sutra_core.learn.adapters.unpacking import Budget, RefusedMemberError, is_hidden, unpack

__all__ = ["CompressedFile", "TarArchive", "ZipArchive"]

_DIRECTORY_BYTES = 64 << 20
"""The largest directory of a ZIP archive that is read: about half a million members."""

_TAR_MARK = slice(257, 262)
_ENCRYPTED = 0x1
_CUT_SHORT = "the archive is cut short; fetch or pack it again"
_END_BYTES = 128 * 1024
_STREAM_ERRORS = (zlib.error, EOFError, gzip.BadGzipFile, lzma.LZMAError, ValueError)
_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, *_STREAM_ERRORS)

_OPENERS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
_SUFFIXES = frozenset({".gz", ".bz2", ".xz"})


class ZipArchive:
    """Unpacks `.zip`, and whatever else begins as one and is no document."""

    name = "ZIP archive"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its first bytes, whatever it is called; those of an empty archive too."""
        del path
        return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def members(self, path: Path, location: str, budget: Budget) -> Iterator[Member | BadItem]:
        """The files in the order of the archive's directory."""
        size = path.stat().st_size
        if _directory_bytes(path, size) > _DIRECTORY_BYTES:
            yield BadItem(location, "its directory is too large; unpack it by hand", "too_large", size)
            return
        done = 0
        try:
            with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
                for info in archive.infolist():
                    done += info.compress_size
                    place = f"{location}!/{info.filename}"
                    if not info.filename:
                        reason = "a file in it has no name: it is damaged; fetch or pack it again"
                        yield BadItem(location, reason, "damaged_file", done)
                        continue
                    if info.is_dir() or is_hidden(info.filename):
                        continue
                    if info.flag_bits & _ENCRYPTED:
                        reason = "it is protected by a password; unpack it by hand"
                        yield BadItem(place, reason, "password_protected", done)
                        continue
                    try:
                        with archive.open(info) as file:
                            path_on_disk = unpack(file, info.filename, folder, budget, info.file_size)
                            yield Member(info.filename, path_on_disk, done)
                    except RefusedMemberError as refused:
                        yield BadItem(place, str(refused), refused.bad_item_code, done)
                    except _ZIP_ERRORS as error:
                        yield BadItem(place, f"it is damaged ({error}); pack it again", "damaged_file", done)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error, UnicodeDecodeError) as error:
            reason = f"the archive is damaged or cut short ({error}); fetch or pack it again"
            yield BadItem(location, reason, "damaged_file", done)


class TarArchive:
    """Unpacks tar archives: plain, or compressed by gzip, bzip2 or xz."""

    name = "tar archive"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the mark in the first header, unpacked where it is compressed."""
        del path
        return head[_TAR_MARK] == b"ustar" or _begin(head)[_TAR_MARK] == b"ustar"

    def members(self, path: Path, location: str, budget: Budget) -> Iterator[Member | BadItem]:
        """The regular files in the order of the archive, which is read once, from its beginning."""
        with path.open("rb") as raw:
            try:
                with (
                    tarfile.open(fileobj=raw, mode="r|*") as archive,
                    tempfile.TemporaryDirectory() as folder,
                ):
                    while (info := archive.next()) is not None:
                        yield from self._member(archive, info, location, folder, budget, raw)
                        # It keeps a header for every member that it has seen.
                        cast(Any, archive).members.clear()
                    # A whole archive ends with a block of zeros; tarfile takes one without for whole.
                    stream = cast(BinaryIO, archive.fileobj)
                    if stream.tell() < archive.offset + tarfile.BLOCKSIZE:
                        yield BadItem(location, _CUT_SHORT, "damaged_file", raw.tell())
            except (tarfile.TarError, *_STREAM_ERRORS) as error:
                reason = f"the archive is damaged or cut short ({error}); fetch or pack it again"
                yield BadItem(location, reason, "damaged_file", raw.tell())

    def _member(
        self,
        archive: tarfile.TarFile,
        info: tarfile.TarInfo,
        location: str,
        folder: str,
        budget: Budget,
        raw: BinaryIO,
    ) -> Iterator[Member | BadItem]:
        file = archive.extractfile(info) if info.isreg() else None
        name = str(PurePosixPath(info.name))  # without the "./" of `tar -c .`
        if file is None or is_hidden(name):
            return
        try:
            yield Member(name, unpack(file, name, folder, budget, info.size), raw.tell())
        except RefusedMemberError as refused:
            yield BadItem(f"{location}!/{name}", str(refused), refused.bad_item_code, raw.tell())


class CompressedFile:
    """Unpacks one file compressed by gzip, bzip2 or xz; its name is that without the last suffix."""

    name = "compressed file"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its first bytes, whatever it is called."""
        del path
        return head.startswith(tuple(_OPENERS))

    def members(self, path: Path, location: str, budget: Budget) -> Iterator[Member | BadItem]:
        """The one file."""
        size = path.stat().st_size
        name = path.stem if path.suffix.lower() in _SUFFIXES else path.name
        try:
            with _unpacked(path) as file, tempfile.TemporaryDirectory() as folder:
                yield Member(name, unpack(file, name, folder, budget), size)
        except RefusedMemberError as refused:
            yield BadItem(location, str(refused), refused.bad_item_code, size)
        except (*_STREAM_ERRORS, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the system's own; a damaged stream of bzip2 has no number
            reason = f"it is damaged or cut short ({error}); fetch or compress it again"
            yield BadItem(location, reason, "damaged_file", size)


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        head = file.read(8)
    for mark, opener in _OPENERS.items():
        if head.startswith(mark):
            return cast("IO[bytes]", opener(path))
    raise EOFError("its beginning is gone")


def _begin(head: bytes) -> bytes:
    """The first bytes of what is compressed; nothing where it is not, or damaged."""
    for mark, opener in _OPENERS.items():
        if head.startswith(mark):
            try:
                with cast("IO[bytes]", opener(io.BytesIO(head))) as file:
                    return file.read(512)
            except (*_STREAM_ERRORS, OSError):
                return b""
    return b""


def _directory_bytes(path: Path, size: int) -> int:
    """How large a ZIP archive says that its directory is; 0 where it does not say."""
    with path.open("rb") as file:
        file.seek(max(0, size - _END_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 16 > len(tail):
        return 0
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    large = tail.rfind(b"PK\x06\x06")
    if 0 <= large <= len(tail) - 48:
        (directory,) = struct.unpack_from("<Q", tail, large + 40)
    return directory
