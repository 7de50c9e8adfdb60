"""Reads the parts of a DOCX that hold text as streams: the body, the notes, and what its styles mean.

What was deleted while changes were tracked is not read; neither are the codes of fields, comments, headers
and footers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from sutra_core.learn.adapters import Block
from sutra_core.learn.adapters.blocks import BlockRole
from sutra_formats.office.paragraphs import Paragraphs
from sutra_formats.trees import local_attribute, local_name, release, xml_events, xml_tree

__all__ = ["Styles", "read_styles", "text_blocks"]

_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "delText", "instrText", "comment"})
_HEADING = re.compile(r"heading (\d)")
_VERBATIM = re.compile(r"html preformatted|.*\b(?:code|listing|verbatim|preformatted)\b.*")
_INHERITED_MAX = 20

Styles = dict[str, tuple[BlockRole, int]]
"""What the paragraphs of a style are, and of which level."""


@dataclass(slots=True)
class _Open:
    """The paragraph that is open."""

    style: str = ""
    outline: int = 0
    pieces: list[str] = field(default_factory=list[str])


def read_styles(data: bytes) -> Styles:
    """The styles that are not of plain prose. Raises `XmlError`."""
    names: dict[str, str] = {}
    based: dict[str, str] = {}
    levels: dict[str, int] = {}
    for style in xml_tree(data).iter("{*}style"):
        key = local_attribute(style, "styleId")
        for element in style.iter():
            value = local_attribute(element, "val")
            match local_name(element):
                case "name":
                    names[key] = value.lower()
                case "basedon":
                    based[key] = value
                case "outlinelvl" if value in "012345678" and value:
                    levels[key] = int(value) + 1
                case _:
                    pass
    styles: Styles = {}
    for key in names:
        at = key
        for _ in range(_INHERITED_MAX):
            if meant := _meant(names.get(at, ""), levels.get(at, 0)):
                styles[key] = meant
                break
            at = based.get(at, "")
    return styles


def _meant(name: str, level: int) -> tuple[BlockRole, int] | None:
    if heading := _HEADING.fullmatch(name):
        return "heading", int(heading[1]) or 1
    if name == "title":
        return "heading", 1
    if name == "caption":
        return "caption", 1
    if _VERBATIM.fullmatch(name):
        return "verbatim", 1
    return ("heading", level) if level else None


def text_blocks(file: IO[bytes], styles: Styles, reading: Paragraphs) -> Iterator[Block]:
    """The blocks of the body or of notes. Raises `XmlError`."""
    open_: list[_Open] = []
    skipped = 0
    columns = 1
    for event, element in xml_events(file):
        tag = str(element.tag).rpartition("}")[2]
        if tag in _SKIPPED or (tag in ("footnote", "endnote") and local_attribute(element, "type")):
            skipped += 1 if event == "start" else -1
        if skipped:
            continue
        if event == "start":
            match tag:
                case "p":
                    open_.append(_Open())
                case "tbl":
                    reading.begin_table()
                case "tr":
                    reading.begin_row()
                case _:
                    pass
            continue
        match tag:
            case "p" if open_:
                ended = open_.pop()
                role, level = (
                    ("heading", ended.outline) if ended.outline else styles.get(ended.style, ("prose", 1))
                )
                yield from reading.paragraph("".join(ended.pieces), role, level)
                release(element)
            case "tc":
                reading.end_cell(columns=columns)
                columns = 1
            case "tr":
                yield from reading.end_row()
                release(element)
            case "tbl":
                yield from reading.end_table()
                release(element)
            case "gridSpan":
                value = local_attribute(element, "val")
                columns = int(value) if value.isdecimal() and len(value) < 4 else 1
            case "tblHeader":
                reading.name_header()
            case _:
                if open_:
                    _add(open_[-1], tag, element.text or "", local_attribute(element, "val"))


def _add(paragraph: _Open, tag: str, text: str, value: str) -> None:
    match tag:
        case "t":
            paragraph.pieces.append(text)
        case "tab" if not value:
            paragraph.pieces.append("\t")
        case "br" | "cr":
            paragraph.pieces.append("\n")
        case "noBreakHyphen":
            paragraph.pieces.append("-")
        case "pStyle":
            paragraph.style = value
        case "outlineLvl" if value in ("0", "1", "2", "3", "4", "5", "6", "7", "8"):
            paragraph.outline = int(value) + 1
        case _:
            pass
