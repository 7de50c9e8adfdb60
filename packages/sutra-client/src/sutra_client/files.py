"""A collection as uploads: which of its files are sent, under which names, how many at once.

A file keeps the address that the engine would give it: the folder of the collection is the prefix, and the
name is the path inside. Reads no file beyond what tells its format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sutra_core.errors import InvalidValueError
from sutra_core.learn.adapters import BadItem, FieldMap, walk
from sutra_core.learn.adapters.files import FileReader

__all__ = ["HowRead", "Upload", "uploads"]

_FILES_MAX = 200
_BYTES_MAX = 256 << 20
_NAME_BYTES_MAX = 200
_PREFIX_MAX = 200


@dataclass(frozen=True, slots=True)
class HowRead:
    """Of which format files are ("" recognises each), and which of their fields are what."""

    format_name: str = ""
    fields: FieldMap | None = None

    @property
    def params(self) -> dict[str, str]:
        """The parameters of an upload that say so."""
        fields = self.fields or FieldMap()
        said = {"format": self.format_name, "map": fields.mapping, "template": fields.template}
        return {name: value for name, value in said.items() if value}


@dataclass(slots=True)
class Upload:
    """Files that are sent together, each as (name, path); `prefix` begins their addresses."""

    root: Path
    prefix: str
    how: HowRead
    files: list[tuple[str, Path]] = field(default_factory=list[tuple[str, Path]])
    size: int = 0


def uploads(path: Path, prefix: str | None, how: HowRead) -> Iterator[Upload | BadItem]:
    """The uploads of a file or a folder, and what of it cannot be learned.

    Raises `UnreadableError` and `UnknownFormatError` for the collection itself, and `InvalidValueError`
    where its folder's own path is longer than a prefix may be, and where it has no fields to map.
    """
    root = path if path.is_dir() else path.parent
    begins = root.resolve().as_posix() if prefix is None else prefix
    if not 0 < len(begins) <= _PREFIX_MAX:
        raise InvalidValueError(
            f"the addresses would begin with {len(begins)} characters; give a prefix of 1 to {_PREFIX_MAX}"
        )
    upload = Upload(root, begins, how)
    for found in walk(path, FileReader(format_name=how.format_name, fields=how.fields)):
        if isinstance(found, BadItem):
            yield found
            continue
        file, _ = found
        name = file.relative_to(root).as_posix()
        if not _is_sendable(name):
            reason = (
                "the name of the file is not one that can be sent: up to 200 bytes, printable, "
                "without : and \\; rename it"
            )
            yield BadItem(str(file), reason, "invalid_file_name")
            continue
        size = file.stat().st_size
        if upload.files and (len(upload.files) == _FILES_MAX or upload.size + size > _BYTES_MAX):
            yield upload
            upload = Upload(root, begins, how)
        upload.files.append((name, file))
        upload.size += size
    if upload.files:
        yield upload


def _is_sendable(name: str) -> bool:
    return name.isprintable() and len(name.encode()) <= _NAME_BYTES_MAX and not set(name) & set(':\\"')
