"""What an engine tells its observer: every text once, every step, in the context of whoever learns."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import UnembeddableTextError
from sutra_core.errors import InternalError, StoreIOError
from sutra_core.learn import LearnReport, Refusal
from sutra_core.observing import ForgettingObserved, LearningObserved, LearningWatch, QuestionObserved

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class _Told:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.learning: list[LearningObserved] = []
        self.questions: list[QuestionObserved] = []
        self.forgetting: list[ForgettingObserved] = []
        self.who: set[str] = set()

    def learned(self, observed: LearningObserved) -> None:
        self.learning.append(observed)
        self.who.add(WHO.get())

    def asked(self, observed: QuestionObserved) -> None:
        self.questions.append(observed)

    def forgot(self, observed: ForgettingObserved) -> None:
        self.forgetting.append(observed)


@pytest.fixture
def told() -> _Told:
    return _Told()


@pytest.fixture
def engine(told: _Told, tmp_path: Path) -> Any:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", batch_size=3)
    with ReasoningEngine(config, embedder=WordEmbedder(), observer=told) as opened:
        yield opened


def test_each_text_is_told_of_once(engine: ReasoningEngine, told: _Told) -> None:
    WHO.set("a learner")
    texts = [f"The hill {number} is high." for number in range(10)]
    report = engine.learn_batch([*texts, "…", "half a \ud800 pair", texts[0]])
    assert sum(each.learned for each in told.learning) == 10
    assert sum(each.known for each in told.learning) == 1
    assert sum(each.concepts for each in told.learning) == report.concepts
    refused: dict[str, int] = {}
    for each in told.learning:
        for code, count in each.refused.items():
            refused[code] = refused.get(code, 0) + count
    assert refused == {"empty_text": 1, "invalid_text": 1}
    assert len(told.learning) > 1
    assert told.who == {"a learner"}


def test_each_step_is_told_of_with_its_time(engine: ReasoningEngine, told: _Told) -> None:
    report = engine.learn_batch([f"The hill {number} is high." for number in range(10)])
    seconds: dict[str, float] = {}
    for each in told.learning:
        for stage, took in each.stage_seconds.items():
            seconds[stage] = seconds.get(stage, 0.0) + took
    assert seconds == pytest.approx(report.stage_seconds, abs=1e-3)
    engine.ask("How high is hill 3?")
    engine.ask("How high is hill 3?")
    worked, known = told.questions
    assert known.steps == []
    names = [step.name for step in worked.steps]
    assert (names[0], names[-1]) == ("analyse", "explain")
    assert all(step.began <= step.ended for step in worked.steps)
    assert all(
        before.ended == after.began for before, after in zip(worked.steps[:-1], worked.steps[1:], strict=True)
    )
    assert sum(worked.stage_seconds.values()) <= worked.seconds


def test_what_fails_is_told_of(engine: ReasoningEngine, told: _Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise StoreIOError("the drive was pulled out")

    monkeypatch.setattr("sutra_core.engine.answer_question", broken)
    with pytest.raises(StoreIOError):
        engine.ask("Who?")
    assert [each.outcome for each in told.questions] == ["failed"]
    monkeypatch.setattr(WordEmbedder, "encode", broken)
    with pytest.raises(StoreIOError):
        engine.learn_batch(["The hill is high.", "The dale is low."])
    assert sum(each.failed for each in told.learning) == 2


def test_without_metrics_nobody_is_told(told: _Told, tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", metrics=False)
    with ReasoningEngine(config, embedder=WordEmbedder(), observer=told) as engine:
        engine.learn("The hill is high.")
        engine.ask("How high is the hill?")
    assert (told.learning, told.questions) == ([], [])


def test_faults_that_refuse_a_text_are_failures(told: _Told) -> None:
    report = LearnReport()
    watch = LearningWatch(report, told)
    watch.look()
    for code in (InternalError.code, UnembeddableTextError.code, "empty_text"):
        report.refuse(Refusal("text 0", "why", code))
    watch.look()
    (observed,) = told.learning
    assert (observed.failed, observed.refused) == (2, {"empty_text": 1})


def test_steps_that_settled_nothing_yet_are_told_with_what_they_settle(told: _Told) -> None:
    report = LearnReport()
    watch = LearningWatch(report, told)
    watch.step("reading", 0.5)
    watch.look()
    other = threading.Thread(target=watch.step, args=("vectors", 0.25))
    other.start()
    other.join()
    report.sources = 1
    watch.look()
    (observed,) = told.learning
    assert observed.stage_seconds == pytest.approx({"reading": 0.5, "vectors": 0.25})


def test_a_forgetting_is_told_of_once_with_all_that_went(engine: ReasoningEngine, told: _Told) -> None:
    engine.learn("Mara Holt keeps the lighthouse. She was born in Alham.", source="notes")
    engine.learn("Mara Holt lives on Venn.", source="letter")
    before = engine.stats().store
    engine.forget(source="letter", dry_run=True)
    engine.forget(before=datetime(2000, 1, 1, tzinfo=UTC))
    assert told.forgetting == []
    engine.forget(source="letter")
    engine.forget(concept="Mara Holt")
    after = engine.stats().store
    assert [each.sources for each in told.forgetting] == [1, 0]
    assert sum(each.concepts for each in told.forgetting) == before.concepts - after.concepts > 0
    first = before.transaction + 1
    assert [each.transaction for each in told.forgetting] == [first, first + 1]
    # What is left of the passage got a new vector.
    assert after.transaction == first + 2
    assert all(each.seconds > 0 for each in told.forgetting)
