"""Stores that texts are learned into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.reference import ReferenceStore
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine


@pytest.fixture(params=["engine", "reference"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KnowledgeStore]:
    """The engine, then the reference."""
    fingerprint = WordEmbedder.fingerprint
    if request.param == "engine":
        opened: KnowledgeStore = Engine(tmp_path / "store", fingerprint=fingerprint, dimension=DIMENSION)
    else:
        opened = ReferenceStore(fingerprint=fingerprint, dimension=DIMENSION)
    yield opened
    opened.close()
