"""Embedders: texts to vectors, and the models that do it.

`fetch_model` is for setting up and may use the network; `open_embedder` never does.
"""

from __future__ import annotations

from pathlib import Path

from sutra_core.embed.cache import ModelFiles, default_cache
from sutra_core.embed.fetch import Reporter, fetch_model, locate, made_profile
from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import PROFILES, Profile, profile_for_dimension, profile_named
from sutra_core.embed.own_model import own_profile
from sutra_core.embed.processors import processors
from sutra_core.embed.protocol import Embedder, OpenedEmbedder, PassageText, UnembeddableTextError

__all__ = [
    "PROFILES",
    "Embedder",
    "ModelFiles",
    "OpenedEmbedder",
    "PassageText",
    "Profile",
    "Reporter",
    "UnembeddableTextError",
    "default_cache",
    "fetch_model",
    "made_profile",
    "open_embedder",
    "own_profile",
    "processors",
    "profile_for_dimension",
    "profile_named",
]


def open_embedder(
    profile: Profile | str = "default",
    model_path: Path | None = None,
    cache: Path | None = None,
    threads: int | None = None,
) -> OpenedEmbedder:
    """The embedder of a profile, from `model_path` or the cache; built, or distilled, at the first opening.

    `threads` is how many texts are embedded at once, by default one for each processor that this
    process may use. Raises `ModelUnavailableError` when the model is not on this machine.
    """
    if isinstance(profile, str):
        profile = profile_named(profile)
    files = locate(profile, model_path=model_path, cache=cache)
    # Their libraries take half a second to load, which who only reads a store need not wait for.
    if profile.base:
        from sutra_core.embed.static import StaticEmbedder

        fingerprint = profile.table or sha256_of(files.encoder)
        return StaticEmbedder(files.encoder, files.tokeniser, fingerprint=fingerprint)
    from sutra_core.embed.onnx import OnnxEmbedder

    return OnnxEmbedder(
        files.encoder,
        files.tokeniser,
        fingerprint=profile.fingerprint,
        max_tokens=profile.max_tokens,
        threads=threads or processors(),
        pooling=profile.pooling,
        query_prefix=profile.query_prefix,
        ready_made=profile.ready_made,
    )
