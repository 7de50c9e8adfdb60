"""Unpacks one member of an archive to disk, and stops where it is more than may be."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import IO

from sutra_core.learn.adapters.base import BadItemCode

__all__ = ["Budget", "RefusedMemberError", "is_hidden", "unpack"]

RATIO_MAX = 200
"""How many times its own size an archive may unpack to: text packs by 3 to 10, repetitive logs by 50."""

FREE_BYTES = 256 << 20
"""What any archive may unpack to, and what has to stay free on the disk."""

_BLOCK = 1 << 20
_UNSAFE = re.compile(r"[^\w.,()+@ -]")


class RefusedMemberError(Exception):
    """Why a member is not unpacked."""

    def __init__(self, reason: str, bad_item_code: BadItemCode) -> None:
        super().__init__(reason)
        self.bad_item_code: BadItemCode = bad_item_code


class Budget:
    """How many bytes an archive may still unpack to, over all its members and theirs."""

    def __init__(self, size: int) -> None:
        """`size` is that of the archive in bytes."""
        self.left = max(FREE_BYTES, RATIO_MAX * size)

    def check(self, count: int) -> None:
        """Raises `RefusedMemberError` where fewer bytes are left; takes none off."""
        if count > self.left:
            raise RefusedMemberError(
                f"it unpacks to more than {RATIO_MAX} times the archive's size; if that is right, "
                "unpack it by hand",
                "too_large",
            )

    def spend(self, count: int) -> None:
        """Takes bytes off; raises `RefusedMemberError` where fewer are left."""
        self.check(count)
        self.left -= count


def is_hidden(name: str) -> bool:
    """Whether a member or one of its folders is hidden, as ".git/config" is."""
    return any(part.startswith(".") and part.strip(".") for part in _parts(name))


def unpack(file: IO[bytes], name: str, folder: str, budget: Budget, size: int | None = None) -> Path:
    """Writes a member into `folder`, in place of the one before; raises `RefusedMemberError`.

    `size` is how many bytes it is said to have, where the archive says that: one that is too large is then
    refused unread, and takes nothing from its neighbours.
    """
    parts = _parts(name)
    if ".." in parts or not parts or "\0" in name:
        raise RefusedMemberError("its name leads out of the archive; pack it again", "invalid_file_name")
    if size is not None:
        budget.check(size)
    for old in Path(folder).iterdir():
        old.unlink()
    stem, dot, suffix = parts[-1].rpartition(".")
    short = f"{stem[:60]}{dot}{suffix[:30]}"
    path = Path(folder) / (_UNSAFE.sub("_", short) or "member")
    with path.open("wb") as target:
        while block := file.read(_BLOCK):
            budget.spend(len(block))
            if shutil.disk_usage(folder).free < FREE_BYTES + len(block):
                raise RefusedMemberError("no room is left to unpack it; make some", "too_large")
            target.write(block)
    if size is not None and path.stat().st_size < size:
        raise RefusedMemberError("it is cut short; fetch or pack the archive again", "damaged_file")
    return path


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts
