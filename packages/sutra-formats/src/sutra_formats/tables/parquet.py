"""Parquet: a row a source, read a batch at a time.

A nested column (a list, a struct, a map) is neither in the text nor an attribute, unless a `FieldMap` names
it. It never holds more than a batch of rows and the pages that they lie in. A value that is none of its
column's type refuses its row alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.field_map import FieldMap
from sutra_core.learn.adapters.parts import PART_BYTES, cut_draft
from sutra_formats.rows import RefusedRowError, ending_at, row_draft

__all__ = ["ParquetAdapter"]

_MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"
_BATCH_ROWS = 1000


class ParquetAdapter:
    """Reads files that begin as Parquet does, whatever their names."""

    name = "Parquet"

    def __init__(self, *, part_bytes: int = PART_BYTES, fields: FieldMap | None = None) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._fields = fields or FieldMap()

    def mapped(self, fields: FieldMap) -> ParquetAdapter:
        """The same adapter, reading rows as `fields` says."""
        return ParquetAdapter(part_bytes=self._part_bytes, fields=fields)

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """By the four bytes at the beginning."""
        return head.startswith((_MAGIC, _ENCRYPTED))

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each row in the order of the file, a long one in parts."""
        with path.open("rb") as file:
            yield from ending_at(self._items(file, path, address), path.stat().st_size)

    def _items(self, file: BinaryIO, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        number = 0
        size = path.stat().st_size
        try:
            if file.read(len(_ENCRYPTED)) == _ENCRYPTED:
                raise RefusedRowError("password_protected", "the file is encrypted; save it without a key")
            for total, values, fault in _rows(file):
                number += 1
                done = size * min(number, total) // max(total, 1)
                place = f"{location} (row {number})"
                try:
                    if fault:
                        raise RefusedRowError("invalid_record", fault)
                    draft = row_draft(
                        values,
                        fields=self._fields,
                        address=address,
                        number=str(number),
                        title=title_from_name(path),
                        place=f"row {number}",
                    )
                except RefusedRowError as refused:
                    yield BadItem(place, refused.reason, refused.code, done)
                    continue
                for part in cut_draft(draft, self._part_bytes):
                    yield Item(part, None, place, done)
        except RefusedRowError as refused:
            place = f"{location} (after row {number})" if number else location
            yield BadItem(place, refused.reason, refused.code, size)
            return
        if not number:
            yield BadItem(location, "the table holds no rows", "empty_text", size)


def _library() -> Any:
    """It has no types, and is loaded with the first file."""
    import_module("pyarrow.parquet")
    return import_module("pyarrow")


def _rows(file: BinaryIO) -> Iterator[tuple[int, dict[str, object], str]]:
    """How many rows there are, the values of one, and what is wrong with them, if anything.

    Raises `RefusedRowError` where the file cannot be read, or no further.
    """
    library = _library()
    try:
        parquet = library.parquet.ParquetFile(file)
        total = int(parquet.metadata.num_rows)
        for batch in parquet.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
            names = [str(name) for name in batch.schema.names]
            faults: dict[int, str] = {}
            columns = [
                _values(column, name, faults) for name, column in zip(names, batch.columns, strict=True)
            ]
            for position, cells in enumerate(zip(*columns, strict=True)):
                yield total, dict(zip(names, cells, strict=True)), faults.get(position, "")
    except (library.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's, not the library's
        said = " ".join(str(error).split())[:200]
        if "crypt" in said:
            reason = f"the file is encrypted ({said}); save it without a key"
            raise RefusedRowError("password_protected", reason) from error
        reason = f"the file is damaged: {said}; write it again"
        raise RefusedRowError("damaged_file", reason) from error
    except MemoryError as error:
        reason = "a group of rows needs more memory than there is; write the file with smaller row groups"
        raise RefusedRowError("too_large", reason) from error


def _values(column: Any, name: str, faults: dict[int, str]) -> list[object]:
    """A column of a batch as Python has it; what is none of its type is None, and said in `faults`."""
    library = _library()
    if library.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(library.timestamp("us", column.type.tz), safe=False)
    try:
        return cast("list[object]", column.to_pylist())
    except (ValueError, OverflowError, KeyError):
        pass
    values: list[object] = []
    for position, scalar in enumerate(column):
        try:
            values.append(scalar.as_py())
        except (ValueError, OverflowError, KeyError) as error:
            faults[position] = f"the column {name!r} holds no value of its type: {error}"
            values.append(None)
    return values
