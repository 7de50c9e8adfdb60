"""A tiny random reader with a real tokeniser, built as the real one is; `tiny_reader` has its oracle."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_reader import TinyReader, tiny_reader

from sutra_core.errors import ModelUnavailableError
from sutra_core.reader import ReaderFiles
from sutra_core.reader.fetch import locate_reader
from sutra_core.reader.onnx import OnnxReader


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyReader:
    return tiny_reader(tmp_path_factory.mktemp("tiny-reader"))


@pytest.fixture(scope="session")
def reader(tiny: TinyReader, tmp_path_factory: pytest.TempPathFactory) -> OnnxReader:
    """The tiny reader in single precision, with two threads."""
    return tiny.open(tmp_path_factory.mktemp("cache"), threads=2)


@pytest.fixture(scope="session")
def real_reader() -> ReaderFiles:
    """Sutra's own reader, from this machine alone."""
    given = os.environ.get("SUTRA_MODEL_PATH")
    try:
        return locate_reader(model_path=Path(given) if given else None)
    except ModelUnavailableError:
        pytest.skip("the reader's base is not on this machine; `sutra models fetch reader` brings it")
