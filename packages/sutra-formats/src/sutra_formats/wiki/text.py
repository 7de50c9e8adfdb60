"""The text of a page of MediaWiki: its mark-up tokenised by mwparserfromhell, read once from left to right.

Templates, tables, references, comments, formulas and pictures are left out. What stands before the first
paragraph in a template with named fields (an infobox) becomes facts. Nothing is expanded or looked up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sutra_core.learn.adapters import Block, Link
from sutra_formats.wiki.namespaces import ARTICLES, Namespaces
from sutra_formats.wiki.tables import without_tables
from sutra_formats.wiki.tokens import (
    ARGUMENT_CLOSE,
    ARGUMENT_OPEN,
    COMMENT_CLOSE,
    COMMENT_OPEN,
    END_TAG_CLOSE,
    END_TAG_OPEN,
    ENTITY_CLOSE,
    ENTITY_OPEN,
    EQUALS,
    HEADING_CLOSE,
    HEADING_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    LINK_SEPARATOR,
    SEPARATOR,
    TAG_OPEN,
    TAG_OPENED,
    TAG_SINGLE,
    TEMPLATE_CLOSE,
    TEMPLATE_OPEN,
    TEXT,
    URL_CLOSE,
    URL_OPEN,
    URL_SEPARATOR,
    Tokens,
)

__all__ = ["Page", "read_page"]

FIELDS_MIN = 3
"""How many filled fields make a template before the text an infobox."""

VALUE_CHARACTERS = 100
"""The longest value of a field that is taken for a name."""

_SKIPPED = frozenset(
    [
        "ref",
        "references",
        "table",
        "gallery",
        "math",
        "chem",
        "score",
        "timeline",
        "graph",
        "mapframe",
        "maplink",
        "imagemap",
        "templatedata",
        "templatestyles",
        "style",
        "script",
        "noinclude",
        "hiero",
        "inputbox",
    ]
)
_VERBATIM = frozenset({"pre", "source", "syntaxhighlight"})
_BREAKING = frozenset(["br", "hr", "p", "div", "center", "blockquote", "poem", "ul", "ol", "dl", "section"])
_ITEMS = frozenset({"li", "dd", "dt"})
_PARAGRAPH = re.compile(r"\n\s*\n")
_MAGIC = re.compile(r"__[^\W\d_](?:\w{0,60}[^\W_])?__")
_STRAY_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s[^<>]{0,200})?/?>")
_SLUG = re.compile(r"\W+")
_PLAINLY_BEGUN = bytes([TAG_OPENED])
_TAG_BEGUN = re.compile(bytes([*b"[", TAG_OPENED, TAG_SINGLE, *b"]"]))


@dataclass(slots=True)
class Page:
    """What a page holds: its blocks in the order of reading, and its categories."""

    blocks: list[Block] = field(default_factory=list[Block])
    categories: list[str] = field(default_factory=list[str])


def read_page(markup: str, namespaces: Namespaces) -> Page:
    """Reads a page's mark-up. Raises `InvalidMarkupError`."""
    tokens = Tokens(without_tables(markup))
    reading = _Reading(tokens, namespaces)
    reading.read(0, len(tokens.kinds))
    reading.end_block()
    return reading.page


class _Reading:
    """One page: the tokens, the block that is open, and what stands in it."""

    def __init__(self, tokens: Tokens, namespaces: Namespaces) -> None:
        self.page = Page()
        self._tokens = tokens
        self._namespaces = namespaces
        self._pieces: list[str] = []
        self._links: list[tuple[int, str]] = []
        """(position in `_pieces`, target) of the links of the open block."""
        self._prose = False

    def read(self, at: int, end: int) -> None:
        """Reads the tokens `at` to `end` into blocks."""
        tokens, kinds, pieces = self._tokens, self._tokens.kinds, self._pieces
        every = tokens.all
        while at < end:
            kind = kinds[at]
            if kind == TEXT:
                self._add_text(every[at]["text"])
                at += 1
            elif kind == LINK_OPEN:
                at = self._link(at, end)
            elif kind == TAG_OPEN:
                at = self._tag(at, end)
            elif kind == END_TAG_OPEN:
                if tokens.text(at + 1).lower() in _BREAKING:
                    self.end_block()
                at = kinds.find(END_TAG_CLOSE, at, end) + 1 or end
            elif kind == TEMPLATE_OPEN:
                after = tokens.matching(at, end, TEMPLATE_OPEN, TEMPLATE_CLOSE)
                if not self._prose and not any(piece.strip() for piece in pieces):
                    self._infobox(at + 1, after - 1)
                at = after
            elif kind == ENTITY_OPEN:
                after = tokens.after(at, end, ENTITY_CLOSE)
                pieces.append(self._entity(at, after))
                at = after
            elif kind == HEADING_OPEN:
                after = tokens.after(at, end, HEADING_CLOSE)
                self.end_block()
                self.read(at + 1, after - 1)
                # The title of the page is level 1, its sections are written as level 2.
                self.end_block("heading", every[at]["level"])
                at = after
            elif kind == COMMENT_OPEN:
                at = tokens.after(at, end, COMMENT_CLOSE)
            elif kind == ARGUMENT_OPEN:
                at = tokens.matching(at, end, ARGUMENT_OPEN, ARGUMENT_CLOSE)
            elif kind == URL_OPEN:
                at = self._url(at, end)
            else:
                at += 1

    def end_block(self, role: str = "prose", level: int = 1) -> None:
        """Ends the open block; one without a letter or digit is left out."""
        pieces, links = self._pieces, self._links
        if not pieces:
            return
        pieces[0] = pieces[0].lstrip()
        pieces[-1] = pieces[-1].rstrip()
        text = "".join(pieces)
        if text[:1].isalnum() or any(map(str.isalnum, text)):
            found: list[Link] = []
            if links:
                ends = [0]
                for piece in pieces:
                    ends.append(ends[-1] + len(piece.encode()))
                found = [Link(target, "links_to", at=ends[position]) for position, target in links]
            block = Block(text, "prose", level, links=found)
            if role != "prose":
                block = Block(text, "heading" if role == "heading" else "verbatim", level, links=found)
            else:
                self._prose = True
            self.page.blocks.append(block)
        pieces.clear()
        links.clear()

    def _add_text(self, text: str) -> None:
        if "__" in text:
            text = _MAGIC.sub("", text)
        if "<" in text:
            text = _STRAY_TAG.sub("", text)
        if "\n" not in text:
            self._pieces.append(text)
            return
        parts = _PARAGRAPH.split(text)
        self._pieces.append(parts[0].replace("\n", " "))
        for part in parts[1:]:
            self.end_block()
            self._pieces.append(part.replace("\n", " "))

    def _link(self, at: int, end: int) -> int:
        """A link's label goes into the block; a picture does not, a category is kept."""
        tokens = self._tokens
        after = tokens.matching(at, end, LINK_OPEN, LINK_CLOSE)
        name = tokens.after(at + 1, after - 1, LINK_SEPARATOR)
        labelled = tokens.kinds[name - 1] == LINK_SEPARATOR
        target = tokens.plain(at + 1, name - labelled)
        number, title = self._namespaces.resolve(target)
        if Namespaces.is_category(number):
            if title:
                self.page.categories.append(title)
            return after
        if number is None and not target.startswith(":"):
            return after
        if Namespaces.is_file(number):
            return after
        if number == ARTICLES and title:
            self._links.append((len(self._pieces), title))
        if labelled:
            self.read(name, after - 1)
        else:
            self._pieces.append(target.lstrip(":"))
        return after

    def _tag(self, at: int, end: int) -> int:
        kinds = self._tokens.kinds
        name = self._tokens.text(at + 1).strip().lower() if kinds[at + 1] == TEXT else ""
        opened = at + 2
        if kinds[opened : opened + 1] != _PLAINLY_BEGUN:
            match = _TAG_BEGUN.search(kinds, at + 1, end)
            opened = match.start() if match is not None else end
        single = opened < end and kinds[opened] == TAG_SINGLE
        if name in _ITEMS or name in _BREAKING:
            self.end_block()
        if single or (name not in _SKIPPED and name not in _VERBATIM):
            return opened + 1
        closed, after = self._tokens.end_tag(opened + 1, end, name)
        if name in _VERBATIM:
            self.end_block()
            self._pieces.append(self._tokens.plain(opened + 1, closed))
            self.end_block("verbatim")
        return after

    def _url(self, at: int, end: int) -> int:
        """The label of an address, where it has one."""
        after = self._tokens.matching(at, end, URL_OPEN, URL_CLOSE)
        separator = self._tokens.kinds.find(URL_SEPARATOR, at + 1, after)
        if separator >= 0:
            self.read(separator + 1, after - 1)
        return after

    def _entity(self, at: int, after: int) -> str:
        return html.unescape(f"&{self._written(at + 1, after - 1)};")

    def _written(self, at: int, end: int) -> str:
        """An entity between its ends: a name, or a number with its marks."""
        parts: list[str] = []
        for position in range(at, end):
            token = self._tokens.all[position]
            if self._tokens.kinds[position] == TEXT:
                parts.append(token["text"])
            elif "char" in token:
                parts.append(token["char"])
            else:
                parts.append("#")
        return "".join(parts)

    def _infobox(self, at: int, end: int) -> None:
        """The named fields of a template before the text, if they are enough, as facts of the page."""
        fields = [(name, *self._inside(first, last)) for name, first, last in self._fields(at, end)]
        facts = [each for each in fields if any(map(str.isalnum, each[1]))]
        if len(facts) < FIELDS_MIN:
            return
        for name, text, targets in facts:
            label = name.replace("_", " ").strip()
            at_value = len(f"{label}: ".encode())
            relation = _SLUG.sub("_", name.strip().lower()).strip("_")
            if not targets and len(text) <= VALUE_CHARACTERS:
                targets = [text]
            links = [Link(target, relation, at=at_value) for target in targets] if relation else []
            self.page.blocks.append(Block(f"{label}: {text}", "prose", links=links))

    def _fields(self, at: int, end: int) -> Iterator[tuple[str, int, int]]:
        """The named fields: (name, first token of the value, one past its last)."""
        kinds = self._tokens.kinds
        began = equals = -1
        while at <= end:
            kind = kinds[at] if at < end else SEPARATOR
            if kind == TEMPLATE_OPEN:
                at = self._tokens.matching(at, end, TEMPLATE_OPEN, TEMPLATE_CLOSE)
                continue
            if kind == SEPARATOR:
                if equals > began >= 0:
                    yield self._tokens.plain(began, equals), equals + 1, at
                began, equals = at + 1, -1
            elif kind == EQUALS and equals < 0:
                equals = at
            at += 1

    def _inside(self, at: int, end: int) -> tuple[str, list[str]]:
        """The text of some tokens, on one line, and the titles that it links to."""
        inner = _Reading(self._tokens, self._namespaces)
        inner._prose = True
        inner.read(at, end)
        inner.end_block()
        blocks = [block for block in inner.page.blocks if block.role == "prose"]
        text = " ".join(", ".join(" ".join(block.text.split()) for block in blocks).split())
        return text, [link.target for block in blocks for link in block.links]
