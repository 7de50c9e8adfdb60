"""Every setting that a file of `deploy/` names is one, and every value is allowed."""

from __future__ import annotations

import os
import re

import pytest
import yaml
from deployed import DEPLOY, ROOT, containerfile

from sutra_core import ReasoningEngineConfig
from sutra_core.errors import ConfigError

NAMED = re.compile(r"\bSUTRA_[A-Z]+(?:_[A-Z]+)*(?![A-Z_…])")
ASSIGNED = re.compile(r"^#?(SUTRA_[A-Z_]+)=(.+)$", re.MULTILINE)


def settings_of_the_unit() -> dict[str, str]:
    text = (DEPLOY / "systemd" / "sutra.service").read_text(encoding="utf-8")
    return dict(re.findall(r"\b(SUTRA_[A-Z_]+)=(\S+)", text))


def settings_of_the_example() -> dict[str, str]:
    """With those too that are commented out, but for paths that this machine lacks."""
    assigned = dict(ASSIGNED.findall((DEPLOY / "sutra.env").read_text(encoding="utf-8")))
    return {name: value for name, value in assigned.items() if not value.startswith("/")}


def settings_of_the_image() -> dict[str, str]:
    return {name: value for name, value in containerfile().envs.items() if name.startswith("SUTRA_")}


def settings_of_the_composition() -> dict[str, str]:
    composed = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8"))
    environment = composed["services"]["sutra"]["environment"]
    return {name: value for name, value in environment.items() if name.startswith("SUTRA_")}


def settings_of_the_cluster() -> dict[str, str]:
    return yaml.safe_load((DEPLOY / "kubernetes" / "configmap.yaml").read_text(encoding="utf-8"))["data"]


def files() -> list[str]:
    return sorted(str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", files())
def test_what_is_named_is_in_the_guide(name: str) -> None:
    guide = (ROOT / "docs/guide/configuration.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(SUTRA_\w+)` \|", guide, re.MULTILINE))
    named = set(NAMED.findall((DEPLOY / name).read_text(encoding="utf-8")))
    assert named <= known, named - known


@pytest.mark.parametrize(
    "settings",
    [
        settings_of_the_unit(),
        settings_of_the_example(),
        settings_of_the_image(),
        settings_of_the_composition(),
        settings_of_the_cluster(),
    ],
    ids=["unit", "example", "image", "composition", "cluster"],
)
def test_every_value_is_allowed(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SUTRA_"):
            monkeypatch.delenv(name)
    assert settings
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        ReasoningEngineConfig.from_environment()
    except ConfigError as error:
        pytest.fail(str(error))
