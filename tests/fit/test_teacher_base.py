"""The teacher's base: it comes back from its parts, in the order of the reader's pieces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fit.reader import teacher_base
from fit.reader.base import POSITIONS, WORDS, heads
from fit.reader.items import LENGTH_MAX
from fit.reader.teacher_base import (
    BUCKETS,
    LAYERS,
    RELATIVE,
    identifiers,
    is_taught,
    read_teacher,
    read_teacher_base,
    read_teacher_model,
    write_teacher,
    write_teacher_base,
)
from safetensors.numpy import save_file

HIDDEN = 24
CACHE = Path.home() / ".cache/sutra/models"
VOCABULARY = ["[PAD]", *(f"[unused{n}]" for n in range(100)), "[CLS]", "[SEP]", "sea", "##s", "tea"]
THEIRS = ["<s>", "<pad>", "</s>", "<unk>", *VOCABULARY]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a small model of the teacher's shape, with its names."""
    draw = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.1, shape).astype(np.float32)

    arrays = {
        WORDS: drawn(len(THEIRS), HIDDEN),
        POSITIONS: drawn(514, HIDDEN),
        RELATIVE: drawn(32, 12),
        "pooler.dense.weight": drawn(HIDDEN, HIDDEN),
        "embeddings.position_ids": np.arange(514),
    }
    shapes = {"intermediate.dense": (4 * HIDDEN, HIDDEN), "output.dense": (HIDDEN, 4 * HIDDEN)}
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        norms += [f"{name}attention.LayerNorm", f"{name}output.LayerNorm"]
        for part, shape in {**{f"attention.attn.{p}": (HIDDEN, HIDDEN) for p in "qkvo"}, **shapes}.items():
            arrays |= {f"{name}{part}.weight": drawn(*shape), f"{name}{part}.bias": drawn(shape[0])}
    for name in norms:
        arrays |= {f"{name}.weight": 1 + drawn(HIDDEN), f"{name}.bias": drawn(HIDDEN)}
    folder = tmp_path / "model"
    folder.mkdir()
    save_file(arrays, folder / "model.safetensors")
    vocabulary = {piece: n for n, piece in enumerate(THEIRS)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    return folder


def test_the_parts_give_back_what_the_items_need(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher_base, "_PART_MAX", 1 << 16)
    np.savez(tmp_path / "prepared.npz", ids=np.array([103, 105], np.int16), vocabulary=np.array(VOCABULARY))
    paths = write_teacher_base(model, tmp_path / "prepared.npz", tmp_path / "parts")
    assert len(paths) > 1
    found, wanted = read_teacher_base(paths), read_teacher_model(model, VOCABULARY)
    wanted[WORDS][[n for n in range(len(VOCABULARY)) if n not in (0, 101, 102, 103, 105)]] = 0
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, atol=0.005, err_msg=name)
    assert found[BUCKETS].shape == (LENGTH_MAX, LENGTH_MAX)
    with pytest.raises(ValueError, match="parts"):
        read_teacher_base(paths[1:])


def test_what_is_taught_comes_back_whole(model: Path, tmp_path: Path) -> None:
    weights = read_teacher_model(model, VOCABULARY) | heads(HIDDEN, 0)
    write_teacher(tmp_path / "teacher.npz", weights)
    found = read_teacher(tmp_path / "teacher.npz")
    assert found.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_allclose(found[name], array, atol=1e-3)
    assert {name for name in weights if not is_taught(name)} == {
        *(name for name in weights if name.startswith("embeddings.")),
        BUCKETS,
    }


def test_a_piece_that_the_teacher_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        identifiers(["sea"], {"tea": 5})


def test_the_embedders_name_every_piece_alike() -> None:
    """The map of identifiers is a shift by four, but for the marks."""
    files = [next(CACHE.glob(f"{name}-*/tokenizer.json"), None) for name in ("all-MiniLM*", "all-mpnet*")]
    if None in files:
        pytest.skip("both embedders have to be in the cache")
    ours, theirs = (json.loads(file.read_text())["model"]["vocab"] for file in files if file)
    found = identifiers(sorted(ours, key=ours.__getitem__), theirs)
    assert found[[0, 101, 102]].tolist() == [1, 0, 2]
    rest = np.delete(np.arange(len(found)), [0, 101, 102])
    np.testing.assert_array_equal(found[rest], rest + 4)
