"""Reads a Markdown file through a window of one part, so that its size does not matter.

Each window is parsed and cut in front of its last heading, else its last block, else the last list
item or table row, else behind a sentence; what lies behind the cut begins the next window. Where a
code block, a comment or a table had to be cut in two, the next window is parsed as the rest of it.
The windows of a file, put together, are the file (without its byte order mark).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it.token import Token

from sutra_core.learn.adapters.markdown_prose import parse, split_lines
from sutra_core.learn.adapters.parts import Part, cut_point, open_after_mark

_FRONT_MATTER = re.compile(
    r"(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<body>(?:[^\r\n]*\r?\n)*?)(?P=fence)[ \t]*(?:\r?\n|\Z)"
)
_FIELD = re.compile(r"(?P<key>[A-Za-z][\w-]*)[ \t]*[:=][ \t]*(?P<value>[^\s|>\[{&*!#].*)")
_RAW_HTML = re.compile(r"\s*(?:(?P<comment><!--)|<(?P<tag>script|pre|style|textarea)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Window:
    """A part, its lines and block tokens, and the plain fields of the front matter in it.

    Bytes that are not UTF-8 stand in `lines` as lone surrogates, one each, so no position moves.
    `context` is what the parser must have seen before the next window.
    """

    part: Part
    lines: list[str]
    tokens: list[Token]
    front_matter: dict[str, str]
    context: str


def read_windows(path: Path, part_bytes: int) -> Iterator[Window]:
    """The windows of a file, each of at most `part_bytes` bytes."""
    line = 1
    context = ""
    buffer = b""
    first = True
    with open_after_mark(path) as (file, offset):
        while True:
            while len(buffer) <= part_bytes and (block := file.read(part_bytes)):
                buffer += block
            if not buffer:
                return
            part = Part(offset, line, buffer)
            window = _first_window(part, part_bytes) if first else None
            window = window or _window(part, part_bytes, context)
            yield window
            first = False
            context = window.context
            buffer = buffer[len(window.part.data) :]
            line += window.part.data.count(b"\n")
            offset = window.part.end


def _first_window(part: Part, part_bytes: int) -> Window | None:
    """The window at the beginning of the file, if it has front matter, which is not Markdown."""
    match = _FRONT_MATTER.match(_text(part.data[:part_bytes]))
    fields = _fields(match["body"]) if match else {}
    if not match or not fields:
        return None
    size = len(_bytes(match.group()))
    blank = re.sub(rb"[^\r\n]", b" ", part.data[:size])
    window = _window(replace(part, data=blank + part.data[size:]), part_bytes, "")
    whole = replace(part, data=part.data[: len(window.part.data)])
    return replace(window, part=whole, front_matter=fields)


def _fields(body: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in body.splitlines():
        match = _FIELD.fullmatch(line.rstrip())
        if match and not re.search("[\ud800-\udfff]", line):
            value = match["value"]
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            if value := value[1:-1] if quoted else value:
                fields[match["key"]] = value
    return fields


def _window(part: Part, part_bytes: int, context: str) -> Window:
    """The longest good part at the beginning of `part`, parsed."""
    if len(part.data) <= part_bytes:
        lines = split_lines(_text(part.data))
        return Window(part, lines, parse(lines, context), {}, "")
    end = part.data.rfind(b"\n", 0, part_bytes) + 1 or cut_point(part.data, part_bytes)
    lines = split_lines(_text(part.data[:end]))
    tokens = parse(lines, context)
    kept = _cut_line(lines, tokens)
    if kept is not None:
        tokens = [token for token in tokens if token.map is None or token.map[0] < kept]
        context = _table_head(lines, tokens, context, kept)
        lines = lines[:kept]
    elif not tokens or tokens[0].type in ("fence", "code_block", "html_block"):
        context = _unclosed(lines, tokens, context)
    else:
        lines = split_lines(_text(part.data[: cut_point(part.data, end)]))
        tokens = parse(lines, context)
        context = ""
    data = part.data[: len(_bytes("".join(lines)))]
    return Window(replace(part, data=data), lines, tokens, {}, context)


def _cut_line(lines: Sequence[str], tokens: Sequence[Token]) -> int | None:
    """The line (from 0) in front of which to cut; None where one block fills the window."""
    starts = [
        (token.type == "heading_open", -token.level, token.map[0])
        for token in tokens
        if token.map is not None
        and 0 < token.map[0] < len(lines)
        and (token.level == 0 or token.type in ("list_item_open", "tr_open"))
    ]
    return max(starts)[2] if starts else None


def _table_head(lines: Sequence[str], tokens: Sequence[Token], context: str, cut: int) -> str:
    """The head of the table that fills the window, for its rows behind the cut, if any are there."""
    blocks = [token for token in tokens if token.level == 0 and token.nesting >= 0]
    if len(blocks) != 1 or blocks[0].type != "table_open":
        return ""
    if blocks[0].map is None or blocks[0].map[1] <= cut:
        return ""
    return context or "".join(line.rstrip("\r\n") + "\n" for line in lines[:2])


def _unclosed(lines: Sequence[str], tokens: Sequence[Token], context: str) -> str:
    """What opened the code or raw HTML that fills the window and goes on behind it."""
    if not tokens or tokens[0].map is None or tokens[0].map[1] < len(lines):
        return ""
    block = tokens[0]
    if block.type == "fence":
        last = lines[-1].strip()
        closed = last.startswith(block.markup) and not last.strip(block.markup[0])
        alone = len(lines) == 1 and not context
        return "" if closed and not alone else block.markup + "\n"
    if block.type == "html_block" and (opening := _RAW_HTML.match(context or lines[0])):
        end = "-->" if opening["comment"] else f"</{opening['tag']}>"
        if end not in "".join(lines).lower():
            return opening.group().strip() + ("\n" if opening["comment"] else ">\n")
    return ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
