"""What archives of office programs have in common: how they are known, what they say of themselves.

Knows nothing of paragraphs. A document that is locked by a password is no archive at all, but says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Block, Item, compose
from sutra_core.learn.adapters.base import shown, title_from_name
from sutra_core.learn.adapters.moments import moment
from sutra_core.types import SourceDraft
from sutra_formats.pages.html import language_tag
from sutra_formats.trees import XmlError, element_text, local_name, xml_tree
from sutra_formats.zipped import Archive, ArchiveError

__all__ = ["LOCKED", "ZIP", "document_items", "holds_part", "is_locked", "locked_item", "said_of_itself"]

ZIP = b"PK\x03\x04"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED_PART = "EncryptedPackage".encode("utf-16-le")
_SAID = {
    "title": "title",
    "creator": "author",
    "language": "language",
    "created": "created",
    "creation-date": "created",
    "modified": "modified",
    "date": "modified",
}


def holds_part(path: Path, head: bytes, part: bytes, suffixes: frozenset[str]) -> bool:
    """Whether a file is an archive with a part of that name, as its beginning or its suffix hints at."""
    if not head.startswith(ZIP) or (part not in head and path.suffix.lower() not in suffixes):
        return False
    try:
        with Archive(path) as archive:
            return part.decode() in archive
    except (ArchiveError, OSError):
        # The list at its end is lost: a damaged document, of the kind that its beginning or its name says.
        return True


def is_locked(path: Path, head: bytes, suffixes: frozenset[str]) -> bool:
    """Whether a file is what an office program makes of a document with a password."""
    return head.startswith(LOCKED) and path.suffix.lower() in suffixes


def locked_item(path: Path) -> BadItem | None:
    """What is said of a locked document; None for an archive."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(LOCKED)) != LOCKED:
            return None
        before = b""
        while data := file.read(1 << 20):
            if _LOCKED_PART in before + data:
                reason = "the document is protected by a password; save it without one"
                return BadItem(shown(path), reason, "password_protected", size)
            before = data[-len(_LOCKED_PART) :]
    reason = "the document is in the format of before 2007 under a newer suffix; save it again"
    return BadItem(shown(path), reason, "damaged_file", size)


def said_of_itself(archive: Archive, part: str) -> dict[str, str]:
    """Title, author, language, and when it was created and modified, as far as a part says so."""
    found: dict[str, str] = {}
    if part not in archive:
        return found
    try:
        root = xml_tree(archive.read(part))
    except (ArchiveError, XmlError):
        return found
    for element in root.iter():
        name = _SAID.get(local_name(element))
        if name and (text := element_text(element)):
            found.setdefault(name, text)
    return found


def document_items(
    blocks: Iterator[Block], said: dict[str, str], path: Path, address: str, *, part_bytes: int
) -> Iterator[Item | BadItem]:
    """The items of a document; what breaks on the way, after those before it."""
    location = shown(path)
    size = path.stat().st_size
    times = [moment(said.get(name, "")) for name in ("created", "modified")]
    attributes = {"author": said["author"]} if "author" in said else {}
    if language := language_tag(said.get("language", "")):
        attributes["language"] = language
    title = said.get("title") or title_from_name(path)
    time = next((found for found in times if found is not None), None)
    draft = SourceDraft(address, "", title, 0, time, attributes)
    broken: list[BadItem] = []

    def whole() -> Iterator[Block]:
        try:
            yield from blocks
        except ArchiveError as error:
            broken.append(BadItem(location, str(error), error.code, size))
        except XmlError as error:
            reason = f"the document is damaged, and is read up to there: {error}"
            broken.append(BadItem(location, reason, "damaged_file", size))

    empty = True
    for item in compose(whole(), draft, location, part_bytes=part_bytes):
        empty = False
        yield item
    if not broken and empty:
        broken.append(BadItem(location, "the document holds no text", "empty_text", size))
    yield from broken
