"""What an EPUB says of itself: its chapters in the order of reading, title, author, language, date.

Reads the two small files that say so, and never a chapter.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from sutra_formats.trees import (
    Element,
    XmlError,
    attribute,
    element_text,
    local_attribute,
    local_name,
    xml_tree,
)
from sutra_formats.zipped import Archive, ArchiveError

__all__ = ["Package", "read_package"]

_PACKAGE_BYTES_MAX = 32 * 1024 * 1024
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


@dataclass(frozen=True, slots=True)
class Package:
    """`chapters` are names of members; `said` has title, author, language and created."""

    chapters: list[str]
    said: dict[str, str]


def read_package(archive: Archive) -> Package:
    """Raises `ArchiveError` for a book that is damaged or locked."""
    _refuse_locked(archive)
    container = _tree(archive, "META-INF/container.xml")
    place = next((attribute(root, "full-path") for root in container.iter("{*}rootfile")), "")
    package = _tree(archive, place)
    folder = posixpath.dirname(place)
    pages: dict[str, str] = {}
    for item in package.iter("{*}item"):
        if attribute(item, "media-type") in _PAGES and "nav" not in attribute(item, "properties").split():
            name = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
            pages[attribute(item, "id")] = name
    read = [pages[key] for ref in package.iter("{*}itemref") if (key := attribute(ref, "idref")) in pages]
    return Package(list(dict.fromkeys(read or pages.values())), _said(package))


def _said(package: Element) -> dict[str, str]:
    names = {"title": "title", "creator": "author", "language": "language", "date": "created"}
    said: dict[str, str] = {}
    modified = ""
    for element in package.iter():
        text = element_text(element) if local_name(element) in (*names, "meta") else ""
        if text and (name := names.get(local_name(element))):
            if name == "created" and local_attribute(element, "event") == "modification":
                modified = text
            else:
                said.setdefault(name, text)
        elif attribute(element, "property") == "dcterms:modified":
            modified = text
    if modified:
        said["modified"] = modified
    return said


def _refuse_locked(archive: Archive) -> None:
    """Fonts alone may be encrypted: that is how their licences are kept."""
    name = "META-INF/encryption.xml"
    if name not in archive:
        return
    methods = [
        attribute(element, "Algorithm") for element in _tree(archive, name).iter("{*}EncryptionMethod")
    ]
    if any(method not in _FONTS for method in methods):
        raise ArchiveError("password_protected", "the book is locked (DRM); get a copy without a lock")


def _tree(archive: Archive, name: str) -> Element:
    with archive.opened(name) as file:
        data = file.read(_PACKAGE_BYTES_MAX + 1)
    if len(data) > _PACKAGE_BYTES_MAX:
        raise ArchiveError("too_large", f"the part {name!r} holds over {_PACKAGE_BYTES_MAX} bytes")
    try:
        return xml_tree(data)
    except XmlError as error:
        raise ArchiveError("damaged_file", f"the part {name!r} is damaged: {error}") from error
