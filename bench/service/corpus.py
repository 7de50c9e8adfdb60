"""What the load is made of: texts about people who do not exist, and questions that no client asks twice.

Everything follows from its number, so that every run has the same texts and questions. Reads no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from sutra_core.types import SourceDraft

__all__ = ["CONCEPTS_A_TEXT", "Drafts", "queries", "questions", "short_texts", "texts"]

CONCEPTS_A_TEXT = 11
"""About so many concepts a text brings; filling counts what it really brought."""

Drafts = Callable[[int], Iterator[SourceDraft]]

_STARTS = ("Al", "Bre", "Cor", "Da", "El", "Fen", "Gal", "Hu", "Is", "Jor", "Ka", "Lin", "Mar", "Nol", "Or")
_MIDDLES = (
    "ba",
    "de",
    "fi",
    "ga",
    "ko",
    "la",
    "me",
    "ni",
    "ro",
    "su",
    "ti",
    "va",
    "we",
    "zo",
    "ne",
    "ri",
    "ta",
)
_ENDS = ("nd", "ra", "sk", "len", "mir", "tha", "ven", "wick", "ton", "by", "dal", "gard", "is")
_TRADES = ("glazier", "surveyor", "printer", "botanist", "clockmaker", "pilot", "architect", "chemist")
_THINGS = ("bridge", "granary", "lighthouse", "library", "windmill", "foundry", "chapel")
_ASKED = (
    "Where was {who} born?",
    "What did {who} work as?",
    "Which place did {who} move to?",
    "Which building did {who} restore?",
    "When did {who} restore the {thing}?",
    "Who taught {who}?",
    "In which place did the teacher of {who} live?",
    "Who was born in {born} and worked as a {trade}?",
)


def _word(number: int) -> str:
    """A name of its own for each number below 3,315."""
    number, start = divmod(number, len(_STARTS))
    number, middle = divmod(number, len(_MIDDLES))
    return _STARTS[start] + _MIDDLES[middle] + _ENDS[number % len(_ENDS)]


def _person(number: int) -> dict[str, object]:
    born, lived = number * 7919 % 3301, number * 104729 % 3299
    return {
        "who": f"{_word(number % 3307)} {_word((number // 3307 + number * 31) % 3313)}",
        "teacher": f"{_word(number * 17 % 3307)} {_word(number * 13 % 3313)}",
        "born": _word(born),
        "lived": _word(lived),
        "trade": _TRADES[number % len(_TRADES)],
        "thing": _THINGS[number % len(_THINGS)],
        "year": 1800 + number * 37 % 180,
        "number": number,
    }


def texts(first: int = 0) -> Iterator[SourceDraft]:
    """Texts of five sentences and some seventy words, without end; the first one has the number `first`."""
    for number in count(first):
        person = _person(number)
        text = (
            "{who} was born in {born}, and went to school beside the river there. "
            "{who} worked as a {trade} for many years, and was taught by {teacher}. "
            "In the year {year} {who} moved to {lived} with two friends and a cart of books. "
            "There {who} restored the {thing} number {number}, which had stood empty since a fire. "
            "The {thing} number {number} was opened again in the spring after the work was done."
        )
        yield SourceDraft(f"person {number}", text.format(**person), str(person["who"]))


def short_texts(first: int = 0) -> Iterator[SourceDraft]:
    """Facts of 9 to 13 words, no two the same, without end; the first one has the number `first`."""
    verbs = ("was painted by the firm of", "was inspected in the name of", "stands two streets away from")
    for number in count(first):
        yield SourceDraft(
            f"fact {number}",
            f"The {_THINGS[number % 7]} number {number} of {_word(number * 29 % 3301)} {verbs[number % 3]} "
            f"{_word(number * 7919 % 3313)} beside the river.",
        )


def questions(known: int, skip: int = 0) -> Iterator[str]:
    """Questions about the first `known` texts, no two the same, after the first `skip` of them."""
    for place in range(skip, known * len(_ASKED)):
        turn, at = divmod(place, known)
        person = _person(at * 7927 % known if known % 7927 else at)
        yield _ASKED[(at + turn) % len(_ASKED)].format(**person)


def queries(known: int) -> Iterator[str]:
    """Words to search for, without end."""
    for place in count():
        person = _person(place * 7927 % known)
        yield "{who} {trade} {thing} {lived}".format(**person)
