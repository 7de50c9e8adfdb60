"""Engines of one process share models, opened once, and room for answers; each has its own store."""

from __future__ import annotations

from pathlib import Path

import pytest
from word_embedder import WordEmbedder

import sutra_core.shared
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import profile_named
from sutra_core.shared import Shared


class Counted(WordEmbedder):
    """Says when it is closed."""

    dimension = profile_named("default").dimension
    fingerprint = profile_named("default").fingerprint

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    found: list[Counted] = []

    def open_counted(*_: object) -> Counted:
        found.append(Counted())
        return found[-1]

    monkeypatch.setattr(sutra_core.shared, "open_embedder", open_counted)
    return found


def config(folder: Path) -> ReasoningEngineConfig:
    return ReasoningEngineConfig(storage_path=folder, reader="off")


def test_a_model_is_opened_once_and_closed_by_who_shares_it(tmp_path: Path, opened: list[Counted]) -> None:
    shared = Shared(config(tmp_path))
    engines = [ReasoningEngine(config(tmp_path / name), shared=shared) for name in ("a", "b")]
    assert opened == []
    assert engines[0].embedder is engines[1].embedder is opened[0]
    for engine in engines:
        engine.close()
    assert opened[0].closed == 0
    shared.close()
    assert (len(opened), opened[0].closed) == (1, 1)
    assert shared.embedder(profile_named("default")) is opened[1]
    shared.close()


def test_an_engine_by_itself_closes_what_it_opened(tmp_path: Path, opened: list[Counted]) -> None:
    with ReasoningEngine(config(tmp_path)) as engine:
        assert engine.embedder is opened[0]
    assert opened[0].closed == 1


def test_a_reader_that_is_off_is_none(tmp_path: Path) -> None:
    assert Shared(config(tmp_path)).reader() is None
