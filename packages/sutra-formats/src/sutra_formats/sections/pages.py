"""The paragraphs of a text as its lines give them, without the heads and feet of its pages.

A page ends with a form feed. What stands beside several of them, but for its digits, is a head or a foot; a
paragraph that such a break parts in the middle of a sentence is put together again. A paragraph is held at
a time; it knows nothing of headings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sutra_formats.decoding import TextLine, undecodable

__all__ = ["PARAGRAPH_CHARACTERS", "Paragraph", "page_margins", "paragraphs"]

PARAGRAPH_CHARACTERS = 16 * 1024
"""The longest paragraph; a longer one is several."""

_FEED = "\f"
_HELD_LINES = 100
_DIGITS = re.compile(r"\d+")
_SENTENCE_ENDS = tuple(".!?:;。")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines without a blank one between, spaces at their ends left out; `indent` is that of the first.

    It begins at line `number` of the file; `end` is the byte behind it. `fault` says why it cannot be read.
    """

    lines: tuple[str, ...]
    number: int
    end: int
    fault: str = ""

    @property
    def indent(self) -> int:
        """How many spaces stand before the first line."""
        return len(self.lines[0]) - len(self.lines[0].lstrip())

    @property
    def text(self) -> str:
        """All of it on one line; a hyphen at the end of a line stays, and parts nothing."""
        joined = ""
        for line in self.lines:
            divided = joined[-1:] in {"-", "\u2010"} and joined[-2:-1].isalpha()
            joined += ("" if divided or not joined else " ") + " ".join(line.split())
        return joined


def page_margins(lines: Iterable[str]) -> frozenset[str]:
    """What stands last before or first behind at least two form feeds, as `_key` has it."""
    found: Counter[str] = Counter()
    last = ""
    below = False
    for line in lines:
        before, feed, after = line.partition(_FEED)
        text = before if feed else line
        if text.strip():
            if below:
                found[_key(text)] += 1
            last, below = text, False
        if feed:
            found[_key(last)] += 1
            last, below = "", True
            if after.strip(_FEED).strip():
                found[_key(after)] += 1
                last, below = after, False
    return frozenset(key for key, count in found.items() if key and count > 1)


def _key(line: str) -> str:
    """A head or foot without what differs from page to page."""
    return _DIGITS.sub("0", " ".join(line.replace(_FEED, " ").split()))


def paragraphs(lines: Iterable[TextLine], margins: frozenset[str]) -> Iterator[Paragraph]:
    """The paragraphs of a text whose pages have these `margins`."""
    open_lines: list[TextLine] = []
    broken = False
    length = 0
    for line in _without_margins(lines, margins):
        if line.text == _FEED:
            broken = True
            continue
        text = line.text.rstrip()
        ends = not text or length > PARAGRAPH_CHARACTERS or (broken and not _goes_on(open_lines, text))
        if ends and open_lines:
            yield _paragraph(open_lines)
            open_lines, length = [], 0
        broken = False
        if text:
            open_lines.append(line)
            length += len(text)
    if open_lines:
        yield _paragraph(open_lines)


def _paragraph(lines: list[TextLine]) -> Paragraph:
    fault = next((fault for line in lines if (fault := undecodable(line.text))), "")
    if not fault and any(line.too_long for line in lines):
        fault = "the line is longer than is allowed; break it"
    texts = tuple(line.text.expandtabs().rstrip() for line in lines)
    return Paragraph(texts, lines[0].number, lines[-1].end, fault)


def _goes_on(above: list[TextLine], text: str) -> bool:
    """Whether a paragraph goes on behind the end of a page."""
    if not above:
        return False
    return not above[-1].text.rstrip().endswith(_SENTENCE_ENDS) and text.lstrip()[0].islower()


def _without_margins(lines: Iterable[TextLine], margins: frozenset[str]) -> Iterator[TextLine]:
    """The lines; in place of a page's end, with what is blank or a margin around it, a form feed alone."""
    held: list[TextLine] = []
    top = False
    for line in lines:
        before, feed, after = line.text.partition(_FEED)
        text = before if feed else line.text
        passed_over = not text.strip() or _key(text) in margins
        if passed_over and not top:
            held.append(TextLine(line.number, text, line.end, line.too_long))
        if not passed_over:
            yield from held
            yield TextLine(line.number, text, line.end, line.too_long)
        if not passed_over or len(held) > _HELD_LINES:
            if passed_over:
                yield from held
            held, top = [], False
        if feed:
            held, top = [], True
            yield TextLine(line.number, _FEED, line.end)
            rest = after.replace(_FEED, "")
            if rest.strip() and _key(rest) not in margins:
                top = False
                yield TextLine(line.number, rest, line.end, line.too_long)
    yield from held
