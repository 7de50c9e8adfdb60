"""How long a question takes beside the models, in a store of a given size.

    venv/bin/python bench/ask/latency.py [--concepts N] [--questions N] [--store FOLDER] [--out FILE]

Learns an invented country (bench/ask/invented.py) until the store has so many concepts, and asks distinct
questions of it, in rounds, past the cache of answers. What the embedder and the reader's model take is
clocked and taken off; all else counts. Each question has the median of its rounds; p50 and p95 are over
questions.
`--store` keeps what was learned in a folder, and takes it from there the next time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from clocked import Clocked
from common import append_result, machine, print_table
from invented import World

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.ask import answer_question
from sutra_core.types import ReadView

CONCEPTS_OF_ONE = 11.55
"""Concepts that come with a person, the towns and companies that are there for it among them."""
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--concepts", type=int, default=100_000, help="about so many concepts")
    parser.add_argument("--questions", type=int, default=160, help="distinct questions")
    parser.add_argument("--store", type=Path, help="keep the store in this folder")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    world = World(round(options.concepts / CONCEPTS_OF_ONE))
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = str(options.store or thrown_away)
        config = ReasoningEngineConfig.builder().with_storage(folder).with_caching(max_size=0).build()
        with ReasoningEngine(config) as engine:
            if not engine.stats().store.concepts:
                started = time.perf_counter()
                engine.learn_batch(world.texts())
                print(f"learned in {time.perf_counter() - started:.0f} s")
            figures = _measure(engine, world.questions(options.questions))
    append_result(options.out, "latency", figures)


def _measure(engine: ReasoningEngine, questions: list[str]) -> dict[str, object]:
    view = engine.view()
    concepts = view.stats().concepts
    whole: list[list[float]] = []
    busy: list[list[float]] = []
    models: list[list[float]] = []
    steps: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        asked = [_milliseconds(engine, view, question) for question in questions]
        whole.append([each[0] for each in asked])
        busy.append([each[1] for each in asked])
        models.append([each[2] for each in asked])
        for *_, laps in asked:
            for step, taken in laps.items():
                steps[step].append(taken)
    figures = {
        "without models": _percentiles(_medians(whole)),
        "without models, processor time": _percentiles(_medians(busy)),
        "models": _percentiles(_medians(models)),
    }
    title = f"{concepts:,} concepts, {len(questions)} questions, {ROUNDS} rounds: ms of a question"
    print_table(title, ["", "p50", "p95"], [[name, *pair] for name, pair in figures.items()])
    laps = {step: _percentiles(taken) for step, taken in steps.items()}
    print_table("ms by step, models included", ["", "p50", "p95"], [[s, *pair] for s, pair in laps.items()])
    return {"concepts": concepts, "questions": len(questions), "ms": figures, "steps": laps}


def _milliseconds(
    engine: ReasoningEngine, view: ReadView, question: str
) -> tuple[float, float, float, dict[str, float]]:
    """What a question takes without its models, by the wall and by the thread's processor; what these take;
    and what each step takes."""
    models: list[Any] = [Clocked(engine.embedder), Clocked(engine.reader) if engine.reader else None]
    embedder, reader = models
    wall, busy = time.perf_counter(), time.thread_time()
    answer = answer_question(view, embedder, question, reader=reader)
    wall, busy = time.perf_counter() - wall, time.thread_time() - busy
    inside = sum(each.seconds for each in models if each)
    inside_busy = sum(each.busy for each in models if each)
    return 1000 * (wall - inside), 1000 * (busy - inside_busy), 1000 * inside, dict(answer.timings_ms)


def _medians(rounds: list[list[float]]) -> list[float]:
    return [statistics.median(each) for each in zip(*rounds, strict=True)]


def _percentiles(values: list[float]) -> list[float]:
    return [float(np.percentile(values, each)) for each in (50, 95)]


if __name__ == "__main__":
    main()
