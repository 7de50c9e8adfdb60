from __future__ import annotations

from collections.abc import Sequence

import pytest

from sutra_core.ask.analyse import analyse, read_hint
from sutra_core.ask.slips import without_slips
from sutra_core.types import ReadView

KNOWN = frozenset({"who", "what", "which", "where", "when", "many", "most", "fast"})


def no_hint(questions: Sequence[str]) -> list[tuple[None, list[str], bool]]:
    return [(None, [], False) for _ in questions]


def read_as(view: ReadView, question: str) -> list[tuple[str, str]]:
    return list(without_slips(view, question, no_hint, KNOWN)[1])


def test_slips_are_put_right_where_they_stand(teach) -> None:
    view = teach("Ada Lind leads the Falcon project.")
    assert without_slips(view, "Who leads (teh) 'Falcn-projcet'?", no_hint, KNOWN) == (
        "Who leads (teh) 'Falcon-project'?",
        (("Falcn", "Falcon"), ("projcet", "project")),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("mnay", "many"),
        ("wher", "where"),
        ("whne", "when"),
        ("Whcih", "Which"),
        ("whatt", "what"),
        ("fsat", "fast"),
    ],
)
def test_a_word_that_asks_needs_no_text(teach, written: str, read: str) -> None:
    view = teach("The heron and the manor.")
    assert read_as(view, f"{written} herons?") == [(written, read)]


def test_a_name_is_read_with_its_marks(facts) -> None:
    assert read_as(facts, "Where was Marta Kovca born?") == [("Kovca", "Kovač")]
    assert [name.text for name in analyse(facts, "Where was marta kovca born?").names] == ["marta kovač"]


def test_a_name_or_a_word_of_a_text_is_no_slip_of_a_word_that_asks(teach) -> None:
    view = teach("A mnay is a kind of net.")
    assert read_as(view, "Is it a mnay, said Whene?") == []


@pytest.mark.parametrize(("written", "read"), [("FALCN", "FALCON"), ("falcn", "falcon"), ("fAlcn", "falcon")])
def test_capitals_follow_the_word_as_written(teach, written: str, read: str) -> None:
    view = teach("The Falcon flies.")
    assert read_as(view, f"What is a {written}'s speed?") == [(written, read)]


@pytest.mark.parametrize(
    "question",
    [
        "Who made the Falcon flying?",  # in another form
        "Which falcon is most fast?",  # words that ask
        "What do zebras eat?",  # nothing near
        "What is F708 for?",  # a digit
        "Who said fry?",  # too short
        "Which falcon is most loud?",  # a word of English, near another
        "",
    ],
)
def test_what_is_no_slip_is_left(teach, question: str) -> None:
    view = teach(
        "The Falcon flies past, then lands; mist is past. F709 is a cost. The flask must fly in a cloud."
    )
    assert without_slips(view, question, no_hint, KNOWN) == (question, ())


def test_a_word_that_says_what_is_asked_for_is_no_slip(teach) -> None:
    view = teach("Marta Holm had a rounded hat. A brother of hers sells wine.")
    for question in (
        "Who founded Holm?",
        "Who is the wife of Marta Holm?",
        "Who is the mother of Marta Holm?",
    ):
        assert without_slips(view, question, read_hint, KNOWN)[1] == ()
    assert without_slips(view, "Who sells wien?", read_hint, KNOWN)[1] == (("wien", "wine"),)
