"""Items as messages between the two processes of `isolation`: a length in 4 bytes, then JSON.

JSON, because what comes from a process that a hostile file may have taken over must be plain data.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, Link
from sutra_core.types import AssociationKind, SourceDraft

__all__ = ["Frame", "frame_of", "framed", "taken"]

Frame = Sequence[object]
"""`["item", …]`, `["bad", …]`, `["unreadable", errno, words]`, or `["end"]`."""


def framed(message: Mapping[str, object] | Frame) -> bytes:
    """A message as bytes; characters that are half of a pair go through."""
    data = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return struct.pack("<I", len(data)) + data


def frame_of(item: Item | BadItem) -> Frame:
    """An item as a frame."""
    if isinstance(item, BadItem):
        return ["bad", item.location, item.reason, item.code, item.bytes_done]
    draft = item.draft
    return [
        "item",
        [draft.address, draft.text, draft.title, draft.offset, draft.time, dict(draft.attributes)],
        item.prose,
        item.location,
        item.bytes_done,
        item.markup,
        item.labels,
        [
            [link.target, link.relation, link.kind, link.at, link.subject, link.confidence]
            for link in item.links
        ],
    ]


def taken(frame: Frame) -> Item | BadItem:
    """The item of a frame that `frame_of` made. Raises ValueError for anything else."""
    match cast("list[Any]", frame):
        case ["bad", str(location), str(reason), str(code), int(bytes_done)]:
            return BadItem(location, reason, cast(BadItemCode, code), bytes_done)
        case ["item", [address, text, title, offset, time, attributes], prose, location, done, *rest]:
            markup, labels, links = rest
            return Item(
                SourceDraft(address, text, title, offset, time, attributes),
                None if prose is None else _ranges(prose),
                location,
                done,
                _ranges(markup),
                _ranges(labels),
                [_link(*link) for link in links],
            )
        case _:
            raise ValueError(f"no item: {frame!r:.100}")


def _ranges(pairs: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in pairs]


def _link(
    target: str, relation: str, kind: AssociationKind, at: int, subject: str, confidence: float
) -> Link:
    return Link(target, relation, kind, at, subject, confidence)
