"""Says which adapter reads a file, by its content and then its name; and if none does, what it holds.

An adapter of a package that fails at this is left aside for the file. One that others wrote and that comes to
no end is left aside from then on; what it is at goes on until the program ends, as threads cannot be ended.
"""

from __future__ import annotations

import stat
import threading
import warnings
from pathlib import Path
from typing import Literal

from sutra_core.errors import UnknownFormatError
from sutra_core.learn.adapters.base import HEAD_BYTES, UnreadableError, shown
from sutra_core.learn.adapters.registry import AnyAdapter, adapters, is_ours, is_registered, slug

__all__ = ["PATIENCE_SECONDS", "adapter_for", "recognised_by", "unreadable"]

PATIENCE_SECONDS = 10.0
"""The longest that an adapter that others wrote may look at a file."""

_ENDLESS: list[AnyAdapter] = []
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
    """What the adapter says; one of a package that cannot say is warned of, and stops no other."""
    if not is_registered(adapter):
        return adapter.recognises(path, head)
    if any(each is adapter for each in _ENDLESS):
        return False
    said: list[bool | Exception] = []

    def ask() -> None:
        try:
            said.append(bool(adapter.recognises(path, head)))
        except Exception as error:  # noqa: BLE001  (others' code: whatever it raises is its own fault)
            said.append(error)

    if is_ours(adapter):
        ask()
    else:
        thread = threading.Thread(target=ask, name="recognising", daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)
    answer = said[0] if said else None
    if isinstance(answer, bool):
        return answer
    if answer is None:
        _ENDLESS.append(adapter)
        reason = f"it came to no end in {PATIENCE_SECONDS:g} s, and is not asked again"
    else:
        reason = f"{type(answer).__name__}: {answer}"
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
