from __future__ import annotations

from sutra_core.ask import Answer, answer_question
from sutra_core.types import SourceDraft

QUESTION = "Where was Olga Brandt born?"
SAID = "Olga Brandt was born in Perm."
AGAIN = "Olga Brandt was a chemist and a keeper of bees. In a cold winter, Olga Brandt was born in Perm."
OTHER = "Olga Brandt was born in Kazan."
REST = ["Perm lies on the Kama.", "Bees dislike cold winters.", "Kazan has a fortress."]


def ask(teach, embedder, *texts: str | SourceDraft) -> Answer:
    return answer_question(teach(*texts, *REST), embedder, QUESTION)


def test_an_independent_statement_makes_no_less_sure(teach, embedder) -> None:
    one, two = ask(teach, embedder, SAID), ask(teach, embedder, SAID, AGAIN)
    assert one.text == two.text == "Perm"
    assert two.confidence >= one.confidence
    assert two.confidence_parts["independence"] > one.confidence_parts["independence"]
    assert {note.address for note in two.citations} == {"note0", "note1"}


def test_copies_make_no_surer(teach, embedder) -> None:
    once = ask(teach, embedder, SAID)
    copied = ask(teach, embedder, *(SourceDraft(f"copy{n}", SAID) for n in range(5)))
    nearly = ask(teach, embedder, SAID, "Olga Brandt was born in Perm!")
    assert copied.confidence <= once.confidence
    assert nearly.confidence <= once.confidence + 1e-6


def test_a_dispute_makes_less_sure_and_shows_the_other_answer(teach, embedder) -> None:
    alone, disputed = ask(teach, embedder, SAID), ask(teach, embedder, SAID, OTHER)
    assert disputed.confidence < alone.confidence - 0.2
    assert {disputed.text, *(each.text for each in disputed.alternatives)} >= {"Perm", "Kazan"}


def test_names_that_look_alike_are_two_answers(teach, embedder) -> None:
    view = teach(
        "The pump ASR1603 was supplied by Halden Works.", "The pump ASR1605 was supplied by Tallis Works."
    )
    answer = answer_question(view, embedder, "Who supplied the pump ASR1605?")
    assert "Tallis" in answer.text


def test_what_many_sources_say_is_answered_with_a_bounded_number_of_witnesses(teach, embedder) -> None:
    view = teach(*(f"Anna Bell was born in Leeds, as page {n} of volume {n * n} tells." for n in range(120)))
    answer = answer_question(view, embedder, "Where was Anna Bell born?")
    assert answer.text == "Leeds"
    assert 2 <= len(answer.citations) <= 40
