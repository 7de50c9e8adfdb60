"""Opening the store that a configuration asks for.

Decides which embedder's vectors the store holds: an old store's own, a new store's by the configured
profile or dimension. An old store needs no file of the model for that, so it can be searched by words, listed
and verified on a machine without them. A new one needs a table's file, whose hash is its name.
"""

from __future__ import annotations

from dataclasses import replace

from sutra_core.config import ReasoningEngineConfig
from sutra_core.embed import (
    PROFILES,
    Embedder,
    Profile,
    made_profile,
    own_profile,
    profile_for_dimension,
    profile_named,
)
from sutra_core.errors import EmbedderMismatchError
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine, embedder_of

__all__ = ["chosen_profile", "open_store", "profile_for"]

_DAY = 24 * 3600  # seconds


def chosen_profile(config: ReasoningEngineConfig) -> Profile | None:
    """The profile that a configuration names, by itself or by its dimension; None where it names none.

    A model that `model_path` brings is meant by its dimension, but not by the name of one of Sutra's.
    """
    if config.embedder is not None:
        return profile_named(config.embedder)
    if config.vector_dimension is None:
        return None
    own = own_profile(config.model_path) if config.model_path else None
    return (
        own
        if own and own.dimension == config.vector_dimension
        else profile_for_dimension(config.vector_dimension)
    )


def profile_for(config: ReasoningEngineConfig, *, read_only: bool = False) -> Profile:
    """The embedder's profile for a configuration and the store that is there already.

    `embedder` or `vector_dimension` decides where it is set; then a store with another embedder's vectors is
    refused with `EmbedderMismatchError`. Unset, the store's own embedder counts, and for a new one the model
    that `model_path` brings, else the default. `ModelUnavailableError` where a new store takes a table and
    there is nothing here to make it of.
    """
    stored = None
    if config.use_rust_storage:
        stored = embedder_of(config.storage_path, read_only=read_only)
    chosen = chosen_profile(config)
    own = own_profile(config.model_path) if config.model_path and not config.embedder else None
    if stored is None:
        return made_profile(chosen or own or profile_named("default"), model_path=config.model_path)
    for profile in (chosen,) if chosen else (*([own] if own else []), *PROFILES.values()):
        if (found := _as_stored(profile, stored)) is not None:
            return found
    raise EmbedderMismatchError(_mismatch(config, stored, chosen or own or profile_named("default")))


def _as_stored(profile: Profile, stored: tuple[str, int]) -> Profile | None:
    """The profile, if its vectors are those that are stored; a table is the one that the store has."""
    fingerprint, dimension = stored
    if profile.base:
        return replace(profile, table=fingerprint) if profile.dimension == dimension else None
    return profile if (profile.fingerprint, profile.dimension) == stored else None


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
        fresh_max=config.memory_threshold,
        removed_max=config.gc_threshold,
        cleanup_commits=config.memory_cleanup_interval,
        search_breadth=config.hnsw_ef_search,
        checked_vectors=config.vector_cache_size,
    )


def _mismatch(config: ReasoningEngineConfig, stored: tuple[str, int], profile: Profile) -> str:
    return (
        f"the store in {config.storage_path} holds {stored[1]}-d vectors of embedder {stored[0][:12]}…, "
        f"not {profile.dimension}-d vectors of {profile.model}; leave SUTRA_EMBEDDER and "
        "SUTRA_VECTOR_DIMENSION unset to use the store's own, "
        "change it with `sutra reembed`, or learn into a new folder"
    )
