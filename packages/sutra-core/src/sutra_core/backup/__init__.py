"""Backups: what a store's transactions did, kept in a folder or an object store, and stores made of it.

    engine.backup("s3://bucket/knowledge")
    restore("s3://bucket/knowledge", "knowledge-again")

`place` is where a backup lies, `manifest` says what belongs to it, `segments` hold the changes; `write`
makes and prunes, `read` checks and restores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_core.lazy import lazily

if TYPE_CHECKING:
    from sutra_core.backup.place import Place
    from sutra_core.backup.read import CheckReport, RestoreReport, check, restore
    from sutra_core.backup.report import BackupReport
    from sutra_core.backup.write import backup

__all__ = ["BackupReport", "CheckReport", "Place", "RestoreReport", "backup", "check", "restore"]

# Imported when they are first asked for: the library of object stores takes longer to load than a question.
_HOMES = {
    "BackupReport": "sutra_core.backup.report",
    "CheckReport": "sutra_core.backup.read",
    "Place": "sutra_core.backup.place",
    "RestoreReport": "sutra_core.backup.read",
    "backup": "sutra_core.backup.write",
    "check": "sutra_core.backup.read",
    "restore": "sutra_core.backup.read",
}

__getattr__ = lazily(__name__, _HOMES)
