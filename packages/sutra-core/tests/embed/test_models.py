from __future__ import annotations

import string
from dataclasses import replace

import pytest

import sutra_core.embed as embed
from sutra_core.embed.models import PROFILES, Profile, profile_for_dimension, profile_named
from sutra_core.errors import ConfigError


def test_the_public_names_are_these() -> None:
    assert embed.__all__ == [
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
        "open_embedder",
        "own_profile",
        "profile_for_dimension",
        "profile_named",
    ]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_a_profile_is_consistent(profile: Profile) -> None:
    assert profile_named(profile.name) is profile
    assert profile_for_dimension(profile.dimension) is profile
    assert profile.dimension == profile.architecture.hidden
    assert profile.architecture.hidden % profile.architecture.heads == 0
    assert set(profile.files) == {"model.safetensors", "tokenizer.json"}
    assert all(len(h) == 64 and set(h) <= set(string.hexdigits) for h in profile.files.values())
    assert all("==" in requirement for requirement in profile.mirror.requirements)
    assert len(profile.mirror.parts) in (0, len(profile.mirror.requirements))


def test_the_default_profile_keeps_its_fingerprint() -> None:
    # Stores record it. Another value means that every vector is to be made again.
    assert (
        profile_named("default").fingerprint
        == "df87e3b9d903c3c42632b9292b355fa33d48aab3837218905c7ed006e5f83a90"
    )


def test_the_fingerprint_covers_what_decides_the_vectors() -> None:
    profile = profile_named("default")
    others = [
        replace(profile, files={**profile.files, "model.safetensors": "0" * 64}),
        replace(profile, files={**profile.files, "tokenizer.json": "0" * 64}),
        replace(profile, quantised=False),
        replace(profile, max_tokens=128),
        replace(profile, architecture=replace(profile.architecture, heads=6)),
    ]
    assert len({profile.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1


def test_the_fingerprint_does_not_depend_on_where_the_files_come_from() -> None:
    profile = profile_named("default")
    moved = replace(profile, hub_repository="elsewhere", mirror=replace(profile.mirror, member_folder="x"))
    assert moved.fingerprint == profile.fingerprint


def test_unknown_profiles_are_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="'big' is not known; choose one of default, accurate"):
        profile_named("big")
    with pytest.raises(ConfigError, match=r"512 dimensions; there are 384 \(default\), 768"):
        profile_for_dimension(512)
