"""The sample as a demonstration: what one sentence teaches is answered, what nothing teaches is refused.

Where an answer lies two sources away it is cited from both, if it is given; how often it is right is for
benchmarks to say, on questions that nobody here wrote.
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
QUESTIONS = [json.loads(line) for line in (SAMPLE / "questions.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReasoningEngine]:
    config = ReasoningEngineConfig.builder().with_storage(tmp_path_factory.mktemp("sample")).build()
    with ReasoningEngine(config) as engine:
        try:
            report = engine.learn_collection(SAMPLE / "texts")
        except ModelUnavailableError as error:
            pytest.skip(f"the embedder's model is not on this machine: {error}")
        assert not report.refused
        yield engine


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["question"])
def test_the_question_is_answered(engine: ReasoningEngine, asked: dict[str, Any]) -> None:
    answer = engine.ask(asked["question"])
    if answer.kind == "unknown":
        assert answer.text == "I don't know"
        assert asked["kind"] != "one_hop"
        return
    assert asked["kind"] != "unanswerable"
    if asked["kind"] == "one_hop":
        assert any(text.lower() in answer.text.lower() for text in asked["answers"])
        assert {citation.title for citation in answer.citations} & set(asked["documents"])
    else:
        assert len({citation.address for citation in answer.citations}) >= 2
    for citation in answer.citations:
        assert verbatim(citation.address, citation.start, citation.end) == citation.text


def verbatim(address: str, start: int, end: int) -> str:
    """The bytes that a citation names, read from the file itself."""
    path, _, record = address.partition("#")
    data = Path(path).read_bytes()
    if record:
        rows = [json.loads(line) for line in data.splitlines()]
        data = next(row["text"] for row in rows if row["id"] == record).encode()
    return data[start:end].decode()
