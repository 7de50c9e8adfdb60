"""The paragraphs and list items of plain text that was wrapped for reading, each on one line.

It knows no mark-up but the signs in front of a list item, and nothing of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["paragraphs"]

_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")


def paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """A blank line ends a paragraph, and so does the sign of a list item, which is left out.

    >>> list(paragraphs(["One", "two.", "", "- three", "  four", "- five"]))
    ['One two.', 'three four', 'five']
    """
    words: list[str] = []
    for line in lines:
        item = _ITEM.match(line)
        if (item or not line.strip()) and words:
            yield " ".join(words)
            words = []
        words += line[item.end() if item else 0 :].split()
    if words:
        yield " ".join(words)
