"""Finds the prose of a Markdown text: its blocks by markdown-it, the mark-up inside them here.

Headings, paragraphs (of lists and quotations too) and the rows of tables are prose, headings and the head
of a table as labels. Code, front matter,
raw HTML blocks, comments and link reference definitions are not, nor is a block without a letter
or digit of its own, such as a row of images. Ranges are bytes of the text as it was given; nothing
is rendered, and nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

# CommonMark and tables; the inline pass is left out, since its tokens have no positions.
_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_CELL = re.compile(r"(?:[^|\\]|\\.)+")
_INLINE = re.compile(
    r"""
    (?<!`)(?P<tick>`+)(?!`)(?P<code>.{1,1000}?)(?<!`)(?P=tick)(?!`)          # `code`
  | (?P<escape>\\)[!-/:-@\[-`{-~]                                            # \*
  | (?P<whole><!--(?:(?!-->).){0,2000}-->                                    # a comment
       | <[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>                             # <https://…>
       | </?[A-Za-z][^<>]*> )                                                # <br>
  | (?P<open>!?\[)(?P<label>(?:[^\[\]]|\[[^\[\]]{0,1000}\]){0,1000}+)           # at most 1000 each
    (?P<target>\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\]))           # [label](target)
  | (?P<mark>(?<!\w)[*_~]{1,3}(?=[^\s*_~])|(?<=[^\s*_~])[*_~]{1,3}(?!\w))    # **, _, ~~
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: the line it begins in (from 0), its level in 1 to 6, and its words."""

    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """Byte ranges of a text: its prose, a range a block, those of labels, and the mark-up inside them all."""

    blocks: list[tuple[int, int]]
    labels: list[tuple[int, int]]
    markup: list[tuple[int, int]]
    headings: list[Heading]


def split_lines(text: str) -> list[str]:
    """The lines as markdown-it counts them, each with its end (`\\n`, `\\r\\n` or `\\r`)."""
    return [line for line in _LINE.findall(text) if line]


def parse(lines: Sequence[str], context: str = "") -> list[Token]:
    """The block tokens of these lines, with line numbers counted from the first of them.

    `context` is whole lines that the parser must have seen before them: the opening of a code
    block, or the head of a table, that these lines go on with.
    """
    tokens = _PARSER.parse(context + "".join(lines))
    before = context.count("\n")
    for token in tokens:
        if token.map is not None:
            token.map = [max(0, token.map[0] - before), token.map[1] - before]
    return [token for token in tokens if token.map is None or token.map[1] > 0]


def find_prose(lines: Sequence[str], tokens: Sequence[Token]) -> Prose:
    """The prose of the lines that `tokens` were parsed from."""
    prose = Prose([], [], [], [])
    starts = list(accumulate((_size(line) for line in lines), initial=0))
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        first, last = token.map
        owner = tokens[position - 1]
        if token.type == "tr_open":
            blocks = len(prose.blocks)
            _add_row(prose, lines[first], starts[first])
            if owner.type == "thead_open":
                prose.labels.extend(prose.blocks[blocks:])
        elif token.type == "inline" and owner.type not in ("td_open", "th_open"):
            blocks = len(prose.blocks)
            _add_lines(prose, lines[first:last], starts[first], token.content)
            if owner.type == "heading_open":
                prose.labels.extend(prose.blocks[blocks:])
                prose.headings.append(Heading(first, int(owner.tag[1]), plain(token.content)))
    return prose


def plain(text: str) -> str:
    """Inline Markdown without its mark-up, white space collapsed; fit to be encoded."""
    words = _without(text, _merged([*_markup(text)])).split()
    return " ".join(words).encode("utf-8", "replace").decode()


def _without(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    starts = [0, *(end for _, end in ranges)]
    ends = [*(start for start, _ in ranges), len(text)]
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _add_lines(prose: Prose, lines: Sequence[str], begins: int, content: str) -> None:
    """Adds a block that may run over several lines, each perhaps behind a `>` or an indent."""
    places = [_place(line, wanted) for line, wanted in zip(lines, content.split("\n"), strict=False)]
    start = places[0][0]
    block = [*lines[: len(places) - 1], lines[len(places) - 1][: places[-1][1]]]
    gaps: list[tuple[int, int]] = []
    at = len(block[0])
    for line, (content_start, _) in zip(block[1:], places[1:], strict=True):
        if content_start:
            gaps.append((at - start, at - start + content_start))
        at += len(line)
    _add(prose, "".join(block)[start:], begins + _size(block[0][:start]), gaps)


def _add_row(prose: Prose, line: str, begins: int) -> None:
    """Adds a row of a table; what parts its cells is mark-up."""
    cells = list(_cells(line))
    if cells:
        start, end = cells[0][0], cells[-1][1]
        gaps = [(a[1] - start, b[0] - start) for a, b in pairwise(cells)]
        _add(prose, line[start:end], begins + _size(line[:start]), gaps)


def _place(line: str, content: str) -> tuple[int, int]:
    """Where the content of a line stands in it: (first character, one past the last)."""
    content = content.strip()
    found = line.replace("\0", "\ufffd").rfind(content) if content else -1
    return (found, found + len(content)) if found >= 0 else (0, len(line.rstrip("\r\n")))


def _add(prose: Prose, text: str, begins: int, gaps: Sequence[tuple[int, int]] = ()) -> None:
    """Adds a block's text, which begins at a byte, unless nothing of it is words."""
    silent = _merged([*_markup(text), *gaps])
    if not any(character.isalnum() for character in _without(text, silent)):
        return
    prose.blocks.append((begins, begins + _size(text)))
    at = 0
    for start, end in silent:
        begins += _size(text[at:start])
        prose.markup.append((begins, begins + _size(text[start:end])))
        begins += _size(text[start:end])
        at = end


def _markup(text: str, at: int = 0) -> Iterator[tuple[int, int]]:
    """The character ranges of inline mark-up, not ordered."""
    for match in _INLINE.finditer(text):
        start = at + match.start()
        end = at + match.end()
        if match["tick"]:
            yield start, start + len(match["tick"])
            yield end - len(match["tick"]), end
        elif match["open"]:
            yield start, start + len(match["open"])
            yield end - len(match["target"]), end
            yield from _markup(match["label"], at + match.start("label"))
        elif match["escape"]:
            yield start, start + 1
        else:
            yield start, end


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cells(row: str) -> Iterator[tuple[int, int]]:
    """The character ranges of a table row's cells, without the white space around them."""
    for match in _CELL.finditer(row):
        cell = match.group()
        start = match.start() + len(cell) - len(cell.lstrip())
        end = match.start() + len(cell.rstrip())
        if start < end:
            yield start, end
