"""What a store of some size costs who opens it and asks it: time, memory, and how both grow with it.

    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE venv/bin/python bench/engine/served.py 10000 100000 1000000

For each number of rows it makes a store of texts of 12 words with vectors of 384 components, near each
other in some thousand places, settles it, and has a process of its own open it and ask: how long opening
and the first question take, what of the process is resident after a thousand questions, what is its own
and what are mapped files, and medians of searches by vectors and by words. At last one thread learns at
full rate while another asks. Everything through the public binding, in a folder that is thrown away.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sutra_storage import Engine, ReadView
from sutra_storage.types import Batch, SourceDraft

DIMENSION = 384
BATCH = 1000
PLACES = 2000
QUERIES = 300
LEARNED_SECONDS = 20.0


def opened(folder: str) -> Engine:
    """The store of a folder."""
    return Engine(folder, fingerprint="bench", dimension=DIMENSION)


def vectors(seed: int, count: int) -> NDArray[np.float32]:
    """Rows near some of the same places."""
    places = np.random.default_rng(0).normal(size=(PLACES, DIMENSION)).astype(np.float32)
    random = np.random.default_rng(seed + 1)
    rows = places[random.integers(0, PLACES, count)]
    rows = rows + 0.9 * random.normal(size=rows.shape).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def batch(number: int) -> Batch:
    """Texts of twelve words: two of all, some of many, and one of few."""
    random = np.random.default_rng(number)
    words = random.zipf(1.3, (BATCH, 9)) % 50_000
    numbers = range(number * BATCH, (number + 1) * BATCH)
    texts = [
        f"The word{' word'.join(map(str, row))} thing{each} is rare{each // 5}"
        for each, row in zip(numbers, words, strict=True)
    ]
    return Batch(
        sources=[SourceDraft(address=f"{number}/{at}", text=text) for at, text in enumerate(texts)],
        statements=[(at, 0, len(text), True, True) for at, text in enumerate(texts)],
        vector_references=list(range(BATCH)),
        vectors=vectors(number, BATCH),
    )


def median(calls: int, call: Callable[[int], object]) -> float:
    """Milliseconds."""
    spent: list[float] = []
    for number in range(calls):
        begun = time.perf_counter()
        call(number)
        spent.append(time.perf_counter() - begun)
    return float(np.median(spent)) * 1e3


def memory() -> dict[str, int]:
    """MiB of this process that are resident: its own, and of files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kib = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    return {"own": int(kib["RssAnon"]) >> 10, "of files": int(kib["RssFile"]) >> 10}


def ask(view: ReadView, rows: int) -> dict[str, float]:
    """Medians of searches."""
    queries = vectors(-1 + (1 << 20), QUERIES)
    rare = [f"rare{number * 7919 % (rows // 5)}" for number in range(QUERIES)]
    mixed = [f"word{number % 90} word{number % 700} is {word}" for number, word in enumerate(rare)]
    return {
        "10 nearest": median(QUERIES, lambda number: view.search_vectors(queries[number], 10)),
        "a rare word": median(QUERIES, lambda number: view.search_words(rare[number], 10)),
        "four words": median(QUERIES, lambda number: view.search_words(mixed[number], 10)),
    }


def serve(folder: str, rows: int) -> dict[str, object]:
    """What a process that opens the store finds."""
    first = vectors(1 << 20, 1)[0]
    before = memory()
    begun = time.perf_counter()
    engine = opened(folder)
    opening = time.perf_counter() - begun
    engine.view().search_vectors(first, 10)
    answered = time.perf_counter() - begun
    figures: dict[str, object] = {
        "opened, ms": opening * 1e3,
        "and asked once, ms": answered * 1e3,
        **ask(engine.view(), rows),
    }
    figures |= {f"MiB {kind}": size - before[kind] for kind, size in memory().items()}
    figures |= asked_beside(engine, rows)
    engine.close()
    return figures


def asked_beside(engine: Engine, rows: int) -> dict[str, object]:
    """What questions take while a thread learns at full rate."""
    stop = threading.Event()
    learned = 0

    def learn() -> None:
        nonlocal learned
        while not stop.is_set():
            engine.commit(drafts[learned % len(drafts)] if learned < len(drafts) else batch(rows + learned))
            learned += 1

    drafts = [batch(rows + number) for number in range(int(LEARNED_SECONDS * 40))]
    queries = vectors(2 << 20, QUERIES)
    spent: list[float] = []
    thread = threading.Thread(target=learn)
    thread.start()
    began = time.perf_counter()
    while time.perf_counter() - began < LEARNED_SECONDS and learned < len(drafts):
        begun = time.perf_counter()
        engine.view().search_vectors(queries[len(spent) % QUERIES], 10)
        spent.append(time.perf_counter() - begun)
        time.sleep(0.002)
    seconds = time.perf_counter() - began
    stop.set()
    thread.join()
    low, high = np.percentile(spent, [50, 99]) * 1e3
    return {"while learning": low, "99 of 100": high, "learned, rows/s": learned * BATCH / seconds}


def measure(rows: int) -> dict[str, object]:
    """All figures of a store of some size."""
    with tempfile.TemporaryDirectory() as folder:
        engine = opened(folder)
        spent = 0.0
        for number in range(rows // BATCH):
            draft = batch(number)
            begun = time.perf_counter()
            engine.commit(draft)
            spent += time.perf_counter() - begun
        begun = time.perf_counter()
        engine.settle()
        settling = time.perf_counter() - begun
        engine.close()
        size = sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())
        told = subprocess.run(
            [sys.executable, __file__, "--serve", folder, str(rows)],
            check=True,
            capture_output=True,
            text=True,
        )
        figures = {"taken in, rows/s": rows / spent, "settled, s later": settling, "bytes a row": size / rows}
        return figures | json.loads(told.stdout)


def main() -> None:
    """Prints a row of figures for each size."""
    if sys.argv[1] == "--serve":
        print(json.dumps(serve(sys.argv[2], int(sys.argv[3]))))
        return
    for rows in map(int, sys.argv[1:]):
        figures = measure(rows)
        print(
            f"{rows:,} rows: " + ", ".join(f"{name} {value:,.2f}" for name, value in figures.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
