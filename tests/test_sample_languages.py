"""Texts in other languages beside English ones: what is asked in their language is answered right or refused,
and the sentence that says it is shown either way.

The rules of relations and the reader are made for English, so most of these questions are refused. What is
asked for here is that nothing is answered wrong, and that the evidence is the right text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import ModelUnavailableError

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
LANGUAGES = SAMPLE / "languages"
QUESTIONS = [json.loads(line) for line in (LANGUAGES / "questions.jsonl").read_text("utf-8").splitlines()]
CODES = {
    "Göltzschtalbrücke": "de",
    "Pont du Gard": "fr",
    "Puente Nuevo de Ronda": "es",
    "Дворцовый мост": "ru",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReasoningEngine]:
    folder = tmp_path_factory.mktemp("languages")
    with ReasoningEngine(ReasoningEngineConfig.builder().with_storage(folder).build()) as engine:
        try:
            engine.learn_collection(SAMPLE / "texts")
        except ModelUnavailableError as error:
            pytest.skip(f"the embedder's model is not on this machine: {error}")
        for path in sorted(LANGUAGES.glob("*.md")):
            assert not engine.learn_collection(path).refused
        yield engine


@pytest.mark.parametrize(("title", "code"), CODES.items())
def test_the_language_of_each_text_is_known(engine: ReasoningEngine, title: str, code: str) -> None:
    (hit, *_) = engine.search(title, mode="words")
    assert hit.title == title
    source = engine.get_source(engine.get_concept(hit.concept).concept.source)
    assert source.attributes["language"] == code


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["question"])
def test_a_question_is_answered_right_or_refused(engine: ReasoningEngine, asked: dict[str, Any]) -> None:
    answer = engine.ask(asked["question"])
    if answer.kind != "unknown":
        assert answer.text in asked["answers"]
    assert answer.citations[0].title == asked["document"]
    if asked["answers"]:
        assert any(text in answer.citations[0].text for text in asked["answers"])


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ("gebrannte Ziegeln", "Göltzschtalbrücke"),
        ("ingénieurs routiers", "Pont du Gard"),
        ("arquitectos terminar obra", "Puente Nuevo de Ronda"),
        ("островов соединять", "Дворцовый мост"),
    ],
)
def test_other_forms_of_a_word_find_it(engine: ReasoningEngine, words: str, document: str) -> None:
    assert engine.search(words, mode="words")[0].title == document
