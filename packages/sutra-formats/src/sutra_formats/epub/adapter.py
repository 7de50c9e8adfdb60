"""EPUB: the chapters of a book in the order of reading, one in memory at a time.

A chapter is read like a page of HTML of which all is text. One that is damaged is passed over, and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Block, Item
from sutra_core.learn.adapters.base import shown
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_formats.epub.package import Package, read_package
from sutra_formats.office.archives import document_items, holds_part
from sutra_formats.pages.blocks import html_blocks
from sutra_formats.pages.main_part import Masses, is_mark
from sutra_formats.trees import Element, XmlError, element_text, html_tree, local_name, xml_tree
from sutra_formats.zipped import Archive, ArchiveError

__all__ = ["EpubAdapter"]

CHAPTER_BYTES_MAX = 64 * 1024 * 1024
"""The largest chapter that is read."""

_TYPE = b"mimetypeapplication/epub+zip"
_SUFFIXES = frozenset({".epub"})
_LEFT_OUT = frozenset({"nav", "svg", "audio", "video", "object", "iframe"})


class EpubAdapter:
    """Reads EPUB 2 and 3."""

    name = "EPUB"

    def __init__(self, *, part_bytes: int = PART_BYTES, chapter_bytes_max: int = CHAPTER_BYTES_MAX) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._chapter_bytes_max = chapter_bytes_max

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the type that it says of itself, or the part that leads to its chapters."""
        return head[30:].startswith(_TYPE) or holds_part(path, head, b"META-INF/container.xml", _SUFFIXES)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The book as one source in parts; then the chapters that could not be read."""
        size = path.stat().st_size
        bad: list[BadItem] = []
        try:
            with Archive(path, member_bytes_max=self._chapter_bytes_max) as archive:
                package = read_package(archive)
                blocks = _blocks(archive, package, path, bad)
                for item in document_items(blocks, package.said, path, address, part_bytes=self._part_bytes):
                    if not (isinstance(item, BadItem) and item.code == "empty_text" and bad):
                        yield item
        except ArchiveError as error:
            yield BadItem(shown(path), str(error), error.code, size)
        yield from bad


def _blocks(archive: Archive, package: Package, path: Path, bad: list[BadItem]) -> Iterator[Block]:
    size = path.stat().st_size
    packed = [archive.packed_size(name) for name in package.chapters]
    done = 0
    for number, name in enumerate(package.chapters, 1):
        done += packed[number - 1]
        try:
            root = _chapter(archive.read(name))
        except ArchiveError as error:
            bad.append(BadItem(f"{shown(path)} (chapter {number})", str(error), error.code, size))
            continue
        place = f"chapter {_title(root, package.said.get('title', '')) or number}"
        body = next((element for element in root.iter() if local_name(element) == "body"), root)
        bytes_done = min(size, size * done // max(1, sum(packed)))
        masses = Masses(body)

        def is_left_out(element: Element, masses: Masses = masses) -> bool:
            lists_links = local_name(element) in ("ul", "ol", "div", "dl") and masses.all_links(element)
            return lists_links or _is_left_out(element)

        yield from html_blocks(body, is_left_out, place=place, bytes_done=bytes_done)


def _chapter(data: bytes) -> Element:
    """The tree of a chapter, as XHTML or, where it is none, as HTML. Raises `ArchiveError`."""
    try:
        root = xml_tree(data)
    except XmlError:
        root = None
    if root is None:
        try:
            root = xml_tree(data, recover=True)
        except XmlError:
            root, _ = html_tree([data.decode("utf-8", "replace").replace("\0", "")])
    if root is None:
        raise ArchiveError("damaged_file", "the chapter holds no mark-up")
    return root


def _title(root: Element, book: str) -> str:
    """What names a chapter that has no heading; one with headings is named by its number and them."""
    headings = ("h1", "h2", "h3", "h4", "h5", "h6")
    if any(local_name(element) in headings for element in root.iter()):
        return ""
    title = next((element_text(element) for element in root.iter() if local_name(element) == "title"), "")
    return "" if title == book else title


def _is_left_out(element: Element) -> bool:
    name = local_name(element)
    return (
        name in _LEFT_OUT or element.get("hidden") is not None or (name in ("a", "sup") and is_mark(element))
    )
