"""The objects that hold changes: packed from them, and read with every check.

    magic (8 bytes) | zlib stream of: length of a change (8 bytes, the lowest first), the change; and so on

Performs no I/O but to read one object from its place.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime

from sutra_core.backup.manifest import Manifest, Segment
from sutra_core.backup.place import Objects
from sutra_core.changes import Change
from sutra_core.errors import BackupCorruptError, InvalidChangeError

__all__ = ["SEGMENTS", "SEGMENT_BYTES", "history_of", "packed", "read_segment", "segment_of"]

SEGMENTS = "segments"
SEGMENT_BYTES = 32 << 20
"""Bytes of changes after which a segment ends; one change may be more."""
_MAGIC = b"sutraseg"
_LENGTH = 8
_HISTORY = slice(1, 17)
_LEVEL = 1  # vectors hardly shrink, however long one tries


def history_of(change: Change) -> str:
    """The history that a change belongs to (docs/design/file-format.md)."""
    return change.data[_HISTORY].hex()


def packed(changes: Sequence[Change]) -> bytes:
    """The bytes of a segment that holds these changes."""
    pack = zlib.compressobj(_LEVEL)
    parts = [_MAGIC]
    for change in changes:
        parts += [
            pack.compress(len(change.data).to_bytes(_LENGTH, "little")),
            pack.compress(change.data),
        ]
    return b"".join([*parts, pack.flush()])


def segment_of(changes: Sequence[Change], data: bytes, number: int, now: datetime) -> Segment:
    """What the manifest of this number says of a segment."""
    first, last = changes[0], changes[-1]
    digest = hashlib.sha256(data).hexdigest()
    return Segment(
        path=f"{SEGMENTS}/{number:08}/{first.transaction}-{last.transaction}-{digest[:32]}",
        first=first.transaction,
        last=last.transaction,
        last_time=last.time,
        bytes=len(data),
        sha256=digest,
        written=now,
    )


def read_segment(objects: Objects, manifest: Manifest, segment: Segment) -> list[Change]:
    """The changes of a segment; raises `BackupCorruptError` for one that is not what was written."""
    data = objects.read(segment.path)
    if data is None:
        raise _damaged(objects, segment, "is missing")
    if hashlib.sha256(data).hexdigest() != segment.sha256:
        raise _damaged(objects, segment, "does not have its SHA-256")
    try:
        changes = _unpacked(data)
    except (zlib.error, ValueError, InvalidChangeError) as error:
        raise _damaged(objects, segment, f"holds what is no change ({error})") from error
    if [change.transaction for change in changes] != list(range(segment.first, segment.last + 1)):
        raise _damaged(objects, segment, "holds other transactions than its name says")
    if any(history_of(change) != manifest.history for change in changes):
        raise _damaged(objects, segment, "holds changes of another store")
    return changes


def _unpacked(data: bytes) -> list[Change]:
    if not data.startswith(_MAGIC):
        raise ValueError("it does not begin as a segment")
    stream = memoryview(zlib.decompress(data[len(_MAGIC) :]))
    changes = list[Change]()
    while stream:
        length = int.from_bytes(stream[:_LENGTH], "little")
        change, stream = stream[_LENGTH : _LENGTH + length], stream[_LENGTH + length :]
        changes.append(Change.decode(bytes(change)))
    return changes


def _damaged(objects: Objects, segment: Segment, how: str) -> BackupCorruptError:
    return BackupCorruptError(
        f"{segment.path} of the backup in {objects.name} {how}; restore a transaction from another backup, "
        "and make a new one into a new place"
    )
