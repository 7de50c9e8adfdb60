"""Opening the store that a configuration asks for.

Decides which embedder's vectors the store holds: an old store's own, a new store's by the
configured dimension. Neither needs the model's files, so a store can be searched by words, listed
and verified on a machine without them.
"""

from __future__ import annotations

from sutra_core.config import ReasoningEngineConfig
from sutra_core.embed import (
    PROFILES,
    Embedder,
    Profile,
    own_profile,
    profile_for_dimension,
    profile_named,
)
from sutra_core.errors import EmbedderMismatchError
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine, embedder_of

__all__ = ["open_store", "profile_for"]

_DAY = 24 * 3600  # seconds


def profile_for(config: ReasoningEngineConfig, *, read_only: bool = False) -> Profile:
    """The embedder's profile for a configuration and the store that is there already.

    `vector_dimension` decides when it is set; then a store of another dimension is refused with
    `EmbedderMismatchError`. Unset, the store's own embedder counts, and for a new one the model that
    `model_path` brings, else the default.
    """
    stored = None
    own = own_profile(config.model_path) if config.model_path else None
    if config.use_rust_storage:
        stored = embedder_of(config.storage_path, read_only=read_only)
    if config.vector_dimension is not None:
        brought = own and own.dimension == config.vector_dimension
        profile = own if own and brought else profile_for_dimension(config.vector_dimension)
        if stored and stored != (profile.fingerprint, profile.dimension):
            raise EmbedderMismatchError(_mismatch(config, stored, profile))
        return profile
    if stored is None:
        return own or profile_named("default")
    for profile in (*([own] if own else []), *PROFILES.values()):
        if stored == (profile.fingerprint, profile.dimension):
            return profile
    raise EmbedderMismatchError(_mismatch(config, stored, own or profile_named("default")))


def open_store(
    config: ReasoningEngineConfig,
    embedder: Embedder | Profile,
    *,
    check_pages: bool = False,
    read_only: bool = False,
) -> KnowledgeStore:
    """The Rust engine, or the reference store in memory where the configuration says so.

    `check_pages` verifies the checksum of every page of `storage.dat` before anything else; `read_only`
    writes nothing.
    """
    if not config.use_rust_storage:
        # Its own words and stems are for tests alone; who uses the engine need not load them.
        from sutra_core.reference import ReferenceStore

        return ReferenceStore(fingerprint=embedder.fingerprint, dimension=embedder.dimension)
    return Engine(
        config.storage_path,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        check_pages=check_pages,
        read_only=read_only,
        answer_seconds=config.answer_retention * _DAY,
    )


def _mismatch(config: ReasoningEngineConfig, stored: tuple[str, int], profile: Profile) -> str:
    return (
        f"the store in {config.storage_path} holds {stored[1]}-d vectors of embedder {stored[0][:12]}…, "
        f"not {profile.dimension}-d vectors of {profile.model}; leave SUTRA_VECTOR_DIMENSION unset to "
        "use the store's own, change it with `sutra reembed`, or learn into a new folder"
    )
