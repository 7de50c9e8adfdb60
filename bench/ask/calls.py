"""How many calls into the engine a question makes, and what it costs beside the models.

    venv/bin/python bench/ask/calls.py [--no-reader] [--answers FILE] [--out FILE]

Learns the sample and its texts in other languages into a folder that is thrown away, and asks its questions
twice: with every call counted, of the view and of the functions of `sutra_storage`, and then as they are,
with clocks on the embedder and the reader alone. The milliseconds are processor time of the thread that asks,
without what these two take. `--answers` writes what was answered, to compare two commits.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from clocked import Clocked
from common import ROOT, append_result, machine, print_table

import sutra_storage
from sutra_core import ReasoningEngine, ReasoningEngineConfig, languages
from sutra_core.ask import Answer, answer_question
from sutra_core.types import ReadView

SAMPLE = ROOT / "sample"
ROUNDS = 5
SHOWN = 12
"""Names of calls in the table, those made most often."""
MODULE = ((sutra_storage, "read_questions"), (languages, "detect_language"))
"""The functions of the binding that asking uses, where it looks them up."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-reader", action="store_true", help="answer from facts and sentences alone")
    parser.add_argument("--answers", type=Path, help="write the answers to this file, a line each")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).with_reader(not options.no_reader)
        with ReasoningEngine(config.build()) as engine:
            engine.learn_collection(SAMPLE / "texts")
            for path in sorted((SAMPLE / "languages").glob("*.md")):
                engine.learn_collection(path)
            figures = _measure(engine, _questions(), options.answers)
    append_result(options.out, "calls", figures)


def _questions() -> list[str]:
    files = (SAMPLE / "questions.jsonl", SAMPLE / "languages" / "questions.jsonl")
    return [json.loads(line)["question"] for path in files for line in path.read_text("utf-8").splitlines()]


def _measure(engine: ReasoningEngine, questions: list[str], answers: Path | None) -> dict[str, object]:
    view, reader = engine.view(), engine.reader
    counted: list[Counter[str]] = []
    lines: list[str] = []
    for question in questions:
        with _counted(view) as (counting, calls):
            answer = answer_question(counting, engine.embedder, question, reader=reader)
        counted.append(calls)
        lines.append(_line(answer))
    if answers:
        answers.write_text("".join(lines), encoding="utf-8")
    taken = [_milliseconds(engine, view, question) for question in questions]
    totals = [calls.total() for calls in counted]
    often = [name for name, _ in sum(counted, Counter[str]()).most_common(SHOWN)]
    rows = [
        [question[:48], calls.total(), *(calls[name] for name in often), milliseconds]
        for question, calls, milliseconds in zip(questions, counted, taken, strict=True)
    ]
    print_table("Calls of a question", ["", "all", *often, "ms"], rows)
    figures = {"calls": _percentiles(totals), "ms without models": _percentiles(taken)}
    print_table("All questions", ["", "p50", "p95"], [[name, *values] for name, values in figures.items()])
    return {"questions": len(questions), "reader": reader is not None, **figures}


class _Counting:
    """A view that counts the calls of its methods by name, and of the views that it gives."""

    def __init__(self, view: ReadView, calls: Counter[str]) -> None:
        self._view = view
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._view, name)
        if not callable(found):
            self._calls[name] += 1
            return found

        def call(*given: Any, **named: Any) -> Any:
            self._calls[name] += 1
            result = found(*given, **named)
            return _Counting(result, self._calls) if isinstance(result, type(self._view)) else result

        return call


@contextmanager
def _counted(view: ReadView) -> Iterator[tuple[Any, Counter[str]]]:
    """The view, and what counts its calls and those of the module's functions while this lasts."""
    calls = Counter[str]()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            calls[name] += 1
            return function(*given, **named)

        return call

    patches = [patch.object(place, name, counting(name, getattr(place, name))) for place, name in MODULE]
    for each in patches:
        each.start()
    try:
        yield _Counting(view, calls), calls
    finally:
        for each in patches:
            each.stop()


def _milliseconds(engine: ReasoningEngine, view: ReadView, question: str) -> float:
    """What a question takes without embedding and reading, the median of some rounds."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        embedder: Any = Clocked(engine.embedder)
        reader: Any = Clocked(engine.reader) if engine.reader else None
        started = time.thread_time()
        answer_question(view, embedder, question, reader=reader)
        seconds = time.thread_time() - started - embedder.busy - (reader.busy if reader else 0.0)
        rounds.append(1000 * seconds)
    return statistics.median(rounds)


def _line(answer: Answer) -> str:
    """All of an answer but what it took."""
    record = asdict(answer) | {"id": "", "timings_ms": {}}
    return json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n"


def _percentiles(values: list[float] | list[int]) -> list[float]:
    return [float(np.percentile(values, each)) for each in (50, 95)]


if __name__ == "__main__":
    main()
