"""An invented country to ask about: people, towns, rivers, companies and books, in varied sentences.

Everything follows from a seed. Names are of syllables, so that none is known elsewhere; the words that fill
the sentences follow Zipf's law, as those of a language do: a few are everywhere, most are in a text or two.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sutra_core.types import SourceDraft

__all__ = ["World"]

_SPOKEN = (
    "al ba bren cor da del dor el fa fen gal har hol is jar kel kor la lim lor ma mer mor na nev or pel pol "
    "ra rin ros sel sta tal tor ul va vel ven wen win yar zel"
)
_SYLLABLES = tuple(_SPOKEN.split())
_ENDINGS = ("ton", "ford", "burg", "stead", "wick", "mouth", "field", "holm", "by", "dale")
_TRADES = (
    *("chemist", "painter", "engineer", "physicist", "poet", "composer", "botanist", "architect", "surgeon"),
    *("historian", "navigator", "printer", "watchmaker", "geologist", "translator", "sculptor"),
)
_GOODS = (
    *("turbines", "paper", "clocks", "bricks", "sailcloth", "lenses", "glass", "rope", "bicycles", "ink"),
    *("porcelain", "pumps", "barometers", "looms"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_REMARKS = (
    "The {a} {b} of the {c} was {d} in the {e}, and the {f} of it is still {g}.",
    "Letters from that year mention a {a}, two {b} and a {c} {d} near the {e}.",
    "Visitors praised the {a} and the {b}; the {c} {d} was said to be {e}.",
    "In the archive there is a {a} of {b}, bound with a {c} about {d}.",
    "Nobody had thought that a {a} could {b} the {c} without a {d}.",
)
_FIRMS = ("Works", "Company", "Industries", "Mills")
_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    trade: str
    birthplace: int
    born: str
    spouse: int
    company: int
    book: str
    published: int


class World:
    """So many people, with a town, a company and a book for each few of them."""

    def __init__(self, people: int, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._taken: set[str] = set()
        self._words = [self._word(2 + n % 3) for n in range(_WORDS)]
        # Zipf's law: the n-th word comes 1/n times as often as the first.
        self._cumulated = _cumulated([1 / (n + 10) for n in range(_WORDS)])
        self.towns = [self._name() + self._random.choice(_ENDINGS) for _ in range(max(people // 8, 2))]
        self.rivers = [self._name() for _ in range(max(people // 20, 2))]
        self.companies = [
            f"{self._name()} {self._random.choice(('Works', 'Company', 'Industries', 'Mills'))}"
            for _ in range(max(people // 10, 2))
        ]
        given = [self._word(2).capitalize() for _ in range(300)]
        self.people = [self._person(number, people, given) for number in range(people)]

    def texts(self) -> Iterator[SourceDraft]:
        """A text of each person, town and company."""
        for number in range(len(self.people)):
            yield SourceDraft(f"person {number}", self._of_person(number), self.people[number].name)
        for number, town in enumerate(self.towns):
            yield SourceDraft(f"town {number}", self._of_town(number), town)
        for number, company in enumerate(self.companies):
            yield SourceDraft(f"company {number}", self._of_company(number), company)

    def questions(self, count: int) -> list[str]:
        """Distinct questions: facts, two steps, lists, numbers, comparisons, and what no text says."""
        chosen = random.Random(count)
        found: dict[str, None] = {}
        while len(found) < count:
            one, other = chosen.sample(range(len(self.people)), 2)
            found[self._question(len(found) % 16, one, other)] = None
        return list(found)

    def _question(self, form: int, one: int, other: int) -> str:
        person, second = self.people[one], self.people[other]
        town = self.towns[person.birthplace]
        company = self.companies[person.company]
        return (
            f"Where was {person.name} born?",
            f"When was {person.name} born?",
            f"Who founded {company}?",
            f"On which river does {town} stand?",
            f"On which river does the town stand in which {person.name} was born?",
            f"Who wrote {person.book}?",
            f"Who was born earlier, {person.name} or {second.name}?",
            f"Was {person.name} born in {town}?",
            f"Which people were born in {town}?",
            f"How many people work for {company}?",
            f"What does {company} make?",
            f"Where was the founder of {company} born?",
            f"How is {person.name} linked to {company}?",
            f"What is the favourite dish of {person.name}?",
            f"Which {person.trade} was married to {self.people[person.spouse].name}?",
            f"Why did {person.name} never return to {self.towns[second.birthplace]}?",
        )[form]

    def _person(self, number: int, people: int, given: list[str]) -> _Person:
        draw = self._random
        family = self._name()
        name = f"{draw.choice(given)} {family}"
        day = f"{draw.randint(1, 28)} {draw.choice(_MONTHS)} {draw.randint(1780, 1960)}"
        book = f"The {self._some_word().capitalize()} of {self._name()}"
        return _Person(
            name,
            draw.choice(_TRADES),
            draw.randrange(len(self.towns)),
            day,
            (number + 1 + draw.randrange(people - 1)) % people,
            draw.randrange(len(self.companies)),
            book,
            draw.randint(1800, 1990),
        )

    def _of_person(self, number: int) -> str:
        person = self.people[number]
        town, company = self.towns[person.birthplace], self.companies[person.company]
        spouse = self.people[person.spouse].name
        sentences = [
            f"{person.name} was a {person.trade} who was born on {person.born} in {town}.",
            f"{person.name} married {spouse}.",
            f"{person.name} worked for {company} for many years.",
            f"{person.name} wrote {person.book}, which was published in {person.published}.",
            *(self._remark() for _ in range(2)),
        ]
        return " ".join(sentences)

    def _of_town(self, number: int) -> str:
        town, draw = self.towns[number], self._random
        return " ".join(
            [
                f"{town} is a town on the river {self.rivers[number % len(self.rivers)]}.",
                f"About {draw.randint(2, 900) * 100} people live in {town}.",
                f"The bridge of {town} was opened in {draw.randint(1700, 1990)}.",
                self._remark(),
                self._remark(),
            ]
        )

    def _of_company(self, number: int) -> str:
        company, draw = self.companies[number], self._random
        founder = self.people[draw.randrange(len(self.people))].name
        return " ".join(
            [
                f"{company} was founded by {founder} in {draw.randint(1790, 1950)}.",
                f"{company} makes {draw.choice(_GOODS)} and {draw.choice(_GOODS)}.",
                f"Its headquarters are in {draw.choice(self.towns)}.",
                self._remark(),
            ]
        )

    def _remark(self) -> str:
        form = self._random.choice(_REMARKS)
        return form.format_map({letter: self._some_word() for letter in "abcdefg"})

    def _some_word(self) -> str:
        return self._random.choices(self._words, cum_weights=self._cumulated)[0]

    def _name(self) -> str:
        return self._word(self._random.choice((2, 3, 3))).capitalize()

    def _word(self, syllables: int) -> str:
        """A word that was not made before."""
        while True:
            word = "".join(self._random.choice(_SYLLABLES) for _ in range(syllables))
            if word not in self._taken:
                self._taken.add(word)
                return word
            syllables += 1


def _cumulated(weights: list[float]) -> list[float]:
    total, found = 0.0, list[float]()
    for weight in weights:
        total += weight
        found.append(total)
    return found
