"""Negation: in at the first auxiliary, out where it stands, in a sentence and its question at once."""

from __future__ import annotations

import random

import pytest
from fit.reader.negation import is_negated, negated, negated_sentence


def ways(question: str) -> set[str | None]:
    """What the question may become."""
    return {negated(question, random.Random(n)) for n in range(40)}


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("When did the mill burn?", {"When didn't the mill burn?"}),
        ("Will it rain?", {"Won't it rain?"}),
        ("Who was asked?", {"Who was not asked?", "Who wasn't asked?"}),
        ("Who owned the mill?", {"Who never owned the mill?"}),
        (
            "Where did Anna Kis live?",
            {
                "Where didn't Anna Kis live?",
                "Where did Anna Kis not live?",
                "Where did Anna Kis never live?",
            },
        ),
        ("Was Anna's mill burnt?", {"Wasn't Anna's mill burnt?"}),
        ("What of the mill?", {None}),
        ("Who did not come?", {"Who did come?"}),
        ("Why can't it float?", {"Why can it float?"}),
        ("Won't it rain?", {"Will it rain?"}),
        ("Who never slept?", {"Who slept?"}),
        ("Who has no mill and is not sorry?", {None}),
    ],
)
def test_negation_goes_in_or_out(question: str, wanted: set[str | None]) -> None:
    assert ways(question) == wanted


def test_sentence_and_question_are_negated_together() -> None:
    text = "The mill stood by the weir. It was burnt in 1830. It was rebuilt."
    low = text.index("1830")
    found = negated_sentence(text, ((low, low + 4),), "When was the mill burnt?", random.Random(0))
    assert found is not None
    place, changed, question = found
    assert changed == "The mill stood by the weir. It was not burnt in 1830. It was rebuilt."
    assert question == "When wasn't the mill burnt?"
    assert changed[low + 4 : low + 8] == "1830" and place < low


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("It was burnt in 1830.", "When did the mill burn?"),
        ("It was burnt in 1830.", "When was the mill lost?"),
        ("It was not burnt in 1830.", "When was the mill burnt?"),
        ("It was burnt in 1830.", "When wasn't the mill burnt?"),
    ],
)
def test_a_sentence_that_the_question_does_not_follow_stays(text: str, question: str) -> None:
    low = text.index("1830")
    assert negated_sentence(text, ((low, low + 4),), question, random.Random(0)) is None


def test_words_of_negation_are_seen() -> None:
    assert all(map(is_negated, ("He won't.", "Nobody, not she", "without it", "I cannot", "It isn’t")))
    assert not any(map(is_negated, ("A knot", "Nothingness of it all", "Notable")))
