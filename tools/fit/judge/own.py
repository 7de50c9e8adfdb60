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

from sutra_core.ask.days import MONTHS

NAME = "own"
STORES = ((1, 30), (4, 12), (25, 3), (120, 2))
"""How many texts each store has, and how many subjects a text at most: a notebook, or many short notes."""
_QUESTIONS = 150


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_WOMEN = _listed("Clara Greta Ines Kira Mona Olga Rosa Amina Chiara Hanna Lucia Nadia Yara")
_MEN = _listed(
    "Bruno Dario Farid Hugo Jonas Leo Nils Pavel Sven Andrei Carlos Elias Ismail Kwame Mateo Omar "
    "Stefan Tomas"
)
_SURNAMES = _listed(
    "Achebe Almeida Antonsen Bakker Baranski Bellini Berglund Brennan Castellano Chaudhry Cooper "
    "Dekker Demir Dubois Eriksen Farkas Ferreira Fontaine Gallagher Garrido Gonzalez Haddad Halloran "
    "Hansen Hoffmann Horvat Ivanova Jansen Kaplan Kowalski Kruger Larsson Lindholm Lombardi Maguire "
    "Marchetti Mbeki Meyer Moreau Nakamura Novotny Okonkwo Oliveira Osterberg Papadakis Petrov "
    "Quintero Rahman Ramirez Rossi Sanderson Schreiber Sharma Sokolov Svoboda Takahashi Tanaka "
    "Thornton Ueda Vandenberg Vasquez Weaver Whitfield Yilmaz Zielinski"
)
_TOWNS = _listed(
    "Aarhus Bergen Bilbao Bologna Brno Cadiz Coimbra Cork Debrecen Delft Dundee Exeter Galway Ghent "
    "Girona Groningen Innsbruck Kassel Kaunas Leiden Linz Lublin Maribor Nantes Odense Ostrava Padua "
    "Plovdiv Rijeka Salerno Split Szeged Tartu Trento Turku Varna Vigo Wroclaw Zadar"
)
_FIRMS = _listed(
    "Alder Anchor Arbour Beacon Birch Bluestone Boulder Bramble Canyon Cedar Cobalt Compass Coral "
    "Crescent Delta Ember Fern Flint Foxglove Garnet Glacier Granary Hazel Heron Horizon Juniper "
    "Keystone Lantern Larch Linden Maple Marigold Meadow Merlin Orchard Pebble Pine Quarry Raven "
    "Redwood Rowan Saffron Sparrow Summit Thistle Tulip Walnut Willow"
)
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
_DRINKS = ["coffee", "milk", "wine", "tea", "cider", "cocoa"]
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

    `yes_no` asks for that; `back` asks for the subject, where only one has this other end. `changed` tells
    that it was {a} and is {o} since, and `former` asks what it was. `traps` ask for what was not told:
    the roles exchanged, or a "not" too many or too few. `phrase` stands for the other end where more is
    asked of that.
    """

    subject: Callable[[Draw], str]
    other: Callable[[Draw], str]
    told: tuple[str, ...]
    asked: tuple[str, ...]
    back: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    phrase: str = ""


def person(draw: Draw) -> str:
    return f"{draw.choice(_WOMEN + _MEN)} {draw.choice(_SURNAMES)}"


def town(draw: Draw) -> str:
    return draw.choice(_TOWNS)


def firm(draw: Draw) -> str:
    return (
        f"{draw.choice(_FIRMS)} {draw.choice(('Works', 'Partners', 'Foods', 'Marine', 'Textiles', 'Clinic'))}"
    )


def thing(draw: Draw) -> str:
    return f"the {draw.choice(_FIRMS)} {draw.choice(_THINGS)}"


def house(draw: Draw) -> str:
    return f"{draw.choice(_SURNAMES)} {draw.choice(('House', 'Hall', 'Tower', 'Mill', 'Gate'))}"


def _year(draw: Draw) -> str:
    return str(draw.randint(1890, 2024))


def count(draw: Draw) -> str:
    return str(draw.randint(3, 940))


def _day(draw: Draw) -> str:
    return f"{draw.randint(1, 28)} {draw.choice(MONTHS)}"


def _of(words: tuple[str, ...] | list[str]) -> Callable[[Draw], str]:
    return lambda draw: draw.choice(words)


_RELATIONS = (
    _Relation(
        firm,
        person,
        ("{o} runs {s}.", "{s} is managed by {o}.", "The managing director of {s} is {o}."),
        ("Who runs {s}?", "Who is the managing director of {s}?", "Who is in charge of {s}?"),
        ("Which company does {o} run?", "What does {o} manage?"),
        ("Does {o} run {s}?", "Is {o} the managing director of {s}?"),
        (
            "In {y} {a} was replaced by {o}.",
            "{o} took over from {a} in {y}.",
            "{o} has been in charge since {y}.",
        ),
        ("Who ran {s} before?", "Who was in charge of {s} originally?"),
        phrase="the managing director of {s}",
    ),
    _Relation(
        firm,
        _year,
        ("{s} was founded in {o}.", "{s} opened its doors in {o}.", "{s} goes back to {o}."),
        ("When was {s} founded?", "In which year did {s} start?"),
        (),
        ("Was {s} founded in {o}?",),
    ),
    _Relation(
        firm,
        count,
        ("{s} employs {o} people.", "{o} people work for {s}.", "{s} has a staff of {o}."),
        ("How many people work for {s}?", "How many employees does {s} have?"),
        changed=("Since {y} it has {o}.", "That number grew to {o} in {y}."),
        former=("How many people worked for {s} before?", "How many employees did {s} have at first?"),
    ),
    _Relation(
        firm,
        town,
        ("{s} is based in {o}.", "The office of {s} is in {o}.", "{s} moved its seat to {o}."),
        ("Where is {s} based?", "In which town is the office of {s}?", "Where does {s} have its seat?"),
        ("Which company is based in {o}?",),
        ("Is {s} based in {o}?",),
        ("In {y} it moved to {o}.", "It left {a} for {o} in {y}."),
        ("Where was {s} based before?", "Where was the first office of {s}?"),
    ),
    _Relation(
        firm,
        firm,
        ("{s} buys its parts from {o}.", "{o} supplies {s}.", "{s} is a customer of {o}."),
        ("Who supplies {s}?", "From whom does {s} buy?"),
        ("Who buys from {o}?",),
        ("Does {o} supply {s}?",),
        traps=("Whom does {s} supply?", "Who does not supply {s}?"),
        phrase="the supplier of {s}",
    ),
    _Relation(
        person,
        _of(_TRADES),
        ("{s} works as a {o}.", "{s} is a {o} by trade.", "{s} was trained as a {o}."),
        ("What does {s} do for a living?", "What is the profession of {s}?"),
        (),
        ("Is {s} a {o}?",),
    ),
    _Relation(
        person,
        town,
        ("{s} was born in {o}.", "{s} comes from {o}.", "{o} is where {s} was born."),
        ("Where was {s} born?", "Where does {s} come from?", "What is the birthplace of {s}?"),
        (),
        ("Was {s} born in {o}?",),
    ),
    _Relation(
        person,
        _day,
        ("{s} has a birthday on {o}.", "The birthday of {s} is {o}."),
        ("When is the birthday of {s}?", "On which day was {s} born?"),
    ),
    _Relation(
        person,
        _of(_FOODS),
        ("{s} must not eat {o}.", "{s} is allergic to {o}.", "{s} has an allergy to {o}."),
        ("What must {s} not eat?", "What is {s} allergic to?"),
        (),
        ("Is {s} allergic to {o}?",),
        traps=("What is {s} not allergic to?", "What may {s} eat?"),
    ),
    _Relation(
        person,
        person,
        ("{s} reports to {o}.", "{o} supervises {s}.", "The supervisor of {s} is {o}."),
        ("Who supervises {s}?", "Who does {s} report to?"),
        ("Whom does {o} supervise?",),
        ("Does {s} report to {o}?",),
        ("In {y} {o} took over from {a}.", "Since {y} that has been {o}."),
        ("Who supervised {s} before?", "Whom did {s} report to at first?"),
        ("Who reports to {s}?", "Whom does {s} supervise?"),
        phrase="the supervisor of {s}",
    ),
    _Relation(
        person,
        _of(_DRINKS),
        ("{s} does not drink {o}.", "{s} never drinks {o}.", "{s} drinks everything but {o}."),
        ("What does {s} not drink?", "What does {s} never drink?"),
        ("Who does not drink {o}?",),
        traps=("What does {s} drink?", "What does {s} like to drink?"),
    ),
    _Relation(
        thing,
        house,
        ("{s} stands in {o}.", "{s} is kept at {o}.", "You will find {s} in {o}."),
        ("Where is {s}?", "Where is {s} kept?"),
        (),
        ("Is {s} in {o}?",),
        ("In {y} it was moved to {o}.", "It was brought from {a} to {o} in {y}."),
        ("Where was {s} before?", "Where was {s} kept originally?"),
        phrase="the building in which {s} stands",
    ),
    _Relation(
        thing,
        _of(tuple(f"every {n} {unit}" for n in (2, 3, 6, 9) for unit in ("weeks", "months", "days"))),
        ("{s} is serviced {o}.", "{s} has to be checked {o}.", "Service for {s} is due {o}."),
        ("How often is {s} serviced?", "When does {s} have to be checked?"),
        changed=("This was changed to {o} in {y}.", "Since {y} it is {o}."),
        former=("How often was {s} serviced before?",),
    ),
    _Relation(
        thing,
        _of(tuple(f"{n} euros" for n in (49, 120, 890, 1450, 7300))),
        ("{s} costs {o}.", "The price of {s} is {o}.", "We paid {o} for {s}."),
        ("How much does {s} cost?", "What is the price of {s}?"),
        changed=("The price was raised to {o} in {y}.", "In {y} it went up from {a} to {o}."),
        former=("How much did {s} cost before?", "What was the original price of {s}?"),
    ),
    _Relation(
        house,
        _of(_STUFFS),
        ("The stairs of {s} are made of {o}.", "In {s} the stairs are {o}."),
        ("What are the stairs of {s} made of?",),
    ),
    _Relation(
        house,
        _of(_REASONS),
        ("{s} was closed because {o}.", "{s} is shut, since {o}.", "As {o}, {s} had to close."),
        ("Why was {s} closed?", "Why did {s} have to close?"),
    ),
    _Relation(
        house,
        person,
        ("{o} designed {s}.", "{s} was designed by {o}.", "The architect of {s} was {o}."),
        ("Who designed {s}?", "Who was the architect of {s}?"),
        ("What did {o} design?", "Which building is by {o}?"),
        ("Did {o} design {s}?",),
        phrase="the architect of {s}",
    ),
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a text tells: the other end as it is now, and as it was before (empty where nothing changed)."""

    relation: _Relation
    subject: str
    other: str
    before: str
    text: str


def own_set(texts: int, subjects_max: int) -> tuple[list[Document], list[Question]]:
    """The texts of a store, and questions of which about three in five have an answer in them."""
    draw = random.Random(f"own:{texts}:{subjects_max}")
    documents: list[Document] = []
    told: list[_Told] = []
    used: dict[str, Callable[[Draw], str]] = {}
    for number in range(texts):
        name = f"text {number}"
        sentences: list[str] = []
        subjects: list[str] = []
        for _ in range(draw.randint((subjects_max + 1) // 2, subjects_max)):
            kind = draw.choice(_RELATIONS).subject
            subject = kind(draw)
            if subject in used:
                continue
            used[subject] = kind
            subjects.append(subject)
            mine = [each for each in _RELATIONS if each.subject is kind]
            for place, relation in enumerate(draw.sample(mine, min(len(mine), draw.randint(1, 3)))):
                other, before = _other(relation, subject, used, draw), ""
                form = draw.choice(relation.told)
                # Who was just spoken of is he, she or it.
                again = place > 0 and form.startswith("{s} ") and draw.random() < 0.5
                sentences.append(sentence(form, s=_pronoun(subject) if again else subject, o=other))
                if relation.changed and draw.random() < 0.35:
                    before, other = other, relation.other(draw)
                    form, year = draw.choice(relation.changed), str(draw.randint(1995, 2024))
                    sentences.append(sentence(form, s=subject, a=before, o=other, y=year))
                told.append(_Told(relation, subject, other, before, name))
        title = subjects[0] if len(subjects) == 1 and draw.random() < 0.3 else ""
        documents.append(Document(name, title, " ".join(sentences)))
    return documents, list(_questions(f"own {texts}", told, draw))


def _other(relation: _Relation, subject: str, used: dict[str, Callable[[Draw], str]], draw: Draw) -> str:
    """The other end; half of the time, where it is of a kind of which more is told, one that was named."""
    known = [name for name, kind in used.items() if kind is relation.other and name != subject]
    return draw.choice(known) if known and draw.random() < 0.5 else relation.other(draw)


def sentence(form: str, **ends: str) -> str:
    text = form.format(**ends)
    return text[0].upper() + text[1:]


def _pronoun(subject: str) -> str:
    given = subject.split()[0]
    return "she" if given in _WOMEN else "he" if given in _MEN else "it"


def _questions(store: str, told: list[_Told], draw: Draw) -> Iterator[Question]:
    known = {(id(each.relation), each.subject) for each in told}
    for number in range(_QUESTIONS):
        one = draw.choice(told)
        relation, gold = one.relation, frozenset({one.text})
        kind = draw.random()
        ends = {"s": one.subject, "o": one.other}
        if kind < 0.15 and relation.yes_no:
            # No names another one that was told of the same relation; its own sentence then says no.
            others = [each.other for each in told if each.relation is relation and each.other != one.other]
            right = not others or draw.random() < 0.5
            ends["o"] = one.other if right else draw.choice(others)
            asked, answers = draw.choice(relation.yes_no), ("yes" if right else "no",)
            if relation.subject is relation.other and draw.random() < 0.5:
                # The other way round nothing was told of it.
                ends, answers, gold = {"s": one.other, "o": one.subject}, (), frozenset[str]()
        elif kind < 0.27 and relation.back:
            same = [
                each for each in told if each.relation is relation and one.other in (each.other, each.before)
            ]
            gold = frozenset(each.text for each in same)
            asked, answers = draw.choice(relation.back), tuple(each.subject for each in same)
        elif (
            kind < 0.37
            and relation.phrase
            and (further := [each for each in told if each.subject == one.other])
        ):
            second = draw.choice(further)
            ends["s"] = relation.phrase.format(s=one.subject)
            asked, answers = draw.choice(second.relation.asked), (second.other,)
            gold = frozenset({one.text, second.text})
        elif kind < 0.62:
            former = one.before and draw.random() < 0.4
            asked = draw.choice(relation.former if former else relation.asked)
            answers = (one.before if former else one.other,)
        elif kind < 0.75 and relation.traps and not any(each.other == one.subject for each in told):
            asked, answers, gold = draw.choice(relation.traps), (), frozenset[str]()
        else:
            stranger = draw.choice(
                [each.subject for each in told if each.relation.subject is relation.subject]
            )
            if (id(relation), stranger) in known:
                stranger = relation.subject(draw)
            ends["s"] = stranger
            asked, answers, gold = draw.choice(relation.asked), (), frozenset[str]()
        yield Question(
            f"{store} {number}", asked.format(**ends), "own", gold, answers, answerable=bool(answers)
        )
