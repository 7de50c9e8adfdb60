"""Builds a model's encoder, an ONNX file, from its weights as they were published (safetensors).

This alone needs the ONNX and safetensors libraries, so it is imported when a model is built and not
when one is used. It trusts no file to name the network's shape: the profile does.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

from sutra_core.embed.graph import encoder_graph
from sutra_core.embed.models import Profile
from sutra_core.errors import EmbedderError

__all__ = ["build_encoder"]


def build_encoder(profile: Profile, weights: Path) -> bytes:
    """The encoder of a profile as the bytes of an ONNX file; see `graph` for its inputs and outputs.

    Raises `EmbedderError` when the weights are not those of the profile's architecture.
    """
    try:
        model = encoder_graph(load_file(weights), profile.architecture, quantised=profile.quantised)
    except (KeyError, SafetensorError) as error:
        raise EmbedderError(
            f"{weights} does not hold the weights of {profile.model}: {error}; fetch the model again"
        ) from error
    return model.SerializeToString()
