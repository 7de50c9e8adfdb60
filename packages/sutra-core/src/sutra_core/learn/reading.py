"""Step: read an item by rule. Sentences, passages, mentions and relations, all as byte ranges.

The rules themselves are in Rust (`sutra_storage.Reader`); this step gives them the text and keeps
every range true to the verbatim bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sutra_core.languages import LANGUAGE
from sutra_core.learn.adapters import Item, Link
from sutra_core.types import SourceDraft
from sutra_storage import Reader, Reading

__all__ = ["ReadItem", "read_item"]

_READER = Reader()


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A source with what the rules found in it.

    `data` is the verbatim text in UTF-8, `readable` the same number of bytes with everything that is
    not prose blanked out; `reading` holds byte ranges of both, and so does `labels`: what says nothing by
    itself. `links` is what the format says apart from its text.
    """

    draft: SourceDraft
    location: str
    data: bytes
    readable: bytes
    reading: Reading
    labels: Sequence[tuple[int, int]] = ()
    links: Sequence[Link] = ()


def read_item(item: Item) -> ReadItem:
    """Reads one item. Never fails: any text has sentences, if only one."""
    data = item.draft.text.encode()
    readable = _readable(item, data)
    text = item.draft.text if readable is data else readable.decode()
    reading = _READER.read(text, item.draft.title, item.draft.attributes.get(LANGUAGE, ""))
    return ReadItem(item.draft, item.location, data, readable, reading, item.labels, item.links)


def _readable(item: Item, data: bytes) -> bytes:
    """The prose in its place: form feeds, which end a paragraph, between its blocks, and spaces for
    the mark-up inside them."""
    if item.prose is None:
        return data
    readable = bytearray(b"\x0c" * len(data))
    for start, end in item.prose:
        readable[start:end] = data[start:end]
    for start, end in item.markup:
        readable[start:end] = b" " * (end - start)
    return bytes(readable)
