"""Files that are whole or absent, and are what their SHA-256 says.

Writing goes to a temporary file in the same folder, which is synced and then renamed, so a reader
never sees half a file and a crash leaves at worst a stray temporary.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

__all__ = ["matches", "sha256_of", "write_atomically"]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def matches(path: Path, expected: str) -> bool:
    """Whether there is a file at `path` with this SHA-256."""
    return path.is_file() and sha256_of(path) == expected


def write_atomically(path: Path, data: bytes) -> None:
    """Writes `data` so that `path` holds all of it or what it held before."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
