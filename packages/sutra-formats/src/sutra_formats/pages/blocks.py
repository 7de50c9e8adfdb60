"""Walks over a part of a page of HTML and yields its blocks: headings, paragraphs, items, rows, captions.

It never follows a link and knows nothing of files. White space is what a browser would show of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sutra_core.learn.adapters import Block
from sutra_core.learn.adapters.blocks import BlockRole
from sutra_formats.pages.tables import data_table_blocks, holds_data
from sutra_formats.trees import Element, local_name, walk

__all__ = ["html_blocks", "shown_text"]

# fmt: off
_BLOCKS = frozenset({
    "html", "body", "main", "article", "section", "div", "p", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "figure", "figcaption", "caption", "pre", "address", "h1", "h2", "h3", "h4", "h5",
    "h6", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "hr", "details", "summary",
    "fieldset", "legend", "header", "form", "center", "hgroup", "listing", "xmp", "noframes", "dir",
})
# fmt: on
_CAPTIONS = frozenset({"figcaption", "caption", "dt", "legend", "summary"})
_VERBATIM = frozenset({"pre", "listing", "xmp"})
_NEVER = frozenset({"script", "style", "noscript", "template", "head", "title", "textarea"})


@dataclass(slots=True)
class _Open:
    """The text of the block that is open, and the roles of the elements around it."""

    place: str
    bytes_done: int
    pieces: list[str] = field(default_factory=list[str])
    roles: list[tuple[BlockRole, int]] = field(default_factory=list[tuple[BlockRole, int]])

    def end(self) -> Iterator[Block]:
        role, level = self.roles[-1] if self.roles else ("prose", 1)
        text = "".join(self.pieces)
        self.pieces.clear()
        if role == "verbatim":
            text = text.strip("\r\n").rstrip()
        else:
            lines = (" ".join(line.split()) for line in text.split("\n"))
            text = "\n".join(line for line in lines if line)
        if text and not text.isspace():
            yield Block(text, role, level, self.place, (), self.bytes_done)

    def add(self, text: str | None) -> None:
        if text:
            verbatim = bool(self.roles) and self.roles[-1][0] == "verbatim"
            self.pieces.append(text if verbatim else text.replace("\n", " ").replace("\r", " "))

    def enter(self, name: str) -> None:
        role, level = self.roles[-1] if self.roles else ("prose", 1)
        if name in _VERBATIM:
            role = "verbatim"
        elif role == "prose" and name in _CAPTIONS:
            role = "caption"
        elif role == "prose" and len(name) == 2 and name[0] == "h" and name[1].isdecimal():
            role, level = "heading", int(name[1])
        self.roles.append((role, level))


def html_blocks(
    part: Element, is_left_out: Callable[[Element], bool], *, place: str = "", bytes_done: int = 0
) -> Iterator[Block]:
    """The blocks of a part in the order of reading, without those parts of it that are left out."""
    writing = _Open(place, bytes_done)
    events = walk(part)
    passed_over: Element | None = None
    for event, element in events:
        name = local_name(element)
        if event == "start":
            if element is not part and (name in _NEVER or is_left_out(element)):
                passed_over = element
                events.skip_subtree()
            elif name == "table" and holds_data(element):
                yield from writing.end()
                for block in data_table_blocks(element, lambda cell: shown_text(cell, is_left_out), place):
                    yield Block(block.text, block.role, 1, place, (), bytes_done)
                passed_over = element
                events.skip_subtree()
            elif name in _BLOCKS:
                yield from writing.end()
                writing.enter(name)
                writing.add(element.text)
            else:
                if name == "br":
                    writing.pieces.append("\n")
                writing.add(element.text)
            continue
        if element is passed_over:
            passed_over = None
        elif name in _BLOCKS:
            yield from writing.end()
            writing.roles.pop()
        if element is not part:
            writing.add(element.tail)
    yield from writing.end()


def shown_text(part: Element, is_left_out: Callable[[Element], bool]) -> str:
    """The text of a part on one line; its blocks are set apart by semicolons, where no mark does it."""
    text = ""
    for block in html_blocks(part, is_left_out):
        apart = " " if text[-1:] in ".:;!?" else "; "
        text += (apart if text else "") + " ".join(block.text.split())
    return text
