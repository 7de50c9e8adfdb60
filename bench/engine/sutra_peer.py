"""Sutra's store among those that the comparison of embedded stores asks: text, metadata and vectors.

Everything goes through the public binding: a concept is a source with one statement, its metadata the
source's attributes, its number the source's address. `finish()` waits until everything is settled.

    PEERS_EXTRA="sutra_peer=$PWD/venv/bin/python=$PWD/bench/engine" \\
        python3 …/peers/run.py sutra_peer,zvec_peer --n 100000
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sutra_storage import Engine
from sutra_storage.types import Batch, SourceDraft

DIMENSION = 768
FINGERPRINT = "bench"


class Store:
    """One store in a folder."""

    EFFORTS = (10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 300, 500, 1500)
    """Breadths of a search: of an engine of its own each."""
    WARM = 50

    def __init__(self, path: str) -> None:
        self._folder = Path(path) / "store"
        self._breadth = self.WARM
        self._engine = self._open()

    def _open(self) -> Engine:
        return Engine(
            self._folder,
            fingerprint=FINGERPRINT,
            dimension=DIMENSION,
            search_breadth=self._breadth,
            checked_vectors=10_000,
        )

    def add(
        self, ids: list[int], texts: list[str], metas: list[dict[str, Any]], vectors: NDArray[np.float32]
    ) -> None:
        """Learns concepts, durable and found when it returns."""
        batch = Batch(
            sources=[
                SourceDraft(address=str(number), text=text, attributes={"meta": json.dumps(meta)})
                for number, text, meta in zip(ids, texts, metas, strict=True)
            ],
            statements=[(number, 0, len(text.encode()), False, True) for number, text in enumerate(texts)],
            vector_references=list(range(len(ids))),
            vectors=vectors,
        )
        self._engine.commit(batch)

    def finish(self) -> None:
        """Waits until everything that is to be settled is."""
        self._engine.close()
        self._engine = Engine(
            self._folder,
            fingerprint=FINGERPRINT,
            dimension=DIMENSION,
            fresh_max=1,
            search_breadth=self._breadth,
        )
        self._engine.settle()

    def search(self, query: NDArray[np.float32], k: int, effort: int) -> list[int]:
        """The ids of the nearest."""
        if effort != self._breadth:
            self._breadth = effort
            self._engine.close()
            self._engine = self._open()
        view = self._engine.view()
        found, _ = view.search_vectors(query, k)
        places = view.supports(found, limit=1)
        return [int(source.address) for source in view.sources([place[0].source for place in places])]

    def text(self, number: int) -> str:
        """What was learned of a concept."""
        view = self._engine.view()
        return view.source_text(view.sources_at(str(number))[0])

    def delete(self, ids: list[int]) -> None:
        """Forgets concepts."""
        view = self._engine.view()
        self._engine.forget_sources([view.sources_at(str(number))[0] for number in ids])

    forget = delete

    def count(self) -> int:
        """How many concepts there are."""
        return self._engine.view().stats().passages

    def close(self) -> None:
        """Keeps what is fresh, and lets go of the folder."""
        self._engine.close()
