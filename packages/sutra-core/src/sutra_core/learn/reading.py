"""Step: read an item by rule. Sentences, passages, mentions and relations, all as byte ranges.

The rules themselves are in Rust (`sutra_storage.Reader`); this step gives them the text and keeps
every range true to the verbatim bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    itself, and `markup`: what is blanked between words. `links` is what the format says apart from its text.
    """

    draft: SourceDraft
    location: str
    data: bytes
    readable: bytes
    reading: Reading
    labels: Sequence[tuple[int, int]] = ()
    links: Sequence[Link] = ()
    markup: Sequence[tuple[int, int]] = ()


def read_item(item: Item) -> ReadItem:
    """Reads one item. Never fails: any text has sentences, if only one."""
    data = item.draft.text.encode()
    readable = data if item.prose is None else _readable(data, item.prose, item.markup)
    text = item.draft.text if readable is data else readable.decode()
    reading = _READER.read(text, item.draft.title, item.draft.attributes.get(LANGUAGE, ""))
    markup = () if item.prose is None else _unread(item.prose, item.markup, reading)
    return ReadItem(item.draft, item.location, data, readable, reading, item.labels, item.links, markup)


def read_again(
    draft: SourceDraft,
    sentences: Sequence[tuple[int, int]],
    passages: Sequence[tuple[int, int]],
    markup: Sequence[tuple[int, int]],
) -> ReadItem:
    """Reads a source whose sentences and passages are known, in order and apart.

    What stands in a passage and in none of its sentences was a label.
    """
    data = draft.text.encode()
    blanked = bytearray(_readable(data, passages, markup))
    for start, end in markup:
        if b"\n" in data[start:end]:  # what spans lines stands between two blocks
            blanked[start:end] = b"\x0c" * (end - start)
    readable = bytes(blanked)
    language = draft.attributes.get(LANGUAGE, "")
    reading = _READER.read_known(readable.decode(), sentences, passages, draft.title, language)
    known = set(sentences)
    labels = [span for span in reading.sentences if span not in known]
    return ReadItem(draft, draft.address, data, readable, reading, labels, (), markup)


def _unread(
    prose: Sequence[tuple[int, int]], markup: Sequence[tuple[int, int]], reading: Reading
) -> list[tuple[int, int]]:
    """What is not read of the passages, in order and apart: the mark-up in their blocks, and what stands
    between these."""
    gaps = [(end, start) for (_, end), (start, _) in pairwise(prose)]
    passages = reading.passages
    starts = [start for start, *_ in passages]
    unread: list[tuple[int, int]] = []
    for start, end in sorted((*markup, *gaps)):
        at = bisect_right(starts, start) - 1
        if at < 0 or not start < end <= passages[at][1]:
            continue
        if unread and start < unread[-1][1]:
            unread[-1] = unread[-1][0], max(end, unread[-1][1])
        else:
            unread.append((start, end))
    return unread


def _readable(data: bytes, prose: Sequence[tuple[int, int]], markup: Sequence[tuple[int, int]]) -> bytes:
    """The prose in its place: form feeds, which end a paragraph, between its blocks, and spaces for
    the mark-up inside them."""
    readable = bytearray(b"\x0c" * len(data))
    for start, end in prose:
        readable[start:end] = data[start:end]
    for start, end in markup:
        readable[start:end] = b" " * (end - start)
    return bytes(readable)
