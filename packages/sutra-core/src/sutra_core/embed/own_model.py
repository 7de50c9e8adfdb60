"""A sentence encoder that the user brings: a folder as sentence-transformers writes it.

What is read of it is the shape of the network, and how long a text it takes; its weights and its tokeniser
are named by their SHA-256, like those of the models that Sutra knows. Builds and fetches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import PROFILES, TOKENISER, WEIGHTS, Architecture, Mirror, Profile
from sutra_core.errors import ConfigError

__all__ = ["own_profile"]

_CONFIG = "config.json"
# The first row of the position table that belongs to a token, by the kind of network.
_POSITION_OFFSETS = {"bert": 0, "roberta": 2, "xlm-roberta": 2}
_TOKENS = 256
"""Tokens of a window where the model does not say how many."""
_HIDDEN_MAX = 4096
_LAYERS_MAX = 48


def own_profile(folder: Path) -> Profile | None:
    """The profile of the model in a folder; None for one that Sutra knows, or where no `config.json` tells
    its shape.

    Takes encoders of the kinds BERT, RoBERTa and XLM-RoBERTa whose vectors are the mean over the tokens
    (sentence-transformers' multilingual MiniLM, multilingual E5). Raises `ConfigError` for any other kind.
    """
    if not all((folder / name).is_file() for name in (_CONFIG, WEIGHTS, TOKENISER)):
        return None
    weights = sha256_of(folder / WEIGHTS)
    if any(profile.files.get(WEIGHTS) == weights for profile in PROFILES.values()):
        return None
    shape = _Settings(folder / _CONFIG)
    kind = shape.word("model_type")
    if kind not in _POSITION_OFFSETS:
        kinds = ", ".join(_POSITION_OFFSETS)
        raise shape.error(f'"model_type" is {kind!r}, and encoders of the kinds {kinds} can be built')
    if shape.word("hidden_act", "gelu") != "gelu":
        raise shape.error('"hidden_act" is not "gelu", which is what can be built')
    _check_pooling(folder)
    hidden = shape.number("hidden_size", _HIDDEN_MAX)
    offset = _POSITION_OFFSETS[kind]
    room = shape.number("max_position_embeddings", 1 << 20) - offset
    told = folder / "sentence_bert_config.json"
    window = _Settings(told).number("max_seq_length", 1 << 20, _TOKENS) if told.is_file() else _TOKENS
    return Profile(
        name="own",
        model=folder.resolve().name,
        dimension=hidden,
        max_tokens=min(window, room),
        quantised=False,
        architecture=Architecture(
            "bert",
            hidden=hidden,
            layers=shape.number("num_hidden_layers", _LAYERS_MAX),
            heads=shape.number("num_attention_heads", hidden),
            norm_epsilon=shape.fraction("layer_norm_eps"),
            position_offset=offset,
        ),
        files={WEIGHTS: weights, TOKENISER: sha256_of(folder / TOKENISER)},
        hub_repository="",
        mirror=Mirror((), member_folder=""),
    )


def _check_pooling(folder: Path) -> None:
    path = folder / "1_Pooling" / _CONFIG
    if path.is_file():
        pooling = _Settings(path)
        if not (
            pooling.values.get("pooling_mode_mean_tokens") is True
            or pooling.values.get("pooling_mode") == "mean"
        ):
            raise pooling.error("its vectors are not the mean over the tokens, which is what can be built")
    if (folder / "2_Dense").is_dir():
        raise ConfigError(
            f"SUTRA_MODEL_PATH: {folder} has a dense layer after its pooling, which cannot be built"
        )


class _Settings:
    """The settings of a file, each checked when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            values: object = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise self.error(f"it cannot be read: {error}") from error
        if not isinstance(values, dict):
            raise self.error("it is not a JSON object")
        self.values = cast(Mapping[str, Any], values)

    def word(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        return value if isinstance(value, str) else ""

    def number(self, name: str, largest: int, default: int | None = None) -> int:
        value = self.values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
            raise self.error(f'"{name}" is {value!r}, not a whole number from 1 to {largest}')
        return value

    def fraction(self, name: str) -> float:
        value = self.values.get(name, 1e-12)
        if not isinstance(value, float) or not 0.0 < value < 0.1:
            raise self.error(f'"{name}" is {value!r}, not a number from 0 to 0.1')
        return value

    def error(self, reason: str) -> ConfigError:
        return ConfigError(
            f"SUTRA_MODEL_PATH: the model in {self._path.parent} cannot be used: {self._path.name}: {reason}"
        )
