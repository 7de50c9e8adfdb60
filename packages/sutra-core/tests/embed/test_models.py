from __future__ import annotations

import string
from dataclasses import replace

import pytest

import sutra_core.embed as embed
from sutra_core.embed.models import PROFILES, Profile, profile_for_dimension, profile_named
from sutra_core.errors import ConfigError, ModelUnavailableError


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
        "made_profile",
        "open_embedder",
        "own_profile",
        "processors",
        "profile_for_dimension",
        "profile_named",
    ]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_a_profile_is_consistent(profile: Profile) -> None:
    assert profile_named(profile.name) is profile
    assert profile_for_dimension(profile.dimension).dimension == profile.dimension
    assert profile.dimension == profile.architecture.hidden or profile.base
    assert profile.architecture.hidden % profile.architecture.heads == 0
    assert set(profile.files) == {profile.decisive_file, "tokenizer.json"}
    assert profile.artefact is None or set(profile.artefact.members) == set(profile.files)
    assert profile.artefact or profile.mirror.requirements
    assert all(len(h) == 64 and set(h) <= set(string.hexdigits) for h in profile.files.values())
    assert all("==" in requirement for requirement in profile.mirror.requirements)
    assert len(profile.mirror.parts) in (0, len(profile.mirror.requirements))


def test_profiles_keep_their_fingerprints() -> None:
    # Stores record them. Another value means that every vector is to be made again.
    assert {name: PROFILES[name].fingerprint for name in ("default", "accurate", "wide")} == {
        "default": "df87e3b9d903c3c42632b9292b355fa33d48aab3837218905c7ed006e5f83a90",
        "accurate": "7d0fb6e4a91d0b1c3989c1edd989c71369ac5a59720cf0f1dd0037a94320fb29",
        "wide": "b2d6b757759bb3f8f0aed338ff1899f4e16ddd3f57eab5275dc7b826d863486b",
    }


def test_a_tables_fingerprint_is_that_of_its_file() -> None:
    with pytest.raises(ModelUnavailableError, match="run `sutra models fetch instant`"):
        _ = profile_named("instant").fingerprint
    assert replace(profile_named("instant"), table="ab" * 32).fingerprint == "ab" * 32


def test_a_dimension_picks_the_first_of_its_profiles() -> None:
    found = [profile_for_dimension(dimension).name for dimension in (256, 384, 768)]
    assert found == ["instant", "default", "wide"]


def test_the_fingerprint_covers_what_decides_the_vectors() -> None:
    profile = profile_named("default")
    others = [
        replace(profile, files={**profile.files, "model.safetensors": "0" * 64}),
        replace(profile, files={**profile.files, "tokenizer.json": "0" * 64}),
        replace(profile, quantised=False),
        replace(profile, max_tokens=128),
        replace(profile, pooling="first"),
        replace(profile, query_prefix="query: "),
        replace(profile, architecture=replace(profile.architecture, heads=6)),
    ]
    assert len({profile.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1


def test_the_fingerprint_does_not_depend_on_where_the_files_come_from() -> None:
    profile = profile_named("default")
    moved = replace(profile, hub_repository="elsewhere", mirror=replace(profile.mirror, member_folder="x"))
    assert moved.fingerprint == profile.fingerprint


def test_unknown_profiles_are_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="'big' is not known; choose one of instant, default, accurate"):
        profile_named("big")
    with pytest.raises(ConfigError, match=r"512 dimensions; there are 256 \(instant\), 384 \(default\)"):
        profile_for_dimension(512)
