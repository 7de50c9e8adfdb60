"""Changed questions: what is no longer answered is asked of the same text, what still is keeps its answer."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from fit.reader.changed import Changes
from fit.reader.examples import YES, Example, Passage
from fit.reader.items import WINDOWS
from fit.reader.pieces import Pool
from fit.reader.prepare import made
from fit.reader.wordnet import WordNet
from tiny_wordnet import write_wordnet

PLACES = ["Alham", "Belford", "Corby", "Dalton", "Epsom", "Fenton", "Garth", "Halton"]


def examples() -> list[Example]:
    """Mills that were stopped, each in a place and a year that are its own."""
    found: list[Example] = []
    for n, place in enumerate(PLACES):
        year = str(1800 + n)
        text = (
            f"The small mill was stopped in {year} in {place}. It had halted twice, and a big one was built."
        )
        low = text.index(year)
        question = f"When was the small mill stopped in {place}?"
        found.append(Example(str(n), "set", place, question, (Passage("", text, ((low, low + 4),)),)))
    return found


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    """The rules over the examples, with the tiny dictionary."""
    return Changes(examples(), WordNet(write_wordnet(tmp_path)))


def test_every_rule_changes_what_it_says(changes: Changes) -> None:
    example = examples()[0]
    for rules in (changes.unanswered, changes.answered):
        for name, (_, rule) in rules.items():
            for seed in range(10):
                found = rule(example, random.Random(seed))
                if found is None:
                    continue
                assert found != example, name
                assert found.answer_texts == example.answer_texts, name


def test_a_negated_sentence_answers_its_question_no_more(changes: Changes) -> None:
    example = examples()[0]
    found = [changes.unanswered["negated"][1](example, random.Random(n)) for n in range(20)]
    asked = {each.question for each in found if each}
    texts = {each.passages[0].text for each in found if each}
    assert asked == {example.question, "When wasn't the small mill stopped in Alham?"}
    assert texts == {
        example.passages[0].text,
        example.passages[0].text.replace("was stopped", "was not stopped"),
    }


def test_both_negated_keep_the_answer(changes: Changes) -> None:
    found = changes.answered["both negated"][1](examples()[0], random.Random(0))
    assert found is not None
    assert "was not stopped" in found.passages[0].text and "wasn't" in found.question
    assert found.answer_texts == ("1800",)


def test_a_negated_question_that_is_answered_stays(changes: Changes) -> None:
    example = replace(examples()[0], question="Which mill was not kept?")
    assert changes.answered["both negated"][1](example, random.Random(0)) == example


def test_a_yes_is_asked_with_names_exchanged_alone(changes: Changes) -> None:
    example = replace(examples()[0], verdict=YES)
    found = {name for name, (_, rule) in changes.unanswered.items() if rule(example, random.Random(1))}
    assert found == {"names"}


def test_items_say_their_rule(changes: Changes, pool: Pool) -> None:
    items = made(examples(), pool, 12, "seed", changes)
    kinds = {item.kind for item in items}
    assert kinds - {""} <= {*WINDOWS, *changes.unanswered, *changes.answered}
    assert len(kinds) > 6
    for item in items:
        assert item.made == (item.kind in {*WINDOWS, *changes.unanswered})
        assert item.made != any(part.gold for part in item.parts)
