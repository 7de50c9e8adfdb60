"""The paragraphs of a text that may be headings, less those that are entries of a table of contents.

Such a table is a row of headings with nothing below them. What is held is a row, `_ROW` at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sutra_formats.sections.headings import Heading, Kind, contents, is_figure, possible_heading, rule_pieces
from sutra_formats.sections.pages import Paragraph

__all__ = ["Candidate", "candidates"]

Candidate = tuple[Heading | None, Paragraph]
"""A paragraph, and the heading that it may be."""

_ROW = 500


def candidates(paragraphs: Iterable[Paragraph], kinds: frozenset[Kind]) -> Iterator[Candidate]:
    """Every paragraph in its order; what stands right below an underlined title comes by itself."""
    row: list[Candidate] = []
    for whole in paragraphs:
        for paragraph in rule_pieces(whole) if "underlined" in kinds and not whole.fault else (whole,):
            heading = None if paragraph.fault else possible_heading(paragraph, kinds)
            if heading is None and not (row and not paragraph.fault and contents(paragraph)):
                yield from _without_contents(row, paragraph)
                row = []
                yield None, paragraph
                continue
            row.append((heading, paragraph))
            below = None
            if heading is not None and heading.rest:
                below = Paragraph(heading.rest, paragraph.number, paragraph.end)
            if below is not None or len(row) == _ROW:
                yield from _without_contents(row, below)
                row = []
            if below is not None:
                yield None, below
    yield from _without_contents(row, None)


def _without_contents(row: list[Candidate], below: Paragraph | None) -> Iterator[Candidate]:
    """The row; the last headings of a long one, each deeper than that above it, may be headings."""
    headings = [heading for heading, _ in row if heading is not None]
    real = len(headings)
    if len(headings) < len(row) or sum(heading.kind == "numbered" for heading in headings) > 2:
        real = 1
        while real < len(headings) and _deeper(headings[-real - 1], headings[-real]):
            real += 1
    left = len(headings)
    for heading, paragraph in row:
        if heading is None:
            yield None, paragraph
            continue
        listed = heading.kind == "numbered" and left > real
        stands = heading.kind != "margin" or (left == 1 and _is_section(below))
        left -= 1
        yield (heading if stands and not listed else None), paragraph


def _is_section(below: Paragraph | None) -> bool:
    """Whether what stands below a line at the margin is the text of a section, and no table that it names."""
    return below is not None and below.indent > 0 and not is_figure(below)


def _deeper(above: Heading, below: Heading) -> bool:
    """Whether a heading opens a section inside that of the one above it."""
    if above.kind != "numbered" or below.kind != "numbered":
        return above.kind != below.kind
    if len(above.style) > 1:
        return len(below.style) < 2
    return len(below.number) > len(above.number)
