"""Uploaded files, laid into a folder under the names that they came with.

A name is a relative path of plain parts: nothing in it leads out of the folder, and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from sutra_core.errors import InvalidValueError

__all__ = ["InvalidFileNameError", "checked_path", "lay_out"]

NAME_BYTES_MAX = 200
_PIECE = 1 << 20


class InvalidFileNameError(InvalidValueError):
    """A file came with a name that no file here can have."""

    code = "invalid_file_name"


def checked_path(name: str | None) -> PurePosixPath:
    """The path of a file inside its folder. Raises `InvalidFileNameError`."""
    given = name or ""
    path = PurePosixPath(given.replace("\\", "/"))
    good = (
        given.isprintable()
        and 0 < len(given.encode(errors="replace")) <= NAME_BYTES_MAX
        and path.parts
        and not path.is_absolute()
        and not any(part.startswith(".") or ":" in part for part in path.parts)
    )
    if not good:
        raise InvalidFileNameError(
            f"the name of a file is {given!a}; give a relative path of printable characters, up to "
            f"{NAME_BYTES_MAX} bytes, no part of which begins with a dot"
        )
    return path


def lay_out(folder: Path, files: Sequence[tuple[str | None, BinaryIO]]) -> bytes:
    """Writes each file under its name; a digest of all names and contents.

    Raises `InvalidFileNameError`, also for a name that comes twice.
    """
    digest = hashlib.sha256()
    for name, content in files:
        path = folder / checked_path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as written:
                own = hashlib.sha256()
                while piece := content.read(_PIECE):
                    own.update(piece)
                    written.write(piece)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise InvalidFileNameError(
                f"two files have the name {name!a}, or one is a folder of the other; name them apart"
            ) from error
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + own.digest())
    return digest.digest()
