"""Terms and BM25, on examples worked out by hand."""

from __future__ import annotations

import math

import pytest

from sutra_core.reference.words import Documents, edits, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Café's rivers, 2nd edition", ["cafe", "river", "2nd", "edit"]),
        ("To be or not to be", ["to", "be", "or", "not", "to", "be"]),
        ("İstanbul ΟΔΟΣ zu\u0308rich", ["istanbul", "οδοσ", "zurich"]),
        ("ASR1603-B, ASR1605; x² ½", ["asr1603", "b", "asr1605", "x2", "1", "2"]),
        ("x9" * 100, ["x9" * 32]),
        ("a" * 63 + "ж7", ["a" * 63]),
        ("generously adding biologists", ["generous", "ad", "biologist"]),
        ("🅐🅱 Ⓒ", ["🅐🅱", "c"]),
        (" ... \u0301", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_scores() -> None:
    documents = Documents({1: "red red fox", 2: "red", 3: "blue whale"})
    red = math.log(1 + 1.5 / 2.5)
    assert documents.weights("red blue red") == pytest.approx({"red": red, "blue": math.log(1 + 2.5 / 1.5)})
    # The mean length is 2 terms.
    assert documents.scores("red, red") == pytest.approx(
        {
            1: 2 * red * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)),
            2: 2 * red * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1 / 2)),
        }
    )


def test_a_collection_without_documents_has_no_scores() -> None:
    assert Documents({}).scores("fox") == {}
    assert Documents({}).weights("fox") == {"fox": pytest.approx(math.log(2))}


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("falcon", "falcon", 0),
        ("falkon", "falcon", 1),
        ("faalcon", "falcon", 1),
        ("falcn", "falcon", 1),
        ("flacon", "falcon", 1),
        ("ca", "abc", 3),  # swapped letters are not edited again
        ("", "abc", 3),
    ],
)
def test_edits(word: str, other: str, expected: int) -> None:
    assert edits(word, other) == edits(other, word) == expected


def test_words_that_a_word_may_be_a_slip_of() -> None:
    documents = Documents({1: "barks, a barn", 2: "the bark", 3: "their tier, Río 2nd"})
    assert documents.near("bart") == [("bark", 2), ("barn", 1)]
    assert documents.near("THIER") == [("their", 3), ("tier", 1)]
    for word in ("bark", "barked", "the", "rio", "roi", "3nd", "barn bart", ""):
        assert documents.near(word) == []
