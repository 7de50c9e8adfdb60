"""Makes paragraphs of the lines of a page: by their distance, indentation, size and order.

Hyphens at the ends of lines are mended. A hyphen stays where the word before it already has one, or where the
document has the compound inside a line and not the joined word; else a small letter behind it means that the
word was only divided. Knows nothing of files; what it remembers of a document is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from sutra_formats.pdf.pdfium import Line

__all__ = ["CONTENTS", "Paragraph", "Words", "continues", "join_lines", "paragraphs"]

CONTENTS = re.compile(r"\s*(?:\.\s?){4,}\s*(\w{0,6})$")
"""How a line of a table of contents ends: dots, and the number of a page."""

_BULLET = re.compile(r"(?:[•◦▪‣●○■□–—*·∙➢]|-|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\[\d{1,3}\])\s")
_ENDS = re.compile(r"[.!?:;…。][\"'”’»)\]]*\d{0,2}$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIVIDED = re.compile(r"((?:[^\W\d_]+-)*)([^\W\d_]+)-$")
_SET_APART = re.compile(r"([^\W\d_]+) -$")
_WORDS_MAX = 200_000


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; `full` says whether the last one reaches as far as its column."""

    lines: list[Line]
    full: bool = False

    @property
    def size(self) -> float:
        """The height of its letters."""
        return median(line.size for line in self.lines)


@dataclass(slots=True)
class Words:
    """The words that stand inside lines, compounds whole: what tells a hyphen from a division."""

    seen: set[str] = field(default_factory=set[str])

    def learn(self, lines: Iterable[Line]) -> None:
        """Remembers the words of some lines, but for those at their ends."""
        for line in lines:
            if len(self.seen) < _WORDS_MAX:
                words = _WORD.findall(line.text)
                whole = words[:-1] if line.text.endswith("-") else words
                self.seen.update(word.lower() for word in whole)

    def joined(self, before: str, after: str) -> str:
        """Two lines as one text."""
        divided = _DIVIDED.search(before)
        follows = _WORD.match(after)
        if follows and (apart := _SET_APART.search(before)):
            first, single = apart[1].lower(), f"{apart[1]}{follows[0]}".lower()
            if single in self.seen and first not in self.seen:
                return before[: apart.end(1)] + after
        if divided is None or follows is None:
            glued = before.endswith(("-", "—", "/")) and not before.endswith((" -", " —"))
            return before + ("" if glued and follows is not None else " ") + after
        if not after[0].islower():
            return before + after
        first, second = divided[2].lower(), follows[0].lower()
        compound, single = f"{first}-{second}", f"{first}{second}"
        if divided[1] or (compound in self.seen and single not in self.seen):
            return before + after
        return before[:-1] + after


def join_lines(lines: Sequence[Line], words: Words) -> str:
    """The text of a paragraph."""
    text = lines[0].text if lines else ""
    for line in lines[1:]:
        text = words.joined(text, line.text)
    return text


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """The paragraphs of a page whose lines are in the order of reading."""
    pitch = _pitch(lines)
    right = _right_edges(lines)
    open_: list[Line] = []
    for line in lines:
        if open_ and _same_line(open_[-1], line):
            before = open_.pop()
            line = replace(before, text=f"{before.text} {line.text}", right=line.right)
        elif open_ and _begins(open_, line, pitch, right):
            yield Paragraph(open_, _is_full(open_[-1], right))
            open_ = []
        open_.append(line)
    if open_:
        yield Paragraph(open_, _is_full(open_[-1], right))


def continues(before: str, last: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph that a column or a page ended goes on in the next: its sentence is unfinished."""
    first = after.lines[0]
    if _ENDS.search(before) or _BULLET.match(first.text) or abs(after.size - last.size) > 0.1 * last.size:
        return False
    return before.endswith("-") or not first.text[0].isupper() or (last.full and len(last.lines) > 1)


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance of two lines in the size of their letters."""
    steps = [
        (before.base - line.base) / line.size
        for before, line in pairwise(lines)
        if line.size > 0 and 0.5 * line.size < before.base - line.base < 3 * line.size
    ]
    return median(sorted(steps)[: max(1, len(steps) * 3 // 4)]) if steps else 1.2


def _right_edges(lines: Sequence[Line]) -> dict[int, float]:
    """How far the lines that begin at a place reach; by that place in steps of 36 points."""
    edges: dict[int, float] = {}
    for line in lines:
        column = round(line.left / 36)
        edges[column] = max(edges.get(column, 0.0), line.right)
    return edges


def _edge(line: Line, right: dict[int, float]) -> float:
    """How far the column of a line reaches."""
    place = round(line.left / 36)
    return max(right.get(near, line.right) for near in (place - 1, place, place + 1))


def _is_full(line: Line, right: dict[int, float]) -> bool:
    edge = _edge(line, right)
    return edge - line.right <= 0.2 * max(edge - line.left, 1.0)


def _has_room(before: Line, line: Line, right: dict[int, float]) -> bool:
    """Whether the first word of a line would have had room behind the line before it."""
    word = len(line.text.split(" ", 1)[0]) + 1.5
    return _edge(before, right) - before.right > word * (before.right - before.left) / len(before.text)


def _same_line(before: Line, line: Line) -> bool:
    return abs(before.base - line.base) < 0.2 * max(before.size, 1.0) and line.left >= before.right - 1


def _begins(open_: Sequence[Line], line: Line, pitch: float, right: dict[int, float]) -> bool:
    """Whether a line begins a paragraph rather than going on with the open one."""
    before = open_[-1]
    size = max(before.size, 1.0)
    step = before.base - line.base
    if abs(line.size - size) > 0.12 * size or line.bold != before.bold:
        return not _within_sentence(before, line, step, size)
    if step < -0.3 * size or line.left > before.right or line.right < before.left:
        return True  # another column
    if CONTENTS.search(before.text):
        return True
    if step > (pitch + 0.3) * size or _BULLET.match(line.text):
        return True
    first = open_[0]
    indented = line.left - before.left > 0.8 * size
    hanging = len(open_) == 1 and (_BULLET.match(first.text) or line.left > first.left)
    if indented and not (hanging and not _ENDS.search(before.text)):
        return not (len(open_) == 1 and _BULLET.match(first.text))
    if line.text[0].islower() and (before.text.endswith("-") or _is_full(before, right)):
        return False  # in the middle of a word or of a sentence
    return _has_room(before, line, right)


def _within_sentence(before: Line, line: Line, step: float, size: float) -> bool:
    """Whether only a word in another face begins or ends a line of the same paragraph."""
    near = 0 <= step < 1.5 * size
    alike = abs(line.size - before.size) < 0.25 * size
    return near and alike and line.text[0].islower() and not _ENDS.search(before.text)
