"""A tiny random reader: the shape of the real one, its files, and the network by the book.

The oracle shares no code with the builder nor with the network that is fitted.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit.reader.base import is_trained
from fit.reader.pack import pack
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import TOKENISER, WEIGHTS, Architecture, Mirror, Profile
from sutra_core.reader.fetch import ReaderCache, obtain
from sutra_core.reader.limits import LENGTH_MAX
from sutra_core.reader.onnx import OnnxReader
from sutra_core.reader.own import OwnNetwork
from sutra_core.reader.shipped import Shipped

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
    "who",
    "drinks",
    "tea",
    "in",
    "Zoë",
    "Genève",
    ".",
    ",",
    "!",
    "?",
    ":",
    "##s",
    "##ing",
]
HIDDEN = 24
ARCHITECTURE = Architecture("bert", hidden=HIDDEN, layers=6, heads=12, norm_epsilon=1e-12)

Weights = dict[str, NDArray[np.float32]]


def tiny_weights() -> Weights:
    """The arrays of the whole network, always the same; heads drawn wide, so that logits differ."""
    draw = np.random.default_rng(5)
    weights: Weights = {}

    def put(name: str, *shape: int, around: float = 0.0) -> None:
        weights[name] = (around + draw.normal(0, 0.3, shape)).astype(np.float16).astype(np.float32)

    def dense(name: str, inputs: int, outputs: int) -> None:
        put(f"{name}.weight", outputs, inputs)
        put(f"{name}.bias", outputs)

    def norm(name: str) -> None:
        put(f"{name}.weight", HIDDEN, around=1.0)
        put(f"{name}.bias", HIDDEN)

    put("embeddings.word_embeddings.weight", len(WORDS) + 3, HIDDEN)
    put("embeddings.position_embeddings.weight", LENGTH_MAX, HIDDEN)
    put("embeddings.token_type_embeddings.weight", 2, HIDDEN)
    norm("embeddings.LayerNorm")
    for layer in range(ARCHITECTURE.layers):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            dense(f"{name}.attention.{part}", HIDDEN, HIDDEN)
        norm(f"{name}.attention.output.LayerNorm")
        dense(f"{name}.intermediate.dense", HIDDEN, 4 * HIDDEN)
        dense(f"{name}.output.dense", 4 * HIDDEN, HIDDEN)
        norm(f"{name}.output.LayerNorm")
    dense("qa", HIDDEN, 2)
    dense("verdict", HIDDEN, 3)
    return weights


def tiny_tokeniser() -> Tokenizer:
    """WordPiece over a few words, with BERT's template; set to pad and cut, as published ones are."""
    vocabulary = {word: number for number, word in enumerate(["[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokeniser = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokeniser.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokeniser.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokeniser.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    tokeniser.enable_truncation(8)
    tokeniser.enable_padding(length=8)
    return tokeniser


@dataclass(frozen=True)
class TinyReader:
    """The files of a tiny reader: a folder with the base's, and the packed file, which `shipped` names."""

    folder: Path
    profile: Profile
    shipped: Shipped

    def cache(self, root: Path, *, quantised: bool = False) -> ReaderCache:
        """An empty cache."""
        return ReaderCache(root, self.profile, self.shipped, quantised)

    def open(self, root: Path, *, threads: int = 1, quantised: bool = False) -> OnnxReader:
        """A reader, built into the cache `root`."""
        files = obtain(self.cache(root, quantised=quantised), self.folder, ())
        network = OwnNetwork(files.model, files.tokeniser)
        return OnnxReader(network, fingerprint=files.fingerprint, threads=threads)


def tiny_reader(folder: Path) -> TinyReader:
    """Writes the files of a tiny reader."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = tiny_weights()
    # The base has layers of its own where the reader has others.
    base = {name: -array if is_trained(name) else array for name, array in weights.items()}
    save_file(
        {name: array for name, array in base.items() if not name.startswith(("qa.", "verdict."))},
        folder / WEIGHTS,
    )
    tiny_tokeniser().save(str(folder / TOKENISER))
    packed = pack({name: array for name, array in weights.items() if is_trained(name)})
    shipped = Shipped(hashlib.sha256(packed).hexdigest(), folder)
    (folder / shipped.name).write_bytes(packed)
    profile = Profile(
        name="tiny",
        model="tiny-bert",
        dimension=HIDDEN,
        max_tokens=LENGTH_MAX,
        quantised=False,
        architecture=ARCHITECTURE,
        files={name: sha256_of(folder / name) for name in (WEIGHTS, TOKENISER)},
        hub_repository="tiny/tiny",
        mirror=Mirror(("tiny==1",), member_folder="model"),
    )
    return TinyReader(folder, profile, shipped)


def logits_by_the_book(
    weights: Weights, ids: list[int], segments: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`[tokens, 2]` (start, end) and `[3]` (verdict), in double precision (Devlin et al. 2019)."""

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ weights[f"{name}.weight"].T.astype(np.float64) + weights[f"{name}.bias"]

    x = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][segments]
    x = norm(x, "embeddings.LayerNorm")
    size = x.shape[1] // 12
    for layer in range(6):
        name = f"encoder.layer.{layer}"
        query, key, value = (dense(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        mixed: list[NDArray[np.float64]] = []
        for head in range(12):
            part = slice(head * size, (head + 1) * size)
            scores = query[:, part] @ key[:, part].T / math.sqrt(size)
            odds = np.exp(scores - scores.max(1, keepdims=True))
            mixed.append(odds / odds.sum(1, keepdims=True) @ value[:, part])
        attended = dense(np.concatenate(mixed, 1), f"{name}.attention.output.dense")
        x = norm(attended + x, f"{name}.attention.output.LayerNorm")
        inner = dense(x, f"{name}.intermediate.dense")
        inner = np.vectorize(lambda y: y * (1 + math.erf(y / math.sqrt(2))) / 2)(inner)
        x = norm(dense(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
    return dense(x, "qa"), dense(x[:1], "verdict")[0]
