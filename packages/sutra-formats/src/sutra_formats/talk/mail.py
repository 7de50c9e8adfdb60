"""A mail in a file of its own (EML): one source.

The file is held whole, and refused over `MESSAGE_BYTES`. Nothing that a mail names is fetched or followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.parts import PART_BYTES, UTF8_MARK
from sutra_formats.rows import ending_at
from sutra_formats.talk.message import MESSAGE_BYTES, message_items

__all__ = ["MailAdapter", "begins_as_mail"]

_FIELD = re.compile(rb"([!-9;-~]{1,76}):[ \t\r\n]|([!-9;-~]{1,76}):$")
_SENDERS = frozenset({b"from", b"received", b"return-path", b"sender", b"delivered-to", b"x-sender", b"path"})
_OTHERS = frozenset(
    {b"date", b"message-id", b"subject", b"mime-version", b"to", b"received", b"newsgroups", b"content-type"}
)
_NEVER = frozenset({".mht", ".mhtml", ".md", ".rst", ".html", ".htm", ".json", ".jsonl", ".csv", ".patch"})


class MailAdapter:
    """Reads a mail by its headers, whatever the file is called."""

    name = "mail"

    def __init__(self, *, part_bytes: int = PART_BYTES, message_bytes: int = MESSAGE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._message_bytes = message_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the headers with which it begins."""
        suffix = path.suffix.lower()
        return suffix not in _NEVER and begins_as_mail(head, any_header=suffix == ".eml")

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """What the sender wrote, in parts where it is long."""
        size = path.stat().st_size
        yield from ending_at(self._items(path, address, size), size)

    def _items(self, path: Path, address: str, size: int) -> Iterator[Item | BadItem]:
        location = shown(path)
        if size > self._message_bytes:
            reason = f"the mail has {size} bytes, more than the {self._message_bytes} allowed"
            yield BadItem(location, reason, "too_large", size)
            return
        data = path.read_bytes().removeprefix(UTF8_MARK).lstrip(b"\r\n")
        if not begins_as_mail(data, any_header=True):
            reason = "the file does not begin with the headers of a mail" if data else "the file is empty"
            yield BadItem(location, reason, "damaged_file" if data else "empty_text", size)
            return
        yield from message_items(
            data,
            address,
            location,
            title=title_from_name(path),
            bytes_done=size,
            part_bytes=self._part_bytes,
        )


def begins_as_mail(head: bytes, *, any_header: bool = False) -> bool:
    """Whether bytes begin with headers of a mail: a sender and one more, or with `any_header` one of them."""
    names: set[bytes] = set()
    for number, line in enumerate(head.removeprefix(UTF8_MARK).lstrip(b"\r\n").split(b"\n", 200)[:200]):
        if not line.strip():
            break
        if number and line[:1] in b" \t":
            continue
        if not (found := _FIELD.match(line)):
            if number == 0 or len(line) < 2048:
                return False
            break
        names.add((found[1] or found[2]).lower())
    known = names & (_SENDERS | _OTHERS)
    if any_header:
        return bool(known)
    return bool(names & _SENDERS) and len(known) > 1
