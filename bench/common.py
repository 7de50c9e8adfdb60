"""What the benchmarks share: the evaluation sets, the machine's name, tables, result lines."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    kind: str
    gold: frozenset[str]
    answers: tuple[str, ...]


def evaluation_set(name: str) -> tuple[list[Document], list[Question]]:
    """The documents and questions of a set; ends the program with a clear word when there is no data."""
    folder = os.environ.get("SUTRA_EVAL_DATA")
    if not folder:
        print("skipped: SUTRA_EVAL_DATA is not set; it names the folder with the evaluation sets")
        sys.exit(0)
    path = Path(folder) / name
    if not (path / "corpus.jsonl").is_file():
        print(f"skipped: SUTRA_EVAL_DATA has no set {name!r} with a corpus.jsonl")
        sys.exit(0)
    documents = [
        Document(row["id"], row.get("title") or "", row["text"])
        for row in _rows(path / "corpus.jsonl")
        if row["text"].strip()
    ]
    questions = [
        Question(
            row["id"],
            row["question"],
            str(row.get("type") or "all"),
            frozenset(map(str, row.get("gold") or ())),
            tuple(map(str, row.get("answers") or ())),
        )
        for row in (_rows(path / "queries.jsonl") if (path / "queries.jsonl").is_file() else ())
    ]
    return documents, questions


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
