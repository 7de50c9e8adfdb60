"""Opening a store: whose vectors it holds, without a model's files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from word_embedder import WordEmbedder

import sutra_core.store
from sutra_core.config import ReasoningEngineConfig
from sutra_core.embed import PROFILES, profile_named
from sutra_core.errors import EmbedderMismatchError
from sutra_core.reference import ReferenceStore
from sutra_core.store import open_store, profile_for
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine


def configured(
    folder: Path, dimension: Literal[384, 768] | None = None, *, rust: bool = True
) -> ReasoningEngineConfig:
    return ReasoningEngineConfig(
        storage_path=folder / "store", vector_dimension=dimension, use_rust_storage=rust
    )


def test_a_new_store_takes_the_configured_dimension_or_the_default(tmp_path: Path) -> None:
    assert profile_for(configured(tmp_path)) == profile_named("default")
    assert profile_for(configured(tmp_path, 384)) == profile_named("default")
    assert profile_for(configured(tmp_path, 768)) == profile_named("accurate")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("name", PROFILES)
def test_an_old_stores_own_embedder_counts(tmp_path: Path, name: str) -> None:
    open_store(configured(tmp_path), PROFILES[name]).close()
    assert profile_for(configured(tmp_path)).name == name
    other: Literal[384, 768] = 768 if PROFILES[name].dimension == 384 else 384
    with pytest.raises(EmbedderMismatchError, match="SUTRA_VECTOR_DIMENSION"):
        profile_for(configured(tmp_path, other))


def test_a_store_of_no_profile_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    open_store(configured(tmp_path), WordEmbedder()).close()
    with pytest.raises(
        EmbedderMismatchError, match=f"64-d vectors of embedder {WordEmbedder.fingerprint[:12]}"
    ):
        profile_for(configured(tmp_path))


def test_the_configuration_says_which_store(tmp_path: Path) -> None:
    engine = open_store(configured(tmp_path), WordEmbedder(), check_pages=True)
    reference = open_store(configured(tmp_path, rust=False), WordEmbedder())
    assert isinstance(engine, Engine) and isinstance(reference, ReferenceStore)
    assert isinstance(engine, KnowledgeStore) and isinstance(reference, KnowledgeStore)
    engine.close()


def test_pages_are_checked_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    class Watched:
        def __init__(self, folder: Path, *, check_pages: bool = False, **_: object) -> None:
            asked.append(check_pages)

    monkeypatch.setattr(sutra_core.store, "Engine", Watched)
    open_store(configured(tmp_path), WordEmbedder())
    open_store(configured(tmp_path), WordEmbedder(), check_pages=True)
    assert asked == [False, True]


def test_the_reference_store_looks_at_no_folder(tmp_path: Path) -> None:
    open_store(configured(tmp_path), WordEmbedder()).close()
    assert profile_for(configured(tmp_path, rust=False)) == profile_named("default")
