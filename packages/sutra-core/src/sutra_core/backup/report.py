"""What a backup wrote, as its caller gets it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BackupReport"]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup wrote.

    `transaction` is the last that it holds now (0: the store is empty, and nothing was written), `added` how
    many are new, `rewritten` those whose changes were written anew because something of them was forgotten.
    `segments` and `bytes` are the backup's, `bytes_written` those of new objects.
    """

    transaction: int
    added: int
    rewritten: tuple[int, ...]
    segments: int
    bytes: int
    bytes_written: int
