"""Makes the blocks of a PDF from its pages: headings, and paragraphs joined over columns and pages.

A heading is known by the bookmarks, by letters larger than those of most of the text, or by standing alone
in bold. Holds one paragraph, and what is remembered of sizes and words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sutra_core.learn.adapters import Block
from sutra_formats.pdf.lines import CONTENTS, Paragraph, Words, continues, join_lines, paragraphs
from sutra_formats.pdf.pdfium import Page

__all__ = ["PdfBlocks", "place_of"]

_NUMBERING = re.compile(
    r"^(?:(?i:chapter|section|appendix|part)\s+)?"
    r"(?:\d{1,3}(?:\.\d+)*\.?|[A-Z](?:\.\d+)+\.?|[A-Z]\.|[IVXLC]{1,6}\.)\s+"
)
_HEADING_CHARACTERS_MAX = 200
_LEVELS = ((1.8, 1), (1.45, 2), (1.15, 3))
_BOLD_LEVEL = 4


@dataclass(slots=True)
class PdfBlocks:
    """Blocks of one document; `outline` holds the bookmarks of each page: title as compared, and level."""

    outline: Mapping[int, Mapping[str, int]]
    words: Words = field(default_factory=Words)
    _sizes: Counter[int] = field(default_factory=Counter[int])
    _bold: Counter[bool] = field(default_factory=Counter[bool])
    _open: Block | None = None
    _last: Paragraph | None = None

    def look_ahead(self, page: Page) -> None:
        """Learns the sizes and words of a page before it is taken."""
        self.words.learn(page.lines)
        for line in page.lines:
            self._sizes[round(line.size * 2)] += len(line.text)
            self._bold[line.bold] += len(line.text)

    def take(self, page: Page, index: int, bytes_done: int) -> Iterator[Block]:
        """The blocks that end on a page, given by its number from 0."""
        place = place_of(index, page.label)
        for number, paragraph in enumerate(paragraphs(page.lines)):
            text = join_lines(paragraph.lines, self.words)
            if level := self._level(paragraph, text, index):
                yield from self.end()
                yield Block(text, "heading", level, place, (), bytes_done)
                continue
            if listed := CONTENTS.search(text):
                yield from self.end()
                yield Block(f"{text[: listed.start()]} {listed[1]}", "cell", 1, place, (), bytes_done)
                continue
            last = self._last
            if (
                self._open is not None
                and last is not None
                and (number == 0 or paragraph.lines[0].base > last.lines[-1].base)
                and continues(self._open.text, last, paragraph)
            ):
                text = self.words.joined(self._open.text, text)
                self._open = replace(self._open, text=text, bytes_done=bytes_done)
            else:
                yield from self.end()
                self._open = Block(text, "prose", 1, place, (), bytes_done)
            self._last = paragraph

    def end(self) -> Iterator[Block]:
        """The paragraph that is still open."""
        if self._open is not None:
            yield self._open
        self._open = self._last = None

    def _level(self, paragraph: Paragraph, text: str, index: int) -> int:
        """The level of a heading, 0 for anything else."""
        if len(text) > _HEADING_CHARACTERS_MAX or not any(map(str.isalpha, text)):
            return 0
        if marked := self.outline.get(index, {}).get(compared(text)):
            return marked
        if text[-1] in ".,;:" or len(paragraph.lines) > 4:
            return 0
        body = self._sizes.most_common(1)[0][0] / 2 if self._sizes else paragraph.size
        for ratio, level in _LEVELS:
            if paragraph.size >= ratio * body:
                return level
        bold = all(line.bold for line in paragraph.lines) and self._bold[False] > self._bold[True]
        return _BOLD_LEVEL if bold and len(paragraph.lines) <= 2 and paragraph.size >= 0.95 * body else 0


def compared(title: str) -> str:
    """A title as it is compared: without numbering, white space, marks and case."""
    return "".join(filter(str.isalnum, _NUMBERING.sub("", title).casefold()))


def place_of(index: int, label: str) -> str:
    """What a page is called: by its label, where it has one."""
    return f"page {label or index + 1}"
