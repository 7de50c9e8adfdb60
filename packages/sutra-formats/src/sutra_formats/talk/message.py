"""One mail as items: its headers are what is known of the source, its own words the text.

Headers are read one by one with the tolerant classes of the standard library (`compat32`): the newer ones
raise errors without a name on what people really send. An attachment is named, and never decoded. What a
name or an address stands for is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from typing import cast

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, Link
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.moments import moment
from sutra_core.types import SourceDraft
from sutra_formats.talk.bodies import blocks_of_html, blocks_of_text, decoded_body

__all__ = ["MESSAGE_BYTES", "message_id", "message_items"]

MESSAGE_BYTES = 64 * 1024 * 1024
"""The largest mail that is read."""

_ANSWER = re.compile(r"\s*(?:re|fwd?|aw|wg|sv|tr|rv)(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
_IDENTITY = re.compile(r"<([^<>\s]{3,250})>")
_LIST = re.compile(r"<([^<>\s]{1,200})>")
_ENCRYPTED_WORDS = "-----BEGIN PGP MESSAGE-----"
_HEADER_CHARACTERS = 16 * 1024
_VALUE_CHARACTERS = 1000
_DAMAGE = ("CloseBoundaryNotFoundDefect", "StartBoundaryNotFoundDefect", "NoBoundaryInMultipartDefect")


class _RefusedMailError(Exception):
    def __init__(self, code: BadItemCode, reason: str) -> None:
        super().__init__(reason)
        self.code: BadItemCode = code
        self.reason = reason


def message_items(
    data: bytes,
    address: str,
    location: str,
    *,
    title: str,
    bytes_done: int,
    part_bytes: int,
    fragment: str = "",
) -> Iterator[Item | BadItem]:
    """The items of a mail; `fragment` is its number in a mailbox, where its address needs one.

    `title` is that of a mail without a subject.
    """
    faults: list[str] = []
    try:
        message = message_from_bytes(data)
        blocks = list(_blocks(message, faults, bytes_done))
    except _RefusedMailError as refused:
        yield BadItem(location, refused.reason, refused.code, bytes_done)
        return
    except RecursionError:
        yield BadItem(location, "the parts of the mail are nested too deeply", "too_large", bytes_done)
        return
    headers = _headers(message)
    attributes = _attributes(message, headers)
    identity = attributes.get("message_id", "")
    if fragment:
        address = f"{address}#{identity or fragment}"
    subject = _plain_subject(headers.get("subject", ""))
    draft = SourceDraft(address, "", subject or title, 0, _time(headers), attributes)
    parent = attributes.get("in_reply_to", "")
    if blocks and identity and parent and parent != identity:
        blocks[0] = replace(blocks[0], links=(Link(parent, "replies_to", subject=identity),))
    empty = True
    for item in compose(blocks, draft, location, bytes_done=bytes_done, part_bytes=part_bytes):
        empty = False
        yield item
    if _is_damaged(message):
        reason = "a part of the mail has no end: it is cut off or damaged; what can be read was read"
        yield BadItem(location, reason, "damaged_file", bytes_done)
    elif faults:
        yield BadItem(location, faults[0], "invalid_text", bytes_done)
    elif empty:
        reason = "the mail says nothing of its own: it holds quotations, attachments or nothing"
        yield BadItem(location, reason, "empty_text", bytes_done)


def message_id(given: str) -> str:
    """The first identity of a header, without its brackets; "" where there is none.

    >>> message_id("<a1@example.com> <b2@example.com>")
    'a1@example.com'
    """
    found = _IDENTITY.search(given)
    return found[1] if found else ""


def _blocks(message: Message, faults: list[str], bytes_done: int) -> Iterator[Block]:
    """The sender's words in the order of the parts; of several forms of the same, the plain one."""
    for part in _readable_parts(message):
        text, fault = decoded_body(part)
        if fault:
            faults.append(fault)
        if text.lstrip().startswith(_ENCRYPTED_WORDS):
            raise _RefusedMailError(
                "password_protected", "the mail is encrypted; decrypt it before learning it"
            )
        if part.get_content_type() == "text/html":
            yield from blocks_of_html(text, bytes_done)
        else:
            yield from blocks_of_text(
                text,
                bytes_done,
                flowed=_parameter(part, "format") == "flowed",
                joined=_parameter(part, "delsp") == "yes",
            )


def _readable_parts(message: Message) -> Iterator[Message]:
    """The parts with text to read, none of them an attachment. Raises `_RefusedMailError`."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (
            kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}
            and _parameter(part, "smime-type") != "signed-data"
        ):
            raise _RefusedMailError(
                "password_protected", "the mail is encrypted; decrypt it before learning it"
            )
        children = _children(part)
        if kind == "multipart/alternative":
            waiting += _preferred(children)
        elif kind.startswith("multipart/"):
            waiting += reversed(children)
        elif kind in {"text/plain", "text/html"} and not (part is not message and _attached(part)):
            yield part


def _preferred(alternatives: list[Message]) -> list[Message]:
    """One of several forms of the same text: plain text with words in it, else HTML, else what holds one."""
    plain = [part for part in alternatives if part.get_content_type() == "text/plain"]
    for part in plain:
        if decoded_body(part)[0].strip():
            return [part]
    pages = [part for part in alternatives if part.get_content_type() == "text/html"]
    nested = [part for part in alternatives if part.get_content_maintype() == "multipart"]
    return [*pages, *nested, *plain][:1]


def _children(part: Message) -> list[Message]:
    payload = part.get_payload() if part.get_content_maintype() == "multipart" else None
    if not isinstance(payload, list):
        return []
    return [child for child in cast("list[object]", payload) if isinstance(child, Message)]


def _attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment") or bool(
        _file_name(part)
    )


def _file_name(part: Message) -> str:
    """The name of the file that a part is; "" where it names none."""
    for header, name in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        found = part.get_param(name, None, header)
        if found:
            return _decoded(collapse_rfc2231_value(found, "replace"))
    return ""


def _parameter(part: Message, name: str) -> str:
    found = part.get_param(name, "")
    return found.lower() if isinstance(found, str) else ""


def _headers(message: Message) -> dict[str, str]:
    """The first of each header, decoded, by its name in small letters."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        if name.lower() not in found:
            found[name.lower()] = _decoded(str(value)[:_HEADER_CHARACTERS])
    return found


def _decoded(value: str) -> str:
    """A header as people read it: on one line, encoded words decoded, bytes that are none of it U+FFFD."""
    data = value.encode("utf-8", "surrogateescape")
    try:
        plain = data.decode()
    except UnicodeDecodeError:
        plain = data.decode("cp1252", "replace")
    words: list[str] = []
    if "=?" in plain:
        try:
            for piece, charset in decode_header(plain):
                words.append(_text_of(piece, charset))
        except ValueError:  # HeaderParseError and binascii.Error are of its kind
            words = []
    return " ".join("".join(words or [plain]).split()).replace("\0", "\ufffd")


def _text_of(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        found = piece.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        found = piece.decode("utf-8", "replace")
    return found.encode("utf-8", "replace").decode()


def _plain_subject(subject: str) -> str:
    while found := _ANSWER.match(subject):
        subject = subject[found.end() :]
    return subject.strip()


def _time(headers: dict[str, str]) -> int | None:
    try:
        when = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return moment(aware.isoformat())


def _attributes(message: Message, headers: dict[str, str]) -> dict[str, str]:
    references = _IDENTITY.findall(headers.get("references", ""))
    own, parent = (message_id(headers.get(name, "")) for name in ("message-id", "in-reply-to"))
    parent = parent or (references[-1] if references else "")
    listed = _LIST.search(headers.get("list-id", ""))
    found = {
        "subject": headers.get("subject", ""),
        "from": _people(headers.get("from", "")),
        "to": _people(headers.get("to", "")),
        "message_id": own,
        "in_reply_to": parent,
        "thread": references[0] if references else parent or own,
        "list": listed[1] if listed else headers.get("list-id", ""),
        "attachments": ", ".join(_attachments(message)),
    }
    return {name: value[:_VALUE_CHARACTERS] for name, value in found.items() if value}


def _people(header: str) -> str:
    """The names and addresses of a header, as they are written, separated by commas."""
    named = [
        f"{name} <{address}>" if name and address and name != address else name or address
        for name, address in getaddresses([header[:_HEADER_CHARACTERS]])
    ]
    return ", ".join(filter(None, named)) or header


def _attachments(message: Message) -> Iterator[str]:
    for part in _parts(message):
        if part is message or part.get_content_maintype() == "multipart":
            continue
        if part.get_content_type() == "message/rfc822" and (mail := _inner(part)) is not None:
            yield _headers(mail).get("subject", "") or "mail"
        elif name := _file_name(part):
            yield name


def _inner(part: Message) -> Message | None:
    """The mail that a part is."""
    payload = part.get_payload()
    found = cast("list[object]", payload)[:1] if isinstance(payload, list) else []
    return next((cast("Message", mail) for mail in found if isinstance(mail, Message)), None)


def _is_damaged(message: Message) -> bool:
    return any(type(defect).__name__ in _DAMAGE for part in _parts(message) for defect in part.defects)


def _parts(message: Message) -> Iterator[Message]:
    """The mail and its parts, in their order; a mail inside it is one part."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(_children(part))
