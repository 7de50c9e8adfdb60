"""Items as messages between the two processes of `isolation`: a length in 4 bytes, then JSON.

JSON, because what comes from a process that a hostile file may have taken over must be plain data. Whatever
it is, `taken` makes an item of it that keeps what `Item` promises, or raises `FrameError`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, Link
from sutra_core.types import AssociationKind, SourceDraft

__all__ = ["FRAME_BYTES", "Frame", "FrameError", "frame_of", "framed", "length_of", "read_frame", "taken"]

FRAME_BYTES = 8 << 20
"""The longest frame."""

Frame = Sequence[object]
"""`["item", …]`, `["bad", …]`, `["unreadable", errno, words]`, or `["end"]`."""

_CODES = frozenset(get_args(BadItemCode))
_KINDS = frozenset(get_args(AssociationKind))
_INTEGER_MAX = (1 << 63) - 1
_TEXT: frozenset[type] = frozenset({str})
_INTEGER: frozenset[type] = frozenset({int})
_NUMBER: frozenset[type] = frozenset({int, float})
# Made once: `json.dumps` makes one for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


class FrameError(ValueError):
    """What was sent is no frame."""


def framed(message: Mapping[str, object] | Frame) -> bytes:
    """A message as bytes; characters that are half of a pair go through."""
    data = _ENCODER.encode(message).encode("utf-8", "surrogatepass")
    return struct.pack("<I", len(data)) + data


def length_of(head: bytes) -> int:
    """How long the message behind these 4 bytes is. Raises `FrameError` for one over `FRAME_BYTES`."""
    (length,) = struct.unpack("<I", head)
    if length > FRAME_BYTES:
        raise FrameError(f"a frame of {length} bytes")
    return length


def read_frame(data: bytes) -> Frame:
    """A message of those that are lists. Raises `FrameError` for anything else."""
    try:
        frame = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"no JSON: {error}") from error
    if not isinstance(frame, list) or not frame:
        raise FrameError("no list")
    return cast("list[object]", frame)


def frame_of(item: Item | BadItem) -> Frame:
    """An item as a frame: ranges as one row of numbers, links as columns."""
    if isinstance(item, BadItem):
        return ["bad", item.location, item.reason, item.code, item.bytes_done]
    draft = item.draft
    links = item.links
    return [
        "item",
        [draft.address, draft.text, draft.title, draft.offset, draft.time, dict(draft.attributes)],
        None if item.prose is None else _row(item.prose),
        item.location,
        item.bytes_done,
        _row(item.markup),
        _row(item.labels),
        [
            [link.target for link in links],
            [link.relation for link in links],
            [link.kind for link in links],
            [link.at for link in links],
            [link.subject for link in links],
            [link.confidence for link in links],
        ],
    ]


def taken(frame: Frame) -> Item | BadItem:
    """The item of a frame that `frame_of` made. Raises `FrameError` for anything else."""
    match cast("list[Any]", frame):
        case ["bad", str(location), str(reason), str(code), done] if code in _CODES:
            return BadItem(location, reason, cast(BadItemCode, code), _whole(done))
        case ["item", about, prose, str(location), done, markup, labels, links]:
            draft = _draft(about)
            text = draft.text
            size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
            return Item(
                draft,
                None if prose is None else _ranges(prose, size),
                location,
                _whole(done),
                _ranges(markup, size),
                _ranges(labels, size),
                _links(links, size),
            )
        case _:
            raise FrameError(f"no item: {frame!r:.100}")


def _row(ranges: Sequence[tuple[int, int]]) -> list[int]:
    return [place for pair in ranges for place in pair]


def _draft(about: object) -> SourceDraft:
    match cast("list[Any]", about):
        case [str(address), str(text), str(title), offset, time, dict()]:
            attributes: dict[str, Any] = cast("list[Any]", about)[5]
        case _:
            raise FrameError("a draft of another shape")
    if time is not None and (type(time) is not int or abs(time) > _INTEGER_MAX):
        raise FrameError("no time")
    _column(list(attributes.values()), _TEXT)
    return SourceDraft(address, text, title, _whole(offset), time, attributes)


def _whole(number: object) -> int:
    if type(number) is not int or not 0 <= number <= _INTEGER_MAX:
        raise FrameError("no count")
    return number


def _column(values: object, types: frozenset[type]) -> list[Any]:
    """A list of nothing but these types."""
    if type(values) is not list or not types.issuperset(map(type, cast("list[Any]", values))):
        raise FrameError("a column of other types")
    return cast("list[Any]", values)


def _ranges(row: object, size: int) -> list[tuple[int, int]]:
    places: list[int] = _column(row, _INTEGER)
    if not places:
        return []
    if len(places) % 2 or places[0] < 0 or places[-1] > size or places != sorted(places):
        raise FrameError("ranges out of order")
    return list(zip(places[::2], places[1::2], strict=True))


def _links(columns: object, size: int) -> list[Link]:
    if type(columns) is not list or len(cast("list[Any]", columns)) != 6:
        raise FrameError("links of another shape")
    targets, relations, kinds, ats, subjects, confidences = cast("list[Any]", columns)
    if not targets:
        return []
    names = (_column(targets, _TEXT), _column(relations, _TEXT), _column(kinds, _TEXT))
    places: list[int] = _column(ats, _INTEGER)
    shares: list[float] = _column(confidences, _NUMBER)
    rows = list(zip(*names, places, _column(subjects, _TEXT), shares, strict=False))
    if {len(column) for column in (*names, places, subjects, shares)} != {len(rows)}:
        raise FrameError("columns of several lengths")
    if not _KINDS.issuperset(kinds) or min(places) < 0 or max(places) > size:
        raise FrameError("a link of no kind, or outside of its text")
    if not all(0 < share <= 1 for share in shares):
        raise FrameError("no confidence")
    return [Link(*row) for row in rows]
