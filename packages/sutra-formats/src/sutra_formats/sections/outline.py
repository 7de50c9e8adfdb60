"""Which candidates are the headings of a text, told by how they follow each other; and their levels.

Numbers count on, and the headings of a level begin at one column. It holds no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sutra_formats.sections.candidates import candidates
from sutra_formats.sections.headings import Form, Heading, Kind, Level
from sutra_formats.sections.pages import Paragraph

__all__ = ["Form", "Level", "Section", "outlined"]

_SKIPPED = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its level, from 1."""

    text: str
    level: int
    kind: Kind


@dataclass(slots=True)
class _Outline:
    """The headings so far: the last of each style, the form of each level, the lines below titles."""

    last: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    forms: dict[Level, Form] = field(default_factory=dict[Level, Form])
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
        if heading.depth == ("", 1) and not heading.dotted and any(len(style) > 1 for style in self.last):
            return None  # chapters are counted by a word, and this is a line that begins with a number
        if named and heading.style not in self.last and heading.number > (1,):
            return None  # what a word counts begins at one
        indent, dotted = self.forms.setdefault(heading.depth, heading.form)
        if abs(indent - heading.form[0]) > 1 or dotted != heading.dotted:
            return None
        if not _follows(self.last.get(heading.style, ()), heading.number):
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
    paragraphs: Iterable[Paragraph], kinds: frozenset[Kind], forms: Mapping[Level, Form]
) -> Iterator[tuple[Section | None, Paragraph]]:
    """Every paragraph, with the section whose heading it is; `forms` are those of numbered headings."""
    outline = _Outline(forms=dict(forms))
    for heading, paragraph in candidates(paragraphs, kinds):
        yield (outline.section(heading) if heading is not None else None), paragraph
