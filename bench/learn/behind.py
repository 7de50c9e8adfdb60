"""How fast short texts are acknowledged while their vectors come behind, and when these have caught up.

    [taskset -c 0] venv/bin/python bench/learn/behind.py [--batches N] [--batch-size N] [--out FILE]

Learns batches of 1,000 made-up texts of 10 to 15 words with `wait="durable"`, into a new store, with the
default embedder in the background. The clock of a batch stops when it was acknowledged; then a sample of it
has to be found by its words, before anything else is learned. `--batch-size` is the texts that share a
commit. `--alone` closes and opens the engine before each batch, so that nothing is embedded meanwhile.

Then questions are asked, one after the other and with a pause of 20 ms between, while the rest is embedded,
and as many afterwards, when nothing is: how long each search by all means takes, and how many statements get
their vectors a second beside them. Run it with `taskset -c 0` and without: it embeds on all processors.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, machine, print_table

from sutra_core import ReasoningEngine, ReasoningEngineConfig

SIZE = 1000
CAUGHT_UP = 2000
"""Of so many texts it is told when they have their vectors."""
SAMPLE = 20
PAUSE_SECONDS = 0.02
QUESTIONS_MAX = 1000
SEED = 7

_PEOPLE = ("Ada Venn", "Robert Gray", "Ines Lund", "Karl Osten", "Mara Quill", "Tom Arden", "Yara Bell")
_PLACES = ("Alham", "Boston", "Corve", "Dunmore", "Elswick", "Farrow", "Greta Bridge", "Hexham")
_THINGS = ("granary", "lighthouse", "library", "windmill", "foundry", "chapel", "weir", "archive", "depot")
_SHAPES = (
    "The {thing} {code} of {place} was built by {person} in {year} beside the old river.",
    "{person} has kept the {thing} {code} at {place} open every day since {year}.",
    "In {year} the {thing} {code} moved from {place} to the far end of {other}.",
    "Order {code} for the {thing} in {place} was signed by {person} early in {year}.",
    "{person} lives in {place} and repairs the {thing} numbered {code} every winter.",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=50, help="texts in a commit, as SUTRA_BATCH_SIZE")
    parser.add_argument("--alone", action="store_true", help="embed nothing meanwhile")
    parser.add_argument(
        "--profile", action="store_true", help="show where the learning thread spends its time"
    )
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()), f", seed {SEED}")
    drawn = random.Random(SEED)
    profile = cProfile.Profile() if options.profile else None
    with tempfile.TemporaryDirectory() as folder:
        figures = _run(Path(folder), drawn, options, profile)
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    append_result(options.out, "learn_behind", figures)


def texts(drawn: random.Random, batch: int) -> list[str]:
    """The texts of a batch, no two of all batches the same: each has a word that no other has."""
    return [
        drawn.choice(_SHAPES).format(
            thing=drawn.choice(_THINGS),
            code=f"q{batch}x{number}",
            place=drawn.choice(_PLACES),
            other=drawn.choice(_PLACES),
            person=drawn.choice(_PEOPLE),
            year=drawn.randint(1700, 2020),
        )
        for number in range(SIZE)
    ]


def _run(
    folder: Path, drawn: random.Random, options: argparse.Namespace, profile: cProfile.Profile | None
) -> dict[str, float]:
    config = ReasoningEngineConfig(
        storage_path=folder, batch_size=options.batch_size, reader="off", embedder="default"
    )
    engine = ReasoningEngine(config)
    engine.embedder.encode(["warm"])
    began = time.perf_counter()
    seconds: list[float] = []
    stages: dict[str, float] = {}
    first_known = 0
    for batch in range(options.batches):
        learned = texts(drawn, batch)
        if options.alone:
            engine.close()
            engine = ReasoningEngine(config)
        started = time.perf_counter()
        if profile is not None:
            profile.enable()
        report = engine.learn_batch(learned, wait="durable")
        if profile is not None:
            profile.disable()
        seconds.append(time.perf_counter() - started)
        assert report.sources == SIZE, (report.sources, report.refused[:3])
        for stage, spent in report.stage_seconds.items():
            stages[stage] = stages.get(stage, 0.0) + spent
        for text in drawn.sample(learned, SAMPLE):
            (hit,) = engine.search(text, mode="words", k=1)
            assert hit.text == text, "what was acknowledged is not found by its words"
        if (batch + 1) * SIZE == CAUGHT_UP:
            first_known = report.transaction
    acknowledged = time.perf_counter() - began
    embedded = engine.stats().store.vectors
    caught_up = _caught_up(engine, first_known, began)
    beside, rate = _asked_beside(engine, drawn)
    alone = [_asked(engine, drawn) for _ in beside]
    store = engine.stats().store
    engine.close()
    rows: list[list[object]] = [
        ["acknowledged, texts/s (median of the batches)", SIZE / statistics.median(seconds)],
        ["slowest batch, texts/s", SIZE / max(seconds)],
        ["all batches and their samples found, s", acknowledged],
        ["vectors by then", embedded],
        [f"vectors of the first {CAUGHT_UP} there after, s", caught_up],
        *([f"  stage {stage}, s", spent] for stage, spent in stages.items()),
        ["statements embedded beside questions, 1/s", rate],
        *_latencies(f"{len(beside)} questions beside it", beside),
        *_latencies("as many afterwards", alone),
    ]
    print_table(
        f"{options.batches} batches of {SIZE} texts, {options.batch_size} in a commit, "
        f"{store.statements} statements",
        ["", "value"],
        rows,
    )
    return {
        "texts_per_second": SIZE / statistics.median(seconds),
        "texts_per_second_min": SIZE / max(seconds),
        "caught_up_seconds": caught_up,
        "embedded_per_second": rate,
        "question_ms_beside": 1e3 * statistics.median(beside),
        "question_ms_alone": 1e3 * statistics.median(alone),
    }


def _asked_beside(engine: ReasoningEngine, drawn: random.Random) -> tuple[list[float], float]:
    """The seconds of each question that is asked while vectors come, and how many come a second."""
    asked: list[float] = []
    before, began = engine.stats().store.vectors, time.perf_counter()
    while len(asked) < QUESTIONS_MAX and (len(asked) < 2 or engine.stats().store.vectors_pending):
        asked.append(_asked(engine, drawn))
    return asked, (engine.stats().store.vectors - before) / (time.perf_counter() - began)


def _asked(engine: ReasoningEngine, drawn: random.Random) -> float:
    time.sleep(PAUSE_SECONDS)
    person, thing, place = (drawn.choice(each) for each in (_PEOPLE, _THINGS, _PLACES))
    question = f"What did {person} do at the {thing} of {place}"
    started = time.perf_counter()
    engine.search(question)
    return time.perf_counter() - started


def _latencies(what: str, seconds: list[float]) -> list[list[object]]:
    cut = statistics.quantiles(seconds, n=20)
    return [[f"{what}, median, ms", 1e3 * cut[9]], [f"{what}, 95 of 100 within, ms", 1e3 * cut[-1]]]


def _caught_up(engine: ReasoningEngine, transaction: int, began: float) -> float:
    """How long after the beginning all up to a transaction had its vectors."""
    while (backlog := engine.stats().backlog) is not None and backlog.watermark < transaction:
        if backlog.reason:
            sys.exit(f"vectors do not come: {backlog.reason}")
        time.sleep(0.05)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
