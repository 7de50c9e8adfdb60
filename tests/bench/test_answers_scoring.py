"""Exact match and F1 against what SQuAD's evaluation gives for the same texts."""

from __future__ import annotations

import pytest
from answers.scoring import Outcome, exact_match, normalised, token_f1
from evaluation_sets import question


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Aln", "aln"),
        ("  An\tapple, a day ", "apple day"),
        ("Theatre", "theatre"),
        ("U.S.", "us"),
        ("well-known", "wellknown"),
        ("$12", "12"),
        ("a", ""),
        ("1,000 – 2,000", "1000 – 2000"),
    ],
)
def test_case_punctuation_articles_and_spaces_do_not_count(text: str, expected: str) -> None:
    assert normalised(text) == expected


@pytest.mark.parametrize(
    ("text", "accepted", "exact", "f1"),
    [
        ("the River Aln.", "River Aln", 1.0, 1.0),
        ("River Aln", "Aln", 0.0, 2 / 3),
        ("Alham", "Warsaw", 0.0, 0.0),
        ("b b c", "b c c", 0.0, 2 / 3),
        ("the", "a", 1.0, 1.0),
        ("the", "Aln", 0.0, 0.0),
        ("", "Aln", 0.0, 0.0),
    ],
)
def test_exact_match_and_token_f1(text: str, accepted: str, exact: float, f1: float) -> None:
    assert exact_match(text, accepted) == exact
    assert token_f1(text, accepted) == pytest.approx(f1)
    assert token_f1(accepted, text) == pytest.approx(f1)


def test_the_best_of_the_accepted_answers_counts() -> None:
    outcome = Outcome(question(answers=["Warsaw", "the Aln", "Aln near Alham"]), "Aln", 0.9, None)
    assert (outcome.exact, outcome.f1, outcome.right) == (1.0, 1.0, True)


def test_half_of_the_words_is_right_and_less_is_not() -> None:
    asked = question(answers=["one two"])
    assert Outcome(asked, "one three", 0.9, None).f1 == 0.5
    assert Outcome(asked, "one three", 0.9, None).right
    assert not Outcome(asked, "one three four", 0.9, None).right


def test_no_candidate_is_wrong_and_never_given() -> None:
    outcome = Outcome(question(answers=["a"]), None, 0.0, None)  # "a" has no words once normalised
    assert (outcome.exact, outcome.f1, outcome.right) == (0.0, 0.0, False)
    assert not outcome.given(0.0)


def test_whatever_is_said_to_an_unanswerable_question_is_wrong() -> None:
    outcome = Outcome(question(answers=["NOT ENOUGH"], answerable=False), "not enough", 0.9, None)
    assert (outcome.exact, outcome.f1, outcome.right) == (0.0, 0.0, False)
    assert outcome.given(0.9)
    assert not outcome.given(0.91)
