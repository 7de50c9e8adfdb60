"""A mailbox in one file (mbox): each mail a source, known by its identity.

Mails are taken one after the other from the stream; one over the limit is passed over without being held.
A line that begins a mail follows a blank one, names a time, and has a header below it. Escaped lines
(mboxrd) are written as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.parts import PART_BYTES, UTF8_MARK
from sutra_formats.rows import ending_at
from sutra_formats.talk.mail import begins_as_mail
from sutra_formats.talk.message import MESSAGE_BYTES, message_items

__all__ = ["MailboxAdapter"]

_BEGINS = re.compile(rb"From (?:-|.{0,400}\d{1,2}:\d\d.{0,40}|\S+@\S+)[ \t]*\r?\n?$")
_PATCH = re.compile(rb"From [0-9a-f]{40} ")
_FIELD = re.compile(rb"(?:>?From |[!-9;-~]{1,76}:)")
_ESCAPED = re.compile(rb">+From ")
_PIECE_BYTES = 64 * 1024


@dataclass(slots=True)
class _Mail:
    """The mail that is being read; of one that is too large only the size is known."""

    line: int
    end: int
    size: int = 0
    data: list[bytes] = field(default_factory=list[bytes])


class MailboxAdapter:
    """Reads mailboxes by the line with which they begin."""

    name = "mailbox"

    def __init__(self, *, part_bytes: int = PART_BYTES, message_bytes: int = MESSAGE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._message_bytes = message_bytes

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """By the first two lines; never a patch that is written like a mail."""
        first, _, rest = head.removeprefix(UTF8_MARK).partition(b"\n")
        begins = _BEGINS.match(first) and not _PATCH.match(first) and _FIELD.match(rest)
        return bool(begins) and begins_as_mail(rest, any_header=True)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each mail in the order of the file, a long one in parts."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        number = 0
        for mail in self._mails(path):
            number += 1
            location = f"{shown(path)}:{mail.line}"
            if mail.size > self._message_bytes:
                reason = f"the mail has {mail.size} bytes, more than the {self._message_bytes} allowed"
                yield BadItem(location, reason, "too_large", mail.end)
                continue
            yield from message_items(
                b"".join(mail.data),
                address,
                location,
                title=f"{title_from_name(path)} {number}",
                bytes_done=mail.end,
                part_bytes=self._part_bytes,
                fragment=str(number),
            )
        if not number:
            yield BadItem(f"{shown(path)}:1", "the mailbox holds no mail", "empty_text")

    def _mails(self, path: Path) -> Iterator[_Mail]:
        """The mails; what stands before the first one belongs to none."""
        mail: _Mail | None = None
        waiting = b""
        blank, number, end = True, 0, 0
        for line in _pieces(path):
            begins = bool(waiting) and _FIELD.match(line) is not None
            if waiting and not begins and mail:
                self._add(mail, waiting, end)
            if begins:
                if mail:
                    yield mail
                mail = _Mail(number, end)
            end += len(line)
            waiting = line if blank and _BEGINS.match(line) else b""
            if mail and not waiting:
                self._add(mail, _ESCAPED.sub(lambda found: found[0][1:], line, count=1), end)
            blank = not line.strip() and line.endswith(b"\n")
            number += line.endswith(b"\n")
        if mail:
            yield mail

    def _add(self, mail: _Mail, data: bytes, end: int) -> None:
        mail.size += len(data)
        mail.end = end
        if mail.size <= self._message_bytes:
            mail.data.append(data)
        else:
            mail.data.clear()


def _pieces(path: Path) -> Iterator[bytes]:
    """The lines of a file, a long one in pieces."""
    with path.open("rb") as file:
        if file.read(len(UTF8_MARK)) != UTF8_MARK:
            file.seek(0)
        while line := file.readline(_PIECE_BYTES):
            yield line
