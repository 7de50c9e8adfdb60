"""Texts of our own for the judge: plain facts about things that do not exist, and plain questions about them.

Public sets are hard: their questions take many steps, or are made to mislead. A store is mostly asked what
one sentence of it says. Here sentences and questions are drawn from forms, each relation with several of
either, so that a question seldom has the words of the sentence. Two questions in five have no answer: the
relation was told of others and not of this one. Names are drawn, so that none is known from elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common import Document, Question

NAME = "own"
_TEXTS = 160
_QUESTIONS = 500
_SYLLABLES = [
    "bra",
    "den",
    "fol",
    "gar",
    "hul",
    "kes",
    "lim",
    "mor",
    "nev",
    "pol",
    "ras",
    "tun",
    "vel",
    "wen",
    "zor",
    "cal",
    "dri",
    "ost",
    "pem",
    "quin",
]
_GIVEN = [
    "Ada",
    "Bruno",
    "Clara",
    "Dario",
    "Edith",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Leo",
    "Mona",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Sven",
]
_TRADES = [
    "nurse",
    "plumber",
    "surveyor",
    "baker",
    "archivist",
    "welder",
    "chemist",
    "translator",
    "tailor",
    "gardener",
]
_THINGS = ["pump", "crane", "scanner", "boiler", "printer", "ferry", "mill", "drill", "freezer", "projector"]
_STUFFS = ["oak", "brass", "linen", "granite", "copper", "wool", "slate", "bamboo"]
_FOODS = ["walnuts", "shellfish", "sesame", "lupins", "celery", "mustard"]
_REASONS = (
    "the roof was leaking",
    "the licence had run out",
    "the river had risen",
    "a bearing had failed",
    "too few people had signed up",
)

Draw = random.Random


@dataclass(frozen=True, slots=True)
class _Relation:
    """What is told of a subject: `told` and `asked` have {s} for it and {o} for the other end.

    `yes_no` asks for that; `back` asks for the subject, where only one has this other end.
    """

    subject: Callable[[Draw], str]
    other: Callable[[Draw], str]
    told: tuple[str, ...]
    asked: tuple[str, ...]
    back: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()


def _word(draw: Draw) -> str:
    return "".join(draw.choice(_SYLLABLES) for _ in range(draw.randint(2, 3))).capitalize()


def _person(draw: Draw) -> str:
    return f"{draw.choice(_GIVEN)} {_word(draw)}"


def _firm(draw: Draw) -> str:
    return f"{_word(draw)} {draw.choice(('Works', 'Partners', 'Foods', 'Marine', 'Textiles', 'Clinic'))}"


def _thing(draw: Draw) -> str:
    return f"the {draw.choice(_THINGS)} {_word(draw)}-{draw.randint(2, 99)}"


def _house(draw: Draw) -> str:
    return f"{_word(draw)} {draw.choice(('House', 'Hall', 'Tower', 'Mill', 'Gate'))}"


def _year(draw: Draw) -> str:
    return str(draw.randint(1890, 2024))


def _count(draw: Draw) -> str:
    return str(draw.randint(3, 940))


def _day(draw: Draw) -> str:
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{draw.randint(1, 28)} {draw.choice(months)}"


def _of(words: tuple[str, ...] | list[str]) -> Callable[[Draw], str]:
    return lambda draw: draw.choice(words)


_RELATIONS = (
    _Relation(
        _firm,
        _person,
        ("{o} runs {s}.", "{s} is managed by {o}.", "The managing director of {s} is {o}."),
        ("Who runs {s}?", "Who is the managing director of {s}?", "Who is in charge of {s}?"),
        ("Which company does {o} run?", "What does {o} manage?"),
        ("Does {o} run {s}?", "Is {o} the managing director of {s}?"),
    ),
    _Relation(
        _firm,
        _year,
        ("{s} was founded in {o}.", "{s} opened its doors in {o}.", "{s} goes back to {o}."),
        ("When was {s} founded?", "In which year did {s} start?", "How long has {s} been there?"),
        (),
        ("Was {s} founded in {o}?",),
    ),
    _Relation(
        _firm,
        _count,
        ("{s} employs {o} people.", "{o} people work for {s}.", "{s} has a staff of {o}."),
        ("How many people work for {s}?", "How many employees does {s} have?"),
    ),
    _Relation(
        _firm,
        _word,
        ("{s} is based in {o}.", "The office of {s} is in {o}.", "{s} moved its seat to {o}."),
        ("Where is {s} based?", "In which town is the office of {s}?", "Where does {s} have its seat?"),
        ("Which company is based in {o}?",),
        ("Is {s} based in {o}?",),
    ),
    _Relation(
        _firm,
        _firm,
        ("{s} buys its parts from {o}.", "{o} supplies {s}.", "{s} is a customer of {o}."),
        ("Who supplies {s}?", "From whom does {s} buy?"),
        ("Who buys from {o}?",),
        ("Does {o} supply {s}?",),
    ),
    _Relation(
        _person,
        _of(_TRADES),
        ("{s} works as a {o}.", "{s} is a {o} by trade.", "{s} was trained as a {o}."),
        ("What does {s} do for a living?", "What is the profession of {s}?"),
        (),
        ("Is {s} a {o}?",),
    ),
    _Relation(
        _person,
        _word,
        ("{s} was born in {o}.", "{s} comes from {o}.", "{s} grew up in {o}."),
        ("Where was {s} born?", "Where does {s} come from?", "Where did {s} grow up?"),
        (),
        ("Was {s} born in {o}?",),
    ),
    _Relation(
        _person,
        _day,
        ("{s} has a birthday on {o}.", "The birthday of {s} is {o}."),
        ("When is the birthday of {s}?", "On which day was {s} born?"),
    ),
    _Relation(
        _person,
        _of(_FOODS),
        ("{s} must not eat {o}.", "{s} is allergic to {o}.", "{s} cannot stand {o}."),
        ("What must {s} not eat?", "What is {s} allergic to?"),
        (),
        ("Can {s} eat {o}?",),
    ),
    _Relation(
        _person,
        _person,
        ("{s} reports to {o}.", "{o} supervises {s}.", "The supervisor of {s} is {o}."),
        ("Who supervises {s}?", "Who does {s} report to?"),
        ("Whom does {o} supervise?",),
        ("Does {s} report to {o}?",),
    ),
    _Relation(
        _thing,
        _house,
        ("{s} stands in {o}.", "{s} is kept at {o}.", "You will find {s} in {o}."),
        ("Where is {s}?", "Where is {s} kept?"),
        (),
        ("Is {s} in {o}?",),
    ),
    _Relation(
        _thing,
        _of(tuple(f"every {n} {unit}" for n in (2, 3, 6, 9) for unit in ("weeks", "months", "days"))),
        ("{s} is serviced {o}.", "{s} has to be checked {o}.", "Service for {s} is due {o}."),
        ("How often is {s} serviced?", "When does {s} have to be checked?"),
    ),
    _Relation(
        _thing,
        _of(tuple(f"{n} euros" for n in (49, 120, 890, 1450, 7300))),
        ("{s} costs {o}.", "The price of {s} is {o}.", "We paid {o} for {s}."),
        ("How much does {s} cost?", "What is the price of {s}?"),
    ),
    _Relation(
        _house,
        _of(_STUFFS),
        ("The stairs of {s} are made of {o}.", "In {s} the stairs are {o}."),
        ("What are the stairs of {s} made of?",),
    ),
    _Relation(
        _house,
        _of(_REASONS),
        ("{s} was closed because {o}.", "{s} is shut, since {o}.", "As {o}, {s} had to close."),
        ("Why was {s} closed?", "Why did {s} have to close?"),
    ),
    _Relation(
        _house,
        _person,
        ("{o} designed {s}.", "{s} was designed by {o}.", "The architect of {s} was {o}."),
        ("Who designed {s}?", "Who was the architect of {s}?"),
        ("What did {o} design?", "Which building is by {o}?"),
        ("Did {o} design {s}?",),
    ),
)


def own_set(seed: int = 0) -> tuple[list[Document], list[Question]]:
    """The texts, and questions of which about three in five have an answer in them."""
    draw = random.Random(f"own:{seed}")
    documents: list[Document] = []
    told: list[tuple[_Relation, str, str, str]] = []
    for number in range(_TEXTS):
        name = f"text {number}"
        kind = draw.choice(_RELATIONS).subject
        subject = kind(draw)
        mine = [each for each in _RELATIONS if each.subject is kind]
        sentences: list[str] = []
        for relation in draw.sample(mine, min(len(mine), draw.randint(1, 3))):
            other = relation.other(draw)
            sentence = draw.choice(relation.told).format(s=subject, o=other)
            sentences.append(sentence[0].upper() + sentence[1:])
            told.append((relation, subject, other, name))
        title = subject if draw.random() < 0.3 else ""
        documents.append(Document(name, title, " ".join(sentences)))
    return documents, list(_questions(told, draw))


def _questions(told: list[tuple[_Relation, str, str, str]], draw: Draw) -> Iterator[Question]:
    known = {(id(relation), subject) for relation, subject, _, _ in told}
    for number in range(_QUESTIONS):
        relation, subject, other, text = draw.choice(told)
        gold = frozenset({text})
        kind = draw.random()
        if kind < 0.15 and relation.yes_no:
            # No names another one that was told of the same relation; its own sentence then says no.
            others = [each[2] for each in told if each[0] is relation and each[2] != other]
            right = not others or draw.random() < 0.5
            named = other if right else draw.choice(others)
            asked = draw.choice(relation.yes_no).format(s=subject, o=named)
            yield Question(f"own {number}", asked, "yes or no", gold, ("yes" if right else "no",))
        elif kind < 0.3 and relation.back:
            asked = draw.choice(relation.back).format(s=subject, o=other)
            yield Question(f"own {number}", asked, "back", gold, (subject,))
        elif kind < 0.6:
            asked = draw.choice(relation.asked).format(s=subject, o=other)
            yield Question(f"own {number}", asked, "plain", gold, (other,))
        else:
            stranger = draw.choice([each[1] for each in told if each[0].subject is relation.subject])
            if (id(relation), stranger) in known:
                stranger = relation.subject(draw)
            asked = draw.choice(relation.asked).format(s=stranger, o=other)
            yield Question(f"own {number}", asked, "not told", frozenset(), (), answerable=False)
