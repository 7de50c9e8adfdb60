"""Turns of a conversation as items: a stretch of whole turns a source, each turn a block with its speaker.

It reads no file and knows no format. A stretch holds the turns of one session (a day, a call) and at most
`STRETCH_BYTES`; where it goes on in another, that one has the same address and begins at a later byte. A
statement is never taken from its speaker, and none is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sutra_core.learn.adapters.base import BadItem, Item
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.types import SourceDraft

__all__ = ["STRETCH_BYTES", "Session", "Turn", "conversation", "day_of", "listed"]

STRETCH_BYTES = 8 * 1024
"""The most bytes of text in one stretch."""

_NAMED = 4
_PARTICIPANTS = 50
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said at once; `speaker` is "" for what nobody says (a scene, a narrator).

    `session` is the key of the session that it belongs to, `time` in microseconds since 1970, `line` where in
    the file it begins, `end` how many bytes of the file were read. A `caption` is what a picture shows.
    """

    speaker: str
    text: str
    place: str = ""
    session: str = ""
    time: int | None = None
    line: int = 1
    end: int = 0
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of a session apart from its turns: its address, its own name, when it was."""

    address: str
    name: str = ""
    time: int | None = None
    day: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class _Stretch:
    session: Session
    offset: int = 0
    size: int = 0
    turns: list[Turn] = field(default_factory=list[Turn])


def conversation(
    turns: Iterable[Turn | BadItem],
    describe: Callable[[str], Session],
    location: str,
    *,
    part_bytes: int = STRETCH_BYTES,
) -> Iterator[Item | BadItem]:
    """The stretches of the turns in their order; a bad item among them keeps its place.

    `describe` says what is known of a session, by its key; `location` is that of the file.
    """
    ends: dict[str, int] = {}
    stretch: _Stretch | None = None
    key = ""
    for turn in turns:
        if isinstance(turn, BadItem):
            if stretch:
                yield from _items(stretch, location, part_bytes)
                _next(stretch)
            yield turn
            continue
        if stretch is None or turn.session != key:
            if stretch:
                yield from _items(stretch, location, part_bytes)
                ends[key] = stretch.offset + stretch.size
            key = turn.session
            stretch = _Stretch(describe(key), ends.get(key, 0))
        size = sum(len(text.encode()) + 2 for text, _ in _texts(turn))
        if stretch.turns and stretch.size + size > part_bytes:
            yield from _items(stretch, location, part_bytes)
            _next(stretch)
        if size:
            stretch.turns.append(turn)
            stretch.size += size
    if stretch:
        yield from _items(stretch, location, part_bytes)


def _next(stretch: _Stretch) -> None:
    stretch.offset += stretch.size
    stretch.size = 0
    stretch.turns = []


def _items(stretch: _Stretch, location: str, part_bytes: int) -> Iterator[Item]:
    if not stretch.turns:
        return
    session, turns = stretch.session, stretch.turns
    time = next((turn.time for turn in turns if turn.time is not None), session.time)
    people = list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker))[:_PARTICIPANTS]
    title = _title(session, people, session.day or (day_of(time) if time is not None else ""))
    attributes = {**session.attributes, "participants": ", ".join(people)} if people else session.attributes
    draft = SourceDraft(session.address, "", title, stretch.offset, time, dict(attributes))
    blocks = (
        Block(text, "prose" if said else "caption", place=turn.place, bytes_done=turn.end)
        for turn in turns
        for text, said in _texts(turn)
    )
    yield from compose(blocks, draft, f"{location}:{turns[0].line}", part_bytes=part_bytes)


def _texts(turn: Turn) -> Iterator[tuple[str, bool]]:
    """The blocks of a turn, and whether each is said."""
    lines = (line.strip() for line in turn.text.splitlines())
    if text := "\n".join(filter(None, lines)):
        yield (f"{turn.speaker}: {text}" if turn.speaker else text), True
    if caption := " ".join(turn.caption.split()):
        yield caption, False


def _title(session: Session, people: Sequence[str], day: str) -> str:
    """The name with its participants, and the day.

    "Planning (Ann and Ben), 8 May 2023", or "Conversation of Ann and Ben" where it has no name and no day.
    """
    named = listed(people)
    if session.name:
        title = f"{session.name} ({named})" if named and named != session.name else session.name
    else:
        title = f"Conversation of {named}" if named else "Conversation"
    return f"{title}, {day}" if day else title


def listed(people: Sequence[str]) -> str:
    """Names in a row, as people say them.

    >>> listed(["Ann", "Ben"]), listed(list("abcdef"))
    ('Ann and Ben', 'a, b, c, d and 2 others')
    """
    if len(people) < 2:
        return "".join(people)
    named, others = list(people[:_NAMED]), len(people) - _NAMED
    if others > 0:
        named.append(f"{others} other{'s' if others > 1 else ''}")
    return f"{', '.join(named[:-1])} and {named[-1]}"


def day_of(time: int) -> str:
    """The day of a moment, in UTC, as people write it; "" where the calendar does not reach.

    >>> day_of(1683504000000000)
    '8 May 2023'
    """
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    except OverflowError:
        return ""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
