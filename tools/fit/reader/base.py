"""The embedder's weights, which the reader starts from, and a small copy of them that travels.

The copy is in half precision, and has of the table of word pieces only the rows that the prepared items use.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fit.reader.items import LENGTH_MAX

LAYERS = 6
FROZEN = 2
"""So many lower layers, and the embeddings, stay as the embedder has them."""

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"

Weights = dict[str, np.ndarray]


def is_trained(name: str) -> bool:
    """Whether the reader trains the array of this name; all others are the embedder's."""
    if name.startswith("encoder.layer."):
        return int(name.split(".")[2]) >= FROZEN
    return name.startswith(("qa.", "verdict."))


def read_model(path: Path) -> Weights:
    """The encoder's arrays in single precision, named as in BERT; pooler and position numbers left out."""
    from safetensors.numpy import load_file

    return {
        name: array.astype(np.float32)
        for name, array in load_file(path).items()
        if name.startswith(("embeddings.", "encoder.")) and array.dtype.kind == "f"
    }


def write_base(model: Path, prepared: Path, out: Path) -> None:
    """Writes the small copy that `read_base` reads: what the items of a prepared file need."""
    weights = read_model(model)
    with np.load(prepared, allow_pickle=False) as file:
        used = np.unique(np.append(file["ids"], [0, 101, 102])).astype(np.int32)
    arrays = {name: array.astype(np.float16) for name, array in weights.items()}
    arrays[WORDS] = arrays[WORDS][used]
    arrays[POSITIONS] = arrays[POSITIONS][:LENGTH_MAX]
    rows = np.array([len(weights[WORDS])], np.int32)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, used=used, rows=rows, **arrays)
    print(
        f"{len(used):,} of {rows[0]:,} word pieces occur; {out.stat().st_size / 2**20:.1f} MiB in {out.name}"
    )


def read_base(path: Path) -> Weights:
    """The copy in single precision; word pieces that it lacks are rows of zeros."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    used, rows = arrays.pop("used"), int(arrays.pop("rows")[0])
    words = np.zeros((rows, arrays[WORDS].shape[1]), np.float32)
    words[used] = arrays[WORDS]
    return {name: array.astype(np.float32) for name, array in arrays.items()} | {WORDS: words}


def heads(hidden: int, seed: int) -> Weights:
    """Heads that nothing has trained yet, drawn as BERT draws: normal, deviation .02; biases zero."""
    draw = np.random.default_rng(seed)
    arrays: Weights = {}
    for name, rows in (("qa", 2), ("verdict", 3)):
        arrays[f"{name}.weight"] = draw.normal(0, 0.02, (rows, hidden)).astype(np.float32)
        arrays[f"{name}.bias"] = np.zeros(rows, np.float32)
    return arrays


def read_trained(path: Path) -> Weights:
    """Weights that a fit wrote, in single precision."""
    from safetensors.numpy import load_file

    return {name: array.astype(np.float32) for name, array in load_file(path).items() if is_trained(name)}


def write_trained(path: Path, weights: Weights) -> None:
    """Writes what was trained, in half precision; a file that is there is replaced at once or not at all."""
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file({name: np.asarray(weights[name], np.float16) for name in sorted(weights)}, part)
    part.replace(path)
