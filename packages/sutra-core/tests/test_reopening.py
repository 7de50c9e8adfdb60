"""An engine opens its store again after a write that failed: over files that really refuse to be written."""

from __future__ import annotations

import resource
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import StoreIOError, SutraError

FACT = "Marie Curie was born in Warsaw."
QUESTION = "Where was Marie Curie born?"


@contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """Writing past `size` bytes of any file fails, as a quota makes it fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def config(folder: Path) -> ReasoningEngineConfig:
    return ReasoningEngineConfig(storage_path=folder / "store", batch_size=50)


def many(first: int) -> list[str]:
    return [f"Station {number} lies on Line {number % 10}. " * 40 for number in range(first, first + 400)]


def test_an_engine_goes_on_by_itself_after_a_write_that_failed(tmp_path: Path) -> None:
    with ReasoningEngine(config(tmp_path), embedder=WordEmbedder()) as engine:
        engine.learn(FACT, source="curie")
        before = engine.ask(QUESTION)
        size = (tmp_path / "store" / "storage.dat").stat().st_size
        with no_file_may_grow_beyond(size), pytest.raises(StoreIOError):
            engine.learn_batch(many(0))
        assert engine.ask(QUESTION).text == before.text
        assert engine.learn_batch(many(0)).sources == 400
        assert engine.verify().clean
    with ReasoningEngine(config(tmp_path), embedder=WordEmbedder(), check_pages=True) as engine:
        assert engine.stats().store.sources == 401
        assert engine.explain(before.id).text == before.text


def test_questions_are_answered_while_nothing_can_be_written(tmp_path: Path) -> None:
    with ReasoningEngine(config(tmp_path), embedder=WordEmbedder()) as engine:
        engine.learn(FACT, source="curie")
        size = (tmp_path / "store" / "storage.dat").stat().st_size
        with no_file_may_grow_beyond(size):
            with pytest.raises(StoreIOError):
                engine.learn_batch(many(0))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for number in range(3):
                    assert engine.ask(QUESTION, num_paths=number).text == "Warsaw"
                    assert engine.search("Warsaw", mode="words")[0].address == "curie"


def test_many_threads_go_on_together(tmp_path: Path) -> None:
    with ReasoningEngine(config(tmp_path), embedder=WordEmbedder()) as engine:
        engine.learn(FACT, source="curie")
        size = (tmp_path / "store" / "storage.dat").stat().st_size
        failures: list[Exception] = []
        asked, limited = threading.Event(), threading.Event()

        def ask(number: int) -> None:
            for round_ in range(20):
                # A store that is opened again while nothing may grow can be refused even that.
                excused = limited.is_set()
                try:
                    assert engine.search("Warsaw", mode="words")[0].address == "curie"
                    engine.ask(f"Where was Marie Curie born, {number} {round_}?")
                    asked.set()
                except StoreIOError as error:
                    if not (excused or limited.is_set()):
                        failures.append(error)
                except (AssertionError, SutraError) as error:
                    failures.append(error)

        threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        asked.wait()
        limited.set()
        with no_file_may_grow_beyond(size), pytest.raises(StoreIOError):
            engine.learn_batch(many(0))
        limited.clear()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert engine.learn_batch(many(0)).sources == 400
