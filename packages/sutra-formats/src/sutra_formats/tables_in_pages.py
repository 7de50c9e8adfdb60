"""Tables that stand inside a document: each row becomes a sentence of its columns' names and values.

Nothing here knows a format; a table comes as rows of plain texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sutra_core.learn.adapters import Block

__all__ = ["SAID_AGAIN_MAX", "row_sentence", "table_blocks"]

SAID_AGAIN_MAX = 300
"""The most characters of a text that is said in several rows or columns: a longer one is said once."""


def table_blocks(
    rows: Sequence[Sequence[str]], header_rows: int = 0, *, named_rows: bool = False, place: str = ""
) -> Iterator[Block]:
    """The rows of a table behind its header as prose; without a header, each as one block of cells.

    `named_rows` says that the first cell of a row names the rest of it, where there is no header.
    """
    header = _header(rows[:header_rows])
    for row in rows[header_rows:]:
        cells = [" ".join(cell.split()) for cell in row]
        if header and (len(cells) > 1 or len(header) == 1):
            text = row_sentence(header, cells)
        elif named_rows and len(cells) > 1 and cells[0]:
            text = row_sentence(cells[:1], [", ".join(filter(None, cells[1:]))])
        else:
            yield Block("; ".join(filter(None, cells)), "cell", place=place)
            continue
        yield Block(text, "prose", place=place)


def row_sentence(header: Sequence[str], cells: Sequence[str]) -> str:
    """What a row says: each value with the name of its column; empty cells are left out.

    >>> row_sentence(["Bridge", "Opened", "Span"], ["Aln Bridge", "1901", ""])
    'Bridge: Aln Bridge; Opened: 1901.'
    """
    said: list[str] = []
    for number, cell in enumerate(cells):
        name = header[number].rstrip(" :") if number < len(header) else ""
        if cell:
            said.append(f"{name}: {cell}" if name and name != cell else cell)
    text = "; ".join(said)
    return text if not text or text[-1] in ".!?" else f"{text}."


def _header(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns; of several rows above each other the parts that differ are joined."""
    names: list[str] = []
    for column in range(max(map(len, rows), default=0)):
        parts = [" ".join(row[column].split()) for row in rows if column < len(row)]
        names.append(" ".join(dict.fromkeys(filter(None, parts)))[:SAID_AGAIN_MAX])
    return names if any(names) else []
