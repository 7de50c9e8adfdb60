"""How long a command takes to start: processor time and wall time of `sutra --help` and of one question.

    venv/bin/python bench/start/run.py [--runs N] [--out FILE]

Every run is a new process of the installed command; the sample is learned once into a folder that is
thrown away. Medians; beside them a Python that does nothing, and one that only loads numpy.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import ROOT, append_result, machine, print_table

SUTRA = str(Path(sys.executable).with_name("sutra"))
QUESTION = "Where was Isambard Kingdom Brunel born?"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9, help="processes for each median")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        store = ["--storage", folder]
        _run([SUTRA, "learn", str(ROOT / "sample" / "texts"), *store])
        figures = {
            name: [
                statistics.median(values)
                for values in zip(*(_run(command) for _ in range(options.runs)), strict=True)
            ]
            for name, command in {
                "python": [sys.executable, "-c", "pass"],
                "python, numpy": [sys.executable, "-c", "import numpy"],
                "sutra --help": [SUTRA, "--help"],
                "sutra ask": [SUTRA, "ask", QUESTION, *store],
            }.items()
        }
    print_table(
        "starting, seconds", ["", "processor", "wall"], [_row(name, *s) for name, s in figures.items()]
    )
    append_result(options.out, "start", {"seconds": figures})


def _run(command: list[str]) -> tuple[float, float]:
    """Seconds of processor time, the system's included, and of wall time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _row(name: str, processor: float, wall: float) -> list[str]:
    return [name, f"{processor:.2f}", f"{wall:.2f}"]


if __name__ == "__main__":
    main()
