"""An embedder that needs no model: the sum of one fixed random direction for each word.

It is a real embedder of a poor kind: texts with the same words are near each other. Tests of what does
not depend on the quality of vectors use it, so that they run on a machine without the model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.types import Floats

DIMENSION = 64


class WordEmbedder:
    """Keeps `sutra_core.embed.Embedder`."""

    dimension = DIMENSION
    fingerprint = hashlib.sha256(b"a random direction for each word, 64").hexdigest()

    def close(self) -> None:
        """Holds nothing."""

    def encode(self, texts: Sequence[str]) -> Floats:
        failures = {n: "it has no words" for n, text in enumerate(texts) if not text.split()}
        if failures:
            raise UnembeddableTextError(failures)
        return np.stack([_vector(text) for text in texts])

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        vectors = self.encode([f"{passage.title} {passage.text}" for passage in passages])
        sentences = []
        for passage in passages:
            data = passage.text.encode()
            rows = [_vector(data[start:end].decode()) for start, end in passage.sentences]
            sentences.append(np.stack(rows) if rows else np.zeros((0, DIMENSION), np.float32))
        return vectors, sentences


def _vector(text: str) -> Floats:
    total = np.zeros(DIMENSION, np.float32)
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.sha256(word.strip(".,?!").encode()).digest()[:8], "little")
        total += np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return np.asarray(total / np.linalg.norm(total), np.float32)
