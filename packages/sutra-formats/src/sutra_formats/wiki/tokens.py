"""The tokens of mwparserfromhell, and which kind each is as a byte, so that a page is searched as bytes are.

The tree that mwparserfromhell would make of them is never built: that takes most of its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final, cast

__all__ = [
    "ARGUMENT_CLOSE",
    "ARGUMENT_OPEN",
    "COMMENT_CLOSE",
    "COMMENT_OPEN",
    "END_TAG_CLOSE",
    "END_TAG_OPEN",
    "ENTITY_CLOSE",
    "ENTITY_OPEN",
    "EQUALS",
    "HEADING_CLOSE",
    "HEADING_OPEN",
    "LINK_CLOSE",
    "LINK_OPEN",
    "LINK_SEPARATOR",
    "OTHER",
    "SEPARATOR",
    "TAG_OPEN",
    "TAG_OPENED",
    "TAG_SINGLE",
    "TEMPLATE_CLOSE",
    "TEMPLATE_OPEN",
    "TEXT",
    "URL_CLOSE",
    "URL_OPEN",
    "URL_SEPARATOR",
    "InvalidMarkupError",
    "Tokens",
]

Token = Mapping[str, Any]


# Names of the module and not of a class: they are looked at for every token.
OTHER: Final = 0
TEXT: Final = 1
TEMPLATE_OPEN: Final = 2
TEMPLATE_CLOSE: Final = 3
SEPARATOR: Final = 4
EQUALS: Final = 5
ARGUMENT_OPEN: Final = 6
ARGUMENT_CLOSE: Final = 7
LINK_OPEN: Final = 8
LINK_SEPARATOR: Final = 9
LINK_CLOSE: Final = 10
URL_OPEN: Final = 11
URL_SEPARATOR: Final = 12
URL_CLOSE: Final = 13
ENTITY_OPEN: Final = 14
ENTITY_CLOSE: Final = 15
HEADING_OPEN: Final = 16
HEADING_CLOSE: Final = 17
COMMENT_OPEN: Final = 18
COMMENT_CLOSE: Final = 19
TAG_OPEN: Final = 20
TAG_OPENED: Final = 21
TAG_SINGLE: Final = 22
END_TAG_OPEN: Final = 23
END_TAG_CLOSE: Final = 24


_KINDS = {
    "Text": TEXT,
    "TemplateOpen": TEMPLATE_OPEN,
    "TemplateClose": TEMPLATE_CLOSE,
    "TemplateParamSeparator": SEPARATOR,
    "TemplateParamEquals": EQUALS,
    "ArgumentOpen": ARGUMENT_OPEN,
    "ArgumentClose": ARGUMENT_CLOSE,
    "WikilinkOpen": LINK_OPEN,
    "WikilinkSeparator": LINK_SEPARATOR,
    "WikilinkClose": LINK_CLOSE,
    "ExternalLinkOpen": URL_OPEN,
    "ExternalLinkSeparator": URL_SEPARATOR,
    "ExternalLinkClose": URL_CLOSE,
    "HTMLEntityStart": ENTITY_OPEN,
    "HTMLEntityEnd": ENTITY_CLOSE,
    "HeadingStart": HEADING_OPEN,
    "HeadingEnd": HEADING_CLOSE,
    "CommentStart": COMMENT_OPEN,
    "CommentEnd": COMMENT_CLOSE,
    "TagOpenOpen": TAG_OPEN,
    "TagCloseOpen": TAG_OPENED,
    "TagCloseSelfclose": TAG_SINGLE,
    "TagOpenClose": END_TAG_OPEN,
    "TagCloseClose": END_TAG_CLOSE,
}


_TAGS = re.compile(bytes([*b"[", TAG_OPEN, TAG_OPENED, TAG_SINGLE, END_TAG_OPEN, *b"]"]))


class InvalidMarkupError(ValueError):
    """The mark-up cannot be tokenised."""


class Tokens:
    """The tokens of a page: `all`, and in `kinds` the kind of each. Positions count tokens."""

    def __init__(self, markup: str) -> None:
        """Tokenises. Raises `InvalidMarkupError`."""
        tokenize, kind_of, error = _tokenizer()
        try:
            self.all = tokenize(markup)
        except error as failed:
            raise InvalidMarkupError(str(failed)) from failed
        self.kinds = bytes(map(kind_of.__getitem__, map(type, self.all)))

    def text(self, at: int) -> str:
        """The text of one token, "" of one that has none."""
        return str(self.all[at].get("text", ""))

    def plain(self, at: int, end: int) -> str:
        """The text tokens as they are."""
        kinds, tokens = self.kinds, self.all
        if at + 1 == end and kinds[at] == TEXT:
            return cast(str, tokens[at]["text"])
        return "".join(tokens[each]["text"] for each in range(at, end) if kinds[each] == TEXT)

    def after(self, at: int, end: int, closes: int) -> int:
        """One past the next token of a kind."""
        return self.kinds.find(closes, at, end) + 1 or end

    def matching(self, at: int, end: int, opens: int, closes: int) -> int:
        """One past the token that closes the one at `at`."""
        kinds = self.kinds
        depth = 0
        while (closed := kinds.find(closes, at, end)) >= 0:
            depth += kinds.count(opens, at, closed) - 1
            at = closed + 1
            if depth <= 0:
                return at
        return end

    def end_tag(self, at: int, end: int, name: str) -> tuple[int, int]:
        """Where the end of the tag before `at` begins, and where it is over.

        Tags of its name may stand in it.
        """
        kinds = self.kinds
        depth = 1
        opened: list[bool] = []
        for match in _TAGS.finditer(kinds, at, end):
            found = match.start()
            kind = kinds[found]
            if kind == TAG_OPEN:
                opened.append(self.text(found + 1).strip().lower() == name)
            elif kind == END_TAG_OPEN:
                depth -= self.text(found + 1).strip().lower() == name
                if not depth:
                    return found, self.after(found, end, END_TAG_CLOSE)
            elif opened:
                depth += opened.pop() and kind == TAG_OPENED
        return end, end


@cache
def _tokenizer() -> tuple[Callable[[str], list[Token]], Mapping[type, int], type[Exception]]:
    """The tokenizer, in C where it was built so."""
    from mwparserfromhell.parser import ParserError, tokens
    from mwparserfromhell.parser.tokenizer import Tokenizer

    try:
        module = import_module("mwparserfromhell.parser._tokenizer")
        tokenizer: Callable[[], Any] = module.CTokenizer
    except ImportError:
        tokenizer = Tokenizer
    classes = {name: cast(type, getattr(tokens, name)) for name in tokens.__all__}
    kind_of = {token: _KINDS.get(name, OTHER) for name, token in classes.items()}

    def tokenize(markup: str) -> list[Token]:
        return cast("list[Token]", tokenizer().tokenize(markup))

    return tokenize, kind_of, ParserError
