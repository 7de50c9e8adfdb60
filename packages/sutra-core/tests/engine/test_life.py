"""`ReasoningEngine` is opened and closed: what stays, whose the folder is, which embedder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from store_contents import contents
from taught import FACTS, QUESTION, Opener
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import profile_named
from sutra_core.errors import (
    EmbedderMismatchError,
    StoreClosedError,
    StoreLockedError,
)


def test_closing_twice_does_nothing_and_using_it_afterwards_is_an_error(engine: ReasoningEngine) -> None:
    answer = engine.ask(QUESTION)
    engine.close()
    engine.close()
    uses: list[Callable[[], object]] = [
        lambda: engine.learn("The Tyne is wide."),
        lambda: engine.ask(QUESTION),
        lambda: engine.explain(answer.id),
        lambda: engine.search("Curie"),
        lambda: engine.get_concept(1),
        lambda: engine.neighbors(1),
        engine.view,
        engine.stats,
        engine.verify,
    ]
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()


def test_an_error_inside_the_context_closes_it(open_engine: Opener) -> None:
    engine = open_engine()
    with pytest.raises(ZeroDivisionError), engine:
        raise ZeroDivisionError
    with pytest.raises(StoreClosedError):
        engine.view()


def test_what_was_learned_is_there_after_reopening(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch(FACTS)
        before = contents(engine.view(), ids=True)
        answer = engine.ask(QUESTION)
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        assert contents(engine.view(), ids=True) == before
        assert replace(engine.ask(QUESTION), timings_ms={}) == replace(answer, timings_ms={})
        assert engine.learn_batch(FACTS).sources_known == 3


def test_the_reference_store_keeps_nothing_on_disk(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", use_rust_storage=False)
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch(FACTS)
    assert not (tmp_path / "store").exists()


def test_a_folder_is_one_engines_at_a_time(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    with ReasoningEngine(config, embedder=WordEmbedder()), pytest.raises(StoreLockedError):
        ReasoningEngine(config, embedder=WordEmbedder())
    ReasoningEngine(config, embedder=WordEmbedder()).close()


def test_another_embedder_than_the_stores_is_refused(tmp_path: Path) -> None:
    class Other(WordEmbedder):
        fingerprint = "ab" * 32

    class Longer(WordEmbedder):
        dimension = 65

    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    ReasoningEngine(config, embedder=WordEmbedder()).close()
    for wrong in (Other(), Longer(), None):
        with pytest.raises(EmbedderMismatchError):
            ReasoningEngine(config, embedder=wrong)
    ReasoningEngine(config, embedder=WordEmbedder()).close()


def test_another_dimension_than_the_stores_is_refused(tmp_path: Path) -> None:
    wide = ReasoningEngineConfig(storage_path=tmp_path / "store", vector_dimension=768)
    with ReasoningEngine(wide) as engine:
        assert engine.stats().store.dimension == 768
    with pytest.raises(EmbedderMismatchError, match="768"):
        ReasoningEngine(ReasoningEngineConfig(storage_path=tmp_path / "store", vector_dimension=384))
    with ReasoningEngine(ReasoningEngineConfig(storage_path=tmp_path / "store")) as engine:
        assert engine.stats().embedder == profile_named("wide").model


def test_the_environment_configures_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTRA_STORAGE_PATH", str(tmp_path / "there"))
    monkeypatch.setenv("SUTRA_USE_RUST_STORAGE", "false")
    with ReasoningEngine(embedder=WordEmbedder()) as engine:
        assert engine.config.storage_path == tmp_path / "there"
        assert engine.stats().store.bytes_on_disk == 0
        engine.learn_batch(FACTS)
        assert engine.ask(QUESTION).text == "Warsaw"


@pytest.mark.parametrize(("threshold", "are_settled"), [(1, True), (1000, False)])
def test_as_many_concepts_stay_fresh_as_is_configured(
    tmp_path: Path, threshold: int, are_settled: bool
) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", memory_threshold=threshold)
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch(FACTS)
        asked = engine.ask(QUESTION)
    assert any((tmp_path / "store" / "index").glob("*.idx")) == are_settled
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        assert engine.ask(QUESTION).text == asked.text
