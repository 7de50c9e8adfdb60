"""Packs trained weights into the file that Sutra ships: see `sutra_core.reader.shipped` for its form.

The codes are those that the embedder's builder makes, so that packing and building lose no more than
building alone. The same weights always make the same file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from fit.reader.base import Weights, read_trained

LAYER = "encoder.layer."


def pack(weights: Weights) -> bytes:
    """The packed file of what was trained."""
    from safetensors.numpy import save

    from sutra_core.embed.graph import LARGEST_CODE_7_BITS, quantise

    arrays: dict[str, np.ndarray] = {}
    for name in sorted(weights):
        array = weights[name]
        if name.startswith(LAYER) and array.ndim == 2:
            codes, scales = quantise(array.T, axis=0, largest_code=LARGEST_CODE_7_BITS)
            arrays[name] = np.ascontiguousarray(codes.T)
            arrays[name.removesuffix(".weight") + ".scale"] = scales.reshape(-1)
        else:
            arrays[name] = array.astype(np.float16)
    return save(arrays)


def write_packed(trained: Path, folder: Path) -> Path:
    """Writes the packed file of trained weights, named by its SHA-256, and says what it is."""
    data = pack(read_trained(trained))
    sha256 = hashlib.sha256(data).hexdigest()
    out = folder / f"reader-{sha256[:16]}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    print(f"{out.name}, {len(data) / 2**20:.1f} MiB\nSHA-256 {sha256}")
    return out
