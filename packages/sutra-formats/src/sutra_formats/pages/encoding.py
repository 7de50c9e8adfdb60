"""The encoding of a page of HTML: its byte order mark, what it says of itself, UTF-8, or what it looks like.

What a page says is believed only where the bytes agree.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["decoded_pieces", "page_encoding"]

_PIECE = 64 * 1024
_SAMPLE = 256 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = (
    re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE),
    re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})"),
)
# Browsers read these as the wider code page, and so do those who write them.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}


def page_encoding(path: Path) -> str:
    """The name of a codec with which the file can be read; the last resort reads anything."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    for pattern in _DECLARED:
        found = pattern.search(head, 0, 16 * 1024)
        name = _codec(found[1].decode("ascii")) if found else None
        if name and _decodes(path, name):
            return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    return best.encoding if best else "cp1252"


def decoded_pieces(path: Path, encoding: str) -> Iterator[str]:
    """The text of the file in pieces; bytes that are none become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            yield decoder.decode(data).replace("\0", "\ufffd")
    yield decoder.decode(b"", final=True)


def _codec(name: str) -> str | None:
    """The codec of a declared name, as browsers take it; None for what is none of text."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        return None
    # A page whose declaration could be read byte by byte is not in UTF-16, whatever it says.
    return (
        None if found.name.startswith(("utf-16", "utf-32", "utf-7")) else _WIDER.get(found.name, found.name)
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while data := file.read(_PIECE):
                decoder.decode(data)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
