"""Dumps of MediaWiki as XML (`pages-articles`): plain, or compressed by bzip2 (multistream too) or gzip.

Pages in the namespace of articles are learned, each a document: address `<file>#<page id>`, its last
revision in the dump, with links, categories and infobox fields as associations of its title. A redirect is
learned as an alias. Talk, users, templates and files are passed over. One page is held at a time.
"""

from __future__ import annotations

import bz2
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

from sutra_core.learn.adapters import BadItem, Block, Item, Link, compose
from sutra_core.learn.adapters.base import shown
from sutra_core.learn.adapters.moments import moment
from sutra_core.types import SourceDraft
from sutra_formats.trees import XmlError, local_name, xml_elements
from sutra_formats.wiki.namespaces import ARTICLES, Namespaces
from sutra_formats.wiki.text import read_page
from sutra_formats.wiki.tokens import InvalidMarkupError

__all__ = ["MediaWikiAdapter"]

PAGE_BYTES = 10_000_000
"""The longest text of a page; libxml2 reads none that is longer. MediaWiki itself allows 2 MiB."""

_ROOT = b"<mediawiki"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_BEGIN_BYTES = 4096
_OPENERS = {b"BZh": bz2.open, b"\x1f\x8b": gzip.open}


class MediaWikiAdapter:
    """Reads dumps whatever they are called, by the element that they begin with."""

    name = "MediaWiki"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the element `mediawiki` at the beginning, unpacked where it is compressed."""
        if head.startswith(tuple(_OPENERS)):
            head = _begin(path)
        return _ROOT in head[:_BEGIN_BYTES]

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Articles and redirects in the order of the dump."""
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            file: IO[bytes] = raw
            mark = raw.read(3)
            raw.seek(0)
            for begins, opener in _OPENERS.items():
                if mark.startswith(begins):
                    file = stack.enter_context(cast("IO[bytes]", opener(raw)))
            yield from _Dump(path, address, raw).read(file)


class _Dump:
    """One dump: what its head says of all pages."""

    def __init__(self, path: Path, address: str, raw: IO[bytes]) -> None:
        self._path = path
        self._address = address
        self._raw = raw
        self._namespaces = Namespaces({})
        self._language: dict[str, str] = {}

    def read(self, file: IO[bytes]) -> Iterator[Item | BadItem]:
        empty = True
        try:
            for element in xml_elements(file, "siteinfo", "page"):
                if local_name(element) == "siteinfo":
                    self._learn_site(element)
                else:
                    empty = False
                    yield from self._page(element)
        except (XmlError, EOFError, OSError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            empty = False
            reason = f"the dump is damaged or cut short here ({error}); pages before stand. Fetch it again"
            yield BadItem(shown(self._path), reason, "damaged_file", self._raw.tell())
        if empty:
            yield BadItem(shown(self._path), "the dump holds no pages", "empty_text", self._raw.tell())

    def _learn_site(self, site: Any) -> None:
        found = site.iterfind("{*}namespaces/{*}namespace")
        keys = {each.text or "": str(each.get("key", "")) for each in found}
        self._namespaces = Namespaces(
            {name: int(key) for name, key in keys.items() if _NUMBER.fullmatch(key)}
        )
        root = site.getparent()
        language = root.get(_LANGUAGE, "") if root is not None else ""
        self._language = {"language": language} if language else {}

    def _page(self, page: Any) -> Iterator[Item | BadItem]:
        parts = {local_name(each): each for each in page}
        if _text(parts, "ns", str(ARTICLES)).strip() != str(ARTICLES):
            return
        number = _text(parts, "id").strip()
        title = _text(parts, "title").strip()
        location = f"{shown(self._path)}:page {number} ({title})"
        done = self._raw.tell()
        # Of several revisions the last one stands.
        revision = {local_name(each): each for each in parts.get("revision", ())}
        if "revision" not in parts or not title or not number:
            yield BadItem(location, "the page has no title, id or revision", "invalid_record", done)
            return
        time = moment(_text(revision, "timestamp"))
        draft = SourceDraft(f"{self._address}#{number}", "", title, 0, time, self._language)
        markup = _text(revision, "text")
        redirect = parts.get("redirect")
        if redirect is not None:
            yield from _redirect(draft, redirect.get("title", ""), location, done)
            return
        try:
            found = read_page(markup, self._namespaces)
        except InvalidMarkupError as error:
            yield BadItem(location, f"its mark-up cannot be read ({error})", "invalid_text", done)
            return
        categories = [Link(each, "in_category", "hierarchical") for each in found.categories]
        empty = True
        for item in compose(found.blocks, draft, location, bytes_done=done):
            empty = False
            yield replace(item, links=[*item.links, *categories]) if categories else item
            categories = []
        if empty:
            yield BadItem(location, "nothing is left of the page without its mark-up", "empty_text", done)


def _text(parts: Mapping[str, Any], name: str, default: str = "") -> str:
    """The text of an element among those of a page, or what it is without one."""
    element = parts.get(name)
    return default if element is None else element.text or ""


def _redirect(draft: SourceDraft, target: str, location: str, done: int) -> Iterator[Item | BadItem]:
    """A redirect says that its title is another name; its text is a label, so it answers nothing."""
    target = target.split("#", 1)[0].replace("_", " ").strip()
    if not target:
        yield BadItem(location, "it redirects to nothing", "invalid_record", done)
        return
    links = [Link(target, "alias_of", confidence=0.95)]
    block = Block(f"{draft.title} → {target}", "cell", links=links)
    yield from compose([block], draft, location, bytes_done=done)


def _begin(path: Path) -> bytes:
    """The beginning of a compressed dump; nothing where it is damaged."""
    try:
        with path.open("rb") as raw:
            mark = raw.read(3)
        for begins, opener in _OPENERS.items():
            if mark.startswith(begins):
                with cast("IO[bytes]", opener(path)) as file:
                    return file.read(_BEGIN_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""
    return b""
