"""Content words: exchanged where the text does not have the new one, in the form and place of the old."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fit.reader.wordnet import WordNet
from fit.reader.words import Usage, Words
from tiny_wordnet import write_wordnet

QUESTIONS = [
    "Who carried the ferry to Pest?",
    "Who painted the bridge in Buda?",
    "Who guarded the tower of Pest?",
    "When was a tiny box found?",
]
TEXT = "Anna carried the ferry to Pest."
OTHERS = [
    *("He stopped the box.", "She halted the train.", "Who stopped? Who halted? Who won?", "A box to keep."),
    *("Beside the bridge to Buda.", "There was a big one. There was a big ship.", "She painted the walls."),
    *("A stopped clock, a halted clock.", "He guarded the walls.", "The larger ones are dear."),
]
USAGE = Usage([*QUESTIONS, TEXT, *OTHERS])


@pytest.fixture
def words(tmp_path: Path) -> Words:
    """The questions' words, with the tiny dictionary."""
    return Words(QUESTIONS, USAGE, WordNet(write_wordnet(tmp_path)))


def test_a_contrary_keeps_the_form_and_is_not_in_the_text(words: Words) -> None:
    asked = {words.contrary(QUESTIONS[0], TEXT, random.Random(n)) for n in range(40)}
    assert asked == {
        "Who stopped the ferry to Pest?",
        "Who halted the ferry to Pest?",
        "Who carried the box to Pest?",
    }
    asked = {words.contrary(QUESTIONS[0], "He stopped a box.", random.Random(n)) for n in range(40)}
    assert asked == {"Who halted the ferry to Pest?"}


def test_an_article_goes_with_its_word(words: Words) -> None:
    assert words.contrary("Was there a tiny one?", "A tiny one.", random.Random(0)) == "Was there a big one?"


def test_a_synonym_is_one_that_is_used_beside_the_same(words: Words) -> None:
    assert words.synonym("Who stopped the ferry?", random.Random(0)) == "Who halted the ferry?"
    assert words.synonym("Who stopped his ferry?", random.Random(0)) is None
    assert words.synonym("Who won the box?", random.Random(0)) is None


def test_another_word_stands_between_the_same(words: Words) -> None:
    asked = {words.other(QUESTIONS[0], TEXT, random.Random(n)) for n in range(40)}
    assert asked == {
        "Who painted the ferry to Pest?",
        "Who guarded the ferry to Pest?",
        "Who carried the bridge to Pest?",
    }


def test_a_word_that_the_text_lacks_is_not_exchanged_for_another(words: Words) -> None:
    assert words.other(QUESTIONS[0], "Nothing of the kind.", random.Random(0)) is None


def test_without_a_dictionary_other_words_alone_are_exchanged() -> None:
    words = Words(QUESTIONS, USAGE, None)
    assert words.contrary(QUESTIONS[0], TEXT, random.Random(0)) is None
    assert words.synonym(QUESTIONS[0], random.Random(0)) is None
    assert words.other(QUESTIONS[0], TEXT, random.Random(0)) is not None


def test_what_many_questions_have_is_no_content() -> None:
    words = Words([f"Who carried number {n}?" for n in range(30)], USAGE, None)
    assert not words.is_content("carried")
    assert not words.is_content("the")
    assert words.is_content("ferry")


def test_usage_is_of_a_word_between_two() -> None:
    usage = Usage(["The mill burnt down.", "A mill stood there.", "The inn stood there."])
    assert usage.has("the", "mill", "stood")
    assert not usage.has("the", "inn", "stood")
    assert not usage.has("there", "mill", "stood")
