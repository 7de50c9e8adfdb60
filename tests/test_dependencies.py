"""Every direct dependency has its line in `docs/adr/dependencies.md`, and every line its dependency."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def manifest(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0] for requirement in requirements}


def declared() -> dict[str, set[str]]:
    crates = set(manifest("Cargo.toml")["workspace"]["dependencies"])
    needed = {
        path.parent.name: names(manifest(str(path))["project"].get("dependencies", []))
        for path in (ROOT / "packages").glob("*/pyproject.toml")
    }
    formats = {name for name in needed.pop("sutra-formats") if not name.startswith("sutra-")}
    packages = set[str]().union(*needed.values())
    groups = manifest("pyproject.toml")["dependency-groups"]
    return {
        "The engine (Rust)": {name for name in crates if not name.startswith("sutra-")},
        "The packages (Python)": {name for name in packages if not name.startswith("sutra-")},
        "What reads files of other formats": formats,
        "What builds and checks": names([*groups["setup"], *groups["dev"]]),
        "What traces": names(groups["otel"]),
        "What measures": names(groups["bench"]),
        "What fits": names(groups["fit"]),
    }


def explained() -> dict[str, set[str]]:
    page = (ROOT / "docs/adr/dependencies.md").read_text(encoding="utf-8")
    sections = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return {
        heading: set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_the_page_and_the_manifests_agree() -> None:
    assert explained() == declared()


def test_the_extra_and_its_group_agree() -> None:
    extra = manifest("packages/sutra-api/pyproject.toml")["project"]["optional-dependencies"]["otel"]
    assert extra == manifest("pyproject.toml")["dependency-groups"]["otel"]


def test_every_direct_python_dependency_is_locked_by_hash() -> None:
    wanted = set[str]().union(*(found for heading, found in declared().items() if "Rust" not in heading))
    locked: dict[str, int] = {}
    for path in ROOT.glob("requirements*.lock"):
        for entry in re.split(r"^(?=\S)", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            if found := re.match(r"([A-Za-z0-9._-]+)==", entry):
                locked[found[1]] = locked.get(found[1], 0) + entry.count("--hash=sha256:")
    assert wanted <= locked.keys()
    assert all(hashes > 0 for hashes in locked.values())
