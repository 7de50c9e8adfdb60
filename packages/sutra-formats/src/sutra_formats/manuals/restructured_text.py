"""reStructuredText: headings, paragraphs and lists are read, literal blocks kept, comments left out.

It never includes another file, never runs what a directive may run and reads no configuration. What only
Sphinx knows reads as its text. The parser needs the document whole: one over `TEXT_BYTES` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.blocks import Block, BlockRole, compose
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import decoded_head, encoding_of, is_text
from sutra_formats.rows import ending_at

__all__ = ["TEXT_BYTES", "RestructuredTextAdapter"]

TEXT_BYTES = 8 * 1024 * 1024
"""The longest document that is read."""

_SUFFIXES = frozenset({".rst", ".rest"})
_OTHER_FORMATS = ("<!", "<?", "<html", "{", "%PDF", "{\\rtf", "PK\x03\x04")
_LONGEST_LINE = 1_000_000
_ROLE = re.compile(r":[\w:.+-]+:`([^`]*)`")
_TARGET = re.compile(r"\s*<[^<>]*>$")
_LEFT_OUT = frozenset(
    {"comment", "substitution_definition", "target", "system_message", "pending", "raw", "decoration"}
)
_VERBATIM = frozenset({"literal_block", "doctest_block", "math_block"})
_NAMED = {  # what consists of a name and what it says of it
    "definition_list_item": ("term", "definition"),
    "field": ("field_name", "field_body"),
    "option_list_item": ("option_group", "description"),
}
_LABELS: dict[str, BlockRole] = {"caption": "caption", "rubric": "caption", "attribution": "caption"}


class RestructuredTextAdapter:
    """Reads `.rst` and `.rest`."""

    name = "reStructuredText"

    def __init__(self, *, part_bytes: int = PART_BYTES, text_bytes: int = TEXT_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._text_bytes = text_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the suffix, where the file is text and of no other format."""
        if path.suffix.lower() not in _SUFFIXES or not is_text(head):
            return False
        return not decoded_head(head).lstrip("\ufeff \t\r\n")[:16].lower().startswith(_OTHER_FORMATS)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The document, in parts where it is long."""
        size = path.stat().st_size
        yield from ending_at(self._items(path, address, size), size)

    def _items(self, path: Path, address: str, size: int) -> Iterator[Item | BadItem]:
        location = shown(path)
        if size > self._text_bytes:
            reason = f"the document has {size} bytes, more than the {self._text_bytes} allowed; split it"
            yield BadItem(location, reason, "too_large", size)
            return
        text = path.read_bytes().decode(encoding_of(path), "replace").replace("\0", "\ufffd")
        try:
            tree = _parsed(text)
            blocks = list(_Walk(tree).blocks(tree, 0))
        except RecursionError:
            yield BadItem(location, "the document is nested too deeply; split it", "damaged_file", size)
            return
        title = next((block.text for block in blocks if block.role == "heading"), "") or title_from_name(path)
        draft = SourceDraft(address, "", title, 0, _time(tree))
        empty = True
        for item in compose(blocks, draft, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(location, "the document holds no text", "empty_text", size)


def _parsed(text: str) -> Any:
    """The tree of the document. The library has no types, and is loaded with the first file."""
    parser = import_module("docutils.parsers.rst").Parser()
    settings: Any = import_module("docutils.frontend").get_default_settings(parser)
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.halt_level = 5
    settings.report_level = 5
    settings.warning_stream = False
    settings.syntax_highlight = "none"
    settings.line_length_limit = _LONGEST_LINE
    document: Any = import_module("docutils.utils").new_document("document", settings)
    parser.parse(text, document)
    return document


def _time(tree: Any) -> int | None:
    """What the field `date` says in a list above the first paragraph."""
    for node in tree.children[:5]:
        inside = node.children if node.tagname == "section" else [node]
        for fields in inside:
            for field in fields.children if fields.tagname == "field_list" else ():
                name, *body = (child.astext().strip() for child in field.children)
                if name.lower() == "date" and body and (found := moment(body[0])) is not None:
                    return found
    return None


class _Walk:
    """The tree of one document, whose substitutions are known."""

    def __init__(self, tree: Any) -> None:
        self._meanings: dict[str, str] = {
            name: child.astext()
            for child in tree.findall()
            if child.tagname == "substitution_definition"
            for name in child["names"]
        }

    def blocks(self, node: Any, level: int) -> Iterator[Block]:
        """What stands in a node, in the order of reading."""
        for child in node.children:
            kind = str(child.tagname)
            if kind in _LEFT_OUT or kind == "#text":
                continue
            if kind == "section":
                yield from self.blocks(child, level + 1)
            elif kind in _VERBATIM:
                yield Block(child.astext(), "verbatim")
            elif kind == "title":
                yield Block(
                    self._line(child), "heading" if node.tagname == "section" else "caption", max(level, 1)
                )
            elif kind == "table":
                yield from self._table(child)
            elif kind in _NAMED:
                yield from self._named(child, level, *_NAMED[kind])
            elif kind in _LABELS or kind in {"paragraph", "line"}:
                yield Block(self._line(child), _LABELS.get(kind, "prose"))
            else:
                yield from self.blocks(child, level)

    def _named(self, node: Any, level: int, name: str, body: str) -> Iterator[Block]:
        """The name stands in front of the first paragraph of what is said of it."""
        names = [self._line(child) for child in node.children if child.tagname == name]
        label = ", ".join(filter(None, names))
        for child in node.children:
            for block in self.blocks(child, level) if child.tagname == body else ():
                if label and block.role == "prose":
                    yield Block(f"{label}: {block.text}", "prose")
                    label = ""
                else:
                    yield block
        if label:
            yield Block(label, "cell")

    def _table(self, table: Any) -> Iterator[Block]:
        """Its title, then each row: a sentence where there is a header, else its cells."""
        yield from (
            Block(self._line(child), "caption") for child in table.children if child.tagname == "title"
        )
        header: list[str] = []
        for part in table.findall():
            for row in part.children if part.tagname in {"thead", "tbody"} else ():
                cells = [self._line(entry) for entry in row.children]
                if part.tagname == "thead":
                    header = cells
                elif header:
                    pairs = zip(header, cells, strict=False)
                    said = "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
                    yield Block(f"{said.rstrip('.')}." if said else "", "prose")
                else:
                    yield from (Block(cell, "cell") for cell in cells)

    def _line(self, node: Any) -> str:
        """The text of a node on one line, without mark-up."""
        return " ".join(self._text(node).split())

    def _text(self, node: Any) -> str:
        kind = str(node.tagname)
        if kind == "#text":
            return str(node)
        if kind == "problematic":  # most often a role that only Sphinx knows
            return _ROLE.sub(lambda found: _TARGET.sub("", found[1]).lstrip("~!"), str(node.astext()))
        if kind == "substitution_reference":
            return self._meanings.get(str(node.get("refname", "")), str(node.astext()))
        if kind == "image":
            return str(node.get("alt", ""))
        if kind in _LEFT_OUT or kind in {"footnote_reference", "citation_reference", "label"}:
            return "" if kind != "target" else str(node.astext())
        gap = " " if kind in {"entry", "line_block", "list_item"} else ""
        return gap.join(map(self._text, node.children))
