"""Checking a backup, and making a store of it as it was after any of its transactions.

A restored store never holds what was forgotten up to the backup's last transaction, whichever is asked for.
It is made beside its folder and moved there once it is whole and verified.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sutra_core.arguments import check_number, check_type
from sutra_core.backup.manifest import Manifest, read_manifest
from sutra_core.backup.place import Objects, Place
from sutra_core.backup.segments import read_segment
from sutra_core.changes import Change, apply_changes, changes_since
from sutra_core.errors import BackupCorruptError, StoreExistsError
from sutra_storage import Engine, change_forgets

__all__ = ["CheckReport", "RestoreReport", "check", "restore"]

_GROUP = 256
_GROUP_BYTES = 16 << 20
"""Changes and bytes after which what belongs together is made durable."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a backup holds: transactions 1 to `transaction`, and what is wrong with it."""

    transaction: int
    written: datetime
    segments: int
    bytes: int
    faults: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether every object is what was written."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A store that was restored: to which transaction of the backup, and its own last one.

    The two differ by the transactions that forget again what was forgotten later.
    """

    folder: Path
    restored_to: int
    transaction: int
    sources: int
    concepts: int


def check(place: Place) -> CheckReport:
    """Reads every object of a backup, and checks its SHA-256 and each change in it.

    Raises `BackupMissingError`, `UnsupportedFormatError`, `StoreIOError`, and `BackupCorruptError` for a
    damaged manifest; damaged segments are in the report.
    """
    objects = Objects(place)
    manifest = read_manifest(objects)
    faults = list[str]()
    for segment in manifest.segments:
        try:
            read_segment(objects, manifest, segment)
        except BackupCorruptError as error:
            faults.append(str(error))
    size = sum(segment.bytes for segment in manifest.segments)
    return CheckReport(manifest.transaction, manifest.written, len(manifest.segments), size, tuple(faults))


def restore(place: Place, folder: str | Path, transaction: int | None = None) -> RestoreReport:
    """Makes a store in a new or empty folder, as it was after a transaction, by default the last.

    What any later transaction of the backup forgot is forgotten in it too. It is verified, and has a history
    of its own: neither followers nor backups of the first store go on with it. Recorded answers and settings
    are no part of a backup. Raises `StoreExistsError` for a folder that holds anything, `InvalidValueError`
    for a transaction that the backup does not hold, `BackupMissingError`, `BackupCorruptError`,
    `UnsupportedFormatError`, `StoreIOError`; the folder is then as it was.
    """
    check_type("folder", folder, str | Path, "the path of a new folder")
    folder = Path(folder).expanduser().absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreExistsError(
            f"{folder} holds a store or other files already; restore into a new or an empty folder"
        )
    objects = Objects(place)
    manifest = read_manifest(objects)
    goal = manifest.transaction if transaction is None else transaction
    check_number("transaction", goal, 1, manifest.transaction)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.restoring-", dir=folder.parent))
    try:
        return _restore(objects, manifest, draft, goal, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _restore(objects: Objects, manifest: Manifest, draft: Path, goal: int, folder: Path) -> RestoreReport:
    made = draft / "store"
    with _opened(made, manifest) as engine:
        forgets = _apply(engine, _changes(objects, manifest), goal)
    if forgets:
        # Its free pages may hold what was forgotten. One that follows it never held that.
        first, made = made, draft / "clean"
        with _opened(first, manifest) as engine, _opened(made, manifest) as follower:
            for _ in apply_changes(follower, changes_since(engine, 0, None)):
                pass
        shutil.rmtree(first)
    with _opened(made, manifest) as engine:
        verified = engine.verify()
        if not verified.clean:
            raise BackupCorruptError(
                f"what the backup in {objects.name} makes is not whole: {verified.faults[0]}; restore "
                "another transaction, or from another backup"
            )
        stats = engine.view().stats()
    made.rename(folder)
    return RestoreReport(folder, goal, stats.transaction, stats.sources, stats.concepts)


def _opened(folder: Path, manifest: Manifest) -> closing[Engine]:
    return closing(Engine(folder, fingerprint=manifest.fingerprint, dimension=manifest.dimension))


def _apply(engine: Engine, changes: Iterator[Change], goal: int) -> bool:
    """Makes a store what the changes up to one made it, without what any forgot; whether any did."""
    waiting, later = list[Change](), list[bytes]()
    size = settled = 0
    forgets = False
    for change in changes:
        is_forgetting = change_forgets(change.data)
        forgets |= is_forgetting
        if change.transaction > goal:
            if is_forgetting:
                later.append(change.data)
            continue
        waiting.append(change)
        size += len(change.data)
        settled = max(settled, change.settled)
        is_much = len(waiting) >= _GROUP or size >= _GROUP_BYTES
        if is_much and settled <= change.transaction:
            engine.apply_changes([each.data for each in waiting])
            waiting, size = [], 0
    engine.restore_changes([each.data for each in waiting], later)
    return forgets


def _changes(objects: Objects, manifest: Manifest) -> Iterator[Change]:
    for segment in manifest.segments:
        yield from read_segment(objects, manifest, segment)
