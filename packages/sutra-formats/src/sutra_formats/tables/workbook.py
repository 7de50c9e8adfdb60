"""Workbooks of Excel (XLSX): every sheet a table, every row a source.

A formula counts by the value that was saved with it; macros, charts and comments are left alone. Sheets that
are hidden are read too, and their rows say so. Rows are read as a stream; what a workbook keeps of its texts
in one place is held whole, and refused over `STRINGS_BYTES`. No member is inflated before its declared size
was checked, and none beyond it.
"""

from __future__ import annotations

import errno
import itertools
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, shown, title_from_name
from sutra_core.learn.adapters.field_map import FieldMap
from sutra_core.learn.adapters.parts import PART_BYTES, cut_draft
from sutra_formats.rows import RefusedRowError, column_names, ending_at, is_header, row_draft, written

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["MEMBER_BYTES", "STRINGS_BYTES", "WorkbookAdapter"]

MEMBER_BYTES = 512 * 1024 * 1024
"""The largest member that is inflated."""
STRINGS_BYTES = 128 * 1024 * 1024
"""The most that the texts which all sheets share may have."""

_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (b"word/", b"ppt/", b"mimetype", b"xl/workbook.bin")
_RATIO = 200
_RATIO_FROM_BYTES = 10 * 1024 * 1024
_MEMBERS = 100_000
_ROWS = 1_048_576
_SAMPLE_ROWS = 200
_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
# What the library raises for a file that is not as it should be: it has no errors of its own for that.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,  # of a place before the file's beginning; `_pass_on` lets go of the others
    RuntimeError,
    SyntaxError,  # the parsers' own errors are of it
    TypeError,
    ValueError,
    zlib.error,
)

_Row = tuple[int, list[object]]


class _RefusedError(Exception):
    def __init__(self, code: BadItemCode, reason: str) -> None:
        super().__init__(reason)
        self.code: BadItemCode = code
        self.reason = reason


class WorkbookAdapter:
    """Reads `.xlsx` and `.xlsm`, and says of one with a password that it has one."""

    name = "XLSX"

    def __init__(
        self,
        *,
        part_bytes: int = PART_BYTES,
        member_bytes: int = MEMBER_BYTES,
        strings_bytes: int = STRINGS_BYTES,
        fields: FieldMap | None = None,
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._member_bytes = member_bytes
        self._strings_bytes = strings_bytes
        self._fields = fields or FieldMap()

    def mapped(self, fields: FieldMap) -> WorkbookAdapter:
        """The same adapter, reading rows as `fields` says."""
        return WorkbookAdapter(
            part_bytes=self._part_bytes,
            member_bytes=self._member_bytes,
            strings_bytes=self._strings_bytes,
            fields=fields,
        )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the names of its members, and by the suffix where they come later, or are encrypted."""
        suffixed = path.suffix.lower() in _SUFFIXES
        if head.startswith(_OLE):
            return suffixed
        if not head.startswith(_ZIP) or any(name in head for name in _OTHERS):
            return False
        return suffixed or b"xl/workbook.xml" in head or b"xl/worksheets/" in head

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The rows of every sheet, in the order of the workbook."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        location = shown(path)
        empty = True
        with path.open("rb") as file:
            try:
                self._check(file)
                workbook = _opened(file)
            except _RefusedError as refused:
                yield BadItem(location, refused.reason, refused.code)
                return
            sheets = cast("list[ReadOnlyWorksheet]", workbook.worksheets)
            for number, sheet in enumerate(sheets):
                done = path.stat().st_size * number // len(sheets)
                for item in self._sheet(sheet, path, address, done):
                    empty = False
                    yield item
        if empty:
            yield BadItem(location, "no sheet of the workbook has a row with something in it", "empty_text")

    def _check(self, file: BinaryIO) -> None:
        """Raises `_RefusedError` for what must not be opened."""
        if file.read(len(_OLE)) == _OLE:
            if any(_ENCRYPTED in piece for piece in iter(lambda: file.read(1 << 20), b"")):
                raise _protected()
            raise _damaged("it is no XLSX but an older format; save it as XLSX")
        try:
            with ZipFile(file) as archive:
                members = archive.infolist()
        except _DAMAGE as error:
            _pass_on(error)
            raise _damaged(str(error)) from error
        if len(members) > _MEMBERS:
            raise _RefusedError("too_large", f"the workbook has {len(members)} members, more than {_MEMBERS}")
        for member in members:
            if member.flag_bits & 1:
                raise _protected()
            limit = (
                self._strings_bytes if member.filename.endswith("sharedStrings.xml") else self._member_bytes
            )
            crowded = member.file_size > _RATIO_FROM_BYTES
            if member.file_size > limit or (crowded and member.file_size > _RATIO * member.compress_size):
                raise _RefusedError(
                    "too_large",
                    f"{member.filename} of the workbook would take {member.file_size} bytes, of which "
                    f"{member.compress_size} are in the file; save its sheets as CSV, or split the workbook",
                )

    def _sheet(
        self, sheet: ReadOnlyWorksheet, path: Path, address: str, done: int
    ) -> Iterator[Item | BadItem]:
        name = str(sheet.title)
        location = f"{shown(path)} (sheet {name}"
        rows = _rows(sheet)
        try:
            sample = list(itertools.islice(rows, _SAMPLE_ROWS))
            columns, more, start = _form(sample, self._fields)
            if sheet.sheet_state != "visible":
                more["sheet_state"] = "hidden"
            headed = bool(columns)
            for number, cells in itertools.chain(sample[start:], rows):
                place = f"{location}, row {number})"
                names = column_names([*columns, *[""] * (len(cells) - len(columns))])
                try:
                    draft = row_draft(
                        dict(zip(names, cells, strict=False)),
                        fields=self._fields,
                        address=address,
                        number=f"{name}/{number}",
                        title=title_from_name(path),
                        place=f"sheet {name}, row {number}",
                        headed=headed,
                        attributes={"sheet": name, **more},
                    )
                except RefusedRowError as refused:
                    yield BadItem(place, refused.reason, refused.code, done)
                    continue
                for part in cut_draft(draft, self._part_bytes):
                    yield Item(part, None, place, done)
        except MemoryError:
            reason = "a row of the sheet is too wide to be held; split the sheet"
            yield BadItem(f"{location})", reason, "too_large", done)
        except _RefusedError as refused:
            yield BadItem(f"{location})", refused.reason, refused.code, done)


def _protected() -> _RefusedError:
    reason = "the workbook is encrypted; save it without a password"
    return _RefusedError("password_protected", reason)


def _damaged(what: str) -> _RefusedError:
    reason = f"the workbook cannot be read: {' '.join(what.split())[:200]}; open it and save it again"
    return _RefusedError("damaged_file", reason)


def _pass_on(error: Exception) -> None:
    """Raises what is the disk's error, not the file's."""
    if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
        raise error


def _opened(file: BinaryIO) -> Any:  # the library has no types
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _DAMAGE as error:
        _pass_on(error)
        raise _damaged(f"{type(error).__name__}: {error}") from error


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[_Row]:
    """Rows with something in them, with their numbers; empty cells at the end are left out."""
    sheet.reset_dimensions()  # what the file says of its own size need not be true
    cells = cast("Iterator[tuple[object, ...]]", sheet.iter_rows(values_only=True, max_row=_ROWS))
    rows = enumerate(cells, start=1)
    while True:
        batch: list[_Row] = []
        failed: BaseException | None = None
        with warnings.catch_warnings(action="ignore"):
            try:
                batch.extend(
                    (number, row)
                    for number, given in itertools.islice(rows, _SAMPLE_ROWS)
                    if (row := _trimmed(given)) or number % _SAMPLE_ROWS == 0
                )
            except _DAMAGE as error:
                _pass_on(error)
                failed = error
        yield from ((number, row) for number, row in batch if row)
        if failed:
            raise _damaged(f"{type(failed).__name__}: {failed}") from failed
        if not batch:
            return


def _trimmed(cells: tuple[object, ...]) -> list[object]:
    row = [None if isinstance(cell, str) and cell in _ERRORS else cell for cell in cells]
    while row and (row[-1] is None or row[-1] == ""):
        row.pop()
    return row


def _form(sample: Sequence[_Row], fields: FieldMap) -> tuple[list[str], dict[str, str], int]:
    """The names of the columns, if any, what stands above them as attributes, and the first row below."""
    more: dict[str, str] = {}
    start = 0
    widest = max((len(row) for _, row in sample), default=0)
    while start < len(sample) - 1 and widest > 2 and sum(map(bool, map(written, sample[start][1]))) == 1:
        above = "".join(map(written, sample[start][1]))
        more["table"] = f"{more['table']} {above}" if "table" in more else above
        start += 1
    if start == len(sample):
        return [], more, start
    first = sample[start][1]
    padded = [[*row, *[None] * (len(first) - len(row))][: len(first)] for _, row in sample[start + 1 :]]
    named = bool(fields.names) and set(fields.names) <= set(column_names(first))
    if named or is_header(first, padded):
        return column_names(first), more, start + 1
    return [], more, start
