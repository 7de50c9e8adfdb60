"""What a narrowing costs a question: as of a transaction, of what holds at a time, of some of the sources.

    venv/bin/python bench/ask/narrowed.py [--sentences N] [--out FILE]

Invented texts of four sentences each, of which one in a hundred has an attribute. The same questions are
asked of the whole state and of parts of it, in turns: first of a part that nobody asked before, then of the
same one again. Medians in milliseconds, without the cache of answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from common import append_result, machine, print_table
from hubs import person_of, place_of

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.filters import Filter
from sutra_core.types import SourceDraft

ROUNDS = 15
ONE_IN = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=20_000, help="sentences to learn")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).with_caching(max_size=0).build()
        with ReasoningEngine(config) as engine:
            started = time.perf_counter()
            engine.learn_batch(texts(options.sentences // 4))
            print(f"learned {options.sentences:,} sentences in {time.perf_counter() - started:.0f} s")
            times = _times(engine, options.sentences // 4)
    print_table(
        "a question, ms", ["asked of", "first", "again"], [[what, *pair] for what, pair in times.items()]
    )
    append_result(options.out, "narrowed", {"sentences": options.sentences, "ms": times})


def texts(count: int) -> Iterator[SourceDraft]:
    """Texts with four sentences each, one in a hundred of which is a letter."""
    for number in range(count):
        person, place = person_of(number), place_of(number)
        text = (
            f"{person} worked for the {place} Works from 1990 to 2010. {person} was born in {place}. "
            f"The bridge of {place} was built in {1900 + number % 120}. It was painted by {person} in spring."
        )
        attributes = {"kind": "letter"} if number % ONE_IN == 0 else {}
        yield SourceDraft(f"report {number}", text, attributes=attributes)


def _times(engine: ReasoningEngine, count: int) -> dict[str, tuple[float, float]]:
    """The median of each part in milliseconds: asked for the first time, and again."""
    last = engine.view().transaction
    taken: dict[str, tuple[list[float], list[float]]] = {}
    for round_ in range(ROUNDS + 1):
        # No two rounds ask of the same part, so that each meets no view that is there already.
        moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=round_)
        letters = Filter(attributes={"kind": "letter"})
        parts: dict[str, dict[str, Any]] = {
            "the whole": {},
            "as of the transaction before": {"as_of": last - 1, "holds_at": moment},
            "what holds then": {"holds_at": moment},
            "one source in a hundred": {"filter": letters, "holds_at": moment},
        }
        number = round_ * ONE_IN % count
        for what, narrowed in parts.items():
            pair = taken.setdefault(what, ([], []))
            for place, times in zip((place_of(number), place_of(number + ONE_IN)), pair, strict=True):
                started = time.perf_counter()
                engine.ask(f"Who painted the bridge of {place}?", **narrowed)
                if round_:  # the first warms up
                    times.append(1000 * (time.perf_counter() - started))
    return {
        what: (float(np.median(first)), float(np.median(again))) for what, (first, again) in taken.items()
    }


if __name__ == "__main__":
    main()
