"""Which headings a text has, told by how they follow each other and what stands between them.

Numbers count on; a row of headings with nothing below them is a table of contents. Of a text's head it is
decided which kinds count as headings at all: those of which two have prose below them. Words are not looked
at. What is held is a row of headings, `_ROW` at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sutra_formats.sections.headings import Heading, Kind, contents, is_figure, possible_heading, rule_pieces
from sutra_formats.sections.pages import Paragraph

__all__ = ["Section", "kinds_of", "outlined"]

_ROW = 500
_SKIPPED = 5
_PROSE_CHARACTERS = 30
_ALL: tuple[Kind, ...] = ("underlined", "numbered", "capitals", "margin")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its level, from 1."""

    text: str
    level: int
    kind: Kind


_Candidate = tuple[Heading | None, Paragraph]
"""A paragraph that may be a heading, or one of a table of contents among them."""


@dataclass(slots=True)
class _Outline:
    """The headings so far: the last of each style, the form of each level, the lines below titles."""

    last: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    forms: dict[tuple[str, int], tuple[int, bool]] = field(
        default_factory=dict[tuple[str, int], tuple[int, bool]]
    )
    rules: list[str] = field(default_factory=list[str])
    numbered: int = 0

    def section(self, heading: Heading) -> Section | None:
        """The heading as a section; None where its number, or where it begins, does not fit."""
        if heading.kind == "underlined":
            if heading.style not in self.rules:
                self.rules.append(heading.style)
            return Section(heading.text, self.rules.index(heading.style) + 1, heading.kind)
        if heading.kind != "numbered":
            return Section(heading.text, self.numbered + 1, heading.kind)
        named = len(heading.style) > 1
        place = (heading.style, len(heading.number))
        if place == ("", 1) and not heading.dotted and any(len(style) > 1 for style in self.last):
            return None  # chapters are counted by a word, and this is a line that begins with a number
        if named and heading.style not in self.last and heading.number > (1,):
            return None  # what a word counts begins at one
        if not _follows(self.last.get(heading.style, ()), heading.number):
            return None
        indent, dotted = self.forms.setdefault(place, (heading.indent, heading.dotted))
        if abs(indent - heading.indent) > 1 or dotted != heading.dotted:
            return None
        self.last[heading.style] = heading.number
        if named:  # what counts inside a chapter may begin again
            self.last.pop("", None)
        self.numbered = len(heading.number)
        return Section(heading.text, self.numbered, heading.kind)


def _follows(last: tuple[int, ...], number: tuple[int, ...]) -> bool:
    """Whether a number counts on from the last one, with few left out between.

    >>> _follows((1, 3), (2,)), _follows((2,), (2, 1, 1)), _follows((2, 4), (2, 6))
    (True, True, True)
    >>> _follows((3, 1), (1,)), _follows((3,), (19,)), _follows((3,), (3,))
    (False, False, False)
    """
    if not last:
        return True
    common = 0
    for had, has in zip(last, number, strict=False):
        if had != has:
            break
        common += 1
    if common == len(number):
        return False
    had = last[common] if common < len(last) else 0
    return 0 <= number[common] - had <= _SKIPPED and all(below < 3 for below in number[common + 1 :])


def outlined(
    paragraphs: Iterable[Paragraph], kinds: frozenset[Kind]
) -> Iterator[tuple[Section | None, Paragraph]]:
    """Every paragraph, with the section whose heading it is; what stands below a title comes by itself."""
    outline = _Outline()
    row: list[_Candidate] = []
    for whole in paragraphs:
        for paragraph in rule_pieces(whole) if "underlined" in kinds and not whole.fault else (whole,):
            heading = None if paragraph.fault else possible_heading(paragraph, kinds)
            if heading is None and not (row and not paragraph.fault and contents(paragraph)):
                yield from _settled(row, outline, paragraph)
                row = []
                yield None, paragraph
                continue
            row.append((heading, paragraph))
            below = None
            if heading is not None and heading.rest:
                below = Paragraph(heading.rest, paragraph.number, paragraph.end)
            if below is not None or len(row) == _ROW:
                yield from _settled(row, outline, below)
                row = []
            if below is not None:
                yield None, below
    yield from _settled(row, outline, None)


def _settled(
    row: list[_Candidate], outline: _Outline, below: Paragraph | None
) -> Iterator[tuple[Section | None, Paragraph]]:
    """The headings of a row; those of a table of contents are paragraphs like others."""
    headings = [heading for heading, _ in row if heading is not None]
    real = len(headings)
    if len(headings) < len(row) or sum(heading.kind == "numbered" for heading in headings) > 2:
        real = 1
        while real < len(headings) and _deeper(headings[-real - 1], headings[-real]):
            real += 1
    left = len(headings)
    indented = below is not None and below.indent > 0
    for heading, paragraph in row:
        if heading is None:
            yield None, paragraph
            continue
        listed = heading.kind == "numbered" and left > real
        stands = heading.kind != "margin" or (left == 1 and indented)
        left -= 1
        yield (outline.section(heading) if stands and not listed else None), paragraph


def _deeper(above: Heading, below: Heading) -> bool:
    """Whether a heading opens a section inside that of the one above it."""
    if above.kind != "numbered" or below.kind != "numbered":
        return above.kind != below.kind
    if len(above.style) > 1:
        return len(below.style) < 2
    return len(below.number) > len(above.number)


def kinds_of(paragraphs: list[Paragraph]) -> frozenset[Kind]:
    """The kinds of headings that the head of a text has; none where it is not in sections."""
    counts: dict[Kind, int] = {}
    for kind in _ALL:
        if kind == "margin" and not _indented(paragraphs):
            continue
        headed = prose = 0
        waiting = False
        for section, paragraph in outlined(paragraphs, frozenset({kind})):
            if section is not None:
                headed += 1
                waiting = True
            elif waiting and _is_prose(paragraph):
                prose += 1
                waiting = False
        if prose > 1 and headed * 2 <= len(paragraphs) + prose:
            counts[kind] = prose
    if counts.get("underlined", 0) >= max(counts.values(), default=1):
        return frozenset({"underlined"})
    counts.pop("underlined", None)
    if "numbered" in counts:
        counts.pop("capitals", None)
    return frozenset(counts)


def _indented(paragraphs: list[Paragraph]) -> bool:
    """Whether the text stands away from the margin: four of five paragraphs of several lines do."""
    long = [paragraph for paragraph in paragraphs if len(paragraph.lines) > 1 and not is_figure(paragraph)]
    return len(long) > 2 and sum(paragraph.indent > 1 for paragraph in long) * 5 >= len(long) * 4


def _is_prose(paragraph: Paragraph) -> bool:
    if paragraph.fault or is_figure(paragraph) or contents(paragraph):
        return False
    return len(paragraph.text) >= _PROSE_CHARACTERS
