"""The weights that Sutra ships: those arrays of the reader that were trained, packed.

The embeddings and the first layers are the default embedder's own and not in the file. A matrix of a
layer is packed as int8 codes of 7 bits, [outputs, inputs], with a scale for each output (`NAME.scale`,
single precision); biases, norms and heads are in half precision. The file is named by its SHA-256 and
is not used when it has another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from sutra_core.errors import ModelUnavailableError, ReaderError

__all__ = ["FROZEN_LAYERS", "SHIPPED", "Shipped", "is_trained", "unpack"]

FROZEN_LAYERS = 2
"""So many lower layers, and the embeddings, are the embedder's."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file of packed weights, by its SHA-256 (hexadecimal); in `folder`, else beside this module."""

    sha256: str
    folder: Traversable | None = None

    @property
    def name(self) -> str:
        return f"reader-{self.sha256[:16]}.safetensors"

    def read(self) -> bytes:
        """The file, checked.

        Raises `ModelUnavailableError` where it is missing and `ReaderError` where it is another.
        """
        place = (self.folder or resources.files("sutra_core.reader")) / self.name
        try:
            data = place.read_bytes()
        except OSError as error:
            raise ModelUnavailableError(
                f"the reader's weights {self.name} are missing from this installation; install Sutra again"
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ReaderError(
                f"the reader's weights {self.name} were refused: SHA-256 {found} and not {self.sha256}; "
                "install Sutra again"
            )
        return data


SHIPPED = Shipped("a3adc10d52c988c8a2a76401012047ce6a574ea4c8661526ccbc582da5611d0a")


def is_trained(name: str) -> bool:
    """Whether the array of this name is the reader's own; all others are the embedder's."""
    if name.startswith("encoder.layer."):
        return int(name.split(".")[2]) >= FROZEN_LAYERS
    return name.startswith(("qa.", "verdict."))


def unpack(packed: bytes) -> dict[str, NDArray[np.float32]]:
    """The packed arrays in single precision, named as in BERT; `SafetensorError` for what is no such file."""
    arrays: Mapping[str, NDArray[np.generic]] = load(packed)
    return {
        name: array.astype(np.float32) * arrays[scale][:, None].astype(np.float32)
        if (scale := name.removesuffix(".weight") + ".scale") in arrays
        else array.astype(np.float32)
        for name, array in arrays.items()
        if not name.endswith(".scale")
    }
