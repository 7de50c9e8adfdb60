"""Leaves out what is printed on many pages at the same place: running headers, footers, page numbers.

Looks ahead over a few pages, and remembers a bounded number of lines of the pages before.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from statistics import median

from sutra_formats.pdf.pdfium import Line, Page

__all__ = ["without_margins"]

AHEAD = 6
"""How many pages are held while the next ones are looked at."""

_REPEATED = 3
_EDGE_LINES = 3
_EDGE = 0.15
_REMEMBERED_MAX = 4096
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_ONLY_NUMBER = re.compile(
    r"\W*(?:page\s+)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE
)

_Key = tuple[str, int]


def without_margins(pages: Iterable[Page]) -> Iterator[Page]:
    """The pages in their order, without their running headers and footers."""
    seen: Counter[_Key] = Counter()
    held: deque[Page] = deque()
    for page in pages:
        held.append(page)
        seen.update({_key(line) for line in _edge_lines(page)})
        if len(held) > AHEAD:
            yield _without(held.popleft(), seen)
        if len(seen) > _REMEMBERED_MAX:
            for key in [key for key, count in seen.items() if count < _REPEATED][: _REMEMBERED_MAX // 2]:
                del seen[key]
            if len(seen) > _REMEMBERED_MAX:
                seen = Counter(dict(seen.most_common(_REMEMBERED_MAX // 2)))
    while held:
        yield _without(held.popleft(), seen)


def _without(page: Page, seen: Counter[_Key]) -> Page:
    dropped = [line for line in _edge_lines(page) if _repeats(line, seen) or _is_number(line, page)]
    if not dropped:
        return page
    return replace(page, lines=[line for line in page.lines if not any(line is gone for gone in dropped)])


def _edge_lines(page: Page) -> list[Line]:
    """The lines nearest to the head and the foot of a page, within its margins; none in large letters."""
    size_max = 1.15 * median(line.size for line in page.lines) if len(page.lines) > 4 else float("inf")
    by_height = sorted((line for line in page.lines if line.size <= size_max), key=lambda line: line.base)
    foot = [line for line in by_height[:_EDGE_LINES] if line.base < _EDGE * page.height]
    head = [line for line in by_height[-_EDGE_LINES:] if line.base > (1 - _EDGE) * page.height]
    return [*foot, *(line for line in head if not any(line is other for other in foot))]


def _key(line: Line) -> _Key:
    return _NUMBER.sub("#", line.text.lower())[:200], round(line.base / 2)


def _repeats(line: Line, seen: Counter[_Key]) -> bool:
    text, height = _key(line)
    return sum(seen[(text, near)] for near in (height - 1, height, height + 1)) >= _REPEATED


def _is_number(line: Line, page: Page) -> bool:
    """Whether a line is the number of its page and nothing else."""
    return line.text.strip(" -–—|·") == page.label or (
        _ONLY_NUMBER.fullmatch(line.text) is not None and line.base < 0.1 * page.height
    )
