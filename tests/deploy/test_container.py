"""The image and the composition: what they copy and run is there, and what they start may do little.

No image is built here: that takes a registry of images.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployed import DEPLOY, ROOT, checked, containerfile, tool

CONTAINERFILE = DEPLOY / "container" / "Containerfile"
COMPOSE = DEPLOY / "container" / "compose.yaml"
COMPOSED = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
FOREIGN = {"apt-get", "rm", "install", "python", "pip", "maturin", "sutra"}
"""What the image's steps may start: of the base images, of the locked requirements, and the product's own."""


def steps(*kinds: str) -> list[tuple[str, str]]:
    """Instructions of these kinds with what they say, in their order."""
    structure = containerfile().structure
    return [(each["instruction"], each["value"]) for each in structure if each["instruction"] in kinds]


def last_stage() -> dict[str, str]:
    """What the image that is shipped says, by instruction; of several the last."""
    found: dict[str, str] = {}
    for instruction, value in steps("FROM", "USER", "VOLUME", "ENV", "CMD", "HEALTHCHECK", "STOPSIGNAL"):
        found = {"FROM": value} if instruction == "FROM" else found | {instruction: value}
    return found


def copied_from_the_tree() -> list[str]:
    """The paths of the checkout that the image is made of."""
    copies = [value.split() for _, value in steps("COPY") if not value.startswith("--from")]
    return [path for words in copies for path in words[:-1]]


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps a path of the tree out; the last line that fits decides."""
    kept_out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = [path, *path.split("/")] if "**/" in line else [path, path.split("/")[0]]
        if any(fnmatch(part, pattern) for part in parts):
            kept_out = not line.startswith("!")
    return kept_out


def test_what_is_copied_is_in_the_tree_and_is_sent() -> None:
    copied = copied_from_the_tree()
    assert {"crates", "packages", "Cargo.lock", "requirements.lock"} <= set(copied)
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path


def test_nothing_else_is_sent() -> None:
    tops = {path.name for path in ROOT.iterdir() if not ignored(path.name)}
    assert tops == {path.split("/")[0] for path in copied_from_the_tree()}
    assert ignored("packages/sutra-api/tests/conftest.py")
    assert ignored("packages/sutra-storage/python/sutra_storage/_engine.abi3.so")
    assert not ignored("packages/sutra-api/src/sutra_api/app.py")


def test_what_is_built_with_is_all_that_the_workspace_names() -> None:
    named = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["members"]
    assert {member.split("/")[0] for member in named} <= set(copied_from_the_tree())


def test_every_step_is_a_command_of_what_is_installed() -> None:
    for _, value in steps("RUN"):
        for command in re.split(r"&&|\n", value):
            words = [word for word in shlex.split(command) if not re.fullmatch(r"\w+=.*", word)]
            assert words[0] in FOREIGN, command


def test_the_shell_takes_every_step() -> None:
    for _, value in steps("RUN"):
        subprocess.run(["sh", "-n", "-c", value], check=True, timeout=10)


def test_requirements_are_locked_by_hash() -> None:
    installs = re.findall(r"\bpip install ([^&]+)", " && ".join(value for _, value in steps("RUN")))
    assert len(installs) == 3
    assert all("--require-hashes" in words or "--no-deps /wheels/" in words for words in installs)


@pytest.mark.parametrize(
    "words", [["-m", "pip", "install", "--help"], ["-m", "maturin", "build", "--help"], ["-m", "sutra_cli"]]
)
def test_the_options_of_the_steps_are_real(words: list[str]) -> None:
    if words == ["-m", "sutra_cli"]:
        words = ["-c", "from sutra_cli.main import main; main()", "models", "fetch", "--help"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for option in {"pip": ["--require-hashes", "--only-binary", "--no-deps"], "maturin": ["--locked"]}.get(
        words[1], []
    ):
        assert option in done.stdout


def test_the_monitor_has_the_options_that_it_is_started_with() -> None:
    pytest.importorskip("sutra_monitor.command")
    program = [sys.executable, "-c", "from sutra_cli.main import main; main()", "monitor", "--help"]
    told = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout
    options = {word for word in COMPOSED["services"]["monitor"]["command"] if word.startswith("--")}
    assert options and all(option in told for option in options | {"--storage"})


def test_the_image_runs_as_a_user_with_a_number() -> None:
    said = last_stage()
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", said["USER"])
    assert said["VOLUME"] == "/var/lib/sutra"
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert "slim" in said["FROM"]
    assert "SUTRA_LOG_DAYS=0" in said["ENV"]
    assert "SUTRA_STORAGE_PATH=/var/lib/sutra" in said["ENV"]
    assert json.loads(said["CMD"]) == ["python", "-m", "sutra_api.main"]


def probes() -> list[list[str]]:
    """The commands that ask whether the service lives."""
    image = json.loads(last_stage()["HEALTHCHECK"].split("CMD", 1)[1])
    return [image, COMPOSED["services"]["sutra"]["healthcheck"]["test"][1:]]


def answered(probe: list[str]) -> bool:
    return subprocess.run([sys.executable, *probe], capture_output=True, timeout=30).returncode == 0


@pytest.mark.parametrize("probe", probes(), ids=["image", "composition"])
def test_a_probe_asks_the_service(probe: list[str], tmp_path: Path) -> None:
    from serving_process import ServiceProcess

    service = ServiceProcess(tmp_path / "knowledge").ready()
    try:
        assert probe[0] == "python"
        asked = [word.replace("http://127.0.0.1:8000", service.url) for word in probe[1:]]
        assert asked != probe[1:]
        # `readyz` waits for the models.
        assert any(answered(asked) for _ in range(100))
    finally:
        service.end()
    assert not answered(asked)


def test_compose_takes_the_composition(tmp_path: Path) -> None:
    said = checked(tool("docker-compose", "docker-compose"), "-f", COMPOSE, "config", folder=tmp_path)
    assert set(yaml.safe_load(said)["services"]) == {"sutra", "monitor"}


@pytest.mark.parametrize("name", COMPOSED["services"])
def test_what_is_composed_may_do_little(name: str) -> None:
    service: dict[str, Any] = COMPOSED["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == last_stage()["USER"]
    assert service["mem_limit"] and service["tmpfs"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_what_is_composed_is_in_the_tree() -> None:
    build = COMPOSED["services"]["sutra"]["build"]
    root = (COMPOSE.parent / build["context"]).resolve()
    assert root == ROOT
    assert root / build["dockerfile"] == CONTAINERFILE
    default = re.search(r":-(.+)\}", COMPOSED["secrets"]["thresholds"]["file"])
    assert default
    tomllib.loads((COMPOSE.parent / default[1]).read_text(encoding="utf-8"))
