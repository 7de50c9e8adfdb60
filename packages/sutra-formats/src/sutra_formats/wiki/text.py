"""The text of a page of MediaWiki: its mark-up tokenised by mwparserfromhell, read once from left to right.

Templates, tables, references, comments, formulas and pictures are left out. What stands before the first
paragraph in a template with named fields (an infobox) becomes facts. Nothing is expanded or looked up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, cast

from sutra_core.learn.adapters import Block, Link
from sutra_formats.wiki.namespaces import ARTICLES, Namespaces

__all__ = ["InvalidMarkupError", "Page", "read_page"]

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

Token = Mapping[str, Any]


class InvalidMarkupError(ValueError):
    """The mark-up cannot be tokenised."""


@dataclass(slots=True)
class Page:
    """What a page holds: its blocks in the order of reading, and its categories."""

    blocks: list[Block] = field(default_factory=list[Block])
    categories: list[str] = field(default_factory=list[str])


def read_page(markup: str, namespaces: Namespaces) -> Page:
    """Reads a page's mark-up. Raises `InvalidMarkupError`."""
    tokenize, kinds, error = _tokenizer()
    try:
        tokens = tokenize(markup)
    except error as failed:
        raise InvalidMarkupError(str(failed)) from failed
    reading = _Reading(tokens, kinds, namespaces)
    reading.read(0, len(tokens))
    reading.end_block()
    return reading.page


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The classes of tokens that are acted on."""

    text: type
    template_open: type
    template_close: type
    separator: type
    equals: type
    argument_open: type
    argument_close: type
    link_open: type
    link_separator: type
    link_close: type
    url_open: type
    url_separator: type
    url_close: type
    entity_open: type
    entity_close: type
    heading_open: type
    heading_close: type
    comment_open: type
    comment_close: type
    tag_open: type
    tag_opened: type
    tag_single: type
    end_tag_open: type
    end_tag_close: type


@cache
def _tokenizer() -> tuple[Callable[[str], list[Token]], _Kinds, type[Exception]]:
    """The tokenizer, in C where it was built so. Its tree is never built: that takes most of its time."""
    from mwparserfromhell.parser import ParserError, tokens
    from mwparserfromhell.parser.tokenizer import Tokenizer

    try:
        module = import_module("mwparserfromhell.parser._tokenizer")
        tokenizer: Callable[[], Any] = module.CTokenizer
    except ImportError:
        tokenizer = Tokenizer
    kinds = _Kinds(
        tokens.Text,
        tokens.TemplateOpen,
        tokens.TemplateClose,
        tokens.TemplateParamSeparator,
        tokens.TemplateParamEquals,
        tokens.ArgumentOpen,
        tokens.ArgumentClose,
        tokens.WikilinkOpen,
        tokens.WikilinkSeparator,
        tokens.WikilinkClose,
        tokens.ExternalLinkOpen,
        tokens.ExternalLinkSeparator,
        tokens.ExternalLinkClose,
        tokens.HTMLEntityStart,
        tokens.HTMLEntityEnd,
        tokens.HeadingStart,
        tokens.HeadingEnd,
        tokens.CommentStart,
        tokens.CommentEnd,
        tokens.TagOpenOpen,
        tokens.TagCloseOpen,
        tokens.TagCloseSelfclose,
        tokens.TagOpenClose,
        tokens.TagCloseClose,
    )

    def tokenize(markup: str) -> list[Token]:
        return cast("list[Token]", tokenizer().tokenize(markup))

    return tokenize, kinds, ParserError


class _Reading:
    """One page: the tokens, the block that is open, and what stands in it."""

    def __init__(self, tokens: Sequence[Token], kinds: _Kinds, namespaces: Namespaces) -> None:
        self.page = Page()
        self._tokens = tokens
        self._kinds = kinds
        self._namespaces = namespaces
        self._pieces: list[str] = []
        self._links: list[tuple[int, str]] = []
        """(position in `_pieces`, target) of the links of the open block."""
        self._prose = False

    def read(self, at: int, end: int) -> None:
        """Reads the tokens `at` to `end` into blocks."""
        tokens, kinds, pieces = self._tokens, self._kinds, self._pieces
        while at < end:
            token = tokens[at]
            kind = type(token)
            if kind is kinds.text:
                self._add_text(token["text"])
                at += 1
            elif kind is kinds.link_open:
                at = self._link(at, end)
            elif kind is kinds.tag_open:
                at = self._tag(at, end)
            elif kind is kinds.end_tag_open:
                if str(tokens[at + 1]["text"]).lower() in _BREAKING:
                    self.end_block()
                at = self._after(at, end, kinds.end_tag_close)
            elif kind is kinds.template_open:
                after = self._matching(at, end, kinds.template_open, kinds.template_close)
                if not self._prose and not any(piece.strip() for piece in pieces):
                    self._infobox(at + 1, after - 1)
                at = after
            elif kind is kinds.entity_open:
                after = self._after(at, end, kinds.entity_close)
                pieces.append(self._entity(at, after))
                at = after
            elif kind is kinds.heading_open:
                after = self._after(at, end, kinds.heading_close)
                self.end_block()
                self.read(at + 1, after - 1)
                # The title of the page is level 1, its sections are written as level 2.
                self.end_block("heading", token["level"])
                at = after
            elif kind is kinds.comment_open:
                at = self._after(at, end, kinds.comment_close)
            elif kind is kinds.argument_open:
                at = self._matching(at, end, kinds.argument_open, kinds.argument_close)
            elif kind is kinds.url_open:
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
        if any(map(str.isalnum, text)):
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
        kinds = self._kinds
        after = self._matching(at, end, kinds.link_open, kinds.link_close)
        name = at + 1
        while name < after - 1 and type(self._tokens[name]) is not kinds.link_separator:
            name += 1
        target = self._plain(at + 1, name)
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
        if name < after - 1:
            self.read(name + 1, after - 1)
        else:
            self._pieces.append(target.lstrip(":"))
        return after

    def _tag(self, at: int, end: int) -> int:
        tokens, kinds = self._tokens, self._kinds
        name = str(tokens[at + 1]["text"]).strip().lower() if type(tokens[at + 1]) is kinds.text else ""
        opened = at + 1
        while opened < end and type(tokens[opened]) not in (kinds.tag_opened, kinds.tag_single):
            opened += 1
        single = opened < end and type(tokens[opened]) is kinds.tag_single
        if name in _ITEMS or name in _BREAKING:
            self.end_block()
        if single or (name not in _SKIPPED and name not in _VERBATIM):
            return opened + 1
        closed, after = self._end_tag(opened + 1, end, name)
        if name in _VERBATIM:
            self.end_block()
            self._pieces.append(self._plain(opened + 1, closed))
            self.end_block("verbatim")
        return after

    def _end_tag(self, at: int, end: int, name: str) -> tuple[int, int]:
        """Where a tag's own end begins, and where it is over; tags of its name may stand in it."""
        tokens, kinds = self._tokens, self._kinds
        depth = 1
        opened: list[bool] = []
        while at < end:
            kind = type(tokens[at])
            if kind is kinds.tag_open:
                opened.append(str(tokens[at + 1].get("text", "")).strip().lower() == name)
            elif kind is kinds.tag_opened and opened:
                depth += opened.pop()
            elif kind is kinds.tag_single and opened:
                opened.pop()
            elif kind is kinds.end_tag_open and str(tokens[at + 1].get("text", "")).strip().lower() == name:
                depth -= 1
                if not depth:
                    return at, self._after(at, end, kinds.end_tag_close)
            at += 1
        return end, end

    def _url(self, at: int, end: int) -> int:
        """The label of an address, where it has one."""
        kinds = self._kinds
        after = self._matching(at, end, kinds.url_open, kinds.url_close)
        for position in range(at + 1, after):
            if type(self._tokens[position]) is kinds.url_separator:
                self.read(position + 1, after - 1)
                break
        return after

    def _entity(self, at: int, after: int) -> str:
        return html.unescape(f"&{self._written(at + 1, after - 1)};")

    def _written(self, at: int, end: int) -> str:
        """An entity between its ends: a name, or a number with its marks."""
        parts: list[str] = []
        for token in self._tokens[at:end]:
            if type(token) is self._kinds.text:
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
        kinds = self._kinds
        began = equals = -1
        while at <= end:
            kind = type(self._tokens[at]) if at < end else kinds.separator
            if kind is kinds.template_open:
                at = self._matching(at, end, kinds.template_open, kinds.template_close)
                continue
            if kind is kinds.separator:
                if equals > began >= 0:
                    yield self._plain(began, equals), equals + 1, at
                began, equals = at + 1, -1
            elif kind is kinds.equals and equals < 0:
                equals = at
            at += 1

    def _inside(self, at: int, end: int) -> tuple[str, list[str]]:
        """The text of some tokens, on one line, and the titles that it links to."""
        inner = _Reading(self._tokens, self._kinds, self._namespaces)
        inner._prose = True
        inner.read(at, end)
        inner.end_block()
        blocks = [block for block in inner.page.blocks if block.role == "prose"]
        text = " ".join(", ".join(" ".join(block.text.split()) for block in blocks).split())
        return text, [link.target for block in blocks for link in block.links]

    def _plain(self, at: int, end: int) -> str:
        """The text tokens as they are."""
        text = self._kinds.text
        return "".join(token["text"] for token in self._tokens[at:end] if type(token) is text)

    def _matching(self, at: int, end: int, opens: type, closes: type) -> int:
        """One past the token that closes the one at `at`."""
        tokens = self._tokens
        depth = 0
        while at < end:
            kind = type(tokens[at])
            at += 1
            if kind is opens:
                depth += 1
            elif kind is closes:
                depth -= 1
                if not depth:
                    return at
        return end

    def _after(self, at: int, end: int, closes: type) -> int:
        """One past the next token of a kind."""
        tokens = self._tokens
        while at < end and type(tokens[at]) is not closes:
            at += 1
        return min(at + 1, end)
