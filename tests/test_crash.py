"""Learning, forgetting and migrating are killed at random moments; nothing acknowledged may be missing.

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
from make_fixture import FACTS as FIXTURE_FACTS
from test_formats import unpacked
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_storage import migrate

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
            assert view.find_source(draft.address, draft.offset, draft.text), f"fact {number} is lost"
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


def kill_while_creating(folder: Path, seed: int) -> bool:
    """Starts making a store, kills it within some milliseconds, and says whether it was still at it."""
    code = (
        "import sys\n"
        "from sutra_storage import Engine\n"
        "from word_embedder import WordEmbedder as W\n"
        "print('ready', flush=True)\n"
        "Engine(sys.argv[1], fingerprint=W.fingerprint, dimension=W.dimension)\n"
        "print('made', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).random() * 0.01)
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    return "made" not in rest


def kill_while_changing(folder: Path, seed: int, seconds: float, *, late: bool) -> list[str]:
    """Starts migrating, learning and forgetting, kills it after some seconds, and gives what it said.

    With `late` the seconds begin once it has forgotten something.
    """
    child = subprocess.Popen(
        [sys.executable, str(HERE / "crash_child.py"), str(folder), str(seed), "change"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    said = list[str]()
    while late and not (said and said[-1].startswith("!")):
        said.append(child.stdout.readline())
        assert said[-1], "it ended by itself"
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    said += rest.splitlines(keepends=True)
    return [line.strip() for line in said if line.endswith("\n")]


def change_and_kill(root: Path, kills: int, seed: int) -> None:
    """Every second kill comes early, so that some meet the migration."""
    forgotten = 0
    for number in range(kills):
        folder = root / str(number)
        folder.mkdir(parents=True)
        unpacked("store-format-1", folder)
        late = number % 2 == 1
        seconds = random.Random(seed + number).random() * (1.0 if late else 0.03)
        said = kill_while_changing(folder, seed + number, seconds, late=late)
        assert migrate(folder) is None or "migrated" not in said, "what was told done was not"
        learned = {int(line[1:]) for line in said if line[0] == "+"}
        asked = {int(line[1:]) for line in said if line[0] == "-"}
        gone = {int(line[1:]) for line in said if line[0] == "!"}
        forgotten += len(gone)
        config = ReasoningEngineConfig.builder().with_storage(folder).build()
        with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
            report = engine.verify()
            assert report.clean, report.faults[:5]
            view = engine.view()
            there = {
                number
                for number in learned | set(range(FIXTURE_FACTS))
                if view.find_source(fact(number).address, 0, fact(number).text)
            }
        assert there >= (learned - asked) | set(range(FIXTURE_FACTS)), "a fact is lost"
        assert not there & gone, "a fact that was forgotten is there"
    assert forgotten >= kills // 2, "no process had forgotten anything"


def create_and_kill(root: Path, kills: int, seed: int) -> None:
    midway = 0
    for number in range(kills):
        folder = root / str(number)
        midway += kill_while_creating(folder, seed + number)
        config = ReasoningEngineConfig.builder().with_storage(folder).build()
        with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
            engine.learn_batch([fact(0)])
            assert engine.verify().clean
        assert not (folder / "storage.dat.new").exists()
    assert midway, "no process was killed while it made its store"


def test_a_folder_whose_making_was_killed_is_completed(tmp_path: Path) -> None:
    create_and_kill(tmp_path, kills=6, seed=1)


@pytest.mark.soak
def test_a_hundred_folders_whose_making_was_killed_are_completed(tmp_path: Path) -> None:
    create_and_kill(tmp_path, kills=100, seed=100)


def test_five_kills_lose_nothing(tmp_path: Path) -> None:
    run(tmp_path, kills=5, seed=1)


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    for round_ in range(10):
        run(tmp_path / str(round_), kills=10, seed=1000 + 10 * round_)


def test_six_kills_of_migrating_learning_and_forgetting_leave_what_was_acknowledged(tmp_path: Path) -> None:
    change_and_kill(tmp_path, kills=6, seed=1)


@pytest.mark.soak
def test_a_hundred_kills_of_migrating_learning_and_forgetting_leave_what_was_acknowledged(
    tmp_path: Path,
) -> None:
    change_and_kill(tmp_path, kills=100, seed=100)
