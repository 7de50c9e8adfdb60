"""Conditions: another question's put in, the own one left out, one that the text has put in."""

from __future__ import annotations

import random

import pytest
from fit.reader.conditions import Conditions, tail

QUESTIONS = [
    "Who kept the mill after the flood?",
    "Where did they dance before the wedding?",
    "What did she weave in Buda?",
    "Which house is it in?",
    "Who sang after the ferries leave?",
    "What grew near which they lay?",
]
TEXT = "Anna kept the mill after the flood. She sold it in Pest in 1830 to a miller."


@pytest.fixture
def conditions() -> Conditions:
    """The questions' conditions; words of more than three letters are content, and one is a verb."""
    return Conditions(QUESTIONS, lambda word: len(word) > 3, lambda word: word == "leave")


def test_a_condition_is_exchanged_or_added(conditions: Conditions) -> None:
    asked = {conditions.changed("Who sold the mill in Pest?", TEXT, random.Random(n)) for n in range(60)}
    assert asked == {
        "Who sold the mill in Buda?",
        "Who sold the mill in Pest before the wedding?",
    }


def test_what_the_text_has_is_no_other_condition(conditions: Conditions) -> None:
    text = f"{TEXT} There was a wedding in Buda."
    assert all(conditions.changed(QUESTIONS[0], text, random.Random(n)) is None for n in range(20))


@pytest.mark.parametrize("question", ["Did Anna or Bela sell it?", "What is it in?"])
def test_a_choice_and_an_open_end_stay(conditions: Conditions, question: str) -> None:
    assert conditions.changed(question, TEXT, random.Random(0)) is None


def test_a_condition_that_holds_is_left_out(conditions: Conditions) -> None:
    assert conditions.dropped(QUESTIONS[0], TEXT) == "Who kept the mill?"
    assert conditions.dropped(QUESTIONS[1], TEXT) is None
    assert conditions.dropped("Who sold it?", TEXT) is None


def test_a_condition_of_the_answers_sentence_is_added(conditions: Conditions) -> None:
    low = TEXT.index("a miller")
    answers = ((low, low + 8),)
    asked = {conditions.supported("Whom was it sold to?", TEXT, answers, random.Random(n)) for n in range(30)}
    assert asked == {None}
    asked = {conditions.supported("Who bought the mill?", TEXT, answers, random.Random(n)) for n in range(30)}
    assert asked == {"Who bought the mill in Pest?", "Who bought the mill in 1830?"}
    asked = {
        conditions.supported("When was it sold there?", TEXT, answers, random.Random(n)) for n in range(9)
    }
    assert asked == {"When was it sold there in Pest?"}


def test_the_last_condition_is_the_tail() -> None:
    assert tail("Who came to Pest in the spring after the war?") == (30, 44, "after", "the war")
    assert tail("Who came?") is None
