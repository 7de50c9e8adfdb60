"""What watching costs, how long the monitor takes, and what a store of some size needs.

    venv/bin/python bench/operations/run.py [--phase NAME …] [--concepts N …] [--seconds S] [--pairs P]
        [--stores FOLDER] [--out FILE]

The real service, with embedder and reader, on stores that are filled once. Phases:

    cost        questions with metrics and log, beside a service without them: the same questions, in turns
                of `--seconds`, `--pairs` times; once new ones, once ones whose answers are kept
    monitor     `production_monitor.py` once against the service: how long it takes, and the latency of
                questions (half of the capacity is offered) in turns with and without it
    sizing      for each of `--concepts`: disk, memory, and how fast it learns and answers one client

`cost` and `monitor` take the largest of `--concepts` up to 100,000. `--stores` names a folder that keeps the
filled stores.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import ROOT, append_result, machine, print_table
from service import bare
from service.client import Figures, Request, drive, offer
from service.corpus import questions, short_texts
from service.program import Program

CLIENTS = 8
WATCHED_MAX = 100_000
CONNECTIONS = 50
OFFERED = 0.5
KEPT = 50
LEARNED_FIRST = 20_000_000
_T = TypeVar("_T")
PHASES = ("cost", "monitor", "sizing")


class Stores:
    """The filled stores, each with how many texts and concepts it holds and how fast it was filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, concepts: int) -> tuple[Path, int, int, float]:
        """A store of so many concepts, made where it is not there; its texts, concepts, concepts a second."""
        place = self._folder / str(concepts)
        note = place / "filled.json"
        if not note.exists():
            shutil.rmtree(place, ignore_errors=True)
            known, found, seconds = bare.apart(bare.fill, place, concepts)
            note.write_text(json.dumps([known, found, found / seconds]), encoding="utf-8")
        known, found, rate = json.loads(note.read_text(encoding="utf-8"))
        return place, known, found, rate

    def copy(self, concepts: int, name: str) -> tuple[Path, int]:
        """A copy of a store, and how many texts it holds."""
        place, known, _, _ = self.of(concepts)
        copied = self._folder / name
        shutil.rmtree(copied, ignore_errors=True)
        shutil.copytree(place, copied)
        return copied, known


def main() -> None:
    options = _options()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(options.stores or Path(folder))
        concepts = max((each for each in options.concepts if each <= WATCHED_MAX), default=WATCHED_MAX)
        phases: dict[str, Callable[[], Any]] = {
            "cost": lambda: cost(stores, concepts, options.seconds, options.pairs),
            "monitor": lambda: monitor(stores, concepts, options.seconds, options.pairs),
            "sizing": lambda: [sizing(stores, each, options.seconds) for each in options.concepts],
        }
        figures = {name: phases[name]() for name in PHASES if name in options.phase}
        if rows := figures.get("sizing"):
            print_table("sizing", list(rows[0]), [list(row.values()) for row in rows])
    append_result(options.out, "operations", figures)


def cost(stores: Stores, concepts: int, seconds: float, pairs: int) -> dict[str, Any]:
    """How much fewer questions are answered with metrics and log."""
    watched, known = stores.copy(concepts, "watched")
    unwatched, _ = stores.copy(concepts, "unwatched")
    found: dict[str, Any] = {}
    with Program(watched) as with_them, Program(unwatched, METRICS="false", LOG_LEVEL="ERROR") as without:
        new = questions(known)
        kept = [_question(each) for each in islice(new, KEPT)]

        def fresh() -> tuple[Iterator[Request], Iterator[Request]]:
            some = [_question(each) for each in islice(new, 400 * int(seconds))]
            return iter(some), iter(some)

        for name, requests in (("new", fresh), ("kept", lambda: (cycle(kept), cycle(kept)))):
            rates, processor = [], []
            for pair in range(pairs + 1):
                ours, theirs = requests()
                order = [(with_them, ours), (without, theirs)]
                turns = {
                    id(program): _turn(program, asked, seconds) for program, asked in _turned(order, pair)
                }
                if pair:  # the first warms both
                    (rate, spent), (rate_without, spent_without) = turns[id(with_them)], turns[id(without)]
                    rates.append(rate / rate_without)
                    processor.append(spent / spent_without)
            found[name] = {
                "rate": round(median(rates), 4),
                "rates": [round(each, 3) for each in rates],
                "processor": round(median(processor), 4),
                "processors": [round(each, 3) for each in processor],
            }
    rows = [[name, f"{each['rate']:.3f}", f"{each['processor']:.3f}"] for name, each in found.items()]
    print_table("with metrics and log, to without", ["questions", "rate", "processor's time"], rows)
    return found


def monitor(stores: Stores, concepts: int, seconds: float, pairs: int) -> dict[str, Any]:
    """How long a run of the monitor takes, and what it does to the latency of questions."""
    folder, known = stores.copy(concepts, "monitored")
    with Program(folder) as program:
        asked = (_question(each) for each in questions(known))
        capacity = uvloop.run(drive(program.url, program.token, CLIENTS, seconds, asked)).rate
        alone = [_monitored(folder) for _ in range(5)]
        p95: dict[bool, list[float]] = {True: [], False: []}
        everything: dict[bool, list[float]] = {True: [], False: []}
        for pair in range(pairs):
            for watched in _turned([True, False], pair):
                figures = _offered(program, asked, OFFERED * capacity, seconds, folder if watched else None)
                p95[watched].append(figures.milliseconds(95))
                everything[watched] += figures.latencies
    found = {
        "seconds": round(median(each for each, _ in alone), 2),
        "processor_seconds": round(median(each for _, each in alone), 2),
        "p95_ms_with": round(median(p95[True]), 1),
        "p95_ms_without": round(median(p95[False]), 1),
        "ratio": round(median(p95[True]) / median(p95[False]), 3),
        "p95s_with": [round(each, 1) for each in p95[True]],
        "p95s_without": [round(each, 1) for each in p95[False]],
        "offered": round(OFFERED * capacity, 1),
    }
    print_table("a run of the monitor", ["", ""], [[name, str(value)] for name, value in found.items()])
    return found


def sizing(stores: Stores, concepts: int, seconds: float) -> dict[str, Any]:
    """What a store of so many concepts needs, and how fast it is."""
    folder, known, found, rate = stores.of(concepts)
    disk = sum(each.stat().st_blocks * 512 for each in folder.rglob("*") if each.is_file())
    copied, _ = stores.copy(concepts, "sized")
    with Program(copied) as program:
        asked = (_question(each) for each in questions(known))
        figures = uvloop.run(drive(program.url, program.token, 1, seconds, asked))
        drafts = short_texts(LEARNED_FIRST)
        learned = uvloop.run(drive(program.url, program.token, 50, seconds, map(_text, drafts)))
        return {
            "concepts": found,
            "disk MB": round(disk / 1e6),
            "memory MB": round(program.memory()),
            "start s": round(program.seconds, 1),
            "concepts/s in batches": round(rate),
            "texts/s one by one": round(learned.rate),
            "question p50 ms": round(figures.milliseconds(50), 1),
            "question p95 ms": round(figures.milliseconds(95), 1),
        }


def _turn(program: Program, asked: Iterator[Request], seconds: float) -> tuple[float, float]:
    """Questions a second, and processor seconds for each."""
    used = program.processor_seconds()
    figures = uvloop.run(drive(program.url, program.token, CLIENTS, seconds, asked))
    assert not figures.errors, figures.statuses
    return figures.rate, (program.processor_seconds() - used) / figures.sent


def _offered(
    program: Program, asked: Iterator[Request], rate: float, seconds: float, monitored: Path | None
) -> Figures:
    """Questions at a rate, while the monitor runs once in the middle, or does not."""
    watching = threading.Timer(seconds / 4, _monitored, [monitored]) if monitored else None
    if watching:
        watching.start()
    figures = uvloop.run(offer(program.url, program.token, CONNECTIONS, rate, seconds, asked, lambda: None))
    if watching:
        watching.join()
    return figures


def _monitored(folder: Path) -> tuple[float, float]:
    """Runs the monitor once; seconds, and processor seconds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")}
    began, used = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, ROOT / "production_monitor.py", "--storage", folder],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    now = os.times()
    assert done.returncode in {0, 1, 2}, done.stdout + done.stderr
    spent = now.children_user + now.children_system - used.children_user - used.children_system
    return time.perf_counter() - began, spent


def _turned(items: list[_T], pair: int) -> list[_T]:
    """Each second time the other way round, lest the machine's mood counts."""
    return items if pair % 2 else items[::-1]


def _question(text: str) -> Request:
    return Request("/v1/reason", {"question": text})


def _text(draft: Any) -> Request:
    return Request("/v1/learn", {"text": draft.text, "source": draft.address})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--phase", nargs="+", choices=PHASES, default=PHASES)
    parser.add_argument("--concepts", nargs="+", type=int, default=[10_000, 100_000, 300_000])
    parser.add_argument("--seconds", type=float, default=10, help="of each turn")
    parser.add_argument("--pairs", type=int, default=12, help="how often both are tried")
    parser.add_argument("--stores", type=Path, help="a folder that keeps the filled stores")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
