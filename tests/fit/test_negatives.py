"""Negatives: none holds an answer, unless its question was changed; the same seed makes the same."""

from __future__ import annotations

import random

from fit.reader.examples import YES, Example, Passage
from fit.reader.held import answers_in
from fit.reader.items import LENGTH_MAX, WINDOWS
from fit.reader.negatives import Negatives
from fit.reader.pieces import Pool
from fit.reader.prepare import made

WORDS = ["harbour", "bridge", "engine", "tunnel", "railway", "steamer"]
PLACES = ["Alham", "Belford", "Corby", "Dalton", "Epsom", "Fenton", "Garth", "Halton"]


def examples(answered: bool = True) -> list[Example]:
    """Passages of three sentences about works in places; the years and the people are asked for."""
    draw = random.Random(7)
    found: list[Example] = []
    for n, place in enumerate(PLACES):
        word, year = WORDS[n % len(WORDS)], str(1800 + n)
        text = (
            f"The {word} of {place} was begun in {year}. It was paid for by the town. "
            f"Nobody in {draw.choice(PLACES)} knew the {draw.choice(WORDS)} when it was new."
        )
        low = text.index(year)
        passage = Passage(place, text, ((low, low + 4),) if answered else ())
        question = f"When was the {word} of {place} begun in that place?"
        found.append(Example(str(n), "set", place, question, (passage,), YES if not answered else 0))
    return found


def test_a_negative_holds_no_answer_unless_its_question_was_changed(pool: Pool) -> None:
    given = examples()
    source = Negatives(given, pool)
    kinds: set[str] = set()
    for seed in range(40):
        draw = random.Random(seed)
        for example in given:
            shown = source.positive(example, draw)
            assert shown is not None
            item = source.negative(example, shown, draw)
            assert item is not None
            assert item.made
            assert not any(part.gold for part in item.parts)
            assert item.length(pool) <= LENGTH_MAX
            text = " ".join(pool.pieces(p.text).characters(p.low, p.high) for p in item.parts)
            changed = item.kind not in WINDOWS
            assert changed or item.question == example.question
            assert changed or not answers_in(example, text)
            kinds.add(
                "question"
                if changed
                else "window"
                if item.parts[0].text == shown.parts[0].text
                else "passage"
            )
    assert kinds == {"question", "window", "passage"}


def test_the_same_seed_makes_the_same_items(tokeniser: object) -> None:
    first, second = (made(examples(), Pool(tokeniser), 3, "seed") for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert first != made(examples(), Pool(tokeniser), 3, "another")  # type: ignore[arg-type]


def test_every_round_has_each_example_and_a_negative(pool: Pool) -> None:
    items = made(examples(), pool, 2, "seed")
    assert len(items) == 4 * len(PLACES)
    assert sum(item.made for item in items) == 2 * len(PLACES)
    assert all(any(part.gold for part in item.parts) != item.made for item in items)


def test_a_verdict_is_never_kept_by_a_negative(pool: Pool) -> None:
    items = made(examples(answered=False), pool, 2, "seed")
    assert {(item.made, item.verdict) for item in items} == {(True, 0), (False, YES)}


def test_an_answer_of_which_nothing_is_left_counts_as_held() -> None:
    example = Example("1", "set", "g", "What?", (Passage("", "The end.", ((0, 3),)),))
    assert answers_in(example, "Something else")
