"""Engines over folders of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from taught import Named
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Named]:
    """`named(name)`: an engine over a folder of that name, opened again where it was open."""
    opened: dict[str, ReasoningEngine] = {}

    def make(name: str) -> ReasoningEngine:
        if name in opened:
            opened[name].close()
        config = ReasoningEngineConfig(storage_path=tmp_path / name, batch_size=2, reader="off")
        opened[name] = ReasoningEngine(config, embedder=WordEmbedder())
        return opened[name]

    yield make
    for engine in opened.values():
        engine.close()
