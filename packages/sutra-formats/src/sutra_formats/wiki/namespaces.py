"""The namespaces of a wiki: what a prefix of a title or of a link means."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["ARTICLES", "Namespaces"]

ARTICLES = 0
_FILES, _CATEGORIES = 6, 14

# What every wiki understands beside its own language.
_EVERYWHERE = {"file": _FILES, "image": _FILES, "media": -2, "category": _CATEGORIES}
# A link to another wiki: the code of a language, or of a sister project.
_OTHER_WIKI = re.compile(r"[a-z]{1,3}(?:-[a-z-]+)?")


class Namespaces:
    """Which namespace a title is in."""

    def __init__(self, names: Mapping[str, int]) -> None:
        """`names` are those of the dump, each with its number."""
        self._numbers = _EVERYWHERE | {name.strip().lower(): number for name, number in names.items() if name}

    def resolve(self, target: str) -> tuple[int | None, str]:
        """The namespace of a link's target and the title in it, without a section; None for another wiki.

        A target that begins with a colon is shown as text, even in the namespace of files: it is the
        article's own link, so its namespace is told as -1 where it is a file or a category.
        """
        shown = target.startswith(":")
        title = target.lstrip(":").split("#", 1)[0].replace("_", " ").strip()
        prefix, colon, rest = title.partition(":")
        if not colon:
            return ARTICLES, title
        number = self._numbers.get(prefix.strip().lower())
        if number is not None:
            return (-1 if shown and number in (_FILES, _CATEGORIES) else number), rest.strip()
        if _OTHER_WIKI.fullmatch(prefix):
            return None, rest.strip()
        return ARTICLES, title

    @staticmethod
    def is_category(number: int | None) -> bool:
        """Whether a namespace is that of categories."""
        return number == _CATEGORIES

    @staticmethod
    def is_file(number: int | None) -> bool:
        """Whether a namespace is that of files."""
        return number == _FILES or number == -2
