"""The guide of the formats: every format and every code is in it, and its adapter reads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

from registering import package_of_adapters

from sutra_core.learn.adapters import BadItem, Item, adapter_named, adapters, read_collection
from sutra_core.learn.adapters.base import BadItemCode
from sutra_core.learn.adapters.registry import slug

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs/guide/formats.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    """What stands as code in the first column of the table with this heading."""
    rows = GUIDE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found


def test_every_format_is_in_the_table() -> None:
    assert first_cells("`--format`") == {slug(adapter.name) for adapter in adapters()}


def test_every_code_of_a_refused_item_is_told() -> None:
    assert first_cells("code") == set(get_args(BadItemCode))


def test_the_adapter_of_the_page_reads(tmp_path: Path) -> None:
    code = block("python")
    assert len(code.splitlines()) <= 40
    ((name, place),) = tomllib.loads(block("toml"))["project"]["entry-points"]["sutra.adapters"].items()
    module, _, class_name = place.partition(":")
    assert module == name
    path = tmp_path / "mine.recipes"
    path.write_text("Soup: Carrots are boiled.\nno recipe\n")
    with package_of_adapters(tmp_path, code, **{name: class_name}):
        assert adapter_named("recipes").name == "recipes"
        item, bad = read_collection(path)
    assert isinstance(item, Item)
    assert (item.draft.title, item.draft.text) == ("Soup", "Carrots are boiled.")
    assert item.draft.address == f"{path}#1"
    assert isinstance(bad, BadItem)
    assert (bad.code, bad.location) == ("invalid_record", f"{path}:2")
