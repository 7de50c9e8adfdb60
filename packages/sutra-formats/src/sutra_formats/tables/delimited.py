"""Tables as text: CSV with commas, semicolons, tabs or bars, a row a source.

The delimiter is the one that cuts the first rows into as many cells each; the first row names the columns
where it reads like a header. A row with more or fewer cells than the others is refused by itself. Only the
row that is being read is held in memory; a cell over `CELL_CHARACTERS` is refused.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.field_map import FieldMap
from sutra_core.learn.adapters.parts import PART_BYTES, cut_draft
from sutra_formats.decoding import LINE_BYTES, decoded_head, encoding_of, is_text, text_lines, undecodable
from sutra_formats.rows import RefusedRowError, column_names, is_header, row_draft

__all__ = ["CELL_CHARACTERS", "DelimitedAdapter"]

CELL_CHARACTERS = 16 * 1024 * 1024
"""The longest cell that is read."""

_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_PLAIN = frozenset({"", ".txt", ".text"})
_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 200
_OTHER_FORMATS = ("<!", "<?", "<html", "{", "[{", "%PDF", "{\\rtf", "PK\x03\x04", "PAR1")


class DelimitedAdapter:
    """Reads `.csv`, `.tsv`, `.tab` and `.psv`, and text of at least five rows with a tab in each."""

    name = "CSV"

    def __init__(
        self,
        *,
        part_bytes: int = PART_BYTES,
        line_bytes: int = LINE_BYTES,
        cell_characters: int = CELL_CHARACTERS,
        fields: FieldMap | None = None,
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._line_bytes = line_bytes
        self._cell_characters = cell_characters
        self._fields = fields or FieldMap()

    def mapped(self, fields: FieldMap) -> DelimitedAdapter:
        """The same adapter, reading rows as `fields` says."""
        return DelimitedAdapter(
            part_bytes=self._part_bytes,
            line_bytes=self._line_bytes,
            cell_characters=self._cell_characters,
            fields=fields,
        )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the suffix where the file is text and of no other format, else by its tabs."""
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES | _PLAIN or not is_text(head):
            return False
        text = decoded_head(head).lstrip("\ufeff")
        if suffix in _SUFFIXES:
            return not text.lstrip()[:16].lower().startswith(tuple(map(str.lower, _OTHER_FORMATS)))
        lines = [line for line in text.splitlines()[:50] if line]
        tabs = {line.count("\t") for line in lines[:-1]}
        return len(lines) > 5 and len(tabs) == 1 and tabs != {0} and not text.startswith("\t")

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each row in the order of the file, a long one in parts."""
        encoding = encoding_of(path)
        form = _form(_sample(path, encoding), self._fields)
        title = title_from_name(path)
        lines = _Lines(path, encoding, self._line_bytes)
        number = 0
        empty = True
        columns: list[str] = []
        for line, cells in self._rows(lines, form):
            location = f"{shown(path)}:{line}"
            if isinstance(cells, BadItem):
                empty = False
                yield replace(cells, location=location)
                continue
            if not columns:
                columns = column_names(cells if form.headed else [""] * len(cells))
                if form.headed:
                    continue
            empty = False
            number += 1
            try:
                _check(cells, len(columns))
                draft = row_draft(
                    dict(zip(columns, cells, strict=True)),
                    fields=self._fields,
                    address=address,
                    number=str(number),
                    title=title,
                    place=f"row {number}",
                    headed=form.headed,
                )
            except RefusedRowError as refused:
                yield BadItem(location, refused.reason, refused.code, lines.end)
                continue
            for part in cut_draft(draft, self._part_bytes):
                yield Item(part, None, location, lines.end)
        if empty:
            yield BadItem(f"{shown(path)}:1", "the table holds no rows", "empty_text", lines.end)

    def _rows(self, lines: _Lines, form: _Form) -> Iterator[tuple[int, list[str] | BadItem]]:
        """Rows that are not blank, with the line at which each begins."""
        csv.field_size_limit(self._cell_characters)
        reader = csv.reader(lines, delimiter=form.delimiter)
        while True:
            line = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _TooLongError:
                yield (
                    line,
                    BadItem("", "the line is too long to be held; split it", "line_too_long", lines.end),
                )
                continue
            except csv.Error as error:
                reason = f"no row: {error}; look for a quotation mark that is never closed"
                code = "line_too_long" if "limit" in str(error) else "invalid_record"
                yield line, BadItem("", reason, code, lines.end)
                continue
            if any(map(str.strip, cells)) and not (line == 1 and form.hinted):
                yield line, cells


class _TooLongError(Exception):
    """A line that is longer than what is held."""


class _Lines:
    """The lines of the file for `csv.reader`, which goes on after one that was too long."""

    def __init__(self, path: Path, encoding: str, limit: int) -> None:
        self._lines = text_lines(path, encoding=encoding, limit=limit)
        self.number = 0
        self.end = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number, self.end = line.number, line.end
        if line.too_long:
            raise _TooLongError
        return line.text


@dataclass(frozen=True, slots=True)
class _Form:
    """How a table is written; `hinted` where its first line only names the delimiter, as Excel does."""

    delimiter: str
    headed: bool
    hinted: bool


def _check(cells: list[str], width: int) -> None:
    if fault := undecodable("".join(cells)):
        raise RefusedRowError("invalid_utf8", fault)
    if len(cells) != width:
        counted = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        reason = (
            f"the row has {counted} where the first one has {width}; look for a delimiter that is not quoted"
        )
        raise RefusedRowError("invalid_record", reason)


def _sample(path: Path, encoding: str) -> list[str]:
    """The first lines, which say how the table is written."""
    lines: list[str] = []
    size = 0
    for line in text_lines(path, encoding=encoding, limit=_SAMPLE_CHARACTERS):
        lines.append(line.text)
        size += len(line.text)
        if size >= _SAMPLE_CHARACTERS or len(lines) == _SAMPLE_ROWS:
            break
    return lines


def _form(lines: list[str], fields: FieldMap) -> _Form:
    hint = lines[0].strip() if lines else ""
    if len(hint) == 5 and hint.lower().startswith("sep=") and hint[4] not in '"\\':
        return _Form(hint[4], _headed(_parsed(lines[1:], hint[4]), fields), True)
    best = max(_DELIMITERS, key=lambda delimiter: _agreement(_parsed(lines, delimiter)))
    return _Form(best, _headed(_parsed(lines, best), fields), False)


def _headed(rows: list[list[str]], fields: FieldMap) -> bool:
    return bool(rows) and (
        is_header(rows[0], rows[1:]) or bool(fields.names and set(fields.names) <= set(column_names(rows[0])))
    )


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_SAMPLE_CHARACTERS * 2)
    rows: list[list[str]] = []
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            continue
        if any(map(str.strip, row)):
            rows.append(row)


def _agreement(rows: list[list[str]]) -> tuple[float, int]:
    """How many of the rows have as many cells as most have, and how many those are."""
    widths = Counter(map(len, rows)).most_common(1)
    if not widths or widths[0][0] == 1:
        return 0.0, 1
    return round(widths[0][1] / len(rows), 1), widths[0][0]
