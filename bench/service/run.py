"""What the service carries: questions, searches and texts from many clients, beside the engine without it.

    venv/bin/python bench/service/run.py [--phase NAME …] [--concepts N] [--seconds S] [--minutes M]
        [--connections C] [--capacity R] [--store FOLDER] [--out FILE]

The real service, with embedder and reader, runs in a process of its own on a store that is filled once and
thrown away; its limits are lifted, its keys are not. The clients share its processors. Phases:

    idle        memory and start
    reason      questions, none of them twice, beside the bare engine on the same questions
    repeated    questions whose answers are kept
    search      searches by words
    learn       single texts, beside the bare embedder on such texts
    facts       the same with the shortest of texts
    mixed       nine questions to one text at 60 % of the capacity that `reason` found, or of `--capacity`;
                then every acknowledged text is looked for

`--store` names a folder that keeps the filled store for another run. Processor ms is what the service took of
the processors for a request: a busy machine changes it less than the rates.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, machine, print_table
from service import bare, phases
from service.phases import PHASES, Load
from service.program import Program


def main() -> None:
    options = _options()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder) / "filled"
        known, concepts = _filled(store, options.concepts)
        served, copy = Path(folder) / "served", Path(folder) / "copy"
        shutil.copytree(store, served)
        shutil.copytree(store, copy)
        load = Load(known, options.seconds, options.minutes, options.connections, copy, options.capacity)
        figures: dict[str, Any] = {"concepts": concepts, "texts": known}
        with Program(served) as program:
            for name in PHASES:
                if name in options.phase:
                    phase: Callable[[Load, Program], dict[str, Any]] = getattr(phases, name)
                    figures[name] = phase(load, program)
    append_result(options.out, "service", figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--phase", nargs="+", choices=PHASES, default=PHASES)
    parser.add_argument("--concepts", type=int, default=100_000, help="how many are in the store")
    parser.add_argument("--seconds", type=float, default=60, help="of each phase but the mixed one")
    parser.add_argument("--minutes", type=float, default=5, help="of the mixed phase")
    parser.add_argument("--connections", type=int, default=1000, help="of the mixed phase")
    parser.add_argument(
        "--capacity", type=float, default=0.0, help="questions a second, instead of measuring it"
    )
    parser.add_argument("--store", type=Path, help="a folder that keeps the filled store")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    return parser.parse_args()


def _filled(store: Path, concepts: int) -> tuple[int, int]:
    """How many texts and concepts are in the filled store, which is made where it is not there."""
    note = store / "filled.json"
    if not note.exists():
        shutil.rmtree(store, ignore_errors=True)
        known, found, seconds = bare.apart(bare.fill, store, concepts)
        note.write_text(json.dumps([known, found]), encoding="utf-8")
        print_table(
            "filling", ["", ""], [["texts", known], ["concepts", found], ["concepts/s", found / seconds]]
        )
    known, found = json.loads(note.read_text(encoding="utf-8"))
    print(f"store: {known} texts, {found} concepts")
    return known, found


if __name__ == "__main__":
    main()
