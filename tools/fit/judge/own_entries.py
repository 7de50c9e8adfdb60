"""Texts of our own like the entries of a reference book: a title, and a few plain facts about it.

Entries have relatives of the same surname and things of the same kind beside them, so that what is asked of
one is told of others too. A third of the questions ask for what no entry tells.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common import Document, Question
from fit.judge.own import firm, house, person, sentence, town

ENTRIES = "own, entries"
_QUESTIONS = 150
_STORES = (12, 60)

Draw = random.Random


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact of a kind of entry: as it is told of {s} ("He" or "It" at times), and asked."""

    other: Callable[[Draw], str]
    told: tuple[str, ...]
    asked: tuple[str, ...]


def _day(draw: Draw) -> str:
    months = ("January", "March", "May", "June", "August", "October", "December")
    return f"{draw.randint(1, 28)} {draw.choice(months)} {draw.randint(1790, 1990)}"


def _year(draw: Draw) -> str:
    return str(draw.randint(1790, 2010))


_PERSON = (
    _Fact(
        town,
        ("{s} was born in {o}.", "Born in {o}, {s} grew up with an aunt."),
        ("Where was {s} born?", "In which town was {s} born?"),
    ),
    _Fact(_day, ("{s} was born on {o}.",), ("When was {s} born?", "What is the date of birth of {s}?")),
    _Fact(town, ("{s} died in {o}.", "{s} is buried in {o}."), ("Where did {s} die?",)),
    _Fact(person, ("{s} was married to {o}.", "{s} married {o} in 1921."), ("Who was {s} married to?",)),
    _Fact(
        firm,
        ("{s} worked for {o}.", "{s} was employed by {o}."),
        ("For whom did {s} work?", "Which company did {s} work for?"),
    ),
)
_FIRM = (
    _Fact(
        person,
        ("{s} was founded by {o}.", "{o} founded {s} in 1901."),
        ("Who founded {s}?", "Who was the founder of {s}?"),
    ),
    _Fact(_year, ("{s} was founded in {o}.",), ("When was {s} founded?", "In which year was {s} founded?")),
    _Fact(
        town,
        ("{s} has its headquarters in {o}.", "The headquarters of {s} are in {o}."),
        ("Where are the headquarters of {s}?", "Where is {s} based?"),
    ),
)
_HOUSE = (
    _Fact(
        person,
        ("{s} was designed by {o}.", "{o} designed {s}."),
        ("Who designed {s}?", "Who was the architect of {s}?"),
    ),
    _Fact(
        _year,
        ("{s} was built in {o}.", "{s} was completed in {o}."),
        ("When was {s} built?", "In which year was {s} completed?"),
    ),
    _Fact(
        town,
        ("{s} stands in {o}.", "{s} is located in {o}."),
        ("Where is {s}?", "In which town does {s} stand?"),
    ),
)
_KINDS = ((person, _PERSON, "an engineer"), (firm, _FIRM, "a company"), (house, _HOUSE, "a building"))


def entries_sets() -> Iterator[tuple[list[Document], list[Question]]]:
    """Stores of few and of many entries, and questions about them."""
    for count in _STORES:
        draw = random.Random(f"entries:{count}")
        documents: list[Document] = []
        told: list[tuple[str, Callable[[Draw], str], _Fact, str, str]] = []
        subjects: list[str] = []
        while len(documents) < count:
            kind, facts, sort = draw.choice(_KINDS)
            subject = kind(draw)
            if kind is person and documents and draw.random() < 0.4:
                # A relative: the surname of someone who has an entry.
                others = [name for name in subjects if len(name.split()) == 2]
                subject = f"{subject.split()[0]} {draw.choice(others).split()[1]}" if others else subject
            if subject in subjects:
                continue
            subjects.append(subject)
            name = f"entry {len(documents)}"
            sentences = [f"{subject} was {sort}."]
            for fact in draw.sample(facts, draw.randint(1, min(3, len(facts)))):
                other = fact.other(draw)
                form = draw.choice(fact.told)
                again = form.startswith("{s}") and draw.random() < 0.6
                said = ("He" if kind is person else "It") if again else subject
                sentences.append(sentence(form, s=said, o=other))
                told.append((subject, kind, fact, other, name))
            documents.append(Document(name, subject, " ".join(sentences)))
        yield documents, list(_questions(f"entries {count}", told, draw))


def _questions(
    store: str,
    told: list[tuple[str, Callable[[Draw], str], _Fact, str, str]],
    draw: Draw,
) -> Iterator[Question]:
    known = {(subject, id(fact)) for subject, _, fact, _, _ in told}
    for number in range(_QUESTIONS):
        subject, kind, fact, other, name = draw.choice(told)
        answers: tuple[str, ...] = (other,)
        gold = frozenset({name})
        if draw.random() < 0.33:
            # Of another entry of the kind, or of none.
            same = [each for each, of, _, _, _ in told if of is kind and (each, id(fact)) not in known]
            subject = draw.choice(same) if same and draw.random() < 0.7 else kind(draw)
            if (subject, id(fact)) in known:
                continue
            answers, gold = (), frozenset[str]()
        asked = draw.choice(fact.asked).format(s=subject)
        yield Question(f"{store} {number}", asked, "own", gold, answers, answerable=bool(answers))
