"""A model that the user brings is built by what its own settings say, or refused with what is wrong of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import open_embedder, own_profile
from sutra_core.embed.models import TOKENISER
from sutra_core.errors import ConfigError, EmbedderMismatchError, ModelUnavailableError


@pytest.mark.parametrize(("kind", "offset"), [("bert", 0), ("xlm-roberta", 2)])
def test_its_vectors_are_the_mean_of_what_its_network_says(
    bring_model: Any, tmp_path: Path, kind: str, offset: int
) -> None:
    model = bring_model(tmp_path / "mine", offset, model_type=kind)
    profile = own_profile(model.folder)
    assert profile is not None
    assert (profile.model, profile.dimension, profile.max_tokens) == (
        "mine",
        model.profile.dimension,
        model.profile.max_tokens,
    )
    with closing(open_embedder(profile, model.folder, tmp_path / "cache", threads=1)) as embedder:
        (vector,) = embedder.encode(["the river rises at a hill"])
    ids = model.open_tokeniser().encode("the river rises at a hill").ids
    mean = model.oracle(ids).mean(0)
    assert np.allclose(vector, mean / np.linalg.norm(mean), atol=1e-4)


def test_how_long_a_text_it_takes_is_what_it_says(bring_model: Any, tmp_path: Path) -> None:
    model = bring_model(tmp_path)
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 12}')
    profile = own_profile(model.folder)
    assert profile is not None
    assert profile.max_tokens == 12


def test_a_folder_without_a_shape_or_a_tokeniser_brings_no_model(bring_model: Any, tmp_path: Path) -> None:
    assert own_profile(tmp_path) is None
    bring_model(tmp_path)
    for name in ("config.json", TOKENISER):
        assert own_profile(tmp_path) is not None
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        assert own_profile(tmp_path) is None
        (tmp_path / name).write_bytes(kept)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model_type": "t5"}, "\"model_type\" is 't5'"),
        ({"model_type": 7}, '"model_type" is'),
        ({"hidden_act": "relu"}, '"hidden_act" is not "gelu"'),
        ({"hidden_size": 0}, '"hidden_size" is 0'),
        ({"hidden_size": True}, '"hidden_size" is True'),
        ({"num_hidden_layers": 10**9}, '"num_hidden_layers" is 1000000000'),
        ({"layer_norm_eps": "small"}, "\"layer_norm_eps\" is 'small'"),
    ],
)
def test_what_cannot_be_built_is_refused(
    bring_model: Any, tmp_path: Path, changed: dict[str, object], reason: str
) -> None:
    bring_model(tmp_path, **changed)
    with pytest.raises(ConfigError, match=reason) as raised:
        own_profile(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_settings_that_are_none_are_refused(bring_model: Any, tmp_path: Path) -> None:
    bring_model(tmp_path)
    for text in ("{", "[]", "\udc80"):
        (tmp_path / "config.json").write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(ConfigError, match=r"config\.json"):
            own_profile(tmp_path)


def test_other_vectors_than_the_mean_are_refused(bring_model: Any, tmp_path: Path) -> None:
    bring_model(tmp_path)
    pooling = tmp_path / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    pooling.write_text('{"pooling_mode_mean_tokens": true}')
    assert own_profile(tmp_path) is not None
    pooling.write_text('{"pooling_mode_cls_token": true}')
    with pytest.raises(ConfigError, match="not the mean over the tokens"):
        own_profile(tmp_path)
    pooling.write_text('{"pooling_mode": "mean"}')
    (tmp_path / "2_Dense").mkdir()
    with pytest.raises(ConfigError, match="dense layer"):
        own_profile(tmp_path)


def test_a_store_learns_with_it_and_is_opened_with_it_again(
    bring_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sutra_core.embed.fetch.default_cache", lambda: tmp_path / "cache")
    model = bring_model(tmp_path / "mine")
    bare = ReasoningEngineConfig.builder().with_storage(tmp_path / "knowledge").with_reader(False)
    config = bare.with_embedder(model.folder).build()
    for _ in range(2):
        with ReasoningEngine(config) as engine:
            engine.learn("the river rises at a hill . ")
            assert engine.search("the river rises", mode="meaning")
            assert engine.embedder_name == "mine"
    other = ReasoningEngineConfig.builder().with_storage(tmp_path / "knowledge").build()
    with pytest.raises(EmbedderMismatchError):
        ReasoningEngine(other)


def test_it_is_looked_for_nowhere_else(bring_model: Any, tmp_path: Path) -> None:
    profile = own_profile(bring_model(tmp_path / "mine").folder)
    assert profile is not None
    with pytest.raises(ModelUnavailableError):
        open_embedder(profile, None, tmp_path / "cache")
