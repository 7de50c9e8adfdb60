"""Step: vectors for a batch, one pass of the encoder for each passage and its sentences.

A passage that the embedder refuses takes its whole source out of the batch; its neighbours stay. No
vector is ever made up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sutra_core.embed import Embedder, UnembeddableTextError
from sutra_core.learn.concepts import BatchBuilder
from sutra_core.learn.reading import ReadItem
from sutra_core.learn.report import Refusal
from sutra_core.types import Batch

__all__ = ["embed_items"]


def embed_items(embedder: Embedder, items: Sequence[ReadItem]) -> tuple[Batch, list[Refusal]]:
    """One batch with its vectors, and the items that had to be left out."""
    refused: list[Refusal] = []
    kept = list(items)
    while True:
        builder = BatchBuilder()
        owners: list[int] = []
        for position, item in enumerate(kept):
            builder.add(item)
            owners.extend([position] * (len(builder.passages) - len(owners)))
        try:
            _embed(embedder, builder)
        except UnembeddableTextError as error:
            reasons = {owners[at]: why for at, why in error.failures.items()}
            refused += [
                Refusal(kept[at].location, why, UnembeddableTextError.code)
                for at, why in sorted(reasons.items())
            ]
            kept = [item for at, item in enumerate(kept) if at not in reasons]
            continue
        return builder.finish(), refused


def _embed(embedder: Embedder, builder: BatchBuilder) -> None:
    if not builder.passages:
        return
    passages, sentences = embedder.encode_passages(builder.passages)
    rows: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = []
    for number, (passage, references) in enumerate(builder.passage_references):
        builder.batch.vector_references += [passage, *references]
        rows += [passages[number : number + 1], sentences[number]]
    builder.batch.vectors = np.ascontiguousarray(np.concatenate(rows), dtype=np.float32)
