"""A tiny random encoder with a real tokeniser, built as the real ones are, and its oracle.

The oracle computes the same network with numpy and plain loops, and shares no code with the
builder. Tests that need a published model take `default_model` and are skipped where it is absent.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from sutra_core.embed.build import build_encoder
from sutra_core.embed.cache import ModelCache, ModelFiles
from sutra_core.embed.fetch import locate
from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import TOKENISER, WEIGHTS, Architecture, Mirror, Profile, profile_named
from sutra_core.embed.onnx import OnnxEmbedder
from sutra_core.errors import ModelUnavailableError

WORDS = [
    "the",
    "river",
    "rises",
    "at",
    "a",
    "hill",
    "and",
    "flows",
    "to",
    "sea",
    "drinks",
    "tea",
    "in",
    "Zoë",
]
WORDS += ["Genève", ".", ",", "!", "?"]
MAX_TOKENS = 24
BERT = Architecture("bert", hidden=32, layers=2, heads=4, norm_epsilon=1e-12)
MPNET = replace(BERT, family="mpnet", norm_epsilon=1e-5, position_offset=2, relative_buckets=8)

Weights = dict[str, NDArray[np.float32]]
Oracle = Callable[[list[int]], NDArray[np.float64]]


@dataclass(frozen=True)
class TinyModel:
    """A profile, the folder with its files, and the oracle of its last hidden state."""

    profile: Profile
    folder: Path
    weights: Weights
    oracle: Oracle

    def open_tokeniser(self) -> Tokenizer:
        """The tokeniser as its file has it, but set to cut nothing."""
        tokeniser = Tokenizer.from_file(str(self.folder / TOKENISER))
        tokeniser.no_padding()
        tokeniser.no_truncation()
        return tokeniser

    def open(self, folder: Path, *, threads: int = 1) -> OnnxEmbedder:
        """An embedder over the encoder, built into `folder`."""
        cache = ModelCache(self.profile, folder)
        cache.folder.mkdir(parents=True, exist_ok=True)
        files = cache.put_encoder(build_encoder(self.profile, self.folder / WEIGHTS))
        return OnnxEmbedder(
            files.encoder,
            self.folder / TOKENISER,
            fingerprint=self.profile.fingerprint,
            max_tokens=self.profile.max_tokens,
            threads=threads,
        )


def tiny_weights(architecture: Architecture, seed: int = 7) -> Weights:
    """Random weights under the names that published models give them."""
    random = np.random.default_rng(seed)
    hidden, inner = architecture.hidden, 2 * architecture.hidden
    weights: Weights = {}

    def put(name: str, *shape: int, around: float = 0.0) -> None:
        weights[name] = (around + random.normal(0, 0.3, shape)).astype(np.float32)

    def dense(name: str, inputs: int, outputs: int) -> None:
        put(f"{name}.weight", outputs, inputs)
        put(f"{name}.bias", outputs)

    def norm(name: str) -> None:
        put(f"{name}.weight", hidden, around=1.0)
        put(f"{name}.bias", hidden)

    put("embeddings.word_embeddings.weight", len(WORDS) + 3, hidden)
    put("embeddings.position_embeddings.weight", MAX_TOKENS + architecture.position_offset, hidden)
    norm("embeddings.LayerNorm")
    bert = architecture.family == "bert"
    if bert:
        put("embeddings.token_type_embeddings.weight", 2, hidden)
    else:
        put(
            "encoder.relative_attention_bias.weight",
            architecture.relative_buckets,
            architecture.heads,
        )
    inside = (
        ("self.query", "self.key", "self.value", "output.dense")
        if bert
        else ("attn.q", "attn.k", "attn.v", "attn.o")
    )
    for layer in range(architecture.layers):
        prefix = f"encoder.layer.{layer}"
        for name in inside:
            dense(f"{prefix}.attention.{name}", hidden, hidden)
        norm(f"{prefix}.attention.{'output.' if bert else ''}LayerNorm")
        dense(f"{prefix}.intermediate.dense", hidden, inner)
        dense(f"{prefix}.output.dense", inner, hidden)
        norm(f"{prefix}.output.LayerNorm")
    return weights


def tiny_tokeniser() -> Tokenizer:
    """WordPiece over a few words; marks [CLS] and [SEP]; set to pad and cut, as published ones are."""
    vocabulary = {word: number for number, word in enumerate(["[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokeniser = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokeniser.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokeniser.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokeniser.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokeniser.enable_truncation(8)
    tokeniser.enable_padding(length=8)
    return tokeniser


def tiny_model(
    folder: Path, architecture: Architecture, *, quantised: bool = False, weights: Weights | None = None
) -> TinyModel:
    """Writes the files of a tiny model and describes them."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = weights or tiny_weights(architecture)
    save_file(weights, folder / WEIGHTS)
    tiny_tokeniser().save(str(folder / TOKENISER))
    profile = Profile(
        name="tiny",
        model=f"tiny-{architecture.family}",
        dimension=architecture.hidden,
        max_tokens=MAX_TOKENS,
        quantised=quantised,
        architecture=architecture,
        files={name: sha256_of(folder / name) for name in (WEIGHTS, TOKENISER)},
        hub_repository="tiny/tiny",
        mirror=Mirror(("tiny==1",), member_folder="model"),
    )
    return TinyModel(profile, folder, weights, lambda ids: hidden_states(weights, architecture, ids))


def hidden_states(weights: Weights, architecture: Architecture, ids: list[int]) -> NDArray[np.float64]:
    """The last hidden state `[tokens, hidden]`, by the book (Devlin et al. 2019; Song et al. 2020)."""
    bert = architecture.family == "bert"

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + architecture.norm_epsilon)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ weights[f"{name}.weight"].T.astype(np.float64) + weights[f"{name}.bias"]

    first = architecture.position_offset
    x = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + weights["embeddings.position_embeddings.weight"][first : first + len(ids)]
    if bert:
        x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    size = architecture.hidden // architecture.heads
    for layer in range(architecture.layers):
        prefix = f"encoder.layer.{layer}"
        inside = [
            f"{prefix}.attention.{name}"
            for name in (
                ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
                if bert
                else ("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm")
            )
        ]
        query, key, value = (dense(x, name) for name in inside[:3])
        heads: list[NDArray[np.float64]] = []
        for head in range(architecture.heads):
            part = slice(head * size, (head + 1) * size)
            scores = query[:, part] @ key[:, part].T / math.sqrt(size)
            if not bert:
                table = weights["encoder.relative_attention_bias.weight"][:, head]
                scores = scores + np.array(
                    [
                        [
                            table[_bucket(column - row, architecture.relative_buckets)]
                            for column in range(len(ids))
                        ]
                        for row in range(len(ids))
                    ]
                )
            odds = np.exp(scores - scores.max(1, keepdims=True))
            heads.append(odds / odds.sum(1, keepdims=True) @ value[:, part])
        x = norm(dense(np.concatenate(heads, 1), inside[3]) + x, inside[4])
        inner = dense(x, f"{prefix}.intermediate.dense")
        inner = np.vectorize(lambda y: y * (1 + math.erf(y / math.sqrt(2))) / 2)(inner)
        x = norm(dense(inner, f"{prefix}.output.dense") + x, f"{prefix}.output.LayerNorm")
    return x


def _bucket(distance: int, buckets: int) -> int:
    """The relative position bucket of one pair (Raffel et al. 2020)."""
    half, size = buckets // 2, abs(distance)
    exact = half // 2
    if size >= exact:
        logarithm = math.log(size / exact) / math.log(128 / exact)
        size = min(half - 1, exact + int(logarithm * (half - exact)))
    return size + (half if distance > 0 else 0)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    """A tiny BERT in full precision, whose vectors the oracle gives to many digits."""
    return tiny_model(tmp_path_factory.mktemp("tiny"), BERT)


@pytest.fixture(scope="session")
def make_tiny() -> Callable[..., TinyModel]:
    """`make_tiny(folder, "bert" or "mpnet", quantised=…, change=…)`; `change` edits the weights."""

    def make(
        folder: Path,
        family: str = "bert",
        *,
        quantised: bool = False,
        change: Callable[[Weights], object] = lambda weights: None,
    ) -> TinyModel:
        architecture = MPNET if family == "mpnet" else BERT
        weights = tiny_weights(architecture)
        change(weights)
        return tiny_model(folder, architecture, quantised=quantised, weights=weights)

    return make


@pytest.fixture(scope="session")
def bring_model() -> Callable[..., TinyModel]:
    """`bring_model(folder, offset, **settings)`: a tiny BERT with the settings that tell its shape."""

    def bring(folder: Path, offset: int = 0, **changed: object) -> TinyModel:
        model = tiny_model(folder, replace(BERT, position_offset=offset))
        settings = {
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": BERT.hidden,
            "num_hidden_layers": BERT.layers,
            "num_attention_heads": BERT.heads,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": MAX_TOKENS + offset,
        }
        (folder / "config.json").write_text(json.dumps(settings | changed))
        return model

    return bring


@pytest.fixture(scope="session")
def tiny_embedder(tiny: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> OnnxEmbedder:
    return tiny.open(tmp_path_factory.mktemp("cache"), threads=2)


@pytest.fixture(scope="session")
def default_model() -> ModelFiles:
    """The default profile's model, from this machine alone."""
    given = os.environ.get("SUTRA_MODEL_PATH")
    try:
        return locate(profile_named("default"), model_path=Path(given) if given else None)
    except ModelUnavailableError:
        pytest.skip("all-MiniLM-L6-v2 is not on this machine; `sutra models fetch` brings it")
