"""Bytes of a store that changed behind its back, as whoever reads it through Python sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sutra_core.errors import StoreCorruptError
from sutra_core.types import Batch, SourceDraft
from sutra_storage import Engine

TEXT = "The Aln rises at Alham. It flows to the sea."
DIMENSION = 4


def opened(folder: Path) -> Engine:
    return Engine(folder, fingerprint="ab" * 32, dimension=DIMENSION)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of two sentences with vectors, none of which is read when it is opened, and more without.

    So many are learned at once that their vectors stand in their file alone.
    """
    engine = opened(tmp_path)
    batch = Batch()
    batch.sources.append(SourceDraft("a.txt", TEXT))
    batch.statements += [(0, 0, 23, True, False), (0, 24, len(TEXT), True, False)]
    batch.vector_references = [0, 1]
    batch.vectors = np.eye(2, DIMENSION, dtype=np.float32)
    for number in range(1, 51):
        batch.sources.append(SourceDraft(f"{number}.txt", f"Fact {number}."))
        batch.statements.append((number, 0, len(f"Fact {number}."), True, False))
    engine.commit(batch)
    engine.close()
    return tmp_path


def replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data and len(old) == len(new)
    path.write_bytes(data.replace(old, new))


def test_an_edited_text_is_not_cited(folder: Path) -> None:
    replace(folder / "storage.dat", b"The Aln", b"The Wye")
    engine = opened(folder)
    view = engine.view()
    with pytest.raises(StoreCorruptError, match=r"concept 1 are not those"):
        view.concepts([1])
    with pytest.raises(StoreCorruptError, match=r"source 1 does not have its SHA-256"):
        view.source_text(1)
    assert view.concepts([2])[0].text == "It flows to the sea."


def test_rot_inside_the_database_is_damage_and_prints_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    replace(folder / "storage.dat", b"The Aln", b"The \xff\xff\xff")
    engine = opened(folder)
    view = engine.view()
    for _ in range(2):
        with pytest.raises(StoreCorruptError, match=r"byte 4 of the text of source 1"):
            view.concepts([1])
    assert capfd.readouterr().err == ""


def test_exchanged_vectors_are_no_answer(folder: Path) -> None:
    path = folder / "vectors" / "00000001.vec"
    data = path.read_bytes()
    row = 16 + 16  # header of a row, then four half-precision numbers, filled up to 16 bytes
    first, second = data[4096 : 4096 + row], data[4096 + row : 4096 + 2 * row]
    path.write_bytes(data[:4096] + second + first + data[4096 + 2 * row :])
    engine = opened(folder)
    view = engine.view()
    query = np.eye(1, DIMENSION, dtype=np.float32)[0]
    with pytest.raises(StoreCorruptError, match=r"00000001\.vec is damaged: row 0 "):
        view.search_vectors(query, 1, unit="sentence")
    with pytest.raises(StoreCorruptError, match=r"row 1 "):
        view.vectors([2])
