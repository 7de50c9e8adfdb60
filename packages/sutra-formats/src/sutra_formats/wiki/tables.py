"""Takes the tables out of a page before it is tokenised: they are not read, and hold a third of its tokens.

It knows no mark-up but that of tables; where more could stand in one (text that is shown as it is written),
or where one does not end, it changes nothing.
"""

from __future__ import annotations

import re

__all__ = ["without_tables"]

_EDGE = re.compile(r"^[ \t:*#;]*(\{\|)|^[ \t]*(\|\})(?!\})", re.MULTILINE)
_AS_WRITTEN = re.compile(r"<(?:nowiki|pre|source|syntaxhighlight|math|!--)", re.IGNORECASE)


def without_tables(markup: str) -> str:
    r"""The mark-up of a page, each table replaced by nothing.

    >>> without_tables("before\n{| class=x\n|-\n| cell\n|}\nafter")
    'before\n\nafter'
    """
    if "{|" not in markup or _AS_WRITTEN.search(markup):
        return markup
    kept: list[str] = []
    depth = at = 0
    for edge in _EDGE.finditer(markup):
        if edge[1]:
            if not depth:
                kept.append(markup[at : edge.start(1)])
            depth += 1
        elif depth:
            depth -= 1
            at = edge.end()
    return markup if depth else "".join([*kept, markup[at:]])
