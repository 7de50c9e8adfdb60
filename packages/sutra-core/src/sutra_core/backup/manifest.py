"""What belongs to a backup: its segments, and whose transactions they are.

A backup has one manifest, of the greatest number in `manifests/`; it is created whole, last, and only where
none of its number is there, so of two backups at once one is refused. What it does not name belongs to
nobody.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sutra_core.backup.place import Objects
from sutra_core.errors import BackupCorruptError, BackupMissingError, UnsupportedFormatError

__all__ = ["FORMAT", "MANIFESTS", "Manifest", "Segment", "find_manifest", "manifest_path", "read_manifest"]

FORMAT = 1
MANIFESTS = "manifests"
SHA256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Segment(_Record):
    """An object that holds the changes of consecutive transactions."""

    path: Annotated[str, Field(pattern="^segments/[0-9]{8}/[0-9]+-[0-9]+-[0-9a-f]{32}$")]
    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]
    last_time: datetime
    """When its last transaction was made."""
    bytes: Annotated[int, Field(ge=0)]
    """How large the object is."""
    sha256: SHA256
    """Of the whole object."""
    written: datetime


class Manifest(_Record):
    """All segments of a backup, in order and without gaps from transaction 1."""

    format: Literal[1] = FORMAT
    number: Annotated[int, Field(ge=1)]
    history: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    fingerprint: str
    dimension: Annotated[int, Field(ge=1)]
    written: datetime
    segments: tuple[Segment, ...]

    @model_validator(mode="after")
    def _without_gaps(self) -> Manifest:
        expected = 1
        for segment in self.segments:
            if segment.first != expected or segment.last < segment.first:
                raise ValueError(f"transaction {expected} belongs to no segment, or to several")
            expected = segment.last + 1
        if not self.segments:
            raise ValueError("there is no segment")
        return self

    @property
    def transaction(self) -> int:
        """The last transaction that the backup holds."""
        return self.segments[-1].last

    def to_bytes(self) -> bytes:
        """The manifest as it is stored: JSON, with a SHA-256 of all that it says."""
        said = self.model_dump(mode="json")
        return json.dumps({**said, "sha256": _digest(said)}, indent=1).encode() + b"\n"


def manifest_path(number: int) -> str:
    """Where the manifest of a number lies."""
    return f"{MANIFESTS}/{number:08}.json"


def find_manifest(objects: Objects) -> Manifest | None:
    """The manifest of a backup, None where there is none.

    Raises `BackupCorruptError` for a damaged one, `UnsupportedFormatError` for one of another format.
    """
    paths = [path for path in objects.paths(MANIFESTS) if path.endswith(".json")]
    return _read(objects, paths[-1]) if paths else None


def read_manifest(objects: Objects) -> Manifest:
    """The manifest of a backup; raises `BackupMissingError` where there is none."""
    found = find_manifest(objects)
    if found is None:
        raise BackupMissingError(
            f"there is no backup in {objects.name}; name the place that a backup was written to"
        )
    return found


def _read(objects: Objects, path: str) -> Manifest:
    damaged = BackupCorruptError(
        f"the manifest {path} of the backup in {objects.name} is damaged; make a backup into a new place"
    )
    data = objects.read(path)
    if data is None:
        raise damaged
    try:
        loaded: object = json.loads(data)
    except ValueError as error:
        raise damaged from error
    if not isinstance(loaded, dict):
        raise damaged
    said = cast("dict[str, object]", loaded)
    if said.pop("sha256", None) != _digest(said):
        raise damaged
    if said.get("format") != FORMAT:
        raise UnsupportedFormatError(
            f"the backup in {objects.name} has format {said.get('format')!r}, this version reads {FORMAT}; "
            "read it with the version of Sutra that wrote it"
        )
    try:
        manifest = Manifest.model_validate(said)
    except ValidationError as error:
        raise damaged from error
    if path != manifest_path(manifest.number):
        raise damaged
    return manifest


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
