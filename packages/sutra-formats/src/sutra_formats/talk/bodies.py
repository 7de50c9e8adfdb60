"""The text of a part of a mail, decoded, and its blocks without what is quoted in it.

It knows parts, not headers or files. What cannot be decoded becomes U+FFFD, and the caller is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message

from sutra_core.learn.adapters.blocks import Block
from sutra_formats.pages.blocks import html_blocks
from sutra_formats.talk.quotes import begins_quotation, own_words
from sutra_formats.trees import Element, attribute, classes, html_tree, local_name

__all__ = ["blocks_of_html", "blocks_of_text", "decoded_body"]

_QUOTING = re.compile(
    r"gmail_quote|gmail_attr|gmail_signature|yahoo_quoted|moz-cite-prefix|moz-signature|divrplyfwdmsg"
    r"|appendonsend|protonmail_quote|zmail_extra|ms-outlook-mobile-signature"
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden)", re.IGNORECASE)
_WIDER = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
}
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def decoded_body(part: Message) -> tuple[str, str]:
    """The text of a part that is text, and what is wrong with it ("" where nothing is)."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return "", ""
    declared = (part.get_content_charset("") or "").lower()
    for encoding in (_WIDER.get(declared, declared), "utf-8"):
        if encoding:
            try:
                return _clean(data.decode(encoding)), ""
            except (LookupError, ValueError):
                continue
    if not declared or _WIDER.get(declared) == "utf-8":
        from charset_normalizer import from_bytes

        best = from_bytes(data[: 64 * 1024]).best()
        try:
            return _clean(data.decode(best.encoding if best else "cp1252")), ""
        except (LookupError, ValueError):
            pass
    try:
        text = data.decode(_WIDER.get(declared, declared) or "utf-8", "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    text = _clean(text)
    said = declared or "no encoding"
    count = text.count("\ufffd")
    return (
        text,
        f"{count} characters of the mail cannot be decoded (it names {said}); they are left out as U+FFFD",
    )


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").removeprefix("\ufeff")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def blocks_of_text(
    text: str, bytes_done: int, *, flowed: bool = False, joined: bool = False
) -> Iterator[Block]:
    """A paragraph a block, its lines kept; lines that only the sender's program broke are one line again.

    `flowed` and `joined` are the parameters "format" and "delsp" of RFC 3676.
    """
    if flowed:
        text = "\n".join(_unbroken(text.split("\n"), joined))
    for paragraph in _BLANK.split(own_words(text)):
        lines = (line.strip() for line in paragraph.split("\n"))
        yield Block("\n".join(filter(None, lines)), bytes_done=bytes_done)


def _unbroken(lines: Iterable[str], joined: bool) -> Iterator[str]:
    """The lines of RFC 3676, section 4: one that ends with a space goes on in the next of the same depth."""
    pieces: list[str] = []
    depth = 0
    for line in lines:
        deep = len(line) - len(line.lstrip(">"))
        if pieces and (deep != depth or line == "-- "):
            yield "".join(pieces).rstrip(" ")
            pieces = []
        content = line[deep:].removeprefix(" ") if deep or line.startswith(" ") else line
        if not pieces and deep:
            content = f"{'>' * deep} {content}"
        depth = deep
        if line.endswith(" ") and line != "-- ":
            pieces.append(content[:-1] if joined else content)
            continue
        yield "".join([*pieces, content])
        pieces = []
    if pieces:
        yield "".join(pieces).rstrip(" ")


def blocks_of_html(text: str, bytes_done: int) -> Iterator[Block]:
    """The blocks of a page of HTML until one begins a quoted mail."""
    root, _ = html_tree([text])
    if root is None:
        return
    for block in html_blocks(root, _is_left_out, bytes_done=bytes_done):
        if begins_quotation(block.text):
            return
        if own := own_words(block.text):
            yield Block(own, block.role, block.level, bytes_done=bytes_done)


def _is_left_out(element: Element) -> bool:
    if local_name(element) in {"blockquote", "button", "iframe"}:
        return True
    return _QUOTING.search(classes(element)) is not None or (
        _HIDDEN.search(attribute(element, "style")) is not None
    )
