"""`ReasoningEngine` answers: plainly taught facts, thresholds, the cache, records, beside learning."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from taught import FACTS, QUESTION, Opener
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine
from sutra_core.errors import (
    InvalidValueError,
    UnknownAnswerError,
)


def test_what_was_taught_plainly_is_answered_from_its_bytes(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn_batch(FACTS)
    answer = engine.ask(QUESTION)
    assert (answer.text, answer.kind) == ("Warsaw", "entity")
    assert answer.confidence >= 0.9
    citation = answer.citations[0]
    assert (citation.address, citation.start, citation.end) == ("curie", 0, 31)
    assert citation.text == "Marie Curie was born in Warsaw."
    assert len(answer.paths) >= 1


def test_what_was_taught_plainly_is_answered_with_a_reader_too(engine: ReasoningEngine) -> None:
    answer = engine.ask(QUESTION)
    assert (answer.text, answer.kind, answer.citations[0].address) == ("Warsaw", "entity", "curie")


def test_nothing_is_known_before_anything_was_taught(open_engine: Opener) -> None:
    answer = open_engine().ask(QUESTION)
    assert (answer.kind, answer.text, answer.confidence) == ("unknown", "I don't know", 0)
    assert answer.citations == ()


def test_below_the_threshold_the_answer_is_unknown(open_engine: Opener) -> None:
    engine = open_engine(answer_threshold=1.0)
    engine.learn_batch(FACTS)
    assert engine.ask(QUESTION).kind == "unknown"
    assert engine.ask(QUESTION, threshold=0.5).text == "Warsaw"


def test_num_paths_bounds_what_is_shown(engine: ReasoningEngine) -> None:
    assert engine.ask(QUESTION, num_paths=0).paths == ()
    assert len(engine.ask(QUESTION, num_paths=1).paths) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_steps": 0},
        {"num_paths": -1},
        {"threshold": 1.5},
        {"threshold": -0.1},
        {"threshold": float("nan")},
    ],
)
def test_values_out_of_range_are_misuse(engine: ReasoningEngine, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="allowed"):
        engine.ask(QUESTION, **wrong)


@pytest.mark.parametrize("text", ["", " \t\n", "what \ud800"])
def test_a_question_needs_words(engine: ReasoningEngine, text: str) -> None:
    with pytest.raises(InvalidValueError, match="question"):
        engine.ask(text)
    with pytest.raises(InvalidValueError, match="query"):
        engine.search(text)


@pytest.mark.parametrize(
    ("question", "read_as"),
    [
        ("Where was Marie Cruie born?", (("Cruie", "Curie"),)),
        ("Wehre was marie curei born?", (("Wehre", "Where"), ("curei", "curie"))),
        (QUESTION, ()),
    ],
)
def test_slips_are_read_as_the_words_they_are_slips_of(
    engine: ReasoningEngine, question: str, read_as: tuple[tuple[str, str], ...]
) -> None:
    answer = engine.ask(question)
    assert (answer.text, answer.question, answer.read_as) == ("Warsaw", question, read_as)
    assert answer.citations == engine.ask(QUESTION).citations
    assert engine.explain(answer.id) == answer


def test_words_learned_after_a_view_are_not_near_in_it(engine: ReasoningEngine) -> None:
    before = engine.view()
    engine.learn("A zeppelin flies over the Aln.")
    assert before.near_words(["zeppelni"]) == [[]]
    assert engine.view().near_words(["zeppelni"]) == [[("zeppelin", 1)]]


def test_an_answer_is_explained_as_it_was_recorded(open_engine: Opener, use_rust: bool) -> None:
    engine = open_engine()
    engine.learn_batch(FACTS)
    answers = [engine.ask(QUESTION), engine.ask("What is the height of the Eiffel Tower?")]
    assert [engine.explain(answer.id) for answer in answers] == answers
    engine.learn("Marie Curie was born in Kraków.", source="another")
    assert [engine.explain(answer.id) for answer in answers] == answers
    if use_rust:
        engine.close()
        engine = open_engine()
        assert [engine.explain(answer.id) for answer in answers] == answers


@pytest.mark.parametrize("answer_id", ["", "0" * 32, "\ud800"])
def test_an_unknown_answer_is_an_error(engine: ReasoningEngine, answer_id: str) -> None:
    with pytest.raises(UnknownAnswerError):
        engine.explain(answer_id)


def test_a_cached_answer_is_given_until_something_is_learned(open_engine: Opener) -> None:
    class Counting(WordEmbedder):
        calls = 0

        def encode(self, texts: Any) -> Any:
            type(self).calls += 1
            return super().encode(texts)

    engine = open_engine(Counting())
    first = engine.ask(QUESTION)
    calls = Counting.calls
    assert first.kind == "unknown"
    assert engine.ask(QUESTION) is first
    assert Counting.calls == calls
    engine.learn_batch(FACTS)
    assert engine.ask(QUESTION).text == "Warsaw"
    assert engine.ask(QUESTION, num_paths=0).paths == ()


def test_the_same_question_at_the_same_state_is_one_record(open_engine: Opener) -> None:
    engine = open_engine(cache_max_size=0)
    engine.learn_batch(FACTS)
    first, second = engine.ask(QUESTION), engine.ask(QUESTION)
    assert first.id == second.id
    engine.learn("The Corse flows into the Aln.")
    assert engine.ask(QUESTION).id != first.id


def test_a_cache_of_no_answers_keeps_none(open_engine: Opener) -> None:
    engine = open_engine(cache_max_size=0)
    engine.learn_batch(FACTS)
    first, second = engine.ask(QUESTION), engine.ask(QUESTION)
    assert first is not second
    assert replace(first, timings_ms={}) == replace(second, timings_ms={})


def test_questions_asked_beside_learning_are_answered_from_what_is_durable(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn_batch(FACTS)
    texts = [f"Station {n} lies on Line {n % 7}. Its keeper is Keeper {n}." for n in range(200)]
    learning = threading.Thread(target=engine.learn_batch, args=(texts,))
    learning.start()
    transactions: list[int] = []
    while learning.is_alive() or not transactions:
        answer = engine.ask(QUESTION)
        assert (answer.text, answer.citations[0].address) == ("Warsaw", "curie")
        transactions.append(answer.transaction)
    learning.join()
    assert transactions == sorted(transactions)
    assert engine.ask(QUESTION).transaction == engine.view().transaction
    view = engine.view()
    assert all(view.concepts(view.search_words(text, 1)[0].tolist())[0].text == text for text in texts)


def test_each_step_of_asking_is_told_once(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("Marie Curie was born in Warsaw.")
    steps: list[str] = []
    engine.ask("Where was Marie Curie born?", on_step=steps.append)
    assert steps[0] == "analyse" and steps[-1] == "explain"
    steps.clear()
    engine.ask("Where was Marie Curie born?", on_step=steps.append)
    assert steps == []
