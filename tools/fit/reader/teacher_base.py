"""The wide embedder's weights, which the teacher starts from, and a small copy of them that travels.

The copy is int8 with a scale for each row, in parts. Arrays are named as in BERT, and the table of word
pieces is in the order of the reader's vocabulary, so that the reader's rows are the teacher's too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from fit.reader.base import POSITIONS, WORDS, Weights
from fit.reader.items import LENGTH_MAX

LAYERS = 12
RELATIVE = "encoder.relative_attention_bias.weight"
BUCKETS = "buckets"
"""The bucket of the relative position bias for each pair of positions, [width, width]."""

_PART_MAX = 44 * 2**20
"""The most bytes of a part before it is compressed."""
_POSITION_OFFSET = 2
_RELATIVE_BUCKETS = 32
_MARKS = {"[CLS]": "<s>", "[PAD]": "<pad>", "[SEP]": "</s>"}
"""The reader's marks by the teacher's names; all other pieces have one name in both vocabularies."""
_NAMES = {
    ".attention.attn.q.": ".attention.self.query.",
    ".attention.attn.k.": ".attention.self.key.",
    ".attention.attn.v.": ".attention.self.value.",
    ".attention.attn.o.": ".attention.output.dense.",
    ".attention.LayerNorm.": ".attention.output.LayerNorm.",
}
_CODES, _SCALES = ":codes", ":scales"


def is_taught(name: str) -> bool:
    """Whether the teacher's fit trains the array of this name: all layers and the heads, no embeddings."""
    return name.startswith(("encoder.", "qa.", "verdict."))


def identifiers(vocabulary: Sequence[str], theirs: Mapping[str, int]) -> np.ndarray:
    """The teacher's identifier of each piece of the reader's vocabulary; `KeyError` where it lacks one.

    >>> identifiers(["[PAD]", "[CLS]", "sea"], {"<s>": 0, "<pad>": 1, "sea": 2}).tolist()
    [1, 0, 2]
    """
    return np.array([theirs[_MARKS.get(piece, piece)] for piece in vocabulary], np.int32)


def read_teacher_model(folder: Path, vocabulary: Sequence[str]) -> Weights:
    """The embedder's arrays in single precision, in the form that `teacher.encode` takes; no heads."""
    from safetensors.numpy import load_file

    from sutra_core.embed.graph import relative_buckets

    weights: Weights = {}
    for name, array in load_file(folder / "model.safetensors").items():
        if not name.startswith(("embeddings.", "encoder.")) or array.dtype.kind != "f":
            continue
        for theirs, ours in _NAMES.items():
            name = name.replace(theirs, ours)
        weights[name] = array.astype(np.float32)
    theirs = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    weights[WORDS] = weights[WORDS][identifiers(vocabulary, theirs)]
    weights[POSITIONS] = weights[POSITIONS][_POSITION_OFFSET : _POSITION_OFFSET + LENGTH_MAX]
    return weights | {BUCKETS: relative_buckets(_RELATIVE_BUCKETS, LENGTH_MAX).astype(np.uint8)}


def write_teacher_base(model: Path, prepared: Path, out: Path) -> list[Path]:
    """Writes the copy that `read_teacher_base` reads, `teacher-base-1.npz` and so on in the folder `out`.

    It has what the items of a prepared file need.
    """
    with np.load(prepared, allow_pickle=False) as file:
        used = np.unique(np.append(file["ids"], [0, 101, 102])).astype(np.int32)
        vocabulary = [str(piece) for piece in file["vocabulary"]]
    weights = read_teacher_model(model, vocabulary)
    weights[WORDS] = weights[WORDS][used]
    rest: Weights = {"used": used, "rows": np.array([len(vocabulary)], np.int32)}
    parts = list(_parts({**rest, **dict(_packed(weights))}))
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"teacher-base-{number}.npz" for number in range(1, len(parts) + 1)]
    for path, part in zip(paths, parts, strict=True):
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, parts=np.array([len(parts)]), **part)
        print(f"{path.stat().st_size / 2**20:.1f} MiB in {path.name}")
    return paths


def read_teacher_base(paths: Sequence[Path]) -> Weights:
    """The copy in single precision, of all its parts; word pieces that it lacks are rows of zeros."""
    arrays: Weights = {}
    wanted = 0
    for path in paths:
        with np.load(path, allow_pickle=False) as file:
            wanted = int(file["parts"][0])
            arrays |= {name: file[name] for name in file.files if name != "parts"}
    if len(set(paths)) != wanted:
        raise ValueError(f"the teacher's base has {wanted} parts, and {len(set(paths))} were given")
    used, rows = arrays.pop("used"), int(arrays.pop("rows")[0])
    weights = {name: array for name, array in arrays.items() if not name.endswith((_CODES, _SCALES))}
    for name in [name.removesuffix(_CODES) for name in arrays if name.endswith(_CODES)]:
        weights[name] = arrays[name + _CODES] * arrays[name + _SCALES]
    words = np.zeros((rows, weights[WORDS].shape[1]), np.float32)
    words[used] = weights[WORDS]
    return weights | {WORDS: words}


def read_teacher(path: Path) -> Weights:
    """The whole teacher that a fit wrote, in single precision."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return {name: array.astype(np.float32) if name != BUCKETS else array for name, array in arrays.items()}


def write_teacher(path: Path, weights: Weights) -> None:
    """Writes the whole teacher in half precision; a file that is there is replaced at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    halved = {n: np.asarray(array, np.float16) if n != BUCKETS else array for n, array in weights.items()}
    with part.open("wb") as file:
        np.savez(file, allow_pickle=False, **halved)
    part.replace(path)


def _packed(weights: Weights) -> Iterator[tuple[str, np.ndarray]]:
    """Matrices as codes and scales; what is small as it is."""
    from sutra_core.embed.graph import quantise

    for name, array in sorted(weights.items()):
        if array.ndim < 2 or name in (BUCKETS, RELATIVE):
            yield name, array
            continue
        codes, scales = quantise(array, axis=1, largest_code=127)
        yield name + _CODES, codes
        yield name + _SCALES, scales


def _parts(arrays: Weights) -> Iterator[Weights]:
    part: Weights = {}
    for name, array in arrays.items():
        if part and sum(each.nbytes for each in part.values()) + array.nbytes > _PART_MAX:
            yield part
            part = {}
        part[name] = array
    yield part
