"""Tables of HTML: which of them hold data, and their rows with spanning cells filled in.

A table that only lays out a page is none: its cells are walked like any other part of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sutra_core.learn.adapters import Block
from sutra_formats.tables_in_pages import SAID_AGAIN_MAX, table_blocks
from sutra_formats.trees import Element, attribute, local_name

__all__ = ["data_table_blocks", "holds_data"]

_LAID_OUT = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "article", "section", "form", "hr")
_SPAN_MAX = 1000
_COLUMNS_MAX = 1000
_CELLS_MAX = 1_000_000


def holds_data(table: Element) -> bool:
    """Whether a table has rows of several short cells, and nothing that only a page has."""
    if attribute(table, "role").lower() in ("presentation", "none"):
        return False
    inside = table.iter(*(f"{{*}}{name}" for name in _LAID_OUT))
    if any(element is not table for element in inside):
        return False
    if any(len(list(_cells(row))) > 1 for row in table.iter("{*}tr")):
        return True
    return next(table.iter("{*}th"), None) is not None


def data_table_blocks(table: Element, said: Callable[[Element], str], place: str = "") -> Iterator[Block]:
    """The caption, then the rows; `said` takes the text of a cell."""
    for caption in table.iter("{*}caption"):
        yield Block(said(caption), "caption", place=place)
    rows: list[list[str]] = []
    header_rows = 0
    named_rows = True
    above: dict[int, tuple[str, int]] = {}
    budget = _CELLS_MAX
    for row in table.iter("{*}tr"):
        cells = list(_cells(row))
        texts, above = _row(cells, said, above)
        budget -= len(texts)
        if budget < 0:
            break
        if not any(texts):
            continue
        heads = sum(local_name(cell) == "th" for cell in cells)
        parent = row.getparent()
        in_head = parent is not None and local_name(parent) == "thead"
        if header_rows == len(rows) and cells and (in_head or heads == len(cells) > 1):
            header_rows += 1
        elif not cells or local_name(cells[0]) != "th":
            named_rows = False
        rows.append(texts)
    yield from table_blocks(rows, header_rows, named_rows=named_rows, place=place)


def _row(
    cells: list[Element], said: Callable[[Element], str], above: dict[int, tuple[str, int]]
) -> tuple[list[str], dict[int, tuple[str, int]]]:
    """The texts of a row, with those that reach down into it; and those that reach on into the next.

    Both are (text, rows left) by column. A cell that is a row by itself is said once, however wide it is.
    """
    texts: list[str] = []
    below: dict[int, tuple[str, int]] = {}

    def put(text: str, rows_left: int) -> None:
        if len(texts) >= _COLUMNS_MAX:
            return
        if rows_left > 0:
            below[len(texts)] = (text, rows_left)
        texts.append(text)

    def carry() -> None:
        while len(texts) in above:
            text, rows_left = above[len(texts)]
            put(text, rows_left - 1)

    for cell in cells:
        carry()
        text = said(cell)
        if len(texts) >= _COLUMNS_MAX:
            break
        wide = 1 if len(cells) == 1 else _span(cell, "colspan")
        high = _span(cell, "rowspan")
        if len(text) > SAID_AGAIN_MAX:
            put(text, 0)
            text, wide, high = "", wide - 1, 1
        for _ in range(wide):
            put(text, high - 1)
    carry()
    return texts, below


def _cells(row: Element) -> Iterator[Element]:
    return (cell for cell in row.iterchildren() if local_name(cell) in ("td", "th"))


def _span(cell: Element, name: str) -> int:
    given = attribute(cell, name).strip()
    return min(int(given), _SPAN_MAX) if given.isdecimal() and len(given) < 6 and int(given) > 0 else 1
