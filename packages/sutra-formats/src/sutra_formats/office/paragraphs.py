"""What documents of office programs have in common: paragraphs that are being put together, in tables or not.

Knows nothing of files. A format says when a paragraph, a cell, a row begins and ends; blocks come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sutra_core.learn.adapters import Block
from sutra_core.learn.adapters.blocks import BlockRole
from sutra_formats.tables_in_pages import SAID_AGAIN_MAX, table_blocks

__all__ = ["Paragraphs"]

_ROWS_HELD = 2000
_CELLS_MAX = 1000
_SPAN_MAX = 100


@dataclass(slots=True)
class _Table:
    rows: list[list[tuple[str, int]]] = field(default_factory=list[list[tuple[str, int]]])
    header: list[list[str]] = field(default_factory=list[list[str]])
    header_rows: int = 0
    begun: bool = False


@dataclass(slots=True)
class Paragraphs:
    """Where the reading of a document stands. A table inside a cell is read as text of that cell."""

    place: str = ""
    bytes_done: int = 0
    _tables: list[_Table] = field(default_factory=list[_Table])
    _cell: list[str] = field(default_factory=list[str])

    def paragraph(self, text: str, role: BlockRole = "prose", level: int = 1) -> Iterator[Block]:
        """A paragraph has ended."""
        if role != "verbatim":
            text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
        if not text.strip():
            return
        if self._tables:
            self._cell.append(" ".join(text.split()))
        else:
            yield Block(text, role, level, self.place, (), self.bytes_done)

    def begin_table(self) -> None:
        self._tables.append(_Table())

    def begin_row(self) -> None:
        """A row begins."""
        if len(self._tables) == 1:
            self._tables[0].rows.append([])

    def name_header(self) -> None:
        """The document says that the row which began last is the header, or part of it."""
        if len(self._tables) == 1:
            table = self._tables[0]
            if table.header_rows == len(table.rows) - 1 and not table.begun:
                table.header_rows += 1

    def end_cell(self, *, columns: int = 1) -> None:
        """A cell ends; one that spans several columns stands in each."""
        if len(self._tables) != 1 or not self._tables[0].rows:
            return
        row = self._tables[0].rows[-1]
        text = ""
        for piece in self._cell:
            text += ("" if not text else " " if text[-1] in ".:;!?" else "; ") + piece
        self._cell.clear()
        if len(row) < _CELLS_MAX:
            row.append((text, 1 if len(text) > SAID_AGAIN_MAX else max(1, min(columns, _SPAN_MAX))))

    def end_row(self) -> Iterator[Block]:
        """A row ends; a long table is handed on in pieces."""
        if len(self._tables) == 1 and len(self._tables[0].rows) >= _ROWS_HELD:
            yield from self._rows(self._tables[0])

    def end_table(self) -> Iterator[Block]:
        if self._tables:
            table = self._tables.pop()
            if not self._tables:
                self._cell.clear()
                yield from self._rows(table)

    def _rows(self, table: _Table) -> Iterator[Block]:
        rows: list[list[str]] = []
        for row in table.rows:
            cells = [text for text, columns in row for _ in range(columns if len(row) > 1 else 1)]
            if any(cells):
                rows.append(cells)
        if not table.begun:
            # Where nothing says which rows are the header, the first one is, as in nearly every document.
            count = table.header_rows or int(len(rows) > 1 and len(rows[0]) > 1 and all(rows[0]))
            table.header = rows[:count]
            rows = rows[count:]
            table.begun = True
        for block in table_blocks([*table.header, *rows], len(table.header), place=self.place):
            yield Block(block.text, block.role, 1, self.place, (), self.bytes_done)
        table.rows.clear()
