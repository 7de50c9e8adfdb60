"""Names of a question: exchanged for others of their shape, put in each other's role, or left alone."""

from __future__ import annotations

import random

import pytest
from fit.reader.names import Names, found, swapped, turned

QUESTIONS = ["When did Anna Kis leave Pest in 1956?", "Who met Bela Nagy in Buda in 1848?", "Is it 12?"]
TEXT = "Anna Kis left Pest in 1956."


def test_a_name_is_exchanged_for_one_of_its_shape() -> None:
    names = Names(QUESTIONS)
    asked = {names.exchanged(QUESTIONS[0], TEXT, random.Random(n)) for n in range(30)}
    assert asked == {
        "When did Bela Nagy leave Pest in 1956?",
        "When did Anna Kis leave Buda in 1956?",
        "When did Anna Kis leave Pest in 1848?",
    }


def test_the_same_seed_exchanges_the_same() -> None:
    names = Names(QUESTIONS)
    assert len({names.exchanged(QUESTIONS[0], TEXT, random.Random(3)) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When did Anna Kis leave Pest?", "She left in 1956."),
        ("Did Anna Kis or Bela Nagy leave?", "Anna Kis left."),
        ("when did she leave?", TEXT),
    ],
)
def test_a_name_that_the_text_lacks_and_a_choice_stay(question: str, text: str) -> None:
    assert Names(QUESTIONS).exchanged(question, text, random.Random(0)) is None


def test_owners_keep_their_ending() -> None:
    assert found("What is Anna's age?") == [(8, 12, "name 1")]


@pytest.mark.parametrize(
    "question", ["When did Anna marry Bela?", "Where are Anna and Bela?", "Who is Anna?"]
)
def test_what_holds_both_ways_is_not_swapped(question: str) -> None:
    assert swapped(question, "Anna Bela") is None


def test_an_answer_that_is_no_name_takes_no_place() -> None:
    assert turned("Who sued Bela?", "her sister", "Bela was sued by her sister.", random.Random(0)) is None
