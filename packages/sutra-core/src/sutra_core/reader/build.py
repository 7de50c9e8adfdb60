"""Builds the reader, an ONNX file, from the embedder's published weights and the shipped ones.

This alone needs the ONNX and safetensors libraries, so it is imported when a reader is built and not
when one is used.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

from sutra_core.embed.models import Profile
from sutra_core.errors import ReaderError
from sutra_core.reader.graph import reader_graph
from sutra_core.reader.shipped import is_trained, unpack

__all__ = ["build_reader"]


def build_reader(profile: Profile, base: Path, packed: bytes, *, quantised: bool) -> bytes:
    """The reader as the bytes of an ONNX file; see `graph` for its inputs and outputs.

    `base` are the weights of the profile's model, `packed` those that were trained. Raises `ReaderError`
    when they are not those of one network.
    """
    try:
        weights = {name: array for name, array in load_file(base).items() if not is_trained(name)}
        weights |= unpack(packed)
        for name, rows in (("qa", 2), ("verdict", 3)):
            if (found := weights[f"{name}.weight"].shape) != (rows, profile.architecture.hidden):
                raise ReaderError(f"the reader's weights have a head {name} of {found}")
        model = reader_graph(weights, profile.architecture, quantised=quantised)
    except (KeyError, SafetensorError) as error:
        raise ReaderError(
            f"{base} and the reader's weights do not make a reader on {profile.model}: {error}"
        ) from error
    return model.SerializeToString()
