"""Where in a document a byte of its text stands: on which page, in which section, in which row.

The text of a PDF or of a page of HTML was taken out of something else, so its bytes alone do not lead
home. A source keeps the places of its text in the attribute `PLACES`, one a line: the byte at which it
begins, a tab, and what it is called.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

__all__ = ["PLACES", "place_at", "written_places"]

PLACES = "places"
"""The attribute of a source that holds its places."""


def written_places(places: Sequence[tuple[int, str]]) -> str:
    r"""Places as an attribute. Each begins at its byte (rising) and ends where the next one begins.

    >>> written_places([(0, "page 1"), (1834, "page 2")])
    '0\tpage 1\n1834\tpage 2'
    """
    return "\n".join(f"{start}\t{' '.join(name.split())}" for start, name in places)


def place_at(attributes: Mapping[str, str], start: int) -> str:
    r"""What the place of byte `start` of a source's text is called; "" where nobody has said.

    >>> place_at({"places": "0\tpage 1\n1834\tpage 2"}, 1840)
    'page 2'
    """
    starts: list[int] = []
    names: list[str] = []
    for line in attributes.get(PLACES, "").splitlines():
        at, tab, name = line.partition("\t")
        if not tab or not at.isdecimal():
            return ""  # an attribute of that name, but not of this kind
        starts.append(int(at))
        names.append(name)
    position = bisect_right(starts, start)
    return names[position - 1] if position else ""
