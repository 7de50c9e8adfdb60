"""Words of a question that are slips of others: "Falcn" for "Falcon".

A slip is a word that no text has, in no form, and that is a letter or two away from one that some text has
(`ReadView.near_words`), or one letter away from a word that asks. Never a slip is a word that some text has,
a common English word, or one that changes what the question is read to ask for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from sutra_core.ask.cues import asks_manner
from sutra_core.ask.english import is_english
from sutra_core.ask.ways import LEFT_OUT
from sutra_core.types import EntityType, ReadView

__all__ = ["Hint", "Reading", "without_slips"]

Reading = tuple[EntityType | None, Sequence[str], bool]
"""What a question asks for: expected type, relation names, whether yes or no is wanted."""

Hint = Callable[[Sequence[str]], Sequence[Reading]]
"""Reads questions, each by itself."""

_TOKEN = re.compile(r"\w+")
_LETTERS_MIN = 4
_NAMES = 5


def without_slips(
    view: ReadView, question: str, hint: Hint, known: Collection[str]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The question with its slips put right, and which these are: as written, as read.

    `known` are the words by which questions ask, in lower case; `hint` says what a question asks for.
    """
    if "slips" in LEFT_OUT:
        return question, ()
    read_as: list[tuple[str, str]] = []
    parts: list[str] = []
    end = 0
    tokens = list(_TOKEN.finditer(question))
    unknown = [match.group() for match in tokens if _may_be_slip(match.group(), known)]
    nearest = dict(zip(unknown, view.near_words(unknown, limit=1), strict=True)) if unknown else {}
    for match in tokens:
        word = match.group()
        # With a capital inside a question it is a name, and no word that asks.
        asks = known if match.start() == 0 or word.islower() else ()
        read = _near(view, word, nearest[word], asks) if word in nearest else None
        if read is None or _is_right(view, word) or _means_something(question, match, hint):
            continue
        read = _in_case_of(word, _with_marks(view, read))
        read_as.append((word, read))
        parts += [question[end : match.start()], read]
        end = match.end()
    return "".join([*parts, question[end:]]), tuple(read_as)


def _may_be_slip(word: str, known: Collection[str]) -> bool:
    return len(word) >= _LETTERS_MIN and word.lower() not in known


def _near(view: ReadView, word: str, nearest: Sequence[tuple[str, int]], asks: Collection[str]) -> str | None:
    """What a word may be a slip of: the nearest of a text, or one that asks with as many of its letters."""
    lowered = word.lower()
    found = [near for near, _ in nearest]
    asking = sorted(
        each
        for each in asks
        # Of so many letters one edit leaves the first or the last as it is.
        if len(each) >= _LETTERS_MIN
        and (each[0] == lowered[0] or each[-1] == lowered[-1])
        and _is_one_edit(lowered, each)
    )
    if asking and not len(view.search_words(word, 1)[0]):
        found = [*asking, *found]
    return max(found, key=lambda each: (Counter(each) & Counter(lowered)).total(), default=None)


def _is_one_edit(word: str, other: str) -> bool:
    """Whether one letter exchanged, added or dropped, or two neighbours swapped, make one word the other."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = _common(word, other)
    word, other = word[start:], other[start:]
    end = _common(word[::-1], other[::-1])
    word, other = word[: len(word) - end], other[: len(other) - end]
    return max(len(word), len(other)) == 1 or (len(word) == 2 and word == other[::-1])


def _common(word: str, other: str) -> int:
    """With how many equal letters two words begin."""
    pairs = enumerate(zip(word, other, strict=False))
    return next((at for at, (letter, its) in pairs if letter != its), min(len(word), len(other)))


def _is_right(view: ReadView, word: str) -> bool:
    """Whether a word is a common English one, in any form."""
    (weights,) = view.word_weights([word])
    return any(is_english(stem) for stem in weights)


def _means_something(question: str, word: re.Match[str], hint: Hint) -> bool:
    """Whether a question is read otherwise with letters that mean nothing in place of a word."""
    senseless = "".join("X" if letter.isupper() else "x" for letter in word.group())
    other = question[: word.start()] + senseless + question[word.end() :]
    one, its = (
        (expected, tuple(relations), yes_no, asks_manner(text))
        for text, (expected, relations, yes_no) in zip(
            (question, other), hint((question, other)), strict=True
        )
    )
    return one != its


def _with_marks(view: ReadView, word: str) -> str:
    """A word as the names that have it are written: "kovac" as "kovač"; as it is where none has it."""
    names, _ = view.search_words(word, _NAMES, unit="entity")
    written = (each.lower() for name in view.concepts(names) for each in _TOKEN.findall(name.text))
    return next((each for each in written if _without_marks(each) == _without_marks(word)), word)


def _without_marks(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


def _in_case_of(written: str, word: str) -> str:
    """A word with capitals where another has them: none, the first, or all."""
    if written.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if written[:1].isupper() else word
