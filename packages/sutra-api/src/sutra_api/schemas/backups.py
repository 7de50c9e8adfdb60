"""Backups of a namespace."""

from __future__ import annotations

from sutra_api.schemas.base import Request, Result

__all__ = ["Backup", "BackupRequest"]


class BackupRequest(Request):
    """How a namespace is backed up."""

    prune: bool = False
    """Whether what was forgotten since goes out of what the backup holds."""


class Backup(Result):
    """What a backup holds now, and what was written for it."""

    transaction: int
    """The last that it holds; 0 where the namespace is empty, and nothing was written."""
    added: int
    """How many transactions are new."""
    rewritten: list[int]
    """Transactions whose changes were written anew because something of them was forgotten."""
    segments: int
    bytes: int
    """How large the whole backup is."""
    bytes_written: int
    """How large what is new is."""
