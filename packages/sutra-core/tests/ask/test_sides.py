"""Questions that compare, taken apart, and what follows from what is read of either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from sutra_core.ask.analyse import Name, Question
from sutra_core.ask.both import propose_sides
from sutra_core.ask.paths import Sentence
from sutra_core.ask.sides import sides_of
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.reader import Reading, Span, WindowText


def asked(text: str, one: str, other: str, *, order: int = 0, yes_no: bool = False) -> Question:
    names = tuple(Name(name, text.index(name), text.index(name) + len(name), (7,)) for name in (one, other))
    choices = () if yes_no else names
    return Question(text, (), names, (), (), None, (), yes_no, choices, order, None, text, ())


@pytest.mark.parametrize(
    ("text", "order", "compared", "of_one"),
    [
        ("Which mill was closed first, Aln or Bly?", -1, "date", "When was Aln closed?"),
        ("Who is younger, Aln or Bly?", 1, "date", "When is Aln born or founded?"),
        ("Was Aln or Bly built later?", 1, "date", "When was Aln built?"),
        (
            "Which play has the author who died earlier, Aln or Bly?",
            -1,
            "date",
            "When the author of Aln died?",
        ),
        (
            "Which play whose author was born later, Aln or Bly?",
            1,
            "date",
            "When was the author of Aln born?",
        ),
        ("Which mill has more floors, Aln or Bly?", 0, "number", "How many floors has Aln?"),
        ("Which is taller, Aln or Bly?", 0, "number", "How tall is Aln?"),
        ("Which town has a larger market, Aln or Bly?", 0, "number", "How large is the market of Aln?"),
        ("Which is a river, Aln or Bly?", 0, "verdict", "Is Aln a river?"),
    ],
)
def test_a_choice_asks_the_same_of_both(text: str, order: int, compared: str, of_one: str) -> None:
    sides = sides_of(asked(text, "Aln", "Bly", order=order))
    assert sides is not None
    assert (sides.compared, sides.one.question) == (compared, of_one)
    assert sides.other.question == of_one.replace("Aln", "Bly")


@pytest.mark.parametrize(
    ("text", "compared", "of_one"),
    [
        ("Are Aln and Bly both rivers?", "both", "Is Aln rivers?"),
        ("Are Aln and Bly in the same county?", "same", "What county is Aln in?"),
        ("Do Aln and Bly share the same source?", "same", "What is the source of Aln?"),
        ("Do both mayors of Aln and Bly have the same age?", "same", "What is the age of mayors of Aln?"),
    ],
)
def test_a_pair_is_asked_for_one_by_one(text: str, compared: str, of_one: str) -> None:
    sides = sides_of(asked(text, "Aln", "Bly", yes_no=True))
    assert sides is not None
    assert (sides.compared, sides.one.question) == (compared, of_one)
    assert sides.other.question == of_one.replace("Aln", "Bly")


def test_what_compares_nothing_has_no_sides() -> None:
    assert sides_of(asked("Is Aln in Bly?", "Aln", "Bly", yes_no=True)) is None
    assert sides_of(Question("Where is it?", (), (), (), (), None, (), False, (), 0, None, "", ())) is None


class Told:
    """Reads of every window what it is told to: a span, or a verdict."""

    fingerprint = "ef" * 32

    def __init__(self, told: Mapping[str, str | float]) -> None:
        self.told = told

    def read_several(self, asked: Sequence[tuple[str, Sequence[WindowText]]]) -> list[list[Reading]]:
        return [self.read(question, windows) for question, windows in asked]

    def read(self, question: str, windows: Sequence[WindowText]) -> list[Reading]:
        return [self._one(window.text) for window in windows]

    def _one(self, text: str) -> Reading:
        for words, verdict in self.told.items():
            if words in text and not isinstance(verdict, str):
                return Reading((), verdict, -verdict)
            if words in text and isinstance(verdict, str):
                at = text.index(verdict)
                return Reading((Span(at, at + len(verdict), 6.0),), 0.0, 0.0)
        return Reading((), -9.0, -9.0)

    def close(self) -> None:
        """Holds nothing."""


def proposed(view, question: Question, reader: Told, *texts: str):
    sentences = [Sentence(number, text, number, "", 0.0, 0.0, ()) for number, text in enumerate(texts, 1)]
    windows = [Window("", each.text, ((0, each),), 0, 1.0, 0, False, 1.0) for each in sentences]
    return propose_sides(reader, question, Stems(view), windows)


BUILT = ("Lenti was built in May 1870.", "Graz was built in 1820.")


@pytest.mark.parametrize(("order", "chosen"), [(-1, "Graz"), (1, "Lenti")])
def test_the_earlier_or_the_later_of_two_dates_is_chosen(facts, order: int, chosen: str) -> None:
    question = asked("Which was built first, Lenti or Graz?", "Lenti", "Graz", order=order)
    (found,) = proposed(facts, question, Told({"Lenti": "May 1870", "Graz": "1820"}), *BUILT)
    assert (found.text, found.route, found.evidence) == (chosen, "comparison", (1, 2))
    assert found.strength > 0.9


def test_equal_values_and_a_side_without_any_choose_nothing(facts) -> None:
    question = asked("Which was built first, Lenti or Graz?", "Lenti", "Graz", order=-1)
    same = ("Lenti was built in 1870.", "Graz was built in 1870.")
    assert proposed(facts, question, Told({"Lenti": "1870", "Graz": "1870"}), *same) == []
    assert proposed(facts, question, Told({"Lenti": "May 1870"}), *BUILT) == []


def test_the_greater_number_is_chosen(facts) -> None:
    question = asked("Which has more mills, Lenti or Graz?", "Lenti", "Graz")
    texts = ("Lenti has 1,200 mills.", "Graz has eleven mills.")
    (found,) = proposed(facts, question, Told({"Lenti": "1,200", "Graz": "eleven"}), *texts)
    assert found.text == "Lenti"


@pytest.mark.parametrize(
    ("verdicts", "said"), [((9.0, 9.0), "yes"), ((9.0, -9.0), "no"), ((-9.0, -9.0), "no")]
)
def test_both_are_so_where_each_is(facts, verdicts: tuple[float, float], said: str) -> None:
    question = asked("Are Lenti and Graz both towns?", "Lenti", "Graz", yes_no=True)
    told = Told(dict(zip(("Lenti", "Graz"), verdicts, strict=True)))
    (found,) = proposed(facts, question, told, "Lenti is a town.", "Graz is a town.")
    assert found.text == said and found.strength > 0.9


@pytest.mark.parametrize(("county", "said"), [("Zala", "yes"), ("Styria", "no")])
def test_two_values_are_the_same_or_not(facts, county: str, said: str) -> None:
    question = asked("Are Lenti and Graz in the same county?", "Lenti", "Graz", yes_no=True)
    texts = ("Lenti lies in Zala.", f"Graz lies in {county}.")
    (found,) = proposed(facts, question, Told({"Lenti": "Zala", "Graz": county}), *texts)
    assert found.text == said


@pytest.mark.parametrize(
    "text",
    ["Which was built first, Lenti or Graz?", "Which is a town, Lenti or Graz?"],
    ids=["date", "verdict"],
)
@pytest.mark.parametrize("texts", [(), BUILT[:1], ("Bly was built in 1870.",)], ids=["none", "one", "others"])
def test_a_side_of_which_nothing_speaks_leaves_the_question_open(
    facts, text: str, texts: tuple[str, ...]
) -> None:
    order = -1 if "first" in text else 0
    told = Told({"Lenti": "May 1870"})
    assert proposed(facts, asked(text, "Lenti", "Graz", order=order), told, *texts) == []
