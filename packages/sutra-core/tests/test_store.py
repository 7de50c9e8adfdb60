"""Opening a store: whose vectors it holds, without a model's files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from word_embedder import WordEmbedder

import sutra_core.store
from sutra_core.config import Dimension, EmbedderName, ReasoningEngineConfig
from sutra_core.embed import PROFILES, profile_named
from sutra_core.errors import EmbedderMismatchError, ModelUnavailableError
from sutra_core.reference import ReferenceStore
from sutra_core.store import open_store, profile_for
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine


def configured(
    folder: Path, dimension: Dimension | None = None, name: EmbedderName | None = None, *, rust: bool = True
) -> ReasoningEngineConfig:
    return ReasoningEngineConfig(
        storage_path=folder / "store", vector_dimension=dimension, embedder=name, use_rust_storage=rust
    )


def test_a_new_store_takes_what_is_configured_or_the_default(tmp_path: Path) -> None:
    assert profile_for(configured(tmp_path)) == profile_named("default")
    assert profile_for(configured(tmp_path, 384)) == profile_named("default")
    assert profile_for(configured(tmp_path, 768)) == profile_named("wide")
    for name in ("default", "accurate", "wide"):
        assert profile_for(configured(tmp_path, name=name)) == profile_named(name)
    assert profile_for(configured(tmp_path, 384, "accurate")) == profile_named("accurate")
    assert not (tmp_path / "store").exists()


def test_a_new_store_with_a_table_needs_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sutra_core.embed.fetch.default_cache", lambda: tmp_path / "cache")
    for config in (configured(tmp_path, 256), configured(tmp_path, name="instant")):
        with pytest.raises(ModelUnavailableError, match="sutra models fetch instant"):
            profile_for(config)


@pytest.mark.parametrize("name", ["instant", "default", "accurate", "wide"])
def test_an_old_stores_own_embedder_counts(tmp_path: Path, name: EmbedderName) -> None:
    profile = PROFILES[name]
    profile = replace(profile, table="ab" * 32) if profile.base else profile
    open_store(configured(tmp_path), profile).close()
    # Nothing of a model is needed for that, be it a table, which is the one that the store has.
    for config in (configured(tmp_path), configured(tmp_path, name=name)):
        assert profile_for(config) == profile
    for other in PROFILES.keys() - {name}:
        config = configured(tmp_path).model_copy(update={"embedder": other})
        with pytest.raises(EmbedderMismatchError, match="leave SUTRA_EMBEDDER and SUTRA_VECTOR_DIMENSION"):
            profile_for(config)
    dimension: Dimension = 768 if profile.dimension == 384 else 384
    with pytest.raises(EmbedderMismatchError, match="SUTRA_VECTOR_DIMENSION"):
        profile_for(configured(tmp_path, dimension))


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
