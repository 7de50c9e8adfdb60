"""What the benchmarks share: the evaluation sets, the machine's name, tables, result lines."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


IN_TREE = {"plain": ROOT / "bench" / "answers" / "plain"}
"""The sets that were written for Sutra and stand in its tree."""


class MissingSetError(Exception):
    """There is no such set to read; the message says why, and where it was looked for."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text of a set. `meta` is what the set says of it besides."""

    id: str
    title: str
    text: str
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set. `gold` are the ids of the documents that support one of `answers`.

    `passage` is the title (the id, where it has none) of the document that it was written from, as far as
    the set says: its first gold document, else the near passage of an unanswerable one; else empty.
    """

    id: str
    text: str
    kind: str
    gold: frozenset[str]
    answers: tuple[str, ...]
    answerable: bool = True
    passage: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])


def evaluation_set(name: str) -> tuple[list[Document], list[Question]]:
    """The documents and questions of a set; ends the program with a clear word when there is no data."""
    try:
        return read_set(name)
    except MissingSetError as error:
        print(f"skipped: {error}")
        sys.exit(0)


def read_set(name: str) -> tuple[list[Document], list[Question]]:
    """The documents that have a text, and the questions of a set: one of the tree, else of SUTRA_EVAL_DATA.

    Raises `MissingSetError` when the variable is not set, or its folder has no such set.
    """
    path = IN_TREE.get(name) or evaluation_folder() / name
    if not (path / "corpus.jsonl").is_file():
        raise MissingSetError(f"SUTRA_EVAL_DATA has no set {name!r} with a corpus.jsonl")
    documents = [
        Document(row["id"], row.get("title") or "", row["text"], row.get("meta") or {})
        for row in _rows(path / "corpus.jsonl")
        if row["text"].strip()
    ]
    titles = {document.id: document.title or document.id for document in documents}
    has_questions = (path / "queries.jsonl").is_file()
    return documents, [
        _question(row, titles) for row in (_rows(path / "queries.jsonl") if has_questions else ())
    ]


def evaluation_folder() -> Path:
    """The folder with the evaluation sets; raises `MissingSetError` where none is named."""
    folder = os.environ.get("SUTRA_EVAL_DATA")
    if not folder:
        raise MissingSetError("SUTRA_EVAL_DATA is not set; it names the folder with the evaluation sets")
    return Path(folder)


def _question(row: Mapping[str, Any], titles: Mapping[str, str]) -> Question:
    gold = [str(document) for document in row.get("gold") or ()]
    meta = row.get("meta") or {}
    passage = gold[0] if gold else meta.get("near_passage")
    return Question(
        row["id"],
        row["question"],
        str(row.get("type") or "all"),
        frozenset(gold),
        tuple(map(str, row.get("answers") or ())),
        row.get("answerable") is not False,
        titles.get(passage, "") if isinstance(passage, str) else "",
        meta,
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def machine() -> dict[str, Any]:
    """What a figure depends on: processor, cores, commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    processor = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "processor": processor,
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "commit": commit or "none",
    }


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table with numbers to the right."""
    cells = [[_cell(value) for value in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print(
            "  ".join(
                c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))
            )
        )


def _cell(value: object) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def append_result(path: Path | None, name: str, figures: dict[str, Any]) -> None:
    """Appends one JSON line to `path`, or nothing without a path."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "benchmark": name,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **machine(),
        **figures,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
