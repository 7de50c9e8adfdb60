"""The sample of the checkout can be learned whole, and its questions fit its texts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TypedDict

import pytest

from sutra_core.learn.adapters import Item, read_collection

SAMPLE = Path(__file__).resolve().parents[5] / "sample"


class Question(TypedDict):
    """A line of `questions.jsonl`."""

    question: str
    answers: list[str]
    kind: str
    documents: list[str]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of each document by its title."""
    found = list(read_collection(SAMPLE / "texts"))
    items = [item for item in found if isinstance(item, Item)]
    assert len(items) == len(found) == 15 + 3 + 29
    return {item.draft.title: item.draft.text for item in items}


def questions() -> list[Question]:
    return [json.loads(line) for line in (SAMPLE / "questions.jsonl").read_text("utf-8").splitlines()]


def test_titles_are_distinct(texts: dict[str, str]) -> None:
    assert len(texts) == 47


def test_there_are_questions_of_each_kind() -> None:
    assert Counter(question["kind"] for question in questions()) == {
        "one_hop": 10,
        "two_hop": 4,
        "unanswerable": 3,
    }


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["question"])
def test_the_last_document_named_holds_the_answer_and_the_first_of_two_does_not(
    texts: dict[str, str], question: Question
) -> None:
    *first, last = [
        [answer in texts[title] for answer in question["answers"]] for title in question["documents"]
    ] or [[]]
    assert any(last) == (question["kind"] != "unanswerable")
    assert len(first) == (question["kind"] == "two_hop")
    assert not any(any(holds) for holds in first)
