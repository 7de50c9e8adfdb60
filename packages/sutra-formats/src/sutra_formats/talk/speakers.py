"""Whether lines that begin with names are a conversation, or records, settings, a log, notes.

It looks at the beginning of a text alone. In doubt it says no: a conversation read as plain text loses
little, a list of settings read as a conversation is nonsense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from sutra_formats.talk.turns import Turn

__all__ = ["KEYS", "is_conversation"]

# fmt: off
KEYS = frozenset({
    "abstract", "address", "answer", "architecture", "architectures", "author", "authors", "branch",
    "bug", "category", "caution", "cc", "changes", "chapter", "city", "class", "code", "comment",
    "commit", "company", "conclusion", "contact", "content", "copyright", "country", "critical",
    "danger", "data", "date", "debug", "default", "definition", "depends", "description", "directions",
    "distribution", "edit", "email", "encoding", "error", "errors", "example", "examples", "expected",
    "fatal", "fax", "field", "figure", "file", "filename", "files", "fixed", "format", "from", "group",
    "headline", "hint", "home", "homepage", "host", "hosts", "http", "https", "id", "important", "info",
    "ingredients", "input", "install", "instructions", "isbn", "issue", "job", "key", "keywords",
    "kind", "label", "language", "level", "licence", "license", "line", "link", "links", "location",
    "maintainer", "message", "method", "mobile", "model", "motto", "name", "nb", "network", "note",
    "notes", "notice", "number", "option", "options", "organization", "origin", "output", "owner",
    "package", "page", "pages", "parameters", "password", "path", "phone", "plot", "port", "price",
    "priority", "problem", "product", "project", "ps", "publisher", "purpose", "quantity", "question",
    "re", "reason", "reference", "references", "remark", "request", "required", "requires", "response",
    "result", "results", "return", "returns", "role", "route", "rule", "scene", "section", "see",
    "sender", "serial", "server", "service", "size", "solution", "source", "start", "state", "status",
    "step", "street", "subject", "subtotal", "suggestion", "summary", "synopsis", "syntax", "tag",
    "tags", "task", "tel", "telephone", "test", "time", "tip", "title", "to", "todo", "topic", "total",
    "trace", "type", "types", "unit", "update", "uri", "url", "usage", "user-agent", "value", "version",
    "via", "warn", "warning", "website", "where", "year",
})
# fmt: on
"""Words that stand before a colon and are nobody's name, in small letters."""

_ENDS = (".", "!", "?", "…", "。", "！", "？", '"', "”", "»", ")", "-", "—", ",")
_TURNS = 4
_TURNS_TIMED = 3
_SPEAKERS = 12


def is_conversation(lines: Sequence[tuple[bool, Turn | None]]) -> bool:
    """Whether a few speakers say most of what stands in the lines.

    Of each line: whether anything stands on it, and the turn that begins there; the text of a turn is what
    stands behind the name on that line, and its place the time.
    """
    turns = [turn for _, turn in lines if turn]
    counted = Counter(turn.speaker for turn in turns if turn.speaker.lower() not in KEYS)
    speakers = {name for name, count in counted.items() if count > 1}
    said = [turn for turn in turns if turn.speaker in speakers]
    timed = sum(1 for turn in said if turn.place)
    if len(speakers) < 2 or len(said) < (_TURNS_TIMED if timed == len(said) else _TURNS):
        return False
    if len(speakers) > max(_SPEAKERS, len(said) // 3):
        return False
    if sum(1 for turn in turns if turn.speaker.lower() in KEYS) * 5 > len(turns):
        return False
    standing = sum(1 for filled, _ in lines if filled)
    alone = sum(1 for turn in said if not turn.text.strip())
    if len(said) * 10 < standing * 4 and not (alone * 2 > len(said) and len(said) * 4 > standing):
        return False
    if timed * 5 > len(said) * 4 or alone * 2 > len(said):
        return True
    changes = sum(1 for one, next_one in pairwise(said) if one.speaker != next_one.speaker)
    if changes * 3 < len(said) - 1:  # fields of one name stand together, people take turns
        return False
    return sum(1 for turn in said if _is_speech(turn.text)) * 2 > len(said) and not _is_cycle(said)


def _is_speech(text: str) -> bool:
    """Whether a text is rather said than a value: a sentence with its end, or several words."""
    words = text.split()
    return bool(words) and (words[-1].endswith(_ENDS) or len(words) > 4)


def _is_cycle(turns: Sequence[Turn]) -> bool:
    """Whether three or more names come round and round in one order, as the fields of records do."""
    names = [turn.speaker for turn in turns]
    count = len(set(names))
    return (
        count > 2
        and len(names) >= 2 * count
        and all(name == names[position % count] for position, name in enumerate(names))
    )
