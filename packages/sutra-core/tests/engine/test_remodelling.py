"""Another model for a store that is in use, while it learns, forgets and answers."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import PassageText
from sutra_core.errors import (
    EmbedderMismatchError,
    InvalidValueError,
    ModelUnavailableError,
    ReadOnlyError,
    ReembedUnderWayError,
    StoreFollowsError,
)
from sutra_core.types import Floats

TESTS = Path(__file__).parents[4] / "tests"
MANY = [f"Station {number} lies on Line {number % 10}." for number in range(120)]


class Turned(WordEmbedder):
    """The words' directions turned: as many dimensions, and no vector is near the other's."""

    fingerprint = hashlib.sha256(b"the directions of words, turned").hexdigest()

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self.priorities: set[int] = set()

    def encode(self, texts: Sequence[str]) -> Floats:
        return np.roll(super().encode(texts), 1, axis=1)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        self.priorities.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        self.reached.set()
        assert self.gate.wait(60)
        vectors, sentences = WordEmbedder().encode_passages(passages)
        return np.roll(vectors, 1, axis=1), [np.roll(each, 1, axis=1) for each in sentences]


def opened(folder: Path, embedder: WordEmbedder, **settings: Any) -> ReasoningEngine:
    config = ReasoningEngineConfig(storage_path=folder, reader="off", batch_size=5)
    return ReasoningEngine(config, embedder=embedder, **settings)


def until_whole(engine: ReasoningEngine) -> None:
    deadline = time.monotonic() + 60
    while engine.stats().store.vectors_pending:
        assert time.monotonic() < deadline, "vectors do not come"
        time.sleep(0.01)


def test_it_answers_learns_and_forgets_meanwhile_and_no_vectors_are_mixed(tmp_path: Path) -> None:
    turned = Turned()
    with opened(tmp_path / "store", WordEmbedder()) as engine:
        engine.learn_batch(MANY)
        turned.gate.clear()
        reports: list[Any] = []
        told: list[tuple[int, int]] = []
        work = threading.Thread(
            target=lambda: reports.append(engine.reembed(turned, on_progress=lambda *each: told.append(each)))
        )
        work.start()
        assert turned.reached.wait(60)
        with pytest.raises(ReembedUnderWayError):
            engine.reembed(turned)
        engine.learn("The weir holds.", source="weir")
        engine.forget(source=engine.search(MANY[3], mode="meaning", k=1)[0].address)

        stops = threading.Event()
        learned: list[str] = []

        def learn() -> None:
            while not stops.is_set():
                learned.append(f"Mill {len(learned)} of Alham turns.")
                engine.learn(learned[-1], source=learned[-1])

        learning = threading.Thread(target=learn)
        learning.start()
        turned.gate.set()
        asked = 0
        while work.is_alive() or asked < 20:
            # Its own words come first by either model, and by none where the two are mixed.
            (hit,) = engine.search(MANY[7 + asked % 100], mode="meaning", k=1)
            assert hit.text == MANY[7 + asked % 100] and hit.score > 0.9
            asked += 1
        work.join(60)
        stops.set()
        learning.join(60)
        (report,) = reports
        assert report.statements >= 120 and report.waiting == 0 and told[-1][0] <= told[-1][1]
        assert turned.priorities >= {19} or sys.platform != "linux"
        assert engine.view().fingerprint == Turned.fingerprint
        assert engine.embedder is turned
        until_whole(engine)
        view = engine.view()
        for text in [*MANY[4:], "The weir holds.", *learned]:
            (hit,) = engine.search(text, mode="meaning", k=1)
            assert hit.text == text
            assert view.vectors([hit.concept])[0] == pytest.approx(turned.encode([text])[0], abs=1e-2), text
        assert MANY[3] not in [hit.text for hit in engine.search(MANY[3], mode="words")]
        assert engine.ask("Which line does Station 9 lie on?", threshold=0.0).text
        assert engine.verify().clean
        again = engine.reembed(turned)
        assert (again.embedded, again.statements) == (0, engine.stats().store.vectors)
    with opened(tmp_path / "store", Turned()) as engine:
        assert engine.search(MANY[9], mode="meaning", k=1)[0].text == MANY[9]


def test_an_answer_of_the_old_model_is_not_kept_for_the_new(tmp_path: Path) -> None:
    with opened(tmp_path / "store", WordEmbedder()) as engine:
        engine.learn_batch(MANY)
        question = "Where does Station 9 lie?"
        before = engine.ask(question, threshold=0.0)
        engine.reembed(Turned())
        assert engine.view().transaction == before.transaction
        after = engine.ask(question, threshold=0.0)
        assert after is not before and engine.ask(question, threshold=0.0) is after
        assert engine.explain(before.id).text == before.text


def test_what_progress_raises_ends_it_and_what_is_embedded_stays(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with opened(tmp_path / "store", WordEmbedder()) as engine:
        engine.learn_batch(MANY)
        with pytest.raises(InterruptedError):
            engine.reembed(Turned(), on_progress=stop)
        assert engine.view().fingerprint == WordEmbedder.fingerprint
        assert engine.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]
        report = engine.reembed(Turned())
        assert 0 < report.embedded < report.statements
        # The model that it has gives up what was begun with another.
        with pytest.raises(InterruptedError):
            engine.reembed(WordEmbedder(), on_progress=stop)
        engine.reembed(Turned())
        report = engine.reembed(WordEmbedder())
        assert report.embedded == report.statements


PROGRAM = """
import sys, time
sys.path[:0] = [sys.argv[2], sys.argv[3]]
from test_remodelling import MANY, Turned, opened
from word_embedder import WordEmbedder
from pathlib import Path
engine = opened(Path(sys.argv[1]), WordEmbedder())
engine.learn_batch(MANY)
def show(done, total):
    print(done, flush=True)
    time.sleep(600 if done > 40 else 0)
engine.reembed(Turned(), on_progress=show)
"""


def test_it_goes_on_after_a_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "store"), str(TESTS), str(Path(__file__).parent)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout:
        done = 0
        while done <= 40:
            done = int(program.stdout.readline())
    program.send_signal(signal.SIGKILL)
    program.wait(60)
    with opened(tmp_path / "store", WordEmbedder()) as engine:
        assert engine.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]
        report = engine.reembed(Turned())
        assert report.embedded == len(MANY) - done and report.statements == len(MANY)
        assert engine.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]
        assert engine.verify().clean


def test_a_store_that_cannot_have_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "store", WordEmbedder()) as engine:
        engine.learn_batch(MANY[:5])
        with pytest.raises(InvalidValueError, match="embedder"):
            engine.reembed(7)  # type: ignore[arg-type]
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
        with pytest.raises(ModelUnavailableError):
            engine.reembed("accurate")
        with opened(tmp_path / "follower", WordEmbedder()) as follower:
            follower.follow(engine.changes())
            with pytest.raises(StoreFollowsError, match="follow it anew"):
                follower.reembed(Turned())
    with (
        opened(tmp_path / "store", WordEmbedder(), read_only=True) as reading,
        pytest.raises(ReadOnlyError),
    ):
        reading.reembed(Turned())
    config = ReasoningEngineConfig(storage_path=tmp_path / "chosen", reader="off", embedder="wide")
    with (
        ReasoningEngine(config, embedder=WordEmbedder()) as engine,
        pytest.raises(EmbedderMismatchError, match="says wide here"),
    ):
        engine.reembed("default")
