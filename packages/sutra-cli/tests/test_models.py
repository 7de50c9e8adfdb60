"""`sutra models`: which model is fetched; the fetching itself is the embedder's matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sutra_core.embed
import sutra_core.reader
from sutra_core.embed import PROFILES, Profile
from sutra_core.embed.fetch import locate
from sutra_core.errors import ModelUnavailableError
from sutra_core.reader import SHIPPED

Sutra = Callable[..., Any]


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path | None]]:
    """What was asked for: profile and given folder."""
    asked: list[tuple[str, Path | None]] = []

    def fetch(profile: Profile, *, model_path: Path | None, report: Callable[[str], None]) -> None:
        asked.append((profile.name, model_path))
        report("looked [here] and there")

    def fetch_reader(*, model_path: Path | None, report: Callable[[str], None]) -> None:
        asked.append(("reader", model_path))

    monkeypatch.setattr(sutra_core.embed, "fetch_model", fetch)
    monkeypatch.setattr(sutra_core.reader, "fetch_reader", fetch_reader)
    monkeypatch.delenv("SUTRA_MODEL_PATH", raising=False)
    return asked


@pytest.mark.parametrize("built", [True, False])
def test_list_names_every_profile_and_the_reader(
    sutra: Sutra, monkeypatch: pytest.MonkeyPatch, built: bool
) -> None:
    monkeypatch.setattr(sutra_core.reader, "is_built", lambda: built)
    *lines, reader = sutra("models", "list").out.splitlines()
    assert reader.startswith(f"reader     {SHIPPED.name}, SHA-256 {SHIPPED.sha256}, ")
    assert reader.endswith(", built" if built else ", not built: `sutra models fetch reader`")
    assert sutra("models", "list", "--json").json[-1]["built"] is built
    assert [line.split()[0] for line in lines] == list(PROFILES)
    assert all(str(PROFILES[line.split()[0]].dimension) in line for line in lines)


def test_fetch_takes_the_default_the_named_or_the_configured(
    sutra: Sutra, fetched: list[Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = sutra("models", "fetch")
    assert (done.code, done.out) == (0, "all-MiniLM-L6-v2 is ready (384 dimensions)\nthe reader is ready\n")
    assert done.errors == ["looked [here] and there"]
    sutra("models", "fetch", "accurate")
    monkeypatch.setenv("SUTRA_EMBEDDER", "Instant")
    sutra("models", "fetch")
    monkeypatch.delenv("SUTRA_EMBEDDER")
    (folder / "model").mkdir()
    monkeypatch.setenv("SUTRA_VECTOR_DIMENSION", "768")
    monkeypatch.setenv("SUTRA_MODEL_PATH", str(folder / "model"))
    sutra("models", "fetch")
    monkeypatch.setenv("SUTRA_READER", "off")
    sutra("models", "fetch")
    given = folder / "model"
    assert fetched == [
        *[("default", None), ("reader", None), ("accurate", None)],
        *[("instant", None), ("reader", None)],
        *[("wide", given), ("reader", given), ("wide", given)],
    ]


def test_the_reader_is_fetched_by_its_name(sutra: Sutra, fetched: list[Any]) -> None:
    assert sutra("models", "fetch", "reader").out == "the reader is ready\n"
    shown = sutra("models", "fetch", "reader", "--json").json
    assert shown == {"profile": "reader", "model": SHIPPED.name, "sha256": SHIPPED.sha256, "built": True}
    assert sutra("models", "fetch", "--json").json["reader"] == shown
    assert [name for name, _ in fetched] == ["reader", "reader", "default", "reader"]


def test_json_names_the_profiles_and_the_one_that_was_fetched(sutra: Sutra, fetched: list[Any]) -> None:
    listed = sutra("models", "list", "--json").json
    assert [each["profile"] for each in listed] == [*PROFILES, "reader"]
    done = sutra("models", "fetch", "accurate", "--json")
    assert done.json == listed[2]
    assert done.json == {"profile": "accurate", "model": "bge-small-en-v1.5", "dimension": 384}
    assert [name for name, _ in fetched] == ["accurate"]


def test_an_unknown_profile_is_one_line(sutra: Sutra, fetched: list[Any]) -> None:
    done = sutra("models", "fetch", "bogus")
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[invalid_config]: ")
    assert fetched == []


@pytest.mark.parametrize("name", list(PROFILES))
def test_a_missing_model_is_answered_with_the_command_that_brings_it(
    sutra: Sutra, fetched: list[Any], folder: Path, name: str
) -> None:
    with pytest.raises(ModelUnavailableError, match=f"`sutra models fetch {name}`"):
        locate(PROFILES[name], cache=folder)
    assert sutra("models", "fetch", name).code == 0
    assert fetched == [(name, None)]
