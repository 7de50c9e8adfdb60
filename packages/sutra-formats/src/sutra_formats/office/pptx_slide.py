"""The blocks of one slide: its title, its paragraphs, its tables, and the speaker's notes.

Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator

from sutra_core.learn.adapters import Block
from sutra_formats.tables_in_pages import table_blocks
from sutra_formats.trees import Element, attribute, local_name, walk

__all__ = ["notes_blocks", "slide_blocks"]

_TITLES = frozenset({"title", "ctrTitle"})
_LEFT_OUT = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})


def slide_blocks(slide: Element, place: str, bytes_done: int) -> Iterator[Block]:
    """The title first, wherever it stands on the slide."""
    shapes = list(slide.iter("{*}sp", "{*}tbl"))
    titles = [shape for shape in shapes if local_name(shape) == "sp" and _kind(shape) in _TITLES]
    for shape in titles:
        text = " ".join(_paragraphs(shape))
        yield Block(text, "heading", 1, place, (), bytes_done)
    for shape in shapes:
        if local_name(shape) == "tbl":
            yield from _table(shape, place, bytes_done)
        elif _kind(shape) not in _TITLES | _LEFT_OUT:
            for text in _paragraphs(shape):
                yield Block(text, "prose", 1, place, (), bytes_done)


def notes_blocks(notes: Element, place: str, bytes_done: int) -> Iterator[Block]:
    """What the speaker wrote under a slide."""
    for shape in notes.iter("{*}sp"):
        if _kind(shape) == "body":
            for text in _paragraphs(shape):
                yield Block(text, "prose", 1, f"{place}, notes", (), bytes_done)


def _kind(shape: Element) -> str:
    """What a shape stands for in the layout; "" for one of its own."""
    return next((attribute(place, "type") or "body" for place in shape.iter("{*}ph")), "")


def _table(table: Element, place: str, bytes_done: int) -> Iterator[Block]:
    rows = [[" ".join(_paragraphs(cell)) for cell in row.iter("{*}tc")] for row in table.iter("{*}tr")]
    rows = [row for row in rows if any(row)]
    marked = any(attribute(properties, "firstRow") in ("1", "true") for properties in table.iter("{*}tblPr"))
    header_rows = int(len(rows) > 1 and (marked or all(rows[0])))
    for block in table_blocks(rows, header_rows, place=place):
        yield Block(block.text, block.role, 1, place, (), bytes_done)


def _paragraphs(part: Element) -> Iterator[str]:
    for paragraph in part.iter("{*}p"):
        pieces: list[str] = []
        for event, element in walk(paragraph):
            name = local_name(element)
            if event == "start" and name in ("t", "br"):
                pieces.append("\n" if name == "br" else element.text or "")
        text = "\n".join(filter(None, (" ".join(line.split()) for line in "".join(pieces).split("\n"))))
        if text:
            yield text
