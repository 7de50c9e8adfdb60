from __future__ import annotations

import pytest

from sutra_core.ask import answer_question
from sutra_core.ask.cues import asks_manner, says_manner, says_sort
from sutra_core.types import SourceDraft


@pytest.mark.parametrize(
    ("sentence", "sort", "says"),
    [
        ("The key is under the flowerpot.", "place", True),
        ("The key was lost in 1999.", "place", False),
        ("The shop closes on Mondays.", "place", False),
        ("The shop opens at 9 am.", "date", True),
        ("Bins are emptied every second Tuesday.", "date", True),
        ("The key is under the flowerpot.", "date", False),
        ("It weighs 12 kg.", "number", True),
        ("It is heavy.", "number", False),
        ("It is heavy.", None, False),
    ],
)
def test_common_words_say_where_when_and_how_many(sentence, sort, says) -> None:
    assert says_sort(sentence, sort) is says


@pytest.mark.parametrize(
    ("question", "manner"),
    [
        ("Why was it built?", "why"),
        ("How was it built?", "how"),
        ("How many were built?", None),
        ("How long is it?", None),
        ("Who knows how it was built?", None),
    ],
)
def test_why_and_how_are_told_from_how_many(question, manner) -> None:
    assert asks_manner(question) == manner


def test_reasons_and_ways_are_told_from_restatements() -> None:
    assert says_manner("It was closed because of rust.", "why")
    assert not says_manner("It was closed in 1999.", "why")
    assert says_manner("It is made by roasting the beans.", "how")
    assert not says_manner("It was made in 1999.", "how")


TEXTS = [
    "The spare key is hidden under the flowerpot.",
    "The bins are emptied every second Tuesday.",
    "Hexatron was founded by Priya Natarajan.",
    "The mill was closed because the river ran dry.",
]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Where is the spare key hidden?", TEXTS[0]),
        ("When are the bins emptied?", TEXTS[1]),
        ("Why was the mill closed?", TEXTS[3]),
        ("Why was Hexatron founded?", "I don't know"),
        ("Why is the spare key hidden?", "I don't know"),
    ],
)
def test_what_is_said_in_common_words_is_answered_and_what_is_not_is_refused(
    teach, embedder, question, answer
) -> None:
    assert answer_question(teach(*TEXTS), embedder, question).text == answer


def test_a_heading_is_no_answer(teach, embedder) -> None:
    view = teach(
        SourceDraft("notes", "Nightjar\n\nNightjar is a compiler for the language Quux.", "Nightjar")
    )
    assert "compiler" in answer_question(view, embedder, "What is Nightjar?").text


def test_a_sentence_of_two_sources_answers_for_both_and_is_cited_from_the_one_asked_for(
    teach, embedder
) -> None:
    view = teach(
        SourceDraft("fenby", "The Fenby Bridge is narrow. It was opened in 1851.", "Fenby Bridge"),
        SourceDraft("harn", "The Harn Bridge is made of oak. It was opened in 1851.", "Harn Bridge"),
    )
    for name in ("Fenby", "Harn"):
        answer = answer_question(view, embedder, f"When was the {name} Bridge opened?")
        assert "1851" in answer.text
        cited = next(citation for citation in answer.citations if "1851" in citation.text)
        assert cited.address == name.lower()
