"""`ReasoningEngine` from outside, over the engine on disk and the reference store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from taught import FACTS, Opener
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig


@pytest.fixture(autouse=True)
def settings_from_code_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUTRA_STORAGE_PATH", raising=False)


@pytest.fixture(params=["engine", "reference"])
def use_rust(request: pytest.FixtureRequest) -> bool:
    return request.param == "engine"


@pytest.fixture
def open_engine(use_rust: bool, tmp_path: Path) -> Iterator[Opener]:
    """`open_engine(**settings)`: an engine over the test's folder; closed when the test ends."""
    opened: list[ReasoningEngine] = []

    def make(embedder: Any = None, **settings: Any) -> ReasoningEngine:
        config = ReasoningEngineConfig(
            storage_path=tmp_path / "store", use_rust_storage=use_rust, batch_size=2, **settings
        )
        opened.append(ReasoningEngine(config, embedder=embedder or WordEmbedder()))
        return opened[-1]

    yield make
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    """An engine that was taught the facts."""
    engine = open_engine()
    assert engine.learn_batch(FACTS).sources == 3
    return engine
