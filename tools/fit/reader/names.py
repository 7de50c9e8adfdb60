"""Names, numbers and dates of a question, and their exchange for others of the same shape."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable

_NAME = re.compile(r"(?<=\s)[\"']?([A-Z][\w’'.-]*\w(?: (?:of the |of |the |de |van )?[A-Z][\w’'.-]*\w)*)")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_OWNER = re.compile(r"['’]s$")
_MONTHS = frozenset(
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
)
_DAYS = frozenset(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
_LINK = re.compile(r"^\W*(?:and|or|of|in|the|with|from|to|'s|’s|\W)*\W*$", re.IGNORECASE)
_SYMMETRIC = re.compile(
    r"\b(?:marr|met\b|meet|between|wife|husband|sibling|brother|sister|married|friend|versus|vs|against"
    r"|and|with|relat|differ|same|both)",
    re.IGNORECASE,
)


def found(question: str) -> list[tuple[int, int, str]]:
    """The names, numbers and dates of a question: where they stand, and their shape.

    >>> found("When did Anna Kis leave Pest in 1956?")
    [(9, 17, 'name 2'), (24, 28, 'name 1'), (32, 36, 'year')]
    """
    places = [(*match.span(1), match[1]) for match in _NAME.finditer(question)]
    named = []
    for low, high, text in places:
        bare = _OWNER.sub("", text)
        named.append((low, high - len(text) + len(bare), _shape(bare)))
    numbers = [(*match.span(), _shape(match[0])) for match in _NUMBER.finditer(question)]
    return sorted(named + [n for n in numbers if not any(low <= n[0] < high for low, high, _ in named)])


def _shape(text: str) -> str:
    if text in _MONTHS:
        return "month"
    if text in _DAYS:
        return "day"
    if text[0].isdigit():
        return "year" if re.fullmatch(r"1\d{3}|20\d\d", text) else f"number {len(text)}"
    return f"name {min(3, len(text.split()))}"


class Names:
    """What the questions of a set name, by shape and by the word in front."""

    def __init__(self, questions: Iterable[str]) -> None:
        kinds: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for question in questions:
            for low, high, shape in found(question):
                for kind in _kinds(question, low, shape):
                    kinds[kind][question[low:high]] = None
        self._kinds = {kind: list(names) for kind, names in kinds.items()}

    def exchanged(self, question: str, text: str, draw: random.Random) -> str | None:
        """The question with one of its names exchanged for one that neither it nor the text has.

        Only a name that stands in the text is exchanged, else the question was not about the text's own; and
        none of a choice ("A or B"). The other name stands behind the same word in its question, if there is
        such a one. None where there is none, or no other of its shape.
        """
        places = [each for each in found(question) if question[each[0] : each[1]] in text]
        if " or " in question:
            return None
        draw.shuffle(places)
        for low, high, shape in places:
            for kind in _kinds(question, low, shape):
                names = self._kinds.get(kind, [])
                for name in draw.sample(names, min(8, len(names))):
                    if name not in text and name not in question and question[low:high] not in name:
                        return question[:low] + name + question[high:]
        return None


def _kinds(question: str, low: int, shape: str) -> tuple[str, str]:
    before = question[:low].split()
    return f"{shape} {before[-1].lower() if before else ''}", shape


def turned(question: str, answer: str, text: str, draw: random.Random) -> str | None:
    """The question with its answer in the place of one of its names: who did it, asked as whom it befell.

    None where the answer is no name, or the question speaks of something that holds both ways.

    >>> turned("Who sued Bela?", "Anna", "Anna sued Bela in 1950.", random.Random(0))
    'Who sued Anna?'
    """
    named = found(f" {answer.strip()}")
    if [each[:2] for each in named] != [(1, 1 + len(answer.strip()))] or _SYMMETRIC.search(question):
        return None
    shapes = {"name 1", "name 2", "name 3"}
    places = [
        (low, high)
        for low, high, shape in found(question)
        if {shape, named[0][2]} <= shapes and question[low:high] in text
    ]
    if not places or answer.strip() in question or " or " in question:
        return None
    low, high = draw.choice(places)
    return question[:low] + answer.strip() + question[high:]


def swapped(question: str, text: str) -> str | None:
    """The question with its two names in each other's place, so that each has the other's role.

    None where it does not have two of the text's names with a role between them, or speaks of something
    that holds both ways.

    >>> swapped("When did Anna sue Bela?", "Anna sued Bela in 1950.")
    'When did Bela sue Anna?'
    """
    places = [each for each in found(question) if each[2].startswith("name")]
    if len(places) != 2 or _SYMMETRIC.search(question):
        return None
    (low, middle, _), (back, high, _) = places
    first, second = question[low:middle], question[back:high]
    if _LINK.match(question[middle:back]) or first not in text or second not in text:
        return None
    if first in second or second in first:
        return None
    return question[:low] + second + question[middle:back] + first + question[high:]
