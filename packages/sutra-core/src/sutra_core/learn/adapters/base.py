"""What an adapter is, and what it hands on: items to learn, and items it had to refuse.

An adapter turns one file into a stream. It never holds a whole file in memory, never changes a
byte of what it passes on, and never stops at a bad item: that one becomes a `BadItem` with its
place and reason, and its neighbours go on. It knows nothing of sentences, stores or vectors.

The errors of `sutra_core.errors` gain one here: `UnreadableError` (operation), for a collection
that is missing or may not be read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from sutra_core.errors import SutraError
from sutra_core.types import AssociationKind, SourceDraft

BadItemCode = Literal[
    "changed_while_read",
    "damaged_file",
    "empty_text",
    "invalid_file_name",
    "invalid_json",
    "invalid_record",
    "invalid_text",
    "invalid_utf8",
    "line_too_long",
    "missing_text",
    "no_text_layer",
    "password_protected",
    "reader_failed",
    "reader_too_slow",
    "text_not_string",
    "too_large",
    "unknown_format",
    "unreadable",
]

HEAD_BYTES = 64 * 1024
"""How much of a file's beginning `DatasetAdapter.recognises` is shown."""


class UnreadableError(SutraError, OSError):
    """The file or folder is missing, or may not be read."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class BadItem:
    """Something that was refused: where (`file:line`), why in words, and a stable code.

    `bytes_done` counts as in `Item`.
    """

    location: str
    reason: str
    code: BadItemCode
    bytes_done: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Something that a format says by itself, apart from its text: a typed association.

    It goes from `subject` (a name; "" stands for the source's title) to the name `target`. Byte `at` of
    the text (UTF-8) stands in what shows it: the statement there, or the next one, is its evidence.
    `confidence` is in (0, 1].
    """

    target: str
    relation: str
    kind: AssociationKind = "semantic"
    at: int = 0
    subject: str = ""
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Item:
    """One source to learn, and which of its bytes are prose.

    `prose` holds byte ranges of `draft.text`, one a block (heading, paragraph, list item, table
    cell), ordered and apart; None means that all of it is prose. No sentence crosses from one
    block into the next. `markup` holds the byte ranges inside those blocks that are mark-up (link
    targets, emphasis marks), also ordered and apart; a reader that takes them for as many spaces keeps
    its byte ranges true. `labels` holds the byte ranges of those blocks, ordered and apart, that say
    nothing by themselves (headings, captions, cells of a table): they belong to the passage beside
    them, and are never a statement of their own. `links` is what the format says apart from its text.
    `location` is `file:line` of its beginning, `bytes_done` how many bytes of the collection were read
    once it has been taken.
    """

    draft: SourceDraft
    prose: Sequence[tuple[int, int]] | None
    location: str
    bytes_done: int
    markup: Sequence[tuple[int, int]] = ()
    labels: Sequence[tuple[int, int]] = ()
    links: Sequence[Link] = ()


def with_ends(items: Iterable[Item | BadItem]) -> Iterator[Item | BadItem]:
    """The items of a file; one that the next goes on, or that is the last before a bad one, ends no text."""
    held: Item | None = None
    try:
        for item in items:
            if held is not None:
                goes_on = isinstance(item, BadItem) or _goes_on(held.draft, item.draft)
                yield replace(held, draft=replace(held.draft, last=False)) if goes_on else held
                held = None
            if isinstance(item, BadItem):
                yield item
            else:
                held = item
    except Exception:
        if held is not None:
            yield replace(held, draft=replace(held.draft, last=False))
        raise
    if held is not None:
        yield held


def _goes_on(draft: SourceDraft, other: SourceDraft) -> bool:
    return other.address == draft.address and other.offset >= draft.offset + len(draft.text.encode())


@runtime_checkable
class DatasetAdapter(Protocol):
    """Reads one format. A package adds one under the entry point group `sutra.adapters`."""

    @property
    def name(self) -> str:
        """What messages call the format, and `--format` takes (in any case, with hyphens for spaces)."""
        ...

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether this adapter reads the file, by its name and first `HEAD_BYTES` bytes."""
        ...

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The file's items in the order of the file; `address` becomes that of its sources.

        Raises OSError where the file cannot be read.
        """
        ...


def shown(path: Path) -> str:
    """The path for a message, with bytes that are not UTF-8 escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def title_from_name(path: Path) -> str:
    """The title of a file that names none itself: its stem, underscores read as spaces."""
    return path.stem.replace("_", " ").strip()
