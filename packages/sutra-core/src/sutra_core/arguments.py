"""What callers may give: each check refuses an argument by what was given and what is wanted.

Looks at values alone; opens nothing, and changes nothing.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from types import UnionType
from typing import SupportsIndex, cast

from sutra_core.errors import InvalidValueError, UnknownConceptError

__all__ = [
    "NUMBER_MAX",
    "check_number",
    "check_relations",
    "check_type",
    "check_unicode",
    "check_words",
    "checked_id",
    "is_unicode",
]

NUMBER_MAX = (1 << 64) - 1
"""The greatest number of a concept or a source."""
WORDS_MAX = 2000
"""The longest question or query, in characters."""


def check_type(what: str, given: object, kind: type | UnionType | tuple[()], wanted: str) -> None:
    """Misuse is told by what was given and what is wanted. A truth value is no number here."""
    if not isinstance(given, kind) or isinstance(given, bool):
        raise InvalidValueError(
            f"the {what} is {reprlib.repr(given)}, of type {type(given).__name__}; give {wanted}"
        )


def is_unicode(text: str) -> bool:
    """Whether a text is made of characters alone, without halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def check_number(what: str, given: object, low: int, high: int) -> None:
    """Refuses what is no whole number from `low` to `high`."""
    check_type(what, given, int, f"a whole number from {low} to {high}")
    if isinstance(given, int) and not low <= given <= high:
        raise InvalidValueError(f"{what} is {given}; allowed: {low} to {high}")


def check_words(what: str, text: str) -> None:
    """Refuses what is no question or query: empty, too long, or no Unicode text."""
    check_type(what, text, str, "a string")
    if len(text) > WORDS_MAX:
        raise InvalidValueError(
            f"the {what} has {len(text)} characters; give at most {WORDS_MAX}, "
            "or learn the text and ask about it"
        )
    if not text.strip():
        raise InvalidValueError(f"the {what} is empty; give at least one word")
    if not is_unicode(text):
        raise InvalidValueError(f"the {what} holds what is not Unicode text: {text!a}")


def check_unicode(what: str, text: object, *, empty: bool = False) -> None:
    """Refuses what is no Unicode text, and, but with `empty`, one without anything in it."""
    check_type(what, text, str, "a string")
    if isinstance(text, str):
        if not empty and not text.strip():
            raise InvalidValueError(f"the {what} is empty; give what was forgotten, as it was written")
        if not is_unicode(text):
            raise InvalidValueError(f"the {what} holds what is not Unicode text")


def check_relations(relations: object) -> None:
    """Refuses what is neither None nor a list of names."""
    wanted = "a list of their names, or None"
    if relations is not None:
        one = isinstance(relations, str | bytes)
        check_type("relations", relations, () if one else Sequence, wanted)
        for relation in cast("Sequence[object]", relations):
            check_type("relation", relation, str, "its name, a string")


def checked_id(concept_id: int) -> int:
    """The number of a concept; raises `UnknownConceptError` for what none can have."""
    check_type("concept", concept_id, SupportsIndex, "its number, from a search or an answer")
    if not 0 <= concept_id <= NUMBER_MAX:
        raise UnknownConceptError(
            f"there is no concept {concept_id}; take a number from a search or an answer"
        )
    return concept_id
