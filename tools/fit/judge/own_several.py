"""Texts of our own about things that have several of something, and questions for all of it or its number.

A fourth of the questions ask of a thing of which nothing of the kind was told.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common import Document, Question
from fit.judge.own import firm, house, person, sentence, thing, town

SEVERAL = "own, several"
_QUESTIONS = 120
_STORES = (4, 20, 60)
_LANGUAGES = [
    "Danish",
    "Finnish",
    "Polish",
    "Greek",
    "Turkish",
    "Basque",
    "Latvian",
    "Korean",
    "Swahili",
    "Tamil",
    "Welsh",
    "Catalan",
]
_GOODS = [
    "lamps",
    "ropes",
    "kettles",
    "saddles",
    "mirrors",
    "gloves",
    "barrels",
    "whistles",
    "tents",
    "clocks",
    "brushes",
    "candles",
]
_PARTS = [
    "motors",
    "pumps",
    "valves",
    "sensors",
    "wheels",
    "mirrors",
    "filters",
    "belts",
    "lamps",
    "switches",
]
_NUMERALS = ["zero", "one", "two", "three", "four", "five", "six"]

Draw = random.Random


@dataclass(frozen=True, slots=True)
class _Several:
    """What is told of {s}: one by one ({o}), or all in one sentence ({all}); asked for all, and how many."""

    subject: Callable[[Draw], str]
    other: Callable[[Draw], str]
    one: tuple[str, ...]
    all: tuple[str, ...]
    asked: tuple[str, ...]
    number: tuple[str, ...]


def _of(words: list[str]) -> Callable[[Draw], str]:
    return lambda draw: draw.choice(words)


_KINDS = (
    _Several(
        person,
        _of(_LANGUAGES),
        ("{s} speaks {o}.", "{s} has also learned {o}.", "{s} is fluent in {o}."),
        ("{s} speaks {all}.", "The languages of {s} are {all}."),
        ("Which languages does {s} speak?", "What languages does {s} know?"),
        ("How many languages does {s} speak?",),
    ),
    _Several(
        firm,
        _of(_GOODS),
        ("{s} makes {o}.", "{s} also sells {o}."),
        ("{s} makes {all}.", "{s} sells {all}."),
        ("Which goods does {s} make?", "What things does {s} sell?", "What are the products of {s}?"),
        ("How many products does {s} make?", "How many kinds of goods does {s} sell?"),
    ),
    _Several(
        firm,
        person,
        ("{o} is on the board of {s}.", "{o} is a member of the board of {s}."),
        ("The members of the board of {s} are {all}.", "{all} sit on the board of {s}."),
        ("Who are the members of the board of {s}?", "Which people are on the board of {s}?"),
        ("How many people are on the board of {s}?", "How many members does the board of {s} have?"),
    ),
    _Several(
        firm,
        town,
        ("{s} has a branch in {o}.", "{s} opened a shop in {o}."),
        ("{s} has branches in {all}.", "The branches of {s} are in {all}."),
        ("Which towns does {s} have branches in?", "What towns have a branch of {s}?"),
        ("How many branches does {s} have?",),
    ),
    _Several(
        house,
        person,
        ("{o} lives in {s}.", "{o} has a room in {s}."),
        ("{all} live in {s}.", "The tenants of {s} are {all}."),
        ("Which people live in {s}?", "Who are the tenants of {s}?"),
        ("How many people live in {s}?", "How many tenants does {s} have?"),
    ),
    _Several(
        thing,
        _of(_PARTS),
        ("{s} is fitted with {o}.", "{s} also has {o}."),
        ("{s} is fitted with {all}.", "The parts of {s} are {all}."),
        ("Which parts does {s} have?", "What parts is {s} fitted with?"),
        ("How many kinds of parts does {s} have?",),
    ),
)


def several_sets() -> Iterator[tuple[list[Document], list[Question]]]:
    """Stores of few and of many subjects, and questions about them."""
    for count in _STORES:
        draw = random.Random(f"several:{count}")
        documents: list[Document] = []
        told: list[tuple[_Several, str, tuple[str, ...], frozenset[str]]] = []
        subjects: set[str] = set()
        while len(told) < count:
            kind = draw.choice(_KINDS)
            subject = kind.subject(draw)
            if subject in subjects:
                continue
            subjects.add(subject)
            items: list[str] = []
            while len(items) < draw.choice((2, 3, 3, 4)):
                items = list(dict.fromkeys([*items, kind.other(draw)]))
            new = _documents(kind, subject, items, len(documents), draw)
            documents += new
            told.append((kind, subject, tuple(items), frozenset(each.id for each in new)))
        yield documents, list(_questions(f"several {count}", told, draw))


def _documents(kind: _Several, subject: str, items: list[str], at: int, draw: Draw) -> list[Document]:
    way = draw.random()
    if way < 0.4:
        texts = [sentence(draw.choice(kind.all), s=subject, all=_joined(items))]
    elif way < 0.6:
        texts = [sentence(draw.choice(kind.all), s=subject, all=_joined(items[:-1]))]
        texts.append(sentence(draw.choice(kind.one), s=subject, o=items[-1]))
    else:
        texts = [sentence(draw.choice(kind.one), s=subject, o=item) for item in items]
    if draw.random() < 0.6:
        texts = [" ".join(texts)]
    return [Document(f"text {at + number}", "", text) for number, text in enumerate(texts)]


def _joined(items: list[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def _questions(
    store: str, told: list[tuple[_Several, str, tuple[str, ...], frozenset[str]]], draw: Draw
) -> Iterator[Question]:
    for number in range(_QUESTIONS):
        kind, subject, items, gold = draw.choice(told)
        chance, answers = draw.random(), (_joined(list(items)),)
        asked = draw.choice(kind.asked)
        if chance < 0.25:
            subject = kind.subject(draw)
            if any(each[1] == subject for each in told):
                continue
            asked, answers, gold = draw.choice(kind.asked + kind.number), (), frozenset[str]()
        elif chance < 0.55:
            asked = draw.choice(kind.number)
            answers = (str(len(items)), _NUMERALS[len(items)])
        yield Question(
            f"{store} {number}", asked.format(s=subject), "own", gold, answers, answerable=bool(answers)
        )
