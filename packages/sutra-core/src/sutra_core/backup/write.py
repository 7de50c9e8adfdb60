"""Making a backup, going on with one, and taking out of it what was forgotten since.

The store stays open and is learned into meanwhile: its changes are read as they are, a page from a state at
a time. Nothing that a manifest names is touched before the next manifest is whole; what a killed backup
leaves is named by none, and the next one removes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sutra_core.backup.manifest import (
    MANIFESTS,
    Manifest,
    Segment,
    find_manifest,
    manifest_path,
)
from sutra_core.backup.place import Objects, Place
from sutra_core.backup.report import BackupReport
from sutra_core.backup.segments import (
    SEGMENT_BYTES,
    SEGMENTS,
    history_of,
    packed,
    read_segment,
    segment_of,
)
from sutra_core.changes import Change, changes_since
from sutra_core.errors import (
    BackupConflictError,
    BackupCorruptError,
    EmbedderMismatchError,
    HistoryMismatchError,
)
from sutra_core.types import KnowledgeStore

__all__ = ["backup"]


def backup(
    store: KnowledgeStore,
    fingerprint: str,
    dimension: int,
    place: Place,
    *,
    prune: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> BackupReport:
    """Writes what a place does not hold yet of a store, and reads each new object back.

    `fingerprint` and `dimension` are the embedder's. With `prune` the changes of which something was
    forgotten since are written anew without it, and the old ones removed. `on_progress` is told the bytes
    written so far, after each object that was written or compared; what it raises ends the backup, which then
    stays as it was before. Raises `HistoryMismatchError` and
    `EmbedderMismatchError` for a place that holds another store's, `BackupConflictError` where another
    backup was faster, `BackupCorruptError`, `StoreIOError`.
    """
    objects = Objects(place, new=True)
    before = find_manifest(objects)
    if before is not None:
        _check_same(store, fingerprint, dimension, before, objects)
    writer = _Writer(store, objects, before, on_progress or (lambda _: None))
    if before is not None and prune:
        for segment in before.segments:
            writer.renew(segment)
    writer.go_on(store.view().transaction)
    if not writer.segments:
        return BackupReport(0, 0, (), 0, 0, 0)
    manifest = before
    if before is None or writer.bytes_written:
        manifest = Manifest(
            number=writer.number,
            history=writer.history,
            fingerprint=fingerprint,
            dimension=dimension,
            written=writer.now,
            segments=tuple(writer.segments),
        )
        _commit(objects, manifest)
    assert manifest is not None
    _clean(objects, manifest)
    return BackupReport(
        manifest.transaction,
        manifest.transaction - (before.transaction if before else 0),
        tuple(writer.rewritten),
        len(manifest.segments),
        sum(segment.bytes for segment in manifest.segments),
        writer.bytes_written,
    )


class _Writer:
    """The segments of the next manifest, while they are written."""

    def __init__(
        self,
        store: KnowledgeStore,
        objects: Objects,
        before: Manifest | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self.number = before.number + 1 if before else 1
        self.history = before.history if before else ""
        self.now = datetime.now(UTC)
        self.segments = list(before.segments) if before else list[Segment]()
        self.rewritten = list[int]()
        self.bytes_written = 0
        self._before = before
        self._store = store
        self._objects = objects
        self._on_progress = on_progress
        self._settled = 0

    def renew(self, segment: Segment) -> None:
        """Writes a segment anew where the store tells less of its transactions now."""
        assert self._before is not None
        known = read_segment(self._objects, self._before, segment)
        told = list(changes_since(self._store, segment.first - 1, len(known)))
        self._settled = max(self._settled, *(change.settled for change in told))
        changed = [new.transaction for new, old in zip(told, known, strict=True) if new.data != old.data]
        if changed:
            self.rewritten += changed
            self.segments[self.segments.index(segment)] = self._write(told)
        else:
            self._on_progress(self.bytes_written)

    def go_on(self, goal: int) -> None:
        """Adds the transactions up to one, and up to those that belong in one step with them."""
        since = self.segments[-1].last if self.segments else 0
        for changes in self._groups(since, max(goal, self._settled)):
            self.history = history_of(changes[0])
            self.segments.append(self._write(changes))

    def _groups(self, since: int, goal: int) -> Iterator[list[Change]]:
        group, size = list[Change](), 0
        for change in changes_since(self._store, since, None) if since < goal else ():
            group.append(change)
            size += len(change.data)
            goal = max(goal, change.settled)
            if size >= SEGMENT_BYTES or change.transaction >= goal:
                yield group
                group, size = [], 0
            if change.transaction >= goal:
                return

    def _write(self, changes: list[Change]) -> Segment:
        data = packed(changes)
        segment = segment_of(changes, data, self.number, self.now)
        # One that is there has the same bytes, by its name; a killed backup left it.
        self._objects.create(segment.path, data)
        found = self._objects.read(segment.path)
        if found is None or hashlib.sha256(found).hexdigest() != segment.sha256:
            self._objects.delete(segment.path)
            raise BackupCorruptError(
                f"{segment.path} in {self._objects.name} is not what was written; look at the place, and "
                "make the backup again"
            )
        self.bytes_written += len(data)
        self._on_progress(self.bytes_written)
        return segment


def _check_same(
    store: KnowledgeStore, fingerprint: str, dimension: int, manifest: Manifest, objects: Objects
) -> None:
    """Refuses to go on with a backup of another store."""
    if (manifest.fingerprint, manifest.dimension) != (fingerprint, dimension):
        raise EmbedderMismatchError(
            f"the backup in {objects.name} holds {manifest.dimension}-d vectors of embedder "
            f"{manifest.fingerprint[:12]}…, the store {dimension}-d vectors of {fingerprint[:12]}…; "
            "name a new place"
        )
    last = manifest.segments[-1]
    here = store.view().transaction
    if here < last.last:
        raise HistoryMismatchError(
            f"the backup in {objects.name} goes to transaction {last.last}, the store to {here}: it is "
            "another one, or was set back; name a new place"
        )
    (change,) = changes_since(store, last.last - 1, 1)
    if history_of(change) != manifest.history or change.time != last.last_time:
        raise HistoryMismatchError(
            f"the backup in {objects.name} is of another store, or of another history of this one; "
            "name a new place"
        )


def _commit(objects: Objects, manifest: Manifest) -> None:
    """Makes a manifest the backup's."""
    path, data = manifest_path(manifest.number), manifest.to_bytes()
    conflict = BackupConflictError(
        f"another backup into {objects.name} was written at the same time; nothing of it is lost, run this "
        "one again"
    )
    if not objects.create(path, data):
        raise conflict
    if objects.paths(MANIFESTS)[-1] != path:
        # Its number was free because two others were written, and the first of them removed.
        objects.delete(path)
        raise conflict
    if objects.read(path) != data:
        objects.delete(path)
        raise BackupCorruptError(
            f"{path} in {objects.name} is not what was written; look at the place, and make the backup again"
        )


def _clean(objects: Objects, manifest: Manifest) -> None:
    """Removes what no manifest names: older ones, their segments, and what killed backups left.

    Whoever writes now has read this manifest, and so writes segments of a greater number, or is refused.
    """
    for path in objects.paths(MANIFESTS):
        if path < manifest_path(manifest.number):
            objects.delete(path)
    named = {segment.path for segment in manifest.segments}
    end = f"{SEGMENTS}/{manifest.number + 1:08}/"
    for path in objects.paths(SEGMENTS):
        if path < end and path not in named:
            objects.delete(path)
    for number in {path.split("/")[1] for path in objects.paths(SEGMENTS)}:
        if int(number) <= manifest.number:
            objects.delete_drafts(f"{SEGMENTS}/{number}")
