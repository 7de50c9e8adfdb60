"""Texts of our own about what changed, with its times: stretches of years, moves, raised prices, new heads.

Each thing has two or three values one after the other, told in one text or in several of different days.
Asked is how it is now, how it was in a year, and how it was at first; a third of the questions ask of a thing
of which nothing was told.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common import Document, Question
from fit.judge.own import count, firm, house, person, sentence, thing, town

TIMES = "own, times"
_QUESTIONS = 150
_STORES = (3, 15, 60)

Draw = random.Random


@dataclass(frozen=True, slots=True)
class _Changing:
    """What is told of {s}: that it is {o}; that it was {o} from {y} to {z}; that it is so since {y}; that it
    was {a} until then. `now`, `then` ("in {y}") and `first` ask for it.
    """

    subject: Callable[[Draw], str]
    other: Callable[[Draw], str]
    plain: tuple[str, ...]
    stretch: tuple[str, ...]
    since: tuple[str, ...]
    change: tuple[str, ...]
    now: tuple[str, ...]
    then: tuple[str, ...]
    first: tuple[str, ...]


def _euros(draw: Draw) -> str:
    return f"{draw.choice((12, 35, 80, 150, 240, 390, 720, 1100, 2600)) + draw.randint(0, 9)} euros"


_CHANGING = (
    _Changing(
        firm,
        person,
        ("{o} runs {s}.", "The head of {s} is {o}."),
        ("{o} ran {s} from {y} to {z}.", "From {y} until {z} {s} was run by {o}."),
        ("Since {y} {s} has been run by {o}.", "{o} has run {s} since {y}."),
        ("In {y} {o} took over from {a}.", "{a} was replaced by {o} in {y}.", "{o} followed in {y}."),
        ("Who runs {s}?", "Who is the head of {s}?", "Who runs {s} now?"),
        ("Who ran {s} in {y}?", "Who was the head of {s} in {y}?"),
        ("Who ran {s} at first?", "Who was the original head of {s}?", "Who ran {s} before {o}?"),
    ),
    _Changing(
        firm,
        town,
        ("{s} has its office in {o}.", "The office of {s} is in {o}."),
        ("The office of {s} was in {o} from {y} to {z}.", "Between {y} and {z} {s} had its office in {o}."),
        ("Since {y} {s} has had its office in {o}.", "{s} has been in {o} since {y}."),
        (
            "In {y} it moved to {o}.",
            "It left {a} for {o} in {y}.",
            "The office moved from {a} to {o} in {y}.",
        ),
        ("Where is the office of {s}?", "In which town does {s} have its office?", "Where is {s} now?"),
        ("Where was the office of {s} in {y}?", "In which town was {s} in {y}?"),
        (
            "Where was the office of {s} before?",
            "Where was the first office of {s}?",
            "Where was {s} before the move?",
        ),
    ),
    _Changing(
        thing,
        _euros,
        ("{s} costs {o}.", "The rent of {s} is {o} a month."),
        ("{s} cost {o} from {y} to {z}.", "Until {z} {s} cost {o}."),
        ("Since {y} {s} costs {o}.", "From {y} on {s} has cost {o}."),
        (
            "In {y} this was raised to {o}.",
            "The price rose from {a} to {o} in {y}.",
            "It went up to {o} in {y}.",
        ),
        ("How much does {s} cost?", "What does {s} cost now?", "What is the price of {s}?"),
        ("How much did {s} cost in {y}?", "What was the price of {s} in {y}?"),
        ("What was the original price of {s}?", "How much did {s} cost before?"),
    ),
    _Changing(
        firm,
        count,
        ("{s} has {o} employees.", "{o} people work for {s}."),
        ("From {y} to {z} {s} had {o} employees.", "{s} employed {o} people until {z}."),
        ("Since {y} {s} has {o} employees.", "{s} has employed {o} people since {y}."),
        ("In {y} that number grew to {o}.", "By {y} this had become {o}.", "In {y} it fell from {a} to {o}."),
        ("How many employees does {s} have?", "How many people work for {s}?"),
        ("How many employees did {s} have in {y}?", "How many people worked for {s} in {y}?"),
        ("How many people worked for {s} at first?", "How many employees did {s} have before?"),
    ),
    _Changing(
        thing,
        house,
        ("{s} stands in {o}.", "{s} is kept in {o}."),
        ("{s} stood in {o} from {y} to {z}.", "{s} was kept in {o} until {z}."),
        ("{s} has been in {o} since {y}.", "Since {y} {s} is kept in {o}."),
        ("In {y} it was moved to {o}.", "It was brought from {a} to {o} in {y}.", "In {y} it went to {o}."),
        ("Where is {s}?", "Where is {s} kept?", "Where is {s} today?"),
        ("Where was {s} in {y}?", "Where was {s} kept in {y}?"),
        ("Where was {s} before?", "Where was {s} kept originally?"),
    ),
    _Changing(
        house,
        person,
        ("{s} belongs to {o}.", "{o} owns {s}."),
        ("{s} belonged to {o} from {y} to {z}.", "{o} owned {s} until {z}."),
        ("{s} has belonged to {o} since {y}.", "Since {y} {o} owns {s}."),
        ("In {y} {o} bought it from {a}.", "{a} sold it to {o} in {y}.", "In {y} it passed to {o}."),
        ("Who owns {s}?", "To whom does {s} belong?", "Who is the owner of {s} now?"),
        ("Who owned {s} in {y}?", "To whom did {s} belong in {y}?"),
        ("Who owned {s} before?", "Who was the first owner of {s}?"),
    ),
)


@dataclass(frozen=True, slots=True)
class _History:
    """The values of a subject, each from its year on, and the texts that tell them."""

    kind: _Changing
    subject: str
    values: tuple[str, ...]
    years: tuple[int, ...]
    texts: frozenset[str]


def times_sets() -> Iterator[tuple[list[Document], list[Question]]]:
    """Stores of few and of many histories, and questions about them."""
    for count_of in _STORES:
        draw = random.Random(f"times:{count_of}")
        documents: list[Document] = []
        histories: list[_History] = []
        subjects: set[str] = set()
        while len(histories) < count_of:
            kind = draw.choice(_CHANGING)
            subject = kind.subject(draw)
            if subject not in subjects:
                subjects.add(subject)
                found = _history(kind, subject, len(documents), draw)
                documents += found[1]
                histories.append(found[0])
        draw.shuffle(documents)
        yield documents, list(_questions(f"times {count_of}", histories, draw))


def _history(kind: _Changing, subject: str, at: int, draw: Draw) -> tuple[_History, list[Document]]:
    values = list(dict.fromkeys(kind.other(draw) for _ in range(draw.choice((2, 2, 3)))))
    while len(values) < 2:
        values = list(dict.fromkeys([*values, kind.other(draw)]))
    years = sorted(draw.sample(range(1990, 2024), len(values)))
    way = draw.random()
    sentences: list[str] = []
    for number, (value, year) in enumerate(zip(values, years, strict=True)):
        last = number == len(values) - 1
        ends = {
            "s": subject,
            "o": value,
            "a": values[number - 1],
            "y": str(year),
            "z": str(years[number + 1] if not last else year),
        }
        if way < 0.4:  # first one value, then what became of it
            form = draw.choice(kind.change if number else kind.plain)
        elif way < 0.7:  # each with its years
            form = draw.choice(kind.since if last else kind.stretch)
        else:  # each as if it were now, in a text of its day
            form = draw.choice(kind.plain)
        sentences.append(sentence(form, **ends))
    if way < 0.7:
        documents = [Document(f"text {at}", subject if draw.random() < 0.3 else "", " ".join(sentences))]
    else:
        documents = [
            Document(f"text {at + number}", "", text, {"date": f"{year}-06-15"})
            for number, (text, year) in enumerate(zip(sentences, years, strict=True))
        ]
    texts = frozenset(each.id for each in documents)
    return _History(kind, subject, tuple(values), tuple(years), texts), documents


def _questions(store: str, histories: list[_History], draw: Draw) -> Iterator[Question]:
    for number in range(_QUESTIONS):
        one = draw.choice(histories)
        chance, ends = draw.random(), {"s": one.subject, "o": one.values[-1]}
        answers: tuple[str, ...] = (one.values[-1],)
        if chance < 0.3:
            stranger = one.kind.subject(draw)
            if any(each.subject == stranger for each in histories):
                continue
            ends, answers = {"s": stranger, "o": one.values[0], "y": str(one.years[-1])}, ()
            asked = draw.choice(one.kind.now + one.kind.then)
        elif chance < 0.6:
            asked = draw.choice(one.kind.now)
        elif chance < 0.85:
            at = draw.randrange(len(one.values))
            end = one.years[at + 1] if at + 1 < len(one.years) else 2026
            # A year in which something changed has two answers.
            if end - one.years[at] < 2:
                continue
            asked, answers = draw.choice(one.kind.then), (one.values[at],)
            ends["y"] = str(draw.randrange(one.years[at] + 1, end))
        else:
            asked, answers = draw.choice(one.kind.first), (one.values[0],)
            if "{o}" in asked or "before" in asked:
                answers = (one.values[-2],)
        gold = one.texts if answers else frozenset[str]()
        yield Question(
            f"{store} {number}", asked.format(**ends), "own", gold, answers, answerable=bool(answers)
        )
