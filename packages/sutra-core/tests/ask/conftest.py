"""A few short sources about things that do not exist, learned into the reference store.

The embedder is a bag of words: texts that share words are near, which is all that these tests need, and
no model has to be there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from sutra_core.embed import PassageText
from sutra_core.learn import Item, learn
from sutra_core.reference import ReferenceStore
from sutra_core.types import ReadView, SourceDraft

Floats = NDArray[np.float32]
Teach = Callable[..., ReadView]

FACTS = [
    "Marta Kovač was born in Lenti. She grew up by the river Kerka.",
    "Winter Harbour is a 1998 drama film directed by Marta Kovač.",
    "Low Tide is a 2004 film directed by Ben Okoye.",
    "Ben Okoye (born 12 June 1970) is a film director.",
    "Marta Kovač (4 March 1961 – 2 May 2015) was a film director.",
    "Tomas Riedl founded Kestrel Systems in 1971. Kestrel Systems makes pumps.",
    "Tomas Riedl was born in Graz on 3 May 1940.",
    "Lead poisoning causes anaemia.",
    "The sensor F709 must be inspected every 700 hours.",
    "Tickets bought online can be returned within ten days for a full refund.",
]


class WordEmbedder:
    """A vector for each word, drawn by its hash; a text's is their sum. Counts its calls."""

    dimension = 64
    fingerprint = hashlib.sha256(b"a bag of words").hexdigest()

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.calls.append(list(texts))
        return np.stack([_embed(text) for text in texts])

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        whole = np.stack([_embed(f"{each.title}. {each.text}") for each in passages])
        sentences: list[Floats] = []
        for each in passages:
            data = each.text.encode()
            rows = [_embed(data[start:end].decode()) for start, end in each.sentences]
            sentences.append(np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32))
        return whole, sentences


def _embed(text: str) -> Floats:
    total = np.full(WordEmbedder.dimension, 1e-3)
    for word in re.findall(r"\w+", text.lower()):
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
        total += np.random.default_rng(seed).standard_normal(WordEmbedder.dimension)
    return (total / np.linalg.norm(total)).astype(np.float32)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def teach(embedder: WordEmbedder) -> Teach:
    """Learns texts, or drafts, into a new store and gives its view."""

    def learn_all(*texts: str | SourceDraft) -> ReadView:
        store = ReferenceStore(fingerprint=embedder.fingerprint, dimension=embedder.dimension)
        items = [
            Item(text if isinstance(text, SourceDraft) else SourceDraft(f"note{at}", text), None, f"{at}", 0)
            for at, text in enumerate(texts)
        ]
        report = learn(store, embedder, items, batch_size=50)
        assert not report.refused
        return store.view()

    return learn_all


@pytest.fixture
def facts(teach: Teach) -> ReadView:
    return teach(*FACTS)
