"""Says which adapter reads a file, by its content and then its name; and if none does, what it holds."""

from __future__ import annotations

import stat
import warnings
from pathlib import Path
from typing import Literal

from sutra_core.errors import UnknownFormatError
from sutra_core.learn.adapters.base import HEAD_BYTES, UnreadableError, shown
from sutra_core.learn.adapters.registry import AnyAdapter, adapters, is_registered, slug

__all__ = ["adapter_for", "recognised_by", "unreadable"]

_NAMELESS = Path("file.unknown")
"""A name that tells nothing."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def adapter_for(path: Path) -> AnyAdapter:
    """The adapter that reads a file, by its content and then its name.

    Raises `UnknownFormatError`, which says what was seen and what is supported, and `UnreadableError`.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UnknownFormatError(f"{shown(path)} is not a regular file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    utf16 = head.startswith(_UTF16_MARKS)
    for adapter in adapters():
        # A citation of what we read ourselves is a byte range of the file as it is: of UTF-16 there is none.
        if _recognises(adapter, path, head) and (not utf16 or is_registered(adapter)):
            return adapter
    known = ", ".join(sorted(slug(adapter.name) for adapter in adapters()))
    raise UnknownFormatError(
        f"{shown(path)} holds {_seen(path, head)}; convert it, or say with --format which it is of {known}"
    )


def recognised_by(path: Path, adapter: AnyAdapter) -> Literal["content", "name"]:
    """Whether what a file holds says enough for its adapter, or only its name did. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return "content" if _recognises(adapter, _NAMELESS, head) else "name"


def unreadable(path: Path, error: OSError) -> UnreadableError:
    """The error of a file or folder that the system does not let us read."""
    return UnreadableError(f"{shown(path)} cannot be read: {error.strerror or error}")


def _recognises(adapter: AnyAdapter, path: Path, head: bytes) -> bool:
    """What the adapter says; one of a package that fails is warned of, left aside, and stops no other."""
    if not is_registered(adapter):
        return adapter.recognises(path, head)
    try:
        return bool(adapter.recognises(path, head))
    except Exception as error:  # noqa: BLE001  (others' code: whatever it raises is its own fault)
        reason = f"{type(error).__name__}: {error}"
        warnings.warn(
            f"the adapter {adapter.name} failed at recognising a file, and was left aside: {reason:.200}",
            stacklevel=2,
        )
        return False


def _seen(path: Path, head: bytes) -> str:
    """What a file holds, in words, for a message."""
    if head.startswith(_UTF16_MARKS):
        return "UTF-16 text (it begins with a byte order mark), of which no bytes could be cited"
    if b"\0" in head:
        return f"binary data (a NUL byte at position {head.index(0)})"
    if not head:
        return f"nothing, under the suffix {path.suffix!r}"
    try:
        head[: len(head) - 3 if len(head) == HEAD_BYTES else None].decode()
    except UnicodeDecodeError as error:
        if len(head) - error.start > 3:
            return f"bytes that are not UTF-8 (the first at position {error.start})"
    return f"text under the suffix {path.suffix!r}"
