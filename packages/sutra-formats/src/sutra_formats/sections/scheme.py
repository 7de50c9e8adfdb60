"""What the head of a text tells of all of it: which kinds of headings it has, and where they begin.

A kind counts where two of its headings have prose below them. Words are not looked at.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sutra_formats.sections.candidates import candidates
from sutra_formats.sections.headings import Kind, contents, is_figure
from sutra_formats.sections.outline import Form, Level, outlined
from sutra_formats.sections.pages import Paragraph

__all__ = ["Scheme", "scheme_of"]

_PROSE_CHARACTERS = 30
_KINDS: tuple[Kind, ...] = ("underlined", "numbered", "capitals", "margin")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The kinds of headings, none where a text is not in sections, and the form of numbered ones by level."""

    kinds: frozenset[Kind] = frozenset()
    forms: dict[Level, Form] = field(default_factory=dict[Level, Form])


def scheme_of(paragraphs: list[Paragraph]) -> Scheme:
    """The scheme of a text with these first paragraphs."""
    counts: dict[Kind, int] = {}
    forms = _forms(paragraphs)
    for kind in _KINDS:
        if kind == "margin" and not _indented(paragraphs):
            continue
        headed = prose = 0
        waiting = False
        for section, paragraph in outlined(paragraphs, frozenset({kind}), forms):
            if section is not None:
                headed += 1
                waiting = True
            elif waiting and _is_prose(paragraph):
                prose += 1
                waiting = False
        if prose > 1 and headed * 2 <= len(paragraphs) + prose:
            counts[kind] = prose
    if counts.get("underlined", 0) >= max(counts.values(), default=1):
        return Scheme(frozenset({"underlined"}))
    counts.pop("underlined", None)
    if "numbered" in counts:
        counts.pop("capitals", None)
    return Scheme(frozenset(counts), forms)


def _forms(paragraphs: list[Paragraph]) -> dict[Level, Form]:
    """The form that most numbered headings of a level have where prose stands below them."""
    found: dict[Level, Counter[Form]] = {}
    waiting: list[tuple[Level, Form]] = []
    for heading, paragraph in candidates(paragraphs, frozenset({"numbered"})):
        if heading is not None:
            waiting.append((heading.depth, heading.form))
            continue
        if _is_prose(paragraph):
            for level, form in waiting:
                found.setdefault(level, Counter())[form] += 1
        waiting = []
    return {level: forms.most_common(1)[0][0] for level, forms in found.items()}


def _indented(paragraphs: list[Paragraph]) -> bool:
    """Whether the text stands away from the margin: four of five paragraphs of several lines do."""
    long = [paragraph for paragraph in paragraphs if len(paragraph.lines) > 1 and not is_figure(paragraph)]
    return len(long) > 2 and sum(paragraph.indent > 1 for paragraph in long) * 5 >= len(long) * 4


def _is_prose(paragraph: Paragraph) -> bool:
    if paragraph.fault or is_figure(paragraph) or contents(paragraph):
        return False
    return len(paragraph.text) >= _PROSE_CHARACTERS
