"""Step: vectors for a batch, one pass of the encoder for each passage and its sentences.

A passage that the embedder refuses takes its whole source out of the batch; its neighbours stay. No
vector is ever made up. A batch remembers which vectors belong to which item, so that it can be taken
apart, and a part of it committed, without embedding anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sutra_core.embed import Embedder, UnembeddableTextError
from sutra_core.learn.concepts import BatchBuilder
from sutra_core.learn.reading import ReadItem
from sutra_core.turns import TURNS
from sutra_core.types import Batch, Floats

__all__ = ["EmbeddedBatch", "embed_items"]


@dataclass(frozen=True, slots=True)
class EmbeddedBatch:
    """A batch that is ready to be committed, and the items that it is made of.

    `items[i]` is the batch's source `i`; `vectors[i]` has a row for each of its passages, and behind each
    of them its sentences.
    """

    batch: Batch
    items: tuple[ReadItem, ...]
    vectors: tuple[Floats, ...]

    def halves(self) -> tuple[EmbeddedBatch, EmbeddedBatch]:
        """Two batches that hold the same items in the same order, half of them each."""
        middle = len(self.items) // 2
        return self._part(0, middle), self._part(middle, len(self.items))

    def _part(self, start: int, end: int) -> EmbeddedBatch:
        items, vectors = self.items[start:end], self.vectors[start:end]
        return EmbeddedBatch(_finished(_builder(items), vectors), items, vectors)


def embed_items(
    embedder: Embedder | None, items: Sequence[ReadItem]
) -> tuple[EmbeddedBatch, list[tuple[ReadItem, str]]]:
    """One batch with its vectors, and the items that the embedder refuses, each with the reason.

    Without an embedder the batch has no vectors, and nothing is refused.
    """
    if embedder is None:
        return EmbeddedBatch(_builder(items).finish(), tuple(items), ()), []
    refused: list[tuple[ReadItem, str]] = []
    kept = list(items)
    while True:
        builder = _builder(kept)
        try:
            vectors = _embed(embedder, builder)
        except UnembeddableTextError as error:
            owners = [owner for owner, passages in enumerate(builder.passage_counts) for _ in range(passages)]
            reasons = {owners[at]: why for at, why in error.failures.items()}
            refused += [(kept[at], why) for at, why in sorted(reasons.items())]
            kept = [item for at, item in enumerate(kept) if at not in reasons]
            continue
        return EmbeddedBatch(_finished(builder, vectors), tuple(kept), tuple(vectors)), refused


def _builder(items: Sequence[ReadItem]) -> BatchBuilder:
    builder = BatchBuilder()
    for item in items:
        TURNS.give_way()
        builder.add(item)
    return builder


def _embed(embedder: Embedder, builder: BatchBuilder) -> list[Floats]:
    """The vectors of each item."""
    none: Floats = np.zeros((0, embedder.dimension), np.float32)
    passages, sentences = embedder.encode_passages(builder.passages) if builder.passages else (none, [])
    found: list[Floats] = []
    first = 0
    for count in builder.passage_counts:
        rows = [none]
        for number in range(first, first + count):
            rows += [passages[number : number + 1], sentences[number]]
        found.append(np.concatenate(rows, dtype=np.float32))
        first += count
    return found


def _finished(builder: BatchBuilder, vectors: Sequence[Floats]) -> Batch:
    batch = builder.finish()
    if not vectors:
        return batch
    for passage, references in builder.passage_references:
        batch.vector_references += [passage, *references]
    if batch.vector_references:
        batch.vectors = np.concatenate(vectors)
    return batch
