"""HTML: the main text of a page, without its menus, headers, footers, forms and scripts.

A page is parsed whole, so one over a limit is refused. Nothing that a page names is fetched or followed:
no link, no frame, no canonical address. The title is what the page says its title is, a site's name in it
included; the time is what it says in ISO 8601 alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Item, compose
from sutra_core.learn.adapters.base import shown, title_from_name
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.pages.blocks import html_blocks
from sutra_formats.pages.encoding import decoded_pieces, page_encoding
from sutra_formats.pages.main_part import Masses, is_left_out, main_part
from sutra_formats.trees import Element, attribute, element_text, html_tree

__all__ = ["HtmlAdapter", "language_tag"]

FILE_BYTES_MAX = 64 * 1024 * 1024
"""The largest page that is read."""

_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".xht"})
_BEGINS = re.compile(
    r"(?:\ufeff|\s|<!--.*?-->|<\?xml[^>]*>)*(?:<!doctype\s+html\b|<html[\s>])", re.IGNORECASE | re.DOTALL
)
_MARKUP = re.compile(
    r"<(?:head|body|title|h[1-6]|p|div|table|ul|ol|br|article|main|section)[\s/>]", re.IGNORECASE
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
_TIMES = (
    "article:published_time",
    "datepublished",
    "date",
    "dcterms.date",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "pubdate",
    "article:modified_time",
    "dcterms.modified",
)


class HtmlAdapter:
    """Reads pages of HTML and XHTML, whatever they are called."""

    name = "HTML"

    def __init__(self, *, part_bytes: int = PART_BYTES, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._file_bytes_max = file_bytes_max

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its beginning; under a suffix of HTML also where it only holds elements of it."""
        if b"\0" in head:
            return False
        text = head[:16384].decode("utf-8", "replace")
        if _BEGINS.match(text):
            return True
        if path.suffix.lower() not in _SUFFIXES or (text.lstrip("\ufeff \r\n\t").startswith("<?xml")):
            return False
        return _MARKUP.search(head.decode("utf-8", "replace")) is not None

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The page as one source, a long one in parts."""
        location = shown(path)
        size = path.stat().st_size
        if size > self._file_bytes_max:
            limit = self._file_bytes_max
            reason = f"the page has {size} bytes, more than the {limit} allowed; split it into several"
            yield BadItem(location, reason, "too_large", size)
            return
        root, whole = html_tree(decoded_pieces(path, page_encoding(path)))
        empty = True
        if root is not None:
            masses = Masses(root)
            part = main_part(root, masses)
            blocks = html_blocks(part, lambda element: is_left_out(element, masses), bytes_done=size)
            for item in compose(
                blocks, _draft(root, part, path, address), location, part_bytes=self._part_bytes
            ):
                empty = False
                yield item
        if not whole:
            reason = "the page is nested over 256 deep, or has 10 MB without mark-up; the rest is left out"
            yield BadItem(location, reason, "damaged_file", size)
        elif empty:
            reason = "the page holds no text of its own; what a script would write into it cannot be read"
            yield BadItem(location, reason, "empty_text", size)


def language_tag(given: str) -> str:
    """A language as a plain BCP 47 tag; "" for anything else."""
    given = given.strip()
    return given if _LANGUAGE.fullmatch(given) else ""


def _draft(root: Element, part: Element, path: Path, address: str) -> SourceDraft:
    named: dict[str, str] = {}
    for meta in root.iter("{*}meta"):
        key = (
            (attribute(meta, "property") or attribute(meta, "name") or attribute(meta, "itemprop"))
            .strip()
            .lower()
        )
        if content := " ".join(attribute(meta, "content").split()):
            named.setdefault(key, content)
    title = named.get("og:title", "") or _first_text(root, "title") or _first_text(part, "h1")
    times = [moment(named[key]) for key in _TIMES if key in named]
    times += [
        moment(attribute(element, "datetime"))
        for element in part.iter("{*}time")
        if attribute(element, "datetime")
    ]
    attributes: dict[str, str] = {}
    html = next(root.iter("{*}html"), root)
    if language := language_tag(attribute(html, "lang") or attribute(html, "xml:lang")):
        attributes["language"] = language
    time = next((found for found in times if found is not None), None)
    return SourceDraft(address, "", title or title_from_name(path), 0, time, attributes)


def _first_text(part: Element, name: str) -> str:
    return next((text for element in part.iter(name) if (text := element_text(element))), "")
