"""Vectors that come behind the texts: nobody waits for them, nothing loses them, and they are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from taught import FACTS, QUESTION, Named, Opener
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig, behind
from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.errors import InvalidValueError, ModelUnavailableError, StoreClosedError
from sutra_core.learn import reembed
from sutra_core.types import Floats, SourceDraft

SAMPLE = Path(__file__).parents[4] / "sample"
TESTS = Path(__file__).parents[4] / "tests"
MANY = [f"Station {number} lies on Line {number % 10}." for number in range(300)]


class Gated(WordEmbedder):
    """Embeds what is learned once the gate is open; keeps what it was given."""

    def __init__(self, *, is_open: bool = False, refuses: str = "", fails: Exception | None = None) -> None:
        self.gate, self.reached = threading.Event(), threading.Event()
        self.refuses, self.fails = refuses, fails
        self.given: list[PassageText] = []
        if is_open:
            self.gate.set()

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        self.reached.set()
        assert self.gate.wait(60)
        if self.fails is not None:
            raise self.fails
        refused = {
            n: "refused" for n, each in enumerate(passages) if self.refuses and self.refuses in each.text
        }
        if refused:
            raise UnembeddableTextError(refused)
        self.given += passages
        return super().encode_passages(passages)


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds, and fails where it does not in a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def pending(engine: ReasoningEngine) -> int:
    return engine.stats().store.vectors_pending


def opened(folder: Path, embedder: WordEmbedder, **settings: Any) -> ReasoningEngine:
    config = ReasoningEngineConfig(storage_path=folder, reader="off", **settings)
    return ReasoningEngine(config, embedder=embedder)


def test_what_is_durable_is_found_by_words_and_graph_before_it_has_a_vector(open_engine: Opener) -> None:
    embedder = Gated()
    engine = open_engine(embedder)
    report = engine.learn_batch(FACTS, wait="durable")
    assert report.sources == 3
    stats = engine.stats()
    assert stats.store.vectors == 0 and stats.store.vectors_pending == stats.store.statements > 0
    assert stats.backlog and (stats.backlog.watermark, stats.backlog.failed, stats.backlog.reason) == (
        0,
        0,
        "",
    )
    assert engine.search("Warsaw", mode="words")[0].address == "curie"
    assert engine.search("Marie Curie", mode="graph")[0].address == "curie"
    assert engine.search("Warsaw", mode="meaning") == []
    assert engine.search(QUESTION)[0].address == "curie"
    before = engine.ask(QUESTION, threshold=0.0)
    assert before.text == "Warsaw" and 0 < before.confidence < 1

    embedder.gate.set()
    until(lambda: pending(engine) == 0)
    stats = engine.stats()
    assert stats.backlog and stats.backlog.watermark == stats.store.transaction
    assert engine.search(QUESTION, mode="meaning")[0].address == "curie"
    after = engine.ask(QUESTION, threshold=0.0)
    assert after.text == "Warsaw" and before.confidence <= after.confidence + 0.05
    assert engine.verify().clean


def test_they_are_embedded_as_if_they_had_been_waited_for(named: Named, tmp_path: Path) -> None:
    told: dict[str, set[tuple[str, str, tuple[tuple[int, int], ...]]]] = {}
    vectors: dict[str, list[Floats]] = {}
    for wait in ("indexed", "durable"):
        embedder = Gated(is_open=True)
        with opened(tmp_path / wait, embedder) as engine:
            engine.learn_collection(SAMPLE, wait=wait)  # type: ignore[arg-type]
            engine.learn("Robert Gray lives in Boston. He keeps bees. He keeps bees.", wait=wait)  # type: ignore[arg-type]
            until(lambda engine=engine: pending(engine) == 0)
            told[wait] = {(each.title, each.text, tuple(each.sentences)) for each in embedder.given}
            view = engine.view()
            numbers = range(1, view.stats().concepts + 1)
            vectors[wait] = [view.vectors([number])[0] for number in numbers]
    assert told["durable"] == told["indexed"] and len(told["indexed"]) > 50
    assert np.allclose(vectors["durable"], vectors["indexed"], atol=1e-3)


def test_indexed_has_all_vectors_when_it_returns(open_engine: Opener) -> None:
    embedder = Gated(is_open=True)
    engine = open_engine(embedder)
    engine.learn_batch(FACTS, wait="indexed")
    assert pending(engine) == 0
    engine.learn_batch(MANY, wait="durable")
    # It is known, and waited for all the same.
    assert engine.learn_batch(MANY, wait="indexed").sources_known == len(MANY)
    assert pending(engine) == 0
    with pytest.raises(InvalidValueError, match=r"durable.*indexed"):
        engine.learn("The weir holds.", wait="soon")  # type: ignore[arg-type]


def test_what_the_embedder_refuses_is_told_and_stops_nothing(open_engine: Opener) -> None:
    engine = open_engine(Gated(is_open=True, refuses="mill"))
    engine.learn_batch(["The mill turns.", "The weir holds.", "The lock is shut."], wait="durable")
    until(lambda: pending(engine) == 1)
    until(lambda: (backlog := engine.stats().backlog) is not None and backlog.failed == 1)
    backlog = engine.stats().backlog
    assert backlog and backlog.watermark == engine.view().transaction and backlog.reason == ""
    engine.learn_batch(["The mill turns."], wait="indexed")  # ends, though it is refused
    assert engine.search("mill", mode="words")[0].text == "The mill turns."
    engine.forget(source=engine.search("mill", mode="words")[0].address)
    backlog = engine.stats().backlog
    assert backlog and backlog.failed == 0 and pending(engine) == 0


@pytest.mark.parametrize("error", [ModelUnavailableError("there is none"), ZeroDivisionError("a fault")])
def test_without_a_model_texts_are_learned_and_wait(open_engine: Opener, error: Exception) -> None:
    embedder = Gated(is_open=True, fails=error)
    engine = open_engine(embedder)
    engine.learn_batch(FACTS, wait="durable")
    until(lambda: (backlog := engine.stats().backlog) is not None and backlog.reason != "")
    backlog = engine.stats().backlog
    assert backlog and backlog.watermark < engine.view().transaction and backlog.failed == 0
    assert engine.search("Warsaw", mode="words")
    embedder.fails = None
    engine.learn("The weir holds.", wait="durable")
    until(lambda: pending(engine) == 0)
    backlog = engine.stats().backlog
    assert backlog and backlog.reason == ""


def test_closing_ends_it_and_another_engine_goes_on(tmp_path: Path) -> None:
    embedder = Gated()
    engine = opened(tmp_path / "store", embedder)
    engine.learn_batch(MANY, wait="durable")
    assert embedder.reached.wait(60)
    closing = threading.Thread(target=engine.close)
    closing.start()
    embedder.gate.set()
    closing.join(60)
    assert not closing.is_alive() and 0 < len(embedder.given) < len(MANY)
    with pytest.raises(StoreClosedError):
        engine.stats()

    with opened(tmp_path / "store", Gated()) as again:
        assert pending(again) == len(MANY) - len(embedder.given)
    reading = ReasoningEngineConfig(storage_path=tmp_path / "store", reader="off")
    with ReasoningEngine(reading, embedder=WordEmbedder(), read_only=True) as only_read:
        left = pending(only_read)
    with opened(tmp_path / "store", WordEmbedder()) as again:
        assert pending(again) == left > 0
        until(lambda: pending(again) == 0)
        assert again.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]
        assert again.verify().clean


class Together(WordEmbedder):
    """Embeds once three threads do so at the same time; keeps their priorities."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(3)
        self.priorities: dict[int, int] = {}

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        thread = threading.get_native_id()
        if thread not in self.priorities:
            self.priorities[thread] = os.getpriority(os.PRIO_PROCESS, thread)
            if len(self.priorities) <= 3:
                self.barrier.wait(60)
        return super().encode_passages(passages)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")
def test_it_works_on_all_processors_with_low_priority(
    open_engine: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "processors", lambda: 3)
    embedder = Together()
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    engine = open_engine(embedder)
    engine.learn_batch(MANY, wait="durable")
    until(lambda: pending(engine) == 0)
    assert not embedder.barrier.broken
    assert set(embedder.priorities.values()) == {19}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    assert engine.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]


PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[2])
from word_embedder import WordEmbedder
from sutra_core import ReasoningEngine, ReasoningEngineConfig
class Slow(WordEmbedder):
    def encode_passages(self, passages):
        time.sleep(0.01)
        return super().encode_passages(passages)
engine = ReasoningEngine(ReasoningEngineConfig(storage_path=sys.argv[1], reader="off"), embedder=Slow())
report = engine.learn_batch((f"Station {n} lies on Line {n % 10}." for n in range(300)), wait="durable")
while not engine.stats().store.vectors:
    time.sleep(0.01)
print(report.sources, flush=True)
time.sleep(600)
"""


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "store"), str(TESTS)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    with program.stdout:
        assert program.stdout.readline().strip() == "300"
    program.send_signal(signal.SIGKILL)
    program.wait(60)
    with opened(tmp_path / "store", WordEmbedder()) as engine:
        assert engine.stats().store.sources == 300
        assert engine.search("Station 299", mode="words")[0].text == MANY[299]
        until(lambda: pending(engine) == 0)
        assert engine.verify().clean


def test_what_is_forgotten_while_it_is_embedded_gets_no_vector(open_engine: Opener) -> None:
    embedder = Gated()
    engine = open_engine(embedder)
    text = "The weir holds. Robert Gray lives in Boston. He keeps bees."
    engine.learn_batch(
        [SourceDraft("gray", text, "Gray"), SourceDraft("aln", "The Aln rises.")], wait="durable"
    )
    assert embedder.reached.wait(60)
    engine.forget(source="aln")
    engine.forget(concept="Robert Gray")
    embedder.gate.set()
    until(lambda: pending(engine) == 0)
    view = engine.view()
    statements = [each for source in engine.sources() for each in view.statements_in(source.id)]
    assert len(statements) >= 3
    for number, *_, sentence, _ in statements:
        concept = view.concepts([number])[0]
        assert "Gray lives" not in concept.text
        title = "" if sentence else "Gray"
        expected, _ = WordEmbedder().encode_passages([PassageText(title, concept.text)])
        assert np.allclose(view.vectors([number])[0], expected[0], atol=1e-2), concept.text
    assert engine.verify().clean


def test_two_threads_learn_while_it_works(open_engine: Opener) -> None:
    engine = open_engine()
    halves = MANY[:40], MANY[40:80]
    threads = [
        threading.Thread(target=engine.learn_batch, args=(half,), kwargs={"wait": wait})
        for half, wait in zip(halves, ("durable", "indexed"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: pending(engine) == 0)
    assert engine.stats().store.sources == 80 and engine.verify().clean


def test_purging_goes_on_beside_it(tmp_path: Path) -> None:
    with opened(tmp_path / "store", Gated(is_open=True)) as engine:
        engine.learn_batch(MANY, wait="durable")
        for number in range(0, 30, 10):
            engine.forget(source=engine.search(MANY[number], mode="words", k=1)[0].address)
            engine.purge()
        until(lambda: pending(engine) == 0)
        assert engine.stats().store.sources == len(MANY) - 3
        assert engine.verify().clean


class Other(WordEmbedder):
    """The same directions by another name."""

    fingerprint = "0" * 64


def test_another_embedder_takes_over_beside_it(tmp_path: Path) -> None:
    embedder = Gated()
    with opened(tmp_path / "store", embedder) as engine:
        engine.learn_batch(MANY, wait="durable")
        assert embedder.reached.wait(60)
        embedder.gate.set()
        report = reembed(engine._store, Other())  # type: ignore[arg-type]
        assert (report.statements, report.waiting) == (len(MANY), 0)
    with opened(tmp_path / "store", Other()) as again:
        assert pending(again) == 0 and again.verify().clean


def test_a_follower_waits_for_the_vectors_of_the_other(named: Named) -> None:
    leader, follower = named("leader"), named("follower")
    leader.learn_batch(MANY, wait="durable")
    (first, *_) = leader.changes()
    follower.follow(first)
    follower = named("follower")
    left = pending(follower)
    assert left > 0
    assert follower._behind._thread is None
    until(lambda: pending(leader) == 0)
    assert follower.follow(leader.changes(first.transaction)) == leader.view().transaction
    assert pending(follower) == 0
    # What it learns is its own from then on.
    follower.learn("The weir holds.", wait="durable")
    until(lambda: pending(follower) == 0)
