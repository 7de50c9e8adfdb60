"""Small evaluation sets, as the benchmarks read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common import Question


def question(
    name: str = "q",
    *,
    kind: str = "all",
    gold: Iterable[str] = (),
    answers: Iterable[str] = (),
    answerable: bool = True,
    passage: str = "",
    meta: Mapping[str, Any] | None = None,
) -> Question:
    return Question(name, f"{name}?", kind, frozenset(gold), tuple(answers), answerable, passage, meta or {})


def write_set(
    folder: Path, name: str, corpus: Iterable[Mapping[str, Any]], queries: Iterable[Mapping[str, Any]]
) -> None:
    """A set as a folder of `folder`."""
    (folder / name).mkdir()
    for file, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (folder / name / file).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
