"""Learning is killed at random moments; nothing that was acknowledged may be missing.

SIGKILL leaves the operating system's cache alone: this shows that nothing is acknowledged before it was
handed over whole, and that every state in between opens. Power loss is the matter of the store's fault model.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig

HERE = Path(__file__).resolve().parent


def kill_while_learning(folder: Path, seed: int) -> int:
    """Starts learning, kills it within a second of its first commit, and returns what it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, str(HERE / "crash_child.py"), str(folder), str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first, child.stderr.read() if child.stderr else ""
    time.sleep(random.Random(seed).random())
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    acknowledged = [first, *rest.splitlines(keepends=True)]
    return int([line for line in acknowledged if line.endswith("\n")][-1])


def check(folder: Path, acknowledged: int) -> int:
    """Opens what is left; returns how many facts it holds."""
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        view = engine.view()
        for number in range(acknowledged):
            draft = fact(number)
            assert view.knows_source(draft.address, draft.offset, draft.text), f"fact {number} is lost"
        last = engine.search(f"Keeper {acknowledged - 1}", mode="words", k=1)[0]
        assert last.address == f"fact {acknowledged - 1}"
        report = engine.verify()
        assert report.clean, report.faults[:5]
        return view.stats().sources


def run(folder: Path, kills: int, seed: int) -> None:
    held = 0
    for number in range(kills):
        acknowledged = kill_while_learning(folder, seed + number)
        assert acknowledged >= held, "the next run lost sight of what was there"
        held = check(folder, acknowledged)


def test_five_kills_lose_nothing(tmp_path: Path) -> None:
    run(tmp_path, kills=5, seed=1)


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    for round_ in range(10):
        run(tmp_path / str(round_), kills=10, seed=1000 + 10 * round_)
