"""Puts the blocks of a document together into items, for formats whose text has to be taken out first.

An adapter of such a format yields `Block`s in the order of reading; `compose` makes sources of bounded
size from them and keeps what each block is. It holds one source at a time. The text of a document is
that of its blocks with a blank line between two; an offset counts its bytes (UTF-8).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sutra_core.learn.adapters.base import Item, Link
from sutra_core.learn.adapters.parts import PART_BYTES, cut_parts
from sutra_core.places import PLACES, written_places
from sutra_core.types import SourceDraft

__all__ = ["Block", "BlockRole", "compose"]

BlockRole = Literal["prose", "heading", "caption", "cell", "verbatim"]
"""Prose is read; headings, captions and cells are read as labels of what stands beside them; what is
verbatim (program code, a formula) is kept and cited, but not read."""

_GAP = b"\n\n"
_LABELS: frozenset[BlockRole] = frozenset({"heading", "caption", "cell"})


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, a list item, a row of a table: text without mark-up, on any number of lines.

    `level` is that of a heading, from 1. `place` says where in the document the block stands, as people
    call it ("page 3"); "" where the one before does. The `at` of `links` counts bytes of `text`.
    `bytes_done` is how many bytes of the file were read once the block has been taken.
    """

    text: str
    role: BlockRole = "prose"
    level: int = 1
    place: str = ""
    links: Sequence[Link] = ()
    bytes_done: int = 0


@dataclass(slots=True)
class _Part:
    """The source that is being put together; `offset` is where in the document's text it begins."""

    offset: int
    data: bytearray = field(default_factory=bytearray)
    prose: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    labels: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    links: list[Link] = field(default_factory=list[Link])
    places: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    bytes_done: int = 0

    def add(self, block: Block, data: bytes, place: str) -> None:
        if self.data:
            self.data += _GAP
        start = len(self.data)
        self.data += data
        if block.role != "verbatim":
            self.prose.append((start, len(self.data)))
        if block.role in _LABELS:
            self.labels.append((start, len(self.data)))
        if block.links:
            self.links += [_at(link, start + link.at) for link in block.links] if start else block.links
        if place and (not self.places or self.places[-1][1] != place):
            self.places.append((start, place))
        self.bytes_done = max(self.bytes_done, block.bytes_done)


def compose(
    blocks: Iterable[Block],
    draft: SourceDraft,
    location: str,
    *,
    bytes_done: int = 0,
    part_bytes: int = PART_BYTES,
) -> Iterator[Item]:
    """Items of at most `part_bytes` of text (at least 4), cut between blocks, or inside one that is longer.

    `draft` says everything of the sources except their text and offset; `location` is that of every item,
    with the place of its beginning; `bytes_done` counts where blocks do not. A place is the block's own and
    the headings above it. A heading stays with what follows it. A blank block is left out; a document of
    nothing else has no item.
    """
    composing = _Composing(draft, location, part_bytes, bytes_done)
    for block in blocks:
        yield from composing.take(block)
    yield from composing.end()


def _at(link: Link, at: int) -> Link:
    """The link at another byte."""
    return Link(link.target, link.relation, link.kind, at, link.subject, link.confidence)


class _Composing:
    """One document: the part that is open, the headings above it, and those that wait for their text."""

    def __init__(self, draft: SourceDraft, location: str, part_bytes: int, bytes_done: int) -> None:
        self._draft = draft
        self._bytes_done = bytes_done
        self._location = location
        self._part_bytes = part_bytes
        self._part = _Part(draft.offset)
        self._headings: list[tuple[int, str]] = []
        self._waiting: list[tuple[Block, bytes, str]] = []
        self._place = ""
        self._named = ""

    def take(self, block: Block) -> Iterable[Item]:
        """The items that the block completes; hardly ever one."""
        if block.place and block.place != self._place:
            self._place = block.place
            self._named = self._named_place()
        text = block.text.strip()
        if not text:
            return ()
        if len(text) != len(block.text):
            lead = len(block.text[: block.text.index(text[0])].encode())
            links = [_at(link, max(0, link.at - lead)) for link in block.links]
            block = replace(block, text=text, links=links)
        if block.role == "heading":
            self._headings = [*(above for above in self._headings if above[0] < block.level)]
            self._headings.append((block.level, " ".join(text.split())))
            self._named = self._named_place()
        data = text.encode()
        part = self._part
        if block.role == "heading":
            self._waiting.append((block, data, self._named))
        elif self._waiting or len(part.data) + len(_GAP) + len(data) > self._part_bytes:
            self._waiting.append((block, data, self._named))
            return self._settle()
        else:
            part.add(block, data, self._named)
        return ()

    def end(self) -> Iterator[Item]:
        yield from self._settle()
        yield from self._finish()

    def _named_place(self) -> str:
        """The block's own place, and the headings above it but the title."""
        names = [name for _, name in self._headings]
        section = " > ".join(names[1:] if names[:1] == [self._draft.title.strip()] else names)
        return ", ".join(filter(None, (self._place, section)))

    def _settle(self) -> Iterator[Item]:
        """What waits goes into the part, or into a new one where it does not fit."""
        waiting, self._waiting = self._waiting, []
        size = sum(len(data) + len(_GAP) for _, data, _ in waiting)
        if len(self._part.data) + size > self._part_bytes:
            yield from self._finish()
        for block, data, place in waiting:
            if len(data) <= self._part_bytes:
                if len(self._part.data) + len(_GAP) + len(data) > self._part_bytes:
                    yield from self._finish()
                self._part.add(block, data, place)
                continue
            yield from self._finish()
            began = self._part.offset
            for piece in cut_parts(io.BytesIO(data), limit=self._part_bytes):
                links = [
                    _at(link, link.at - piece.offset)
                    for link in block.links
                    if piece.offset <= link.at < piece.end
                ]
                self._part = _Part(began + piece.offset)
                self._part.add(replace(block, links=links), piece.data, place)
                yield from self._item()
            self._part = _Part(began + len(data) + len(_GAP))

    def _finish(self) -> Iterator[Item]:
        """Ends the part that is open, if anything is in it."""
        if self._part.data:
            yield from self._item()
            self._part = _Part(self._part.offset + len(self._part.data) + len(_GAP))

    def _item(self) -> Iterator[Item]:
        part = self._part
        attributes = dict(self._draft.attributes)
        location = self._location
        if part.places:
            attributes[PLACES] = written_places(part.places)
            start, place = part.places[0]
            location = f"{location} ({place})" if start == 0 else location
        text = part.data.decode()
        about = self._draft
        draft = SourceDraft(about.address, text, about.title, part.offset, about.time, attributes)
        done = max(part.bytes_done, self._bytes_done)
        yield Item(draft, part.prose, location, done, (), part.labels, part.links)
