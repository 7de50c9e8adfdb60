from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

import sutra_core.ask
from sutra_core.ask import Answer, Citation, answer_question, rank_passages
from sutra_core.ask.analyse import read_hint
from sutra_core.ask.slips import Reading
from sutra_core.types import ReadView, SourceDraft


def all_citations(answer: Answer) -> list[Citation]:
    cited = list(answer.citations)
    cited += [step.evidence for path in answer.paths for step in path.steps]
    return cited + [each.citation for each in answer.alternatives]


def test_the_public_names() -> None:
    assert sutra_core.ask.__all__ == [
        "THRESHOLD",
        "Alternative",
        "Answer",
        "AnswerKind",
        "AnswerPath",
        "AnswerStep",
        "Citation",
        "answer_question",
        "as_markdown",
        "as_mermaid",
        "rank_passages",
        "threshold_of",
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Where was Marta Kovač born?", "Lenti"),
        ("where was marta kovač born", "Lenti"),
        ("Who directed Winter Harbour?", "Marta Kovač"),
        ("Who founded Kestrel Systems?", "Tomas Riedl"),
        ("When was Tomas Riedl born?", "3 May 1940"),
        ("Where was the founder of Kestrel Systems born?", "Graz"),
        ("What does lead poisoning cause?", "anaemia"),
        ("Which film has the director who was born later, Winter Harbour or Low Tide?", "Low Tide"),
    ],
)
def test_what_was_plainly_taught_is_answered_surely(facts, embedder, question, answer) -> None:
    found = answer_question(facts, embedder, question)
    assert (found.text, found.kind) == (answer, "entity")
    assert found.confidence >= 0.9
    assert found.paths
    assert found.citations


def test_a_passage_answers_where_no_name_does(facts, embedder) -> None:
    found = answer_question(facts, embedder, "How often must the sensor F709 be inspected?")
    assert found.kind == "passage"
    assert found.text == "The sensor F709 must be inspected every 700 hours."
    assert found.citations[0].text == found.text


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who directed Summer Harbour?", "Summer"),
        ("What is the capital of Peru?", "Peru"),
        ("Who is the president of Kestrel Systems?", "president"),
        ("How often must the sensor F711 be inspected?", "F711"),
        ("Where did Marta Kovač study medicine?", "medicine"),
    ],
)
def test_what_was_not_taught_is_not_known(facts, embedder, question: str, missing: str) -> None:
    found = answer_question(facts, embedder, question)
    assert (found.text, found.kind) == ("I don't know", "unknown")
    assert found.confidence < 0.35
    assert missing in found.missing
    assert found.citations, "the nearest evidence is shown"
    assert not found.paths


def test_an_empty_store_and_an_empty_question_are_not_known(teach, facts, embedder) -> None:
    nothing = answer_question(teach(), embedder, "Who founded Kestrel Systems?")
    assert (nothing.kind, nothing.confidence, nothing.citations) == ("unknown", 0.0, ())
    embedder.calls.clear()
    assert answer_question(facts, embedder, "?!").kind == "unknown"
    assert not embedder.calls


def test_citations_are_the_bytes_that_stand_there(teach, embedder) -> None:
    part = "Zoë Brontë was born in Genève. Ståle works for Ærø Shipping — since 1999."
    draft = SourceDraft("ship’s log.txt", part, "Log", offset=1000)
    data = {("ship’s log.txt"): b"\0" * 1000 + part.encode(), "note1": "Genève is in a country.".encode()}
    view = teach(draft, "Genève is in a country.")
    for question in ("Where was Zoë Brontë born?", "Who does Ståle work for?", "Who owns Genève?"):
        cited = all_citations(answer_question(view, embedder, question))
        assert cited
        for each in cited:
            assert data[each.address][each.start : each.end] == each.text.encode()


def test_every_path_is_a_walk_whose_steps_are_in_the_graph(facts: ReadView, embedder) -> None:
    found = answer_question(facts, embedder, "Where was the director of Winter Harbour born?", num_paths=5)
    assert 1 <= len(found.paths) <= 5
    for path in found.paths:
        assert 0 < path.score <= 1
        ends = [(s.object, s.subject) if s.inverse else (s.subject, s.object) for s in path.steps]
        assert all(one[1] == other[0] for one, other in pairwise(ends))
        assert ends[0][0] in {"Winter Harbour", "Marta Kovač"}
        assert ends[-1][1] == "Lenti"
        assert all(step.evidence.text for step in path.steps)


def test_steps_and_paths_are_bounded(facts, embedder) -> None:
    found = answer_question(facts, embedder, "Where was Marta Kovač born?", num_paths=1, max_steps=1)
    assert len(found.paths) == 1
    assert len(found.paths[0].steps) == 1


def test_the_threshold_decides_between_the_answer_and_not_knowing(facts, embedder) -> None:
    question = "Who directed Winter Harbour?"
    sure = answer_question(facts, embedder, question).confidence
    assert answer_question(facts, embedder, question, threshold=sure).kind == "entity"
    assert answer_question(facts, embedder, question, threshold=min(sure + 1e-6, 1)).kind == "unknown"


def test_the_same_question_has_the_same_answer_and_the_record_comes_back(facts, embedder) -> None:
    one, two = (answer_question(facts, embedder, "Who founded Kestrel Systems?") for _ in range(2))
    assert replace(one, timings_ms={}) == replace(two, timings_ms={})
    assert Answer.from_json(one.to_json()) == one
    assert set(one.timings_ms) >= {"analyse", "embed", "retrieve", "spread", "paths", "aggregate", "explain"}
    assert one.embedder == embedder.fingerprint
    assert one.transaction == facts.transaction


def test_ranking_brings_both_ends_of_a_bridge_to_the_top(facts, embedder) -> None:
    ranking = rank_passages(facts, embedder, "Where was the founder of Kestrel Systems born?", 4)
    scores = [score for _, score in ranking]
    assert scores == sorted(scores, reverse=True)
    texts = [concept.text for concept in facts.concepts([passage for passage, _ in ranking])]
    assert any("founded Kestrel" in text for text in texts[:2])
    assert any("born in Graz" in text for text in texts[:3])


def test_a_question_in_another_language_is_not_read_by_the_rules_of_english(teach, embedder) -> None:
    german = "Der Strom Vesk entspringt in den Bergen und fließt durch die alte Stadt Kladno."
    view = teach(
        SourceDraft("vesk", german, "Vesk", attributes={"language": "de"}),
        "The river Aln is long.",
    )
    read: list[str] = []

    def hint(questions: Sequence[str]) -> Sequence[Reading]:
        read.extend(questions)
        return read_hint(questions)

    answer = answer_question(view, embedder, "Was ist eigentlich der Strom in der alten Stadt?", hint=hint)
    assert (answer.kind, read) == ("unknown", [])
    assert answer.citations[0].text == german
    answer_question(view, embedder, "How long is the river Aln?", hint=hint)
    assert read
