"""What holds files: an archive, whose members are read as if they lay in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from sutra_core.learn.adapters.base import BadItem
from sutra_core.learn.adapters.unpacking import Budget

__all__ = ["ContainerAdapter", "Member"]


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, unpacked to `path` until the next one is asked for.

    `name` is its name in the archive (POSIX), `bytes_done` how many bytes of the archive were read.
    """

    name: str
    path: Path
    bytes_done: int


@runtime_checkable
class ContainerAdapter(Protocol):
    """Unpacks one kind of archive, a member at a time."""

    @property
    def name(self) -> str:
        """What messages call the format."""
        ...

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether this adapter unpacks the file, by its name and first `HEAD_BYTES` bytes."""
        ...

    def members(self, path: Path, location: str, budget: Budget) -> Iterator[Member | BadItem]:
        """The files in the order of the archive, `location` standing for it in messages.

        What is unpacked is spent from `budget`, which the archives that stand in it share. Raises OSError
        where the archive cannot be read.
        """
        ...
